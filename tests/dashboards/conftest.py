"""A hub of simulated deliveries with its dashboards, for the long tests."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.own_hub import delivered_files, own_hub
from rich.console import Console

from conftest import free_port
from hub.build.warehouse_build import build_warehouse
from hub.local.dashboards import start_dashboards
from hub.local.run_folder import DASHBOARDS, run_folder
from hub.local.stop import stop_components
from hub.publish import publish
from hub.settings import Settings, read_settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.test_protected_hotspots import put_forecast
from recomputed.hubs import write_issues

PLAN = Plan(reports=600, days=120, seed=28_004)
MONDAY = dt.date(2026, 10, 5)


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a hub whose dashboards are up, with forecasts, approved areas and known issues."""
    if not (read_settings({}).project / "dashboards" / ".venv" / "bin" / "superset").exists():
        pytest.skip("Superset is not set up here: make test-dashboards does that")
    folder: Path = tmp_path_factory.mktemp("simulated")
    # In few large files: a hundred days of them would take longer than all that is tested.
    simulate(PLAN, folder, files_from=PLAN.end + dt.timedelta(days=1))
    with own_hub() as hub:
        settings = dataclasses.replace(hub.settings, dashboards_port=free_port())
        hub.take_in(delivered_files(folder / "history"))
        write_issues(hub.engine)
        build_warehouse(settings)
        for panel in ("local_authority", "recorded_crime"):
            put_forecast(hub.engine, panel, MONDAY, 2)
        publish(settings, open_warehouse(settings, Role.PUBLISHER))
        try:
            start_dashboards(settings, Console())
            yield settings
        finally:
            stop_components(run_folder(settings, DASHBOARDS), print)
