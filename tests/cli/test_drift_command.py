"""``hub drift`` as a person types it."""

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hub.cli import drift
from hub.cli.main import app
from hub.settings import Settings


@pytest.mark.parametrize(("arguments", "compares"), [((), True), (("accept", "7"), False), (("confirm", "7"), False)])
def test_only_the_list_compares_days_that_were_not_compared_yet(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], compares: bool
) -> None:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", settings.warehouse_url or "")
    compared: list[sa.Engine] = []
    monkeypatch.setattr(drift, "detect_drift", lambda engine, *_: compared.append(engine))
    effect = ("--effect", "counts are too low") if "confirm" in arguments else ()
    result = CliRunner().invoke(app, ["drift", *arguments, *effect])
    assert result.exit_code == (0 if compares else 1), result.output
    assert bool(compared) is compares
