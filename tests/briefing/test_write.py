"""The folder of a briefing holds that briefing and nothing else."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from briefing.published import full_week
from hub.briefing.tables import MOST_ROWS, QUERIES
from hub.briefing.write import write_briefing
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role


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


def test_a_theme_of_which_nothing_came_before_stands_first_among_those_that_rise(settings: Settings) -> None:
    """No growth can be said of it, because it grew from nothing."""
    engine = open_warehouse(settings, Role.PUBLISHER)
    with engine.begin() as connection:
        connection.exec_driver_sql("""
            create table publish.engagement_themes_v1 (
                strand_code text, provider_code text, force_code text, count_reports_4w bigint,
                expected_4w double precision, growth double precision, is_rising boolean, count_repeat_victims bigint,
                count_repeat_content bigint, evidence text
            );
            insert into publish.engagement_themes_v1
            select 'race', 'provider_' || number, 'all', 50, 10, 5, true, 0, 0, 'of ten' from generate_series(1, 15)
                as numbers (number)
            union all select 'religion', 'x', 'all', 900, 0, null, true, 0, 0, 'of nothing';
        """)
        shown = connection.execute(sa.text(QUERIES["themes"]), {"most_rows": MOST_ROWS}).all()
    assert shown[0].strand_code == "religion"
