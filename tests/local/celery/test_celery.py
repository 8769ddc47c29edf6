"""The same deliveries give the same published tables, whether Celery workers or the plain commands take them."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from conftest import give_keys
from hub.contracts.model import read_catalogue
from hub.ingest.prepare import open_prepared
from hub.ingest.samples import note_simulated
from hub.local.components import log_file
from hub.local.processes import processes_of
from hub.local.run_folder import run_folder
from hub.local.sample_deliveries import SEED, SIZES, Samples
from hub.settings import Settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from local.hub_command import call_hub, call_hub_well, own_hub

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        shutil.which("redis-server") is None, reason="redis-server is missing (Debian: apt-get install redis-server)"
    ),
]
OF_THE_RUN = {"publish_id", "published_at", "stated_in_publish", "stated_at", "due_at"}
"""Columns that say when something ran (a feed that never came is due from the hub's first day); all others follow from
the deliveries and from the moments at which they came."""

EMPTY_AFTER_A_FEW_DAYS = {"hotspot_tasking_protected_v1", "hotspot_tasking_v1", "known_issues_v1", "dispatches_v1"}
"""Views of what takes a longer history, or a person's word."""


@pytest.fixture
def with_celery(tmp_path: Path) -> Iterator[Settings]:
    hub = own_hub(tmp_path / "with")
    hub.home.mkdir()
    give_keys(hub.home)
    yield hub
    call_hub(hub, "stop")


@pytest.fixture
def without_airflow(tmp_path: Path) -> Iterator[Settings]:
    hub = own_hub(tmp_path / "without")
    hub.home.mkdir()
    give_keys(hub.home)
    yield hub
    call_hub(hub, "stop")


def published(settings: Settings) -> dict[str, list[str]]:
    """``{view: its rows as JSON, sorted}``, without the columns that say when something ran."""
    with open_warehouse(settings, Role.OWNER).connect() as connection:
        views = sorted(sa.inspect(connection).get_view_names(schema="publish"))
        rows = {
            view: [dict(row) for row in connection.execute(sa.text(f'select * from publish."{view}"')).mappings()]
            for view in views
        }
    return {
        view: sorted(
            json.dumps({name: value for name, value in row.items() if name not in OF_THE_RUN}, default=str)
            for row in found
        )
        for view, found in rows.items()
    }


def moments_of(settings: Settings) -> list[dict[str, object]]:
    """When each delivery was received and loaded."""
    with open_warehouse(settings, Role.OWNER).connect() as connection:
        found = connection.execute(sa.text("select delivery_id, received_at, loaded_at from ledger.deliveries"))
        return [dict(row) for row in found.mappings()]


def set_moments(settings: Settings, moments: list[dict[str, object]]) -> None:
    """Let each delivery have come when it came to the other hub: what is overdue hangs on the moment of the last."""
    with begin(open_warehouse(settings, Role.OWNER)) as connection:
        statement = sa.text(
            "update ledger.deliveries set received_at = :received_at, loaded_at = :loaded_at"
            " where delivery_id = :delivery_id"
        )
        assert connection.execute(statement, moments).rowcount == len(moments)


def _workers_that_worked(settings: Settings) -> set[str]:
    workers = ("worker-1", "worker-2")
    return {name for name in workers if "final_state=success" in log_file(settings, name).read_text()}


def test_celery_publishes_what_the_commands_publish(with_celery: Settings, without_airflow: Settings) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    call_hub_well(with_celery, "run", "--executor", "CeleryExecutor", "--workers", "2")
    assert _workers_that_worked(with_celery) == {"worker-1", "worker-2"}
    # A forecast is made once a Monday, from what was known by then; both are asked for one of all that came.
    call_hub_well(with_celery, "forecast")
    call_hub_well(with_celery, "publish")
    by_celery, moments = published(with_celery), moments_of(with_celery)
    call_hub_well(with_celery, "stop")
    assert processes_of(run_folder(with_celery)) == []

    made = without_airflow.home / "made"
    days, reports = SIZES[Samples.DAYS]
    size = ("--reports", reports, "--days", days, "--seed", str(SEED), "--end", yesterday.isoformat())
    call_hub_well(without_airflow, "simulate", "--out", str(made), *size)
    for feed in read_catalogue(without_airflow.expectations).contracts:
        files = sorted((made / feed).iterdir())
        with begin(open_prepared(without_airflow, Role.LOADER)) as connection:
            note_simulated(connection, (hashlib.sha256(path.read_bytes()).hexdigest() for path in files))
        call_hub_well(without_airflow, "ingest", feed, *map(str, files))
    set_moments(without_airflow, moments)
    call_hub_well(without_airflow, "build")
    call_hub_well(without_airflow, "forecast")
    call_hub_well(without_airflow, "publish")
    by_commands = published(without_airflow)

    assert by_celery.keys() == by_commands.keys()
    assert {view for view, rows in by_commands.items() if not rows} == EMPTY_AFTER_A_FEW_DAYS
    differing = {
        view: {
            "celery alone": sorted(set(celery) - set(rows))[:1],
            "commands alone": sorted(set(rows) - set(celery))[:1],
        }
        for view, rows in by_commands.items()
        # The commands send nothing.
        if view != "dispatches_v1" and (celery := by_celery[view]) != rows
    }
    assert differing == {}
