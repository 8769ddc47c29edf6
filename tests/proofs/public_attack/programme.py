"""Whole-number tables that fit all that a reader knows of one block, over one issue or several."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array

from proofs.public_attack.knowledge import Interval, Link, Row, intervals, links, made_in, rounded_from, sums
from proofs.public_attack.seen import Block, Cell, Geography, Seen

Key = tuple[int, Cell]
"""The count of a cell in one of the issues, by its place."""
SECONDS = 1800.0
"""In which the solver has to answer a question."""


class Undecided(RuntimeError):
    """The solver came to no end."""


@dataclass(frozen=True)
class BlockHistory:
    """One block over all issues: the intervals of its counts, what adds up, and what links one issue to another."""

    intervals: Mapping[Key, Interval]
    rows: Mapping[int, Sequence[Row]]
    links: Sequence[Link]
    counts: Mapping[Key, int]
    """The truth."""

    def linked(self, place: int) -> set[int]:
        """An issue and those whose figures it repeats or revises, or that repeat or revise its own."""
        pairs = [{link.later, link.earlier} for link in self.links]
        return {place}.union(*(pair for pair in pairs if place in pair))


def read_history(block: Block, seen: Sequence[Seen], geography: Geography) -> BlockHistory:
    """``seen``: one for each issue, in their order."""
    tables = {place: one.of(block) for place, one in enumerate(seen) if one.of(block)}
    known = {
        (place, cell): interval
        for place, table in tables.items()
        for cell, interval in intervals(table, geography).items()
    }
    for (place, cell), first in made_in(block, seen).items():
        value = seen[place].figures[cell].value
        if first == place and value is not None:
            known[place, cell] = rounded_from(value)
    return BlockHistory(
        known,
        {place: list(sums(table, geography)) for place, table in tables.items()},
        list(links(block, seen)),
        {(place, cell): seen[place].counts[cell] for place, table in tables.items() for cell in table},
    )


@dataclass(frozen=True)
class Programme:
    """Every vector within ``low`` and ``high`` whose sums are within theirs is a table that could be the true one."""

    places: Mapping[Key, int]
    low: np.ndarray
    high: np.ndarray
    matrix: csr_array
    sum_low: np.ndarray
    sum_high: np.ndarray

    def solve(self, aim: Mapping[Key, float], fixed: Mapping[Key, Interval] | None = None) -> dict[Key, int] | None:
        """The table with the least sum of ``aim`` times count, or None where none fits. Raises :class:`Undecided`."""
        low, high, costs = self.low.copy(), self.high.copy(), np.zeros(len(self.places))
        for key, weight in aim.items():
            costs[self.places[key]] = weight
        for key, interval in (fixed or {}).items():
            place = self.places[key]
            low[place], high[place] = max(low[place], interval.low), min(high[place], interval.high)
            if low[place] > high[place]:
                return None
        answer = milp(
            costs,
            integrality=np.ones(len(costs)),
            bounds=Bounds(low, high),
            constraints=LinearConstraint(self.matrix, self.sum_low, self.sum_high),
            options={"time_limit": SECONDS},
        )
        if answer.status == 2:
            return None
        if answer.status != 0:
            raise Undecided(answer.message)
        counts = np.rint(answer.x).astype(int)
        return {key: int(counts[place]) for key, place in self.places.items()}


def make_programme(history: BlockHistory, issues: Collection[int], *, leaning: bool) -> Programme:
    """Of the counts of some issues. ``leaning``: the other issues' counts are the true ones, so that each table found
    is part of one that fits everything; otherwise they are left out, so that what no table allows nothing allows."""
    keys = [key for key in history.intervals if key[0] in issues]
    bounds = {key: history.intervals[key] for key in keys}
    rows = [
        ([((place, cell), 1) for cell in row.plus] + [((place, cell), -1) for cell in row.minus], row.bounds)
        for place in issues
        for row in history.rows.get(place, ())
    ]
    for link in history.links:
        later, earlier = (link.later, link.cell), (link.earlier, link.cell)
        if link.later in issues and link.earlier in issues:
            rows.append(([(later, 1), (earlier, -1)], link.change))
        elif leaning and link.later in issues:
            bounds[later] = _shifted(bounds[later], link.change, history.counts[earlier])
        elif leaning and link.earlier in issues:
            backwards = Interval(-link.change.high, -link.change.low)
            bounds[earlier] = _shifted(bounds[earlier], backwards, history.counts[later])
    return _programme(keys, bounds, rows)


def _shifted(interval: Interval, change: Interval, count: int) -> Interval:
    return Interval(max(interval.low, count + change.low), min(interval.high, count + change.high))


def _programme(
    keys: Sequence[Key], bounds: Mapping[Key, Interval], rows: Iterable[tuple[list[tuple[Key, int]], Interval]]
) -> Programme:
    places = {key: place for place, key in enumerate(keys)}
    rows = list(rows)
    entries = [(number, places[key], factor) for number, (terms, _) in enumerate(rows) for key, factor in terms]
    numbers, columns, factors = zip(*entries, strict=True) if entries else ((), (), ())
    return Programme(
        places,
        np.array([bounds[key].low for key in keys], dtype=float),
        np.array([bounds[key].high for key in keys], dtype=float),
        csr_array(coo_array((factors, (numbers, columns)), shape=(len(rows), len(keys)))),
        np.array([within.low for _, within in rows], dtype=float),
        np.array([within.high for _, within in rows], dtype=float),
    )
