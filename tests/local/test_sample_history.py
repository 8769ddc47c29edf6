"""The history of a new hub is loaded as any delivery is, and later days are not compared with it."""

import hashlib
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.ingest.samples import count_simulated_rows, deliveries_not_simulated, note_simulated
from hub.local.sample_deliveries import drop_sample, sample_folder
from hub.local.sample_history import load_all
from hub.settings import Settings
from hub.simulate.history import HISTORY
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate

PLAN = Plan(reports=60, days=40, seed=3, end=date(2026, 10, 30))
STATUSES = "select status, count(*) from ledger.deliveries group by status"


@pytest.fixture
def hub(settings: Settings) -> Settings:
    """A hub whose samples wait, of a few feeds to be quick."""
    made = settings.home / "made"
    simulate(PLAN, made, files_from=date(2026, 10, 28))
    for feed in ("true_vision_reports", "force_responses"):
        for part in (Path(feed), Path(HISTORY, feed)):
            (sample_folder(settings) / part).parent.mkdir(parents=True, exist_ok=True)
            (made / part).rename(sample_folder(settings) / part)
    return settings


def _files(hub: Settings) -> list[Path]:
    return [path for path in sample_folder(hub).rglob("*") if path.is_file()]


def test_history_is_loaded_and_the_last_days_are_dropped(hub: Settings, engine: sa.Engine) -> None:
    count = len(_files(hub))
    with engine.begin() as connection:
        note_simulated(connection, (hashlib.sha256(path.read_bytes()).hexdigest() for path in _files(hub)))
    load_all(hub, engine)
    left = len(_files(hub))
    assert 0 < left < count
    with engine.connect() as connection:
        assert connection.execute(sa.text(STATUSES)).all() == [("loaded", count - left)]
        loaded = connection.scalars(sa.text("select delivery_id from ledger.deliveries")).all()
        accepted = connection.scalar(sa.text("select sum(rows_accepted) from ledger.deliveries"))
        assert len(loaded) == count - left
        assert deliveries_not_simulated(connection) == {}
        assert count_simulated_rows(connection, loaded) == accepted > 0
        assert connection.scalar(sa.text("select count(*) from ledger.profiles")) == 0
    assert drop_sample(hub) == left


def test_a_load_that_was_killed_goes_on_where_it_was(hub: Settings, engine: sa.Engine) -> None:
    first, *_ = sorted((sample_folder(hub) / HISTORY / "true_vision_reports").iterdir())
    kept = first.read_bytes()
    load_all(hub, engine)
    # Killed after the load and before the file was removed.
    first.write_bytes(kept)
    load_all(hub, engine)
    assert not first.exists()
    with engine.connect() as connection:
        query = "select count(*) from ledger.deliveries where file_name = :name and status = 'loaded'"
        assert connection.scalar(sa.text(query), {"name": first.name}) == 1
