"""Whole numbers that fit all that a reader knows of one block: what is sought, and the solver that seeks it."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, hstack, vstack

from proofs.public_attack.history import BlockHistory, Key
from proofs.public_attack.knowledge import NO_LIMIT, Interval

SECONDS = 600.0
"""In which the solver has to answer a question."""
ANY = 1e6
"""A gap at which the first answer will do."""
SLACK = 1e-4
"""By which the solver may be wrong about a fraction."""
INFEASIBLE = 2
"""As the solver says it."""
Numbers = np.ndarray
STAYS = -1
"""Instead of the number of a group: the count is the true one."""


class Undecided(RuntimeError):
    """The solver came to no end."""


@dataclass(frozen=True)
class System:
    """Every vector of whole numbers within ``low`` and ``high`` whose sums are within theirs could be the truth."""

    places: Mapping[Key, int]
    low: Numbers
    high: Numbers
    matrix: csr_array
    sum_low: Numbers
    sum_high: Numbers
    truth: Numbers

    @cached_property
    def issues(self) -> Numbers:
        """The issue of each count."""
        return np.array([issue for issue, _ in self.places])

    def fits(self, counts: Numbers) -> bool:
        """Whether counts are all that a reader knows of them, in whole numbers."""
        sums = self.matrix @ counts
        within = (self.low <= counts) & (counts <= self.high)
        return bool(within.all() and ((self.sum_low <= sums) & (sums <= self.sum_high)).all())

    def of(self, issues: Collection[int]) -> Self:
        """What is known of some issues alone, without their links to others: less than all, so that what does not fit
        it does not fit everything."""
        kept = np.isin(self.issues, list(issues))
        within = (abs(self.matrix) @ ~kept) == 0
        places = [key for key, is_kept in zip(self.places, kept, strict=True) if is_kept]
        return type(self)(
            {key: place for place, key in enumerate(places)},
            self.low[kept],
            self.high[kept],
            csr_array(self.matrix[within][:, kept]),
            self.sum_low[within],
            self.sum_high[within],
            self.truth[kept],
        )


def read_system(history: BlockHistory) -> System:
    """The history of a block in numbers."""
    places = {key: place for place, key in enumerate(history.intervals)}
    terms: list[tuple[int, int, int]] = []
    bounds: list[Interval] = []
    for plus, minus, within in _rows(history):
        terms += [(len(bounds), places[key], 1) for key in plus]
        terms += [(len(bounds), places[key], -1) for key in minus]
        bounds.append(within)
    numbers, columns, factors = np.array(terms, dtype=int).reshape(-1, 3).T
    return System(
        places,
        np.array([interval.low for interval in history.intervals.values()]),
        np.array([interval.high for interval in history.intervals.values()]),
        csr_array(coo_array((factors, (numbers, columns)), shape=(len(bounds), len(places)))),
        np.array([within.low for within in bounds], dtype=int),
        np.array([within.high for within in bounds], dtype=int),
        np.array([history.counts[key] for key in places]),
    )


def _rows(history: BlockHistory) -> Iterator[tuple[list[Key], list[Key], Interval]]:
    for place, rows in history.rows.items():
        for row in rows:
            yield [(place, cell) for cell in row.plus], [(place, cell) for cell in row.minus], row.bounds
    for link in history.links:
        yield [(link.later, link.cell)], [(link.earlier, link.cell)], link.change


class Question(NamedTuple):
    """Whether the sum of ``weights`` times count can lie within ``bounds``."""

    weights: Mapping[Key, int]
    bounds: Interval


@dataclass(frozen=True)
class Programme:
    """Changes of the true counts of a system, made by groups: all counts of a group change by the same number, and
    those in none stay. Whatever is found fits the whole system."""

    system: System
    groups: Numbers
    """The group of each count, or ``STAYS``."""
    spread: csr_array
    """Which counts are in which group."""
    low: Numbers
    high: Numbers
    matrix: csr_array
    sum_low: Numbers
    sum_high: Numbers

    def seek(self, aim: Mapping[Key, float]) -> Numbers | None:
        """The counts with the least sum of ``aim`` times count, or None where none fit. Raises :class:`Undecided`."""
        costs = self._row(aim) @ self.spread
        found = _solve(costs, self.low, self.high, self.matrix, self.sum_low, self.sum_high)
        if found is None:
            return None
        counts = self._changed(found)
        if not self.system.fits(counts):
            raise Undecided("what the solver found does not fit")
        return counts

    def reach(self, key: Key) -> Interval:
        """No count of a cell beyond these is possible; fractions are let in. Raises :class:`Undecided` if none is."""
        costs = self._row({key: 1.0}) @ self.spread
        least, most = (
            _solve(sign * costs, self.low, self.high, self.matrix, self.sum_low, self.sum_high, whole=False)
            for sign in (1, -1)
        )
        if least is None or most is None:
            raise Undecided(f"no table fits {' '.join(key[1])}")
        truth = int(self.system.truth[self.system.places[key]])
        return Interval(truth + math.ceil(costs @ least - SLACK), truth + math.floor(costs @ most + SLACK))

    def answer(self, questions: Sequence[Question]) -> Numbers | None:
        """Counts near the true ones for which all answers are yes, or None. Raises :class:`Undecided`."""
        weights = np.array([self._row(question.weights) for question in questions])
        asked_low, asked_high = np.array([question.bounds for question in questions]).T
        already, size = weights @ self.system.truth, len(self.low)
        matrix = csr_array(vstack((self.matrix, csr_array(weights @ self.spread))))
        sum_low = np.append(self.sum_low, asked_low - already)
        sum_high = np.append(self.sum_high, asked_high - already)
        # Rises and falls of the counts, each as small as may be; any will do. Fractions are looked at first: the
        # nearest are nearly always whole numbers, and where there are none there are no whole ones.
        low, high, fall_low, fall_high = (np.maximum(each, 0) for each in (self.low, self.high, -self.high, -self.low))
        bounds = np.concatenate((low, fall_low)), np.concatenate((high, fall_high))
        both = csr_array(hstack((matrix, -matrix)))
        for whole in (False, True):
            found = _solve(np.ones(2 * size), *bounds, both, sum_low, sum_high, whole=whole, gap=ANY)
            if found is None:
                return None
            counts = self._changed(found[:size] - found[size:])
            answers = weights @ counts
            if self.system.fits(counts) and ((asked_low <= answers) & (answers <= asked_high)).all():
                return counts
        raise Undecided("what the solver found does not fit")

    def _row(self, weights: Mapping[Key, float]) -> Numbers:
        row = np.zeros(len(self.groups))
        for key, weight in weights.items():
            row[self.system.places[key]] += weight
        return row

    def _changed(self, change: Numbers) -> Numbers:
        """The counts that a change makes, without the solver's small fractions."""
        counts: Numbers = self.system.truth + self.spread @ np.rint(change).astype(int)
        return counts


