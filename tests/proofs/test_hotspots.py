"""A year and a half of simulated deliveries, taken in as any other, up to the areas that a person approves."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from benchmarks.own_hub import OwnHub, delivered_files

from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.forecast.hotspot_forecasts import forecast_hotspots
from hub.ingest.prepare import prepare_warehouse
from hub.orchestration import tasking
from hub.publish import publish
from hub.settings import Settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch

PLAN = Plan(reports=3_000, days=600, seed=20_160_407)
FEEDS = ("true_vision_reports", "community_reports", "volunteer_reports", "police_hate_crimes", "mps_recorded_crime")
COUNTED = """
    select (select sum(count_reports) from intermediate.int_hotspots__counts
            where area_level = 'force' and strand_code = 'all')
         = (select count(*) from intermediate.int_hotspots__incidents as incidents
            inner join intermediate.int_hotspots__areas as areas
                on areas.area_level = 'force' and areas.area_code = incidents.force_code
            where incidents.is_trained_on)
"""
CONSERVED = """
    select abs(sum(expected_reports) filter (where horizon = 'four_weeks')
               - 4 * sum(expected_reports) filter (where horizon = 'week')) < 1e-6
    from forecast.area_forecasts inner join forecast.runs using (run_id)
    where panel = 'force' and strand_code = 'all'
"""


@pytest.mark.long
def test_simulated_history_is_forecast_tested_and_tasked(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    simulate(PLAN, tmp_path / "simulated")
    prepare_warehouse(engine, catalogue.contracts.values())
    files = [path for path in delivered_files(tmp_path / "simulated") if path.parent.name in FEEDS]
    OwnHub(settings, engine, dict(catalogue.contracts)).take_in(files)
    build_warehouse(settings)
    made = {run.panel: run for run in forecast_hotspots(settings)}
    assert made.keys() == {"force", "local_authority", "lsoa", "online", "recorded_crime"}
    assert fetch(engine, COUNTED) == [True]
    assert fetch(engine, CONSERVED) == [True]
    tested = "select count(distinct panel) from forecast.runs inner join forecast.evaluations using (run_id)"
    assert fetch(engine, tested)[0] >= 3
    for run in made.values():
        shown = f"select bool_and(is_withheld) from candidate.hotspot_evaluation_v1 where run_id = '{run.run_id}'"
        assert fetch(engine, shown) == [run.withheld_because is not None]
        assert run.withheld_because is None or run.count_slots == 0
    waiting = [str(run.run_id) for run in made.values() if run.count_slots]
    counts = tasking.carry_out(settings, waiting, is_approved=True, declined=[], because=None, decided_by="an.analyst")
    assert counts["approved"] == sum(run.count_slots for run in made.values())
    assert (
        publish(settings, open_warehouse(settings, Role.PUBLISHER)).row_counts["hotspot_tasking_v1"]
        == counts["approved"]
    )
    again = forecast_hotspots(settings)
    assert [run.is_new for run in again] == [False] * len(again)
