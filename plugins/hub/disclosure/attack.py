"""The attack that published figures must stand: what can be worked out of the cells that are kept back.

An attacker knows an interval for each cell and what holds between cells. Every table within both could be the true one;
the smallest and largest count of a cell over all of them are what can be worked out. Two tables that differ by enough
in a cell prove that it is safe, and one table proves it for many cells at once, so a few linear programmes are enough
where two a cell would be thousands.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from hub.disclosure.tables import Flags, Numbers, Table

NEARLY = 1e-6
WORTH_A_SWEEP = 0.95
"""Tables sought for all cells together go on while each pair of them settles a twentieth of the cells."""


@dataclass(frozen=True)
class Knowledge:
    """What an attacker knows of each cell besides the table's structure: it is at least ``lower``, at most ``upper``
    (which may be infinite)."""

    lower: Numbers
    upper: Numbers

    def of(self, cells: npt.NDArray[np.intp]) -> "Knowledge":
        """Of some cells alone."""
        return Knowledge(self.lower[cells], self.upper[cells])

    def without(self, hidden: Flags) -> "Knowledge":
        """When cells are kept back: of those nobody knows more than that they are counts."""
        return Knowledge(np.where(hidden, 0.0, self.lower), np.where(hidden, np.inf, self.upper))

    def moved(self, by: Numbers) -> "Knowledge":
        """Of counts to which ``by`` was added since."""
        return Knowledge(np.maximum(self.lower + by, 0.0), self.upper + by)

    def widened(self, by: Numbers) -> "Knowledge":
        """Of counts that may have moved by as much since, up or down."""
        return Knowledge(np.maximum(self.lower - by, 0.0), self.upper + by)

    def holds(self, counts: Numbers) -> bool:
        """Whether it is true."""
        return bool(np.all((self.lower <= counts) & (counts <= self.upper)))

    def joined(self, other: "Knowledge | None") -> "Knowledge":
        """What is known by who knows both."""
        if other is None:
            return self
        return Knowledge(np.maximum(self.lower, other.lower), np.minimum(self.upper, other.upper))


@dataclass(frozen=True)
class Bounded:
    """A cell that can be bounded to ``lower`` … ``upper``, and the cells whose published figures did it."""

    cell: int
    lower: float
    upper: float
    bound_by: tuple[int, ...]


class Attack:
    """What stays possible of the cells ``hidden``. Goes on from what it has found when knowledge becomes less."""

    def __init__(self, table: Table, protection_range: float) -> None:
        self.table = table
        self._range = protection_range
        # The true table is possible.
        self.lowest = table.counts.copy()
        self.highest = table.counts.copy()

    def bounded(self, knowledge: Knowledge, hidden: Flags) -> list[Bounded]:
        """The hidden cells that can be bounded more tightly than the protection range, none if the table is safe."""
        before, sought = float("inf"), self._open(hidden)
        while sought.any() and sought.sum() < before * WORTH_A_SWEEP:
            before = float(sought.sum())
            for sign in (1.0, -1.0):
                self._sweep(knowledge, sought, sign)
                sought = self._open(hidden)
        return [found for cell in np.flatnonzero(self._open(hidden)) if (found := self._alone(knowledge, int(cell)))]

    def _open(self, hidden: Flags) -> Flags:
        possible = np.floor(self.highest + NEARLY) - np.ceil(self.lowest - NEARLY)
        return hidden & (possible < self._range)

    def _sweep(self, knowledge: Knowledge, sought: Flags, sign: float) -> None:
        """One table with the sought cells as high (or low) as they go together, none further than it needs."""
        enough = np.where(sought, self.lowest + self._range, np.inf)
        upper = np.minimum(knowledge.upper, np.maximum(enough, self.table.counts)) if sign > 0 else knowledge.upper
        self._note(self._solve(-sign * sought.astype(np.float64), knowledge.lower, upper)[0])

    def _alone(self, knowledge: Knowledge, cell: int) -> Bounded | None:
        if np.floor(self.highest[cell] + NEARLY) - np.ceil(self.lowest[cell] - NEARLY) >= self._range:
            return None  # a table found for another cell has shown it
        bound_by: set[int] = set()
        goal = np.zeros(self.table.size)
        for sign in (-1.0, 1.0):
            goal[cell] = sign
            upper = knowledge.upper.copy()
            upper[cell] = min(upper[cell], self.table.counts[cell] + self._range)
            counts, bounding = self._solve(goal, knowledge.lower, upper)
            self._note(counts)
            bound_by.update(bounding)
        lower, upper_bound = np.ceil(self.lowest[cell] - NEARLY), np.floor(self.highest[cell] + NEARLY)
        if upper_bound - lower >= self._range:
            return None
        return Bounded(cell, float(lower), float(upper_bound), tuple(sorted(bound_by - {cell})))

    def _solve(self, goal: Numbers, lower: Numbers, upper: Numbers) -> tuple[Numbers, tuple[int, ...]]:
        table = self.table
        found = linprog(
            goal,
            A_eq=table.equal if table.equal.shape[0] else None,
            b_eq=np.zeros(table.equal.shape[0]) if table.equal.shape[0] else None,
            A_ub=table.at_most if table.at_most.shape[0] else None,
            b_ub=np.zeros(table.at_most.shape[0]) if table.at_most.shape[0] else None,
            bounds=np.column_stack([lower, upper]),
            method="highs",
        )
        if found.x is None:
            raise ArithmeticError(f"the attack has no answer: {found.message}")
        binding = (np.abs(found.lower.marginals) > NEARLY) | (np.abs(found.upper.marginals) > NEARLY)
        return found.x, tuple(int(cell) for cell in np.flatnonzero(binding))

    def _note(self, counts: Numbers) -> None:
        self.lowest = np.minimum(self.lowest, counts)
        self.highest = np.maximum(self.highest, counts)


def attacked(table: Table, knowledge: Knowledge, hidden: Flags, protection_range: float) -> list[Bounded]:
    """All hidden cells of a table that can be bounded more tightly than the protection range."""
    found = []
    for cells, part in table.apart():
        for one in Attack(part, protection_range).bounded(knowledge.of(cells), hidden[cells]):
            by = tuple(int(cells[cell]) for cell in one.bound_by)
            found.append(Bounded(int(cells[one.cell]), one.lower, one.upper, by))
    return found
