"""Drift is named when it happens and stays named, on mutations that were written without sight of the detector."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from hub.contracts.model import Catalogue
from hub.settings import read_settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from proofs.asked_by_another_hand import hub_detector
from proofs.drift_mutations.choice import Choice, choose
from proofs.drift_mutations.deliveries import EXPECTATIONS
from proofs.drift_mutations.families import DENSE, SIMULATED_DAYS, THIN, RoleFamily
from proofs.drift_mutations.scoring import Alarm, Detector, Score, false_alarms_in_clean_days, result_of
from proofs.drift_mutations.simulation import LATER_DAYS, SimulatedFeed, read_simulation

SEED = 20_261
MOST_FALSE_ALARMS = 1


@dataclass(frozen=True)
class Proof:
    """A simulated hub, its mutations, and a detector that has seen neither."""

    detector: Detector
    family: RoleFamily
    folder: Path

    @cached_property
    def feeds(self) -> dict[str, SimulatedFeed]:
        """All feeds without a mutation."""
        simulated = self.folder / "clean"
        simulate(Plan(reports=self.family.reports_a_day * SIMULATED_DAYS, days=SIMULATED_DAYS, seed=SEED), simulated)
        return read_simulation(simulated)

    @cached_property
    def choice(self) -> Choice:
        """The mutations of the family."""
        return choose(self.feeds, self.family, SEED)

    @cached_property
    def clean(self) -> dict[str, list[Alarm]]:
        """By feed, the alarms on files in which nothing changed."""
        return {feed: self._alarms(feed, self.folder / "clean" / feed) for feed in self.feeds}

    def score(self) -> Score:
        """Every mutation delivered, and what the detector said."""
        results = []
        for number, mutation in enumerate(self.choice.mutations):
            feed = self.feeds[mutation.what.feed]
            alarms = self._alarms(mutation.what.feed, mutation.write(feed, self.folder / str(number)))
            results.append(result_of(mutation, feed, self.clean[mutation.what.feed], alarms))
        return Score(tuple(results))

    def false_alarms(self) -> list[Alarm]:
        """Over all feeds, in the last 60 of the clean days."""
        return [
            alarm
            for feed, alarms in self.clean.items()
            for alarm in false_alarms_in_clean_days(self.feeds[feed], alarms, LATER_DAYS)
        ]

    def _alarms(self, feed: str, folder: Path) -> list[Alarm]:
        return list(self.detector(EXPECTATIONS / feed / "contract.yaml", folder))


@pytest.fixture(scope="module")
def detector(catalogue: Catalogue) -> Detector:
    """The hub's detector as :data:`Detector` describes it."""
    return hub_detector(read_settings({}), catalogue)


@pytest.fixture(scope="module")
def prove(detector: Detector, tmp_path_factory: pytest.TempPathFactory) -> Callable[[RoleFamily], Proof]:
    return lambda family: Proof(detector, family, tmp_path_factory.mktemp(family.name))


@pytest.mark.long
def test_at_100_reports_a_day_drift_is_named_within_three_days(prove: Callable[[RoleFamily], Proof]) -> None:
    proof = prove(THIN)
    assert len(proof.choice.mutations) == 73
    score = proof.score()
    assert score.on_the_day >= 0.6, score.missed()
    assert score.within_three_days >= 0.9, score.missed()
    assert score.ever >= 0.95, score.missed()
    assert score.stayed_named >= 0.9, score.missed()
    assert len(proof.false_alarms()) <= MOST_FALSE_ALARMS, proof.false_alarms()


@pytest.mark.long
def test_at_533_reports_a_day_drift_is_named_on_its_day(prove: Callable[[RoleFamily], Proof]) -> None:
    proof = prove(DENSE)
    assert len(proof.choice.mutations) == 48
    score = proof.score()
    assert score.on_the_day >= 0.9, score.missed()
    assert score.ever >= 0.95, score.missed()
    assert score.stayed_named >= 0.9, score.missed()
    assert len(proof.false_alarms()) <= MOST_FALSE_ALARMS, proof.false_alarms()


@pytest.mark.long
def test_a_detector_that_knows_all_is_right_and_one_that_says_nothing_is_not(tmp_path: Path) -> None:
    """So that a score says something of the detector, and nothing of the way in which it is asked."""
    family = RoleFamily("tiny", 30, {"nulls to all": 2}, plain_on_first_day=0)
    asked: list[Path] = []

    def silent(contract: Path, folder: Path) -> list[Alarm]:
        assert contract.parent.name == folder.name
        asked.append(folder)
        return []

    def knowing(contract: Path, folder: Path) -> list[Alarm]:
        if folder.parent.name == "clean":
            return []
        mutation = proof.choice.mutations[int(folder.parent.name)]
        sender = mutation.what.senders[0] if len(mutation.what.senders) == 1 else None
        return [Alarm(contract.parent.name, sender, mutation.what.columns, None, mutation.turn.first, None)]

    score = Proof(silent, family, tmp_path / "silent").score()
    assert (score.ever, score.on_the_day) == (0, 0)
    assert len(asked) == len(set(asked)) == 15 + 2
    proof = Proof(knowing, family, tmp_path / "knowing")
    score = proof.score()
    assert (score.on_the_day, score.stayed_named, proof.false_alarms()) == (1, 1, [])
    assert [result.false_alarms for result in score.results] == [(), ()]
