"""``hub status`` tells an operator what to look at."""

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from hub.cli.main import app
from hub.contracts.model import Catalogue, read_contract
from hub.ingest.collect import collect_drop
from hub.ingest.ingest import ingest_delivery
from hub.monitoring.watch import watch_deliveries
from hub.settings import Settings
from hub.warehouse.tables import DELIVERIES, QUARANTINED_ROWS

FEED = "police_uk_street"


def status_of(settings: Settings) -> Result:
    environment = {
        "HUB_HOME": str(settings.home),
        "HUB_WAREHOUSE_URL": settings.warehouse_url or "",
        "HUB_PG_PORT": str(settings.pg_port),
        "COLUMNS": "240",
    }
    return CliRunner().invoke(app, ["status"], env=environment)


def line_about(result: Result, text: str) -> str:
    return next(line for line in result.stdout.splitlines() if text in line)


@pytest.fixture
def delivered(settings: Settings, engine: sa.Engine) -> Settings:
    """A hub to which the street feed delivered its bad sample."""
    contract = read_contract(settings.expectations / FEED / "contract.yaml")
    sample = settings.expectations / FEED / "samples" / "bad.csv"
    target = settings.drop / FEED / "2025-01-city-of-london-street.csv"
    target.parent.mkdir(parents=True)
    target.write_bytes(sample.read_bytes())
    wait_until_whole(target)
    (receipt,) = collect_drop(settings, engine, contract)
    # Too many of its rows are bad: unless a person releases it, it is held.
    ingest_delivery(settings, engine, contract, receipt.delivery_id, released_by="a.person")
    return settings


def wait_until_whole(path: Path) -> None:
    """A file counts as whole when nobody has written it for a second."""
    while time.time() < path.stat().st_mtime + 1.1:
        time.sleep(0.1)


def test_a_fresh_hub_has_every_feed_on_time_no_alert_and_nothing_published(
    settings: Settings, catalogue: Catalogue
) -> None:
    result = status_of(settings)
    assert result.exit_code == 0
    for feed in catalogue.contracts:
        assert "on time" in line_about(result, feed)
        assert "never" in line_about(result, feed)
    assert "No open alerts." in result.stdout
    assert "Nothing is published yet." in result.stdout


def test_a_feeds_line_counts_what_was_accepted_and_what_waits_in_quarantine(
    delivered: Settings, engine: sa.Engine
) -> None:
    with engine.connect() as connection:
        delivery = connection.execute(sa.select(DELIVERIES)).one()
        waiting = connection.scalar(sa.select(sa.func.count()).select_from(QUARANTINED_ROWS))
    assert waiting == delivery.rows_quarantined > 0
    # Its last state, files, held files, accepted rows, open rows in quarantine.
    cells = re.split(r"\s{2,}", line_about(status_of(delivered), FEED).strip())
    assert cells[3:] == ["loaded", "1", "0", str(delivery.rows_accepted), str(waiting)]


def test_open_alerts_are_shown_with_their_owner(delivered: Settings, engine: sa.Engine, catalogue: Catalogue) -> None:
    with engine.connect() as connection:
        now = connection.scalar(sa.select(sa.func.now()))
    assert now is not None
    watch_deliveries(engine, catalogue, delivered, now + timedelta(days=400))
    alerts = status_of(delivered).stdout.partition("Open alerts")[2]
    line = next(line for line in alerts.splitlines() if FEED in line)
    assert "silent" in line
    assert catalogue.contracts[FEED].owner in line


def test_a_refused_contract_is_shown(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "expectations" / "broken_feed").mkdir(parents=True)
    environment = {"HUB_PROJECT": str(tmp_path), "HUB_HOME": str(settings.home)}
    result = CliRunner().invoke(
        app, ["status"], env=environment | {"HUB_WAREHOUSE_URL": settings.warehouse_url or "", "COLUMNS": "240"}
    )
    assert "refused" in line_about(result, "broken_feed")


def test_a_hub_that_does_not_run_is_not_started_by_the_question(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["status"], env={"HUB_HOME": str(tmp_path), "HUB_WAREHOUSE_URL": ""})
    assert "is not running" in str(result.exception)
    assert not (tmp_path / "postgres").exists()