def _solve(
    costs: Numbers,
    low: Numbers,
    high: Numbers,
    matrix: csr_array,
    sum_low: Numbers,
    sum_high: Numbers,
    *,
    whole: bool = True,
    gap: float = 0.0,
) -> Numbers | None:
    if (low > high).any() or (sum_low > sum_high).any():
        return None
    answer = milp(
        costs,
        integrality=np.full(len(costs), int(whole)),
        bounds=Bounds(low, high),
        constraints=LinearConstraint(matrix, sum_low, sum_high),
        options={"time_limit": SECONDS, "mip_rel_gap": gap},
    )
    if answer.status == INFEASIBLE:
        return None
    if answer.status != 0:
        raise Undecided(answer.message)
    solution: Numbers = answer.x
    return solution


def make_programme(system: System, groups: Numbers) -> Programme:
    """``groups``: of each count, numbered from 0 without a gap, or ``STAYS``."""
    moving = np.flatnonzero(groups != STAYS)
    size = int(groups.max()) + 1
    spread = csr_array(
        coo_array((np.ones(len(moving), dtype=int), (moving, groups[moving])), shape=(len(groups), size))
    )
    low, high = np.full(size, -NO_LIMIT), np.full(size, NO_LIMIT)
    np.maximum.at(low, groups[moving], (system.low - system.truth)[moving])
    np.minimum.at(high, groups[moving], (system.high - system.truth)[moving])
    staying = groups == STAYS
    if ((system.truth < system.low) | (system.truth > system.high))[staying].any():
        high = low - 1  # What stays does not fit, and so nothing does.
    sums = system.matrix @ system.truth
    matrix, sum_low, sum_high = _distinct(
        csr_array(system.matrix @ spread), system.sum_low - sums, system.sum_high - sums
    )
    return Programme(system, groups, spread, low, high, matrix, sum_low, sum_high)


def _distinct(matrix: csr_array, low: Numbers, high: Numbers) -> tuple[csr_array, Numbers, Numbers]:
    """Each sum once, within all its bounds."""
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    first: dict[bytes, int] = {}
    low, high = low.copy(), high.copy()
    for row in range(len(low)):
        inside = slice(matrix.indptr[row], matrix.indptr[row + 1])
        same = first.setdefault(matrix.indices[inside].tobytes() + matrix.data[inside].tobytes(), row)
        low[same], high[same] = max(low[same], low[row]), min(high[same], high[row])
    kept = list(first.values())
    return csr_array(matrix[kept]), low[kept], high[kept]
