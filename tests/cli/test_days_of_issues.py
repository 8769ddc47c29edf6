"""Days on which something is known to be wrong are days of UTC, as those of deliveries."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hub.cli.main import app
from hub.settings import Settings


@pytest.fixture
def _in_a_zone_of_another_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Etc/GMT+12" if datetime.now(UTC).hour < 12 else "Etc/GMT-14")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_in_a_zone_of_another_day")
def test_an_issue_that_is_closed_today_ends_on_the_day_of_utc_whatever_the_zone_of_the_machine(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", settings.warehouse_url or "")
    opened = ["issues", "open", "true_vision_reports", "--effect", "x", "--from", "2026-01-01"]
    assert CliRunner().invoke(app, opened).exit_code == 0
    days = {datetime.now(UTC).date()}
    assert CliRunner().invoke(app, ["issues", "close", "1", "--because", "Sent again"]).exit_code == 0
    days.add(datetime.now(UTC).date())
    with engine.connect() as connection:
        closed = sa.text("select to_on from ledger.known_issue_events where kind = 'closed'")
        assert connection.execute(closed).scalar_one() in days
