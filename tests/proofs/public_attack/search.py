"""Whether counts can be the true ones: sought where little changes first, and in everything at last."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from proofs.public_attack.history import Key
from proofs.public_attack.knowledge import Interval
from proofs.public_attack.programme import STAYS, Numbers, Programme, Question, System, make_programme

Issues = frozenset[int]


class Search:
    """Answers about one block. What is found fits all that is known of all issues. That nothing fits is proved on less
    than all that is known, or on everything."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.every = frozenset(system.issues.tolist())
        # Questions come issue by issue.
        self._moving = lru_cache(maxsize=8)(self._make_moving)
        self._known_of = lru_cache(maxsize=8)(self._make_known_of)

    def alone(self, issue: int) -> Programme:
        """The counts of one issue, beside the true ones of the others."""
        return self._moving(frozenset({issue}))

    def bounds(self, key: Key, issues: Issues) -> Interval:
        """Beyond which no count is possible, from what is known of some issues by themselves."""
        return self._known_of(issues).reach(key)

    def decide(self, questions: Sequence[Question], issue: int) -> Numbers | None:
        """Counts of all issues for which the answer to all questions is yes, or None where there are none. Issues whose
        true counts stand in the way may have others, too; in the end those of all issues."""
        issues = frozenset({issue})
        while True:
            found = self._moving(issues).answer(questions)
            if found is not None or issues == self.every:
                return found
            alone = self._known_of(issues).answer(questions)
            if alone is None:
                return None
            issues = self._widened(issues, alone)

    def _widened(self, issues: Issues, counts: Numbers) -> Issues:
        """Together with the issues whose true counts do not fit others of these."""
        system = self.system
        history = system.truth.copy()
        history[np.isin(system.issues, list(issues))] = counts
        sums = system.matrix @ history
        broken = system.matrix[(sums < system.sum_low) | (sums > system.sum_high)]
        wider = issues.union(system.issues[broken.indices].tolist())
        return self.every if wider == issues or 2 * len(wider) > len(self.every) else wider

    def _make_moving(self, issues: Issues) -> Programme:
        """The counts of some issues, beside the true ones of the others."""
        return make_programme(self.system, _numbered(np.isin(self.system.issues, list(issues))))

    def _make_known_of(self, issues: Issues) -> Programme:
        """What is known of some issues by themselves."""
        system = self.system.of(issues)
        return make_programme(system, np.arange(len(system.places)))


def _numbered(moving: Numbers) -> Numbers:
    """Each count that moves a group of its own."""
    return np.where(moving, np.cumsum(moving) - 1, STAYS)
