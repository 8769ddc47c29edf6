"""Changes of counts that keep all sums, found in one issue and tried in the others."""

import numpy as np

from proofs.public_attack.programme import Numbers, Programme, System
from proofs.public_attack.seen import Cell

TIMES = (1, -1, 2, -2, 3, -3, 4, -4)
"""How often a change is made; backwards where less than nothing."""


class Moves:
    """What was found by a solver, made as small as it can be. To try one costs much less than to seek it."""

    def __init__(self, system: System) -> None:
        self.cells: dict[Cell, int] = {}
        for _, cell in system.places:
            self.cells.setdefault(cell, len(self.cells))
        self._cell = np.array([self.cells[cell] for _, cell in system.places])
        self._issues = system.issues
        self._known: dict[bytes, Numbers] = {}

    def learn(self, change: Numbers, issue: int) -> Numbers:
        """Remember the change of an issue's counts; each time that it can be made is given back."""
        change = change // np.gcd.reduce(change)
        move = np.zeros(len(self.cells), dtype=np.int16)
        move[self._cell[self._issues == issue]] = change
        self._known.setdefault(move.tobytes(), move)
        return np.outer(TIMES, change)

    def of(self, issue: int) -> Numbers:
        """Changes of an issue's counts: the moves that change no other cell, each as often as may be."""
        own = self._cell[self._issues == issue]
        moves = np.array(list(self._known.values()), dtype=np.int16).reshape(-1, len(self.cells))
        others = np.ones(len(self.cells), dtype=bool)
        others[own] = False
        moves = moves[~moves[:, others].any(axis=1)][:, own]
        changes: Numbers = np.concatenate([times * moves for times in TIMES])
        return changes


def fitting(programme: Programme, changes: Numbers) -> Numbers:
    """Of some changes of the groups of a programme those that fit it."""
    within = ((programme.low <= changes) & (changes <= programme.high)).all(axis=1)
    sums = programme.matrix @ changes[within].T
    add_up = ((programme.sum_low <= sums.T) & (programme.sum_high >= sums.T)).all(axis=1)
    fit: Numbers = changes[within][add_up]
    return fit
