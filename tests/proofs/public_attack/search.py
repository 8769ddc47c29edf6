"""Whether a count can be the true one: sought where little changes first, and in everything at last."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from proofs.public_attack.history import Key
from proofs.public_attack.knowledge import Interval
from proofs.public_attack.programme import STAYS, Numbers, Programme, Question, System, Undecided, make_programme
from proofs.public_attack.seen import Seen


class Search:
    """Answers about one block. What is found fits all that is known of all issues. That nothing fits is proved on less
    than all that is known, or on everything."""

    def __init__(self, system: System, seen: Sequence[Seen]) -> None:
        self.system = system
        self.seen = seen
        # Questions come issue by issue.
        self.alone = lru_cache(maxsize=1)(self._alone)
        self._known_of = lru_cache(maxsize=2)(self._less)
        self._steps = lru_cache(maxsize=4)(self._step)

    def bounds(self, key: Key) -> Interval:
        """Of a count, from what is known of its issue alone."""
        programme = self._known_of(frozenset({key[0]}))
        least, most = programme.seek({key: 1.0}), programme.seek({key: -1.0})
        if least is None or most is None:
            raise Undecided(f"no table fits {' '.join(key[1])}")
        place = programme.system.places[key]
        return Interval(int(least[place]), int(most[place]))

    def decide(self, questions: Sequence[Question], issue: int) -> Numbers | None:
        """Counts of all issues for which the answer to all questions is yes, or None where there are none."""
        found = self.alone(issue).answer(questions)
        if found is not None:
            return found
        if self._known_of(frozenset({issue})).answer(questions) is None:
            return None
        for step in ("runs", "all"):
            found = self._steps(step).answer(questions)
            if found is not None:
                return found
        return None

    def _alone(self, issue: int) -> Programme:
        """The counts of one issue, beside the true ones of the others."""
        return make_programme(self.system, _numbered(self.system.issues == issue))

    def _less(self, issues: frozenset[int]) -> Programme:
        """What is known of some issues alone."""
        system = self.system.of(issues)
        return make_programme(system, np.arange(len(system.places)))

    def _step(self, step: str) -> Programme:
        size = len(self.system.places)
        return make_programme(self.system, self._runs() if step == "runs" else np.arange(size))

    def _runs(self) -> Numbers:
        """One group for each cell as long as its figure stays and, of a year, no quarter is added: a history whose
        counts are off by the same number all that time keeps to most that links one issue to the next."""
        latest: dict[object, object] = {}
        groups: list[int] = []
        number: dict[object, int] = {}
        sizes = self._quarters()
        for place, cell in self.system.places:
            now = self.seen[place].figures[cell], sizes[place] if cell.period == cell.year else 0
            if latest.get(cell) != now:
                latest[cell] = now
                number[cell] = len(groups)
            groups.append(number[cell])
        return np.unique(groups, return_inverse=True)[1]

    def _quarters(self) -> dict[int, int]:
        """How many periods the block has in each issue."""
        periods: dict[int, set[str]] = {}
        for place, cell in self.system.places:
            periods.setdefault(place, set()).add(cell.period)
        return {place: len(each) for place, each in periods.items()}


def _numbered(moving: Numbers) -> Numbers:
    """Each count that moves a group of its own."""
    return np.where(moving, np.cumsum(moving) - 1, STAYS)
