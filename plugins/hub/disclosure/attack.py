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
from scipy.optimize import linprog

from hub.disclosure.key import ISSUE
from hub.disclosure.knowledge import Group, Knowledge
from hub.disclosure.solver import lines_of, whole_change
from hub.disclosure.tables import Flags, Numbers, Places, Table

NEARLY = 1e-6
WORTH_A_SWEEP = 2
"""Tables are sought for all cells together while each pair of searches settles more cells than this, which cost as much
one by one."""
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
        self._sums, self._fits = self._lines @ table.counts, table.fits(table.counts)
        self._lowest_sums = np.repeat([0.0, -np.inf], [table.equal.shape[0], table.at_most.shape[0]])
        self._highest_sums = np.concatenate([np.zeros(table.equal.shape[0]), table.highest])
        self._everywhere: Places = np.arange(table.size)
        self._codes = [pd.factorize(table.keys[name])[0] for name in table.keys]
        self._in_one_line = sp.csr_array(abs(self._lines).T @ abs(self._lines))
        self._years = table.years()
        self._year_of = np.zeros(table.size, dtype=np.intp)
        for number, cells in enumerate(self._years):
            self._year_of[cells] = number
        self._issue_of = table.keys[ISSUE].to_numpy() if ISSUE in table.keys else np.zeros(table.size)
        issues = [np.flatnonzero(self._issue_of == issue) for issue in np.unique(self._issue_of)]
        own = (np.intersect1d(year, issue, assume_unique=True) for issue in issues for year in self._years)
        self._sweeps = [places for places in own if len(places)]
        self._sweeps += issues if len(self._years) > 1 else []
        self._sweeps += self._years if len(issues) > 1 else []
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
        for places in self._sweeps:
            before, sought = float("inf"), self._open(asked, places)
            while sought.sum() > WORTH_A_SWEEP and before - sought.sum() > WORTH_A_SWEEP:
                before = float(sought.sum())
                for sign in (1.0, -1.0):
                    self._sweep(knowledge, sought, sign, places)
                    sought = self._open(asked, places)
        sought = asked & (self._found < self._enough)
        return sought & ~self.table.zeros_implied(hidden) if np.any(self.table.counts[sought] == 0) else sought

    def _open(self, hidden: Flags, places: Places) -> Flags:
        found = np.zeros(self.table.size, dtype=bool)
        found[places] = hidden[places] & (self._found[places] < self._enough)
        return found

    def _sweep(self, knowledge: Knowledge, sought: Flags, sign: float, places: Places) -> None:
        """Tables with the sought cells of some places as high (or low) as they go together, none further than it needs,
        and some on the way there."""
        counts = self.table.counts
        upper = np.where(sought, np.minimum(knowledge.upper, counts + self._enough - 1), knowledge.upper)
        goal = -sign * sought.astype(np.float64)
        far = self._search(knowledge, goal, knowledge.lower, upper if sign > 0 else knowledge.upper, places)
        if far is None:
            return
        nothing = np.zeros(self.table.size)
        for step in STEPS:
            between = counts + step * (far - counts)
            self._search(knowledge, nothing, np.floor(between), np.ceil(between), places)

    def reaches(self, one: int | Group) -> list[Places]:
        """Where tables may differ from the true one: in the year and issue of a cell or group alone, in its issue, in
        its year, which all cost less, and anywhere."""
        cell = one.whole if isinstance(one, Group) else one
        year, issue = self._years[self._year_of[cell]], np.flatnonzero(self._issue_of == self._issue_of[cell])
        own = np.intersect1d(year, issue, assume_unique=True)
        wider = [places for places in (issue, year) if len(own) < len(places) < self.table.size]
        return [own, *wider, self._everywhere] if len(own) < self.table.size else [self._everywhere]

    def worked_out(self, knowledge: Knowledge, one: int | Group) -> Bounded | None:
        """What tells of a hidden cell or a group, however far tables may differ."""
        found = None
        for places in self.reaches(one):
            if (found := self.bounds(knowledge, one, places)) is None:
                return None
        return found

    def bounds(self, knowledge: Knowledge, one: int | Group, places: Places) -> Bounded | None:
        """What tells of a hidden cell or a group, unless it stays open in tables that differ in ``places`` alone."""
        if isinstance(one, Group):
            return self._tells(knowledge, one, places)
        return self._bounded(knowledge, one, places)

    def _bounded(self, knowledge: Knowledge, cell: int, places: Places) -> Bounded | None:
        if self._found[cell] >= self._enough:
            return None  # tables found for another cell have shown it
        self._look_near(knowledge, cell, places)
        if self._found[cell] >= self._enough:
            return None
        true, lowest = self.table.counts[cell], float(knowledge.lower[cell])
        upper = knowledge.upper.copy()
        upper[cell] = min(upper[cell], true + self._enough - 1)
        highest, bound_by = self._extreme(cell, -1.0, knowledge.lower, upper, places)
        if highest - lowest + 1 >= self._enough:
            lowest, by_lower = self._extreme(cell, 1.0, knowledge.lower, upper, places)
            bound_by |= by_lower
        if highest - lowest + 1 >= self._enough:
            for count in sorted(np.arange(lowest, highest + 1), key=lambda one: (abs(one - true), one)):
                self._with_count(knowledge, cell, count, places)
                if self._found[cell] >= self._enough:
                    return None
        return Bounded(cell, lowest, highest, self._others(cell, bound_by, places))

    @property
    def told(self) -> list[Group]:
        """The groups of which no table was found that leaves them open."""
        return list(self._told)

    def _tells(self, knowledge: Knowledge, group: Group, places: Places) -> Bounded | None:
        counts, lower, upper = self.table.counts, knowledge.lower, knowledge.upper.copy()
        upper[group.whole] = min(upper[group.whole], counts[group.whole] + group.enough)
        outside = np.zeros(self.table.size)
        outside[[group.largest, group.whole]] = 1.0, -1.0
        few_inside = upper.copy()
        few_inside[group.largest] = min(upper[group.largest], group.enough - 1.0)
        for near in (self._near(group.largest, places), places):
            for highest in (upper, few_inside):
                if group in self._told and np.all(lower <= highest):
                    self._search(knowledge, outside, lower, highest, near)
        if group not in self._told:
            return None
        most, bound_by = self._least(outside, lower, upper, places)
        return Bounded(group.largest, 0.0, -most, self._others(group.largest, bound_by, places))

    def _others(self, cell: int, bound_by: set[int], places: Places) -> tuple[int, ...]:
        """What bounds a cell besides itself. Where that is nothing in its year, what other years hold may."""
        others = tuple(sorted(bound_by - {cell}))
        return others if others or len(places) < self.table.size else self.beside(cell)

    def _near(self, cell: int, places: Places) -> Places:
        close = np.array([cell])
        for _ in range(REACH):
            close = np.unique(self._in_one_line[close].indices)
        found: Places = places[np.all([np.isin(codes[places], codes[close]) for codes in self._codes], axis=0)]
        return found

    def _look_near(self, knowledge: Knowledge, cell: int, places: Places) -> None:
        """Search tables that differ from the true one near the cell alone: each costs a fraction of one that may
        differ everywhere."""
        near = self._near(cell, places)
        for sign in (1, -1):
            for count in self.table.counts[cell] + sign * np.arange(1, self._enough):
                is_open = self._found[cell] < self._enough and knowledge.lower[cell] <= count <= knowledge.upper[cell]
                if not is_open or not self._with_count(knowledge, cell, count, near):
                    break

    def _with_count(self, knowledge: Knowledge, cell: int, count: float, near: Places) -> bool:
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

    def _extreme(
        self, cell: int, sign: float, lower: Numbers, upper: Numbers, places: Places
    ) -> tuple[float, set[int]]:
        """The lowest (sign 1) or highest (-1) whole number that linear bounds allow, and the cells that bound it."""
        goal = np.zeros(self.table.size)
        goal[cell] = sign
        least, bound_by = self._least(goal, lower, upper, places)
        count = np.ceil(least - NEARLY) if sign > 0 else np.floor(-least + NEARLY)
        return float(count), bound_by

    def _least(self, goal: Numbers, lower: Numbers, upper: Numbers, places: Places) -> tuple[float, set[int]]:
        """The least value of the goal that linear bounds allow when the others stay, and the cells that bound it."""
        table = self.table
        equal, sums, _ = lines_of(table.equal, np.zeros(table.equal.shape[0]), table.counts, places)
        at_most, highest, lines = lines_of(table.at_most, table.highest, table.counts, places)
        found = linprog(
            goal[places],
            A_eq=equal if len(sums) else None,
            b_eq=sums if len(sums) else None,
            A_ub=at_most if len(highest) else None,
            b_ub=highest if len(highest) else None,
            bounds=np.column_stack([lower[places], upper[places]]),
            method="highs",
        )
        if found.x is None:
            raise ArithmeticError(f"the attack has no answer: {found.message}")
        binding = (np.abs(found.lower.marginals) > NEARLY) | (np.abs(found.upper.marginals) > NEARLY)
        told_by = table.told_by[lines[np.abs(found.ineqlin.marginals) > NEARLY]] if len(lines) else lines
        least = float(found.fun) + float(np.delete(goal, places) @ np.delete(table.counts, places))
        return least, {*places[binding].tolist(), *told_by[told_by >= 0].tolist()}

    def _search(
        self, knowledge: Knowledge, goal: Numbers, lower: Numbers, upper: Numbers, cells: Places
    ) -> Numbers | None:
        """A table of whole numbers that fits, as near to the least of the goal as is found, and differs from the true
        one in these cells alone. Its counts are noted, and those further in its direction."""
        true = self.table.counts
        own = self._lines[:, cells]
        touched = np.unique(own.indices)
        own, sums = own[touched], self._sums[touched]
        least, most = self._lowest_sums[touched], self._highest_sums[touched]
        aim, low, high = goal[cells], lower[cells] - true[cells], upper[cells] - true[cells]
        found = whole_change(own, least - sums, most - sums, aim, low, high)
        if found is None or not self._fits:
            return None
        change = np.zeros(self.table.size)
        change[cells] = found
        changed_sums = own @ change[cells]

        def fits(times: int) -> bool:
            """Lines in which no cell has changed hold of the true table."""
            return bool(np.all((least <= sums + times * changed_sums) & (sums + times * changed_sums <= most)))

        counts: Numbers = true + change
        if not (np.all((lower <= counts) & (counts <= upper)) and fits(1)):
            return None
        self._note(counts, cells)
        for times in TIMES:
            further = true + times * change
            if fits(times) and knowledge.holds(further):
                self._note(further, cells)
        return counts

    def _note(self, counts: Numbers, cells: Places) -> None:
        self._told = [one for one in self._told if not one.is_open(counts)]
        is_known = np.any(self._counts[cells] == counts[cells, None], axis=1)
        new = cells[(self._found[cells] < self._enough) & ~is_known]
        self._counts[new, self._found[new]] = counts[new]
        self._found[new] += 1


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
            if (one := attack.worked_out(mine, cell)) is not None and not (is_told and is_told(int(cells[cell]))):
                found.append(Bounded(int(cells[cell]), one.lower, one.upper, tuple(cells[list(one.bound_by)].tolist())))
        open_before = [one for one in attack.told if not (is_told and is_told(own[one]))]
        told += sum(attack.worked_out(mine, one) is not None for one in open_before)
    return found, told
