"""The proof by another hand in short: some of its changes, in one feed of the denser hub, are named on their day."""

from datetime import timedelta
from pathlib import Path

import pytest

from hub.contracts.model import Catalogue
from hub.settings import read_settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from proofs.asked_by_another_hand import hub_detector
from proofs.drift_mutations.candidates import Candidate, cell_candidates
from proofs.drift_mutations.choice import Mutation
from proofs.drift_mutations.deliveries import EXPECTATIONS
from proofs.drift_mutations.families import DENSE
from proofs.drift_mutations.scoring import Alarm, Detector, Score, result_of
from proofs.drift_mutations.simulation import SimulatedFeed, read_simulation
from proofs.drift_mutations.volume_candidates import volume_candidates
from proofs.drift_mutations.volumes import Turn

FEED = "true_vision_reports"
SEED, DAYS, DAYS_CHANGED = 42, 30, 3
"""No event of the world comes just before the changes."""
KINDS = ("flag inverted", "nulls to all", "default takes over", "dates a day earlier", "texts cut", "rows halved")

type Feeds = dict[str, SimulatedFeed]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    simulate(Plan(reports=DENSE.reports_a_day * DAYS, days=DAYS, seed=SEED), folder)
    return folder


@pytest.fixture(scope="module")
def feeds(folder: Path) -> Feeds:
    return read_simulation(folder)


@pytest.fixture(scope="module")
def detector(catalogue: Catalogue) -> Detector:
    return hub_detector(read_settings({}), catalogue)


@pytest.fixture(scope="module")
def clean(detector: Detector, folder: Path) -> list[Alarm]:
    return list(detector(EXPECTATIONS / FEED / "contract.yaml", folder / FEED))


def test_days_on_which_nothing_changed_raise_no_alarm(clean: list[Alarm]) -> None:
    assert clean == []


def test_what_changes_is_named_on_its_day_and_stays_named(
    detector: Detector, feeds: Feeds, clean: list[Alarm], tmp_path: Path
) -> None:
    feed = feeds[FEED]
    first = feed.days[-1] - timedelta(days=DAYS_CHANGED - 1)
    turn = Turn(first, first, f"{SEED}")
    results = []
    for number, what in enumerate(_first_of_each_kind(feeds)):
        mutation = Mutation(f"{what.kind}: {what.columns}", what, turn, 0, 0, 0, 0)
        written = mutation.write(feed, tmp_path / str(number))
        results.append(result_of(mutation, feed, clean, detector(EXPECTATIONS / FEED / "contract.yaml", written)))
    score = Score(tuple(results))
    assert (score.on_the_day, score.stayed_named) == (1, 1), score.missed()


def _first_of_each_kind(feeds: Feeds) -> list[Candidate]:
    of_feed = [one for one in (*cell_candidates(feeds), *volume_candidates(feeds)) if one.feed == FEED]
    return [next(one for one in of_feed if one.kind == kind) for kind in KINDS]
