"""Persons against the truth of simulated deliveries, in short; ``python -m benchmarks.persons`` is the long form."""

from pathlib import Path

import sqlalchemy as sa
from benchmarks.persons import LEAST_PRECISION, LEAST_RECALL, say_incidents, score, take_in

from hub.settings import Settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from hub.stages.link_people import link_people

PLAN = Plan(reports=3000, days=2, seed=4242)


def test_victims_of_simulated_reports_are_found_and_kept_apart(
    settings: Settings, engine: sa.Engine, tmp_path: Path
) -> None:
    simulate(PLAN, tmp_path / "simulated")
    take_in(settings, tmp_path / "simulated")
    truth = tmp_path / "simulated" / "truth" / "records.csv"
    say_incidents(engine, truth)
    link_people(settings, engine)
    result = score(engine, truth)
    assert result.true > 500
    assert result.precision >= LEAST_PRECISION
    assert result.recall >= LEAST_RECALL
