"""The attack that published figures must withstand: what can be worked out of the cells that are kept back.

A reader knows an interval for each cell and what holds between cells. Every table of whole numbers within both could be
the true one, and a cell that is kept back is safe when enough different counts of it are found in such tables. Only
tables that were found count: what the search cannot settle is taken for unsafe, never for safe.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from hub.disclosure.knowledge import Group, Knowledge
from hub.disclosure.tables import Flags, Numbers, Places, Table

NEARLY = 1e-6
WORTH_A_SWEEP = 2
"""Tables are sought for all cells together while each pair of searches settles more cells than this, which cost as much
one by one."""
NODES = 200
"""Where a search for one table stops, in nodes of branch and bound. Most end at the first."""
STEPS = (0.25, 0.5, 0.75)
TIMES = (-1, 2, -2, 3, -3, 4, -4)
"""How far to go on, and back, in the direction of a table that was found: what adds up still does."""
REACH = 2
"""A search near a cell is among the codes within so many lines of it, and elsewhere if nothing is found there."""


@dataclass(frozen=True)
class Bounded:
    """A cell of which fewer counts were found than must be possible, all from ``lower`` to ``upper``, and the cells
    whose published figures bound it."""

    cell: int
    lower: float
    upper: float
    bound_by: tuple[int, ...]


class Attack:
    """What stays possible of the cells ``hidden``, and of the groups. Goes on from what it has found when knowledge
    becomes less."""

    def __init__(self, table: Table, possible_counts: int, groups: Sequence[Group] = ()) -> None:
        self.table = table
        self._told = [one for one in groups if not one.is_open(table.counts)]
        self._enough = possible_counts
        self._lines = sp.csc_array(sp.vstack([table.equal, table.at_most]))
        self._lowest_sums = np.repeat([0.0, -np.inf], [table.equal.shape[0], table.at_most.shape[0]])
        self._highest_sums = np.concatenate([np.zeros(table.equal.shape[0]), table.highest])
        self._codes = [pd.factorize(table.keys[name])[0] for name in table.keys]
        self._in_one_line = sp.csr_array(abs(self._lines).T @ abs(self._lines))
        # The true table is possible.
        self._counts = np.full((table.size, possible_counts), np.nan)
        self._counts[:, 0] = table.counts
        self._found = np.ones(table.size, dtype=np.intp)

    def keep_back(self, cell: int) -> None:
        """The reader does not see its figure any more."""
        self.table = self.table.without_figures(np.arange(self.table.size) == cell)
        self._highest_sums[self.table.equal.shape[0] :] = self.table.highest

    def unsettled(self, knowledge: Knowledge, hidden: Flags) -> Flags:
        """The hidden cells of which tables sought for all of them together show too few counts; zeros that shown zeros
        tell need none."""
        asked = hidden & ~self.table.zeros_by_sums(hidden)
        before, sought = float("inf"), self._open(asked)
        while sought.any() and before - sought.sum() > WORTH_A_SWEEP:
            before = float(sought.sum())
            for sign in (1.0, -1.0):
                self._sweep(knowledge, sought, sign)
                sought = self._open(asked)
        return sought & ~self.table.zeros_implied(hidden) if np.any(self.table.counts[sought] == 0) else sought

    def _open(self, hidden: Flags) -> Flags:
        return hidden & (self._found < self._enough)

    def _sweep(self, knowledge: Knowledge, sought: Flags, sign: float) -> None:
        """Tables with the sought cells as high (or low) as they go together, none further than it needs, and some on
        the way there."""
        counts = self.table.counts
        upper = np.where(sought, np.minimum(knowledge.upper, counts + self._enough - 1), knowledge.upper)
        goal = -sign * sought.astype(np.float64)
        far = self._search(knowledge, goal, knowledge.lower, upper if sign > 0 else knowledge.upper)
        if far is None:
            return
        nothing = np.zeros(self.table.size)
        for step in STEPS:
            between = counts + step * (far - counts)
            self._search(knowledge, nothing, np.floor(between), np.ceil(between))

    def bounded(self, knowledge: Knowledge, cell: int) -> Bounded | None:
        """What bounds a hidden cell, unless enough counts of it are possible."""
        if self._found[cell] >= self._enough:
            return None  # tables found for another cell have shown it
        self._look_near(knowledge, cell)
        if self._found[cell] >= self._enough:
            return None
        true, lowest = self.table.counts[cell], float(knowledge.lower[cell])
        upper = knowledge.upper.copy()
        upper[cell] = min(upper[cell], true + self._enough - 1)
        highest, bound_by = self._extreme(cell, -1.0, knowledge.lower, upper)
        if highest - lowest + 1 >= self._enough:
            lowest, by_lower = self._extreme(cell, 1.0, knowledge.lower, upper)
            bound_by |= by_lower
        if highest - lowest + 1 >= self._enough:
            for count in sorted(np.arange(lowest, highest + 1), key=lambda one: (abs(one - true), one)):
                self._with_count(knowledge, cell, count)
                if self._found[cell] >= self._enough:
                    return None
        return Bounded(cell, lowest, highest, tuple(sorted(bound_by - {cell})) or self.beside(cell))

    @property
    def told(self) -> list[Group]:
        """The groups of which no table was found that leaves them open."""
        return list(self._told)

    def tells(self, knowledge: Knowledge, group: Group) -> Bounded | None:
        """Cells that reveal a group, unless a table is found that leaves it open."""
        counts, lower, upper = self.table.counts, knowledge.lower, knowledge.upper.copy()
        upper[group.whole] = min(upper[group.whole], counts[group.whole] + group.enough)
        outside = np.zeros(self.table.size)
        outside[[group.largest, group.whole]] = 1.0, -1.0
        few_inside = upper.copy()
        few_inside[group.largest] = min(upper[group.largest], group.enough - 1.0)
        for near in (self._near(group.largest), None):
            for highest in (upper, few_inside):
                if group in self._told and np.all(lower <= highest):
                    self._search(knowledge, outside, lower, highest, near)
        if group not in self._told:
            return None
        most, bound_by = self._least(outside, lower, upper)
        others = bound_by - {group.largest}
        return Bounded(group.largest, 0.0, -most, tuple(sorted(others)) or self.beside(group.largest))

    def _near(self, cell: int) -> Places:
        close = np.array([cell])
        for _ in range(REACH):
            close = np.unique(self._in_one_line[close].indices)
        found: Places = np.flatnonzero(np.all([np.isin(codes, codes[close]) for codes in self._codes], axis=0))
        return found

    def _look_near(self, knowledge: Knowledge, cell: int) -> None:
        """Search tables that differ from the true one near the cell alone: each costs a fraction of one that may
        differ everywhere."""
        near = self._near(cell)
        for sign in (1, -1):
            for count in self.table.counts[cell] + sign * np.arange(1, self._enough):
                is_open = self._found[cell] < self._enough and knowledge.lower[cell] <= count <= knowledge.upper[cell]
                if not is_open or not self._with_count(knowledge, cell, count, near):
                    break

    def _with_count(self, knowledge: Knowledge, cell: int, count: float, near: Places | None = None) -> bool:
        """Whether a table is found in which the cell has this count."""
        if count in self._counts[cell]:
            return True
        lower, upper = knowledge.lower.copy(), knowledge.upper.copy()
        lower[cell] = upper[cell] = count
        return self._search(knowledge, np.zeros(self.table.size), lower, upper, near) is not None

    def beside(self, cell: int) -> tuple[int, ...]:
        """The cells in one line with it."""
        found: set[int] = set()
        for lines in (self.table.equal, self.table.at_most):
            own = lines[lines[:, [cell]].nonzero()[0]]
            found.update(own.nonzero()[1].tolist())
        return tuple(sorted(found - {cell}))

    def _extreme(self, cell: int, sign: float, lower: Numbers, upper: Numbers) -> tuple[float, set[int]]:
        """The lowest (sign 1) or highest (-1) whole number that linear bounds allow, and the cells that bound it."""
        goal = np.zeros(self.table.size)
        goal[cell] = sign
        least, bound_by = self._least(goal, lower, upper)
        count = np.ceil(least - NEARLY) if sign > 0 else np.floor(-least + NEARLY)
        return float(count), bound_by

    def _least(self, goal: Numbers, lower: Numbers, upper: Numbers) -> tuple[float, set[int]]:
        """The least value of the goal that linear bounds allow, and the cells that bound it."""
        table, holds = self.table, np.isfinite(self.table.highest)
        found = linprog(
            goal,
            A_eq=table.equal if table.equal.shape[0] else None,
            b_eq=np.zeros(table.equal.shape[0]) if table.equal.shape[0] else None,
            A_ub=table.at_most[holds] if holds.any() else None,
            b_ub=table.highest[holds] if holds.any() else None,
            bounds=np.column_stack([lower, upper]),
            method="highs",
        )
        if found.x is None:
            raise ArithmeticError(f"the attack has no answer: {found.message}")
        binding = (np.abs(found.lower.marginals) > NEARLY) | (np.abs(found.upper.marginals) > NEARLY)
        told_by = table.told_by[holds][np.abs(found.ineqlin.marginals) > NEARLY] if holds.any() else table.told_by[:0]
        return float(found.fun), {*np.flatnonzero(binding).tolist(), *told_by[told_by >= 0].tolist()}

    def _search(
        self, knowledge: Knowledge, goal: Numbers, lower: Numbers, upper: Numbers, near: Places | None = None
    ) -> Numbers | None:
        """A table of whole numbers that fits, as near to the least of the goal as is found, and differs from the true
        one in the cells ``near`` alone (by default in any). Its counts are noted, and those further in its direction.
        """
        true = self.table.counts
        cells = np.arange(self.table.size) if near is None else near
        own = self._lines[:, cells]
        touched = np.unique(own.indices)
        own, others = own[touched], (self._lines @ true)[touched] - own[touched] @ true[cells]
        found = milp(
            goal[cells],
            constraints=LinearConstraint(
                own, self._lowest_sums[touched] - others, self._highest_sums[touched] - others
            ),
            bounds=Bounds(lower[cells], upper[cells]),
            integrality=np.ones(len(cells)),
            options={"node_limit": NODES, "mip_rel_gap": 0.02},
        )
        if found.x is None:
            return None
        counts: Numbers = true.copy()
        counts[cells] = np.round(found.x)
        if not (np.all((lower <= counts) & (counts <= upper)) and self.table.fits(counts)):
            return None
        self._note(counts)
        for times in TIMES:
            further = true + times * (counts - true)
            if knowledge.holds(further) and self.table.fits(further):
                self._note(further)
        return counts

    def _note(self, counts: Numbers) -> None:
        self._told = [one for one in self._told if not one.is_open(counts)]
        is_new = (self._found < self._enough) & ~np.any(self._counts == counts[:, None], axis=1)
        self._counts[is_new, self._found[is_new]] = counts[is_new]
        self._found += is_new


def attacked(
    table: Table,
    knowledge: Knowledge,
    hidden: Flags,
    possible_counts: int,
    groups: Sequence[Group] = (),
    is_told: Callable[[int | Group], bool] | None = None,
) -> tuple[list[Bounded], int]:
    """All hidden cells of a table of which fewer counts are possible than must be, and how many groups are told,
    besides those that are told before (``is_told``)."""
    found, told = [], 0
    for cells, part in table.apart():
        place = {cell: at for at, cell in enumerate(cells.tolist())}
        own = {Group(place[one.whole], place[one.largest], one.enough): one for one in groups if one.whole in place}
        attack, mine = Attack(part, possible_counts, list(own)), knowledge.of(cells)
        for cell in np.flatnonzero(attack.unsettled(mine, hidden[cells])).tolist():
            if is_told and is_told(int(cells[cell])):
                continue
            if (one := attack.bounded(mine, cell)) is not None:
                found.append(Bounded(int(cells[cell]), one.lower, one.upper, tuple(cells[list(one.bound_by)].tolist())))
        open_before = [one for one in attack.told if not (is_told and is_told(own[one]))]
        told += sum(attack.tells(mine, one) is not None for one in open_before)
    return found, told
