"""What is true of simulated deliveries is found again in the marts, after all that a real delivery goes through."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from benchmarks.own_hub import OwnHub, delivered_files
from benchmarks.report import print_lines
from benchmarks.truth import lines_of
from benchmarks.truth_scores import TruthScores, score_truth

from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate

PLAN = Plan(reports=2_000, days=8, seed=7_310_552)


@pytest.fixture
def scores(settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path) -> TruthScores:
    """All feeds taken in, built with linkage, and compared with the truth."""
    simulate(PLAN, tmp_path / "simulated")
    prepare_warehouse(engine, catalogue.contracts.values())
    OwnHub(settings, engine, dict(catalogue.contracts)).take_in(delivered_files(tmp_path / "simulated"))
    build_warehouse(settings)
    return score_truth(settings, engine, tmp_path / "simulated" / "truth" / "records.csv")


@pytest.mark.long
def test_the_warehouse_finds_what_is_true_of_simulated_deliveries(
    scores: TruthScores, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print_lines(lines_of(scores))
    assert scores.incidents.true > 500
    assert scores.incidents.precision >= 0.99
    assert scores.incidents.recall >= 0.97
    for persons in (scores.persons, scores.knowable_persons):
        assert persons.true > 100
        assert persons.precision >= 0.99
        assert persons.recall >= 0.93
    assert scores.allocated.scored > 500
    assert scores.allocated.share_right >= 0.99
    assert scores.count_allocations > 1_000
    assert scores.count_explained == scores.count_allocations
    assert scores.dirt.planted > 10
    assert (scores.dirt.caught, scores.dirt.clean_refused) == (scores.dirt.planted, 0)
