"""The folder of a briefing holds that briefing and nothing else."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from briefing.published import full_week
from hub.briefing.write import write_briefing


def test_nothing_of_an_earlier_publish_is_left_beside_a_briefing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.briefing.write.read_tables", lambda _: full_week())
    engine = sa.create_engine("postgresql+psycopg://", poolclass=sa.NullPool)
    folder = write_briefing(engine, tmp_path).files[0].parent
    (folder / "a-map-of-before.svg").touch()
    written = write_briefing(engine, tmp_path)
    assert set(folder.iterdir()) == set(written.files)
    assert list(tmp_path.iterdir()) == [folder]
