"""A table of counts with all its margins, as an attacker sees it: cells, and what is known to hold between them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

type Numbers = npt.NDArray[np.float64]
type Flags = npt.NDArray[np.bool_]
type Places = npt.NDArray[np.intp]
ABOVE = 0.5
"""What is above zero at all is one, where it is no less than one if it can be."""


@dataclass(frozen=True)
class Dimension:
    """A column of the keys, and what its codes add up to.

    ``parents`` names for each code the codes that it is part of; a code without parents is a top. Where ``overlaps``
    is set one event can be in several parts, so the parts add up to no less than the whole, and none exceeds it; but
    those of the part ``alone`` are in no other. Where ``is_shared_trait`` is set a code says something of everybody who
    is counted there, as a strand or an outcome does.
    """

    name: str
    parents: Mapping[str, Sequence[str]]
    overlaps: bool = False
    alone: str | None = None
    is_shared_trait: bool = False


@dataclass(frozen=True)
class Table:
    """``keys``: a row a cell; ``counts``: the true count of each. ``equal`` @ counts = 0 and ``at_most`` @ counts <=
    ``highest`` hold for every table that could be the true one, as does count >= 0. ``told_by``: for each line of
    ``at_most`` the place of the cell whose figure tells it, -1 where it always holds. ``ties_years``: which lines of
    ``at_most`` hold between years that have nothing else to do with each other. ``whole_of``: for each cell of a
    breakdown by a shared trait the place of the cell that is broken down, -1 for the others. ``never_shown``: cells
    that are in no table, though a reader can ask how large they are: they may be zero."""

    keys: pd.DataFrame
    counts: Numbers
    equal: sp.csr_array
    at_most: sp.csr_array
    highest: Numbers = field(repr=False)
    told_by: Places = field(repr=False)
    ties_years: Flags = field(repr=False)
    weights: Numbers = field(repr=False)
    whole_of: Places = field(repr=False)
    never_shown: Flags = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.counts)

    def fits(self, counts: Numbers) -> bool:
        """Whether counts add up as the table's do."""
        return not np.any(self.equal @ counts) and not np.any(self.at_most @ counts > self.highest)

    def without_figures(self, hidden: Flags) -> "Table":
        """For a reader who does not see the figures of some cells."""
        return replace(self, highest=np.where((self.told_by >= 0) & hidden[self.told_by], np.inf, self.highest))

    def knowing_at_most(self, fewer: Places, more: Places, highest: float) -> "Table":
        """For a reader who knows that each count of ``fewer`` is no more than that of ``more`` and ``highest``."""
        lines, ones = np.arange(len(fewer)), np.ones(len(fewer))
        entries = np.concatenate([ones, -ones]), (np.concatenate([lines, lines]), np.concatenate([fewer, more]))
        known = sp.csr_array(entries, shape=(len(lines), self.size))
        return self.knowing(known, np.full(len(lines), highest), np.full(len(lines), -1))

    def knowing(self, lines: sp.csr_array, highest: Numbers, told_by: Places, *, ties_years: bool = False) -> "Table":
        """For a reader who knows more lines of ``at_most``."""
        return replace(
            self,
            at_most=sp.csr_array(sp.vstack([self.at_most, lines], format="csr")),
            highest=np.concatenate([self.highest, highest]),
            told_by=np.concatenate([self.told_by, told_by]),
            ties_years=np.concatenate([self.ties_years, np.full(lines.shape[0], ties_years)]),
        )

    def zeros_implied(self, hidden: Flags) -> Flags:
        """The hidden zeros that follow from shown zeros, whatever the other counts are. Nobody is behind them."""
        found = self.zeros_by_sums(hidden)
        asked = np.flatnonzero(hidden & (self.counts == 0) & ~found)
        if not len(asked):
            return found
        # What adds up does so as many times over, and together with what else adds up. So there is one table in which
        # each cell is above zero that can be, and it is the one that has most such cells.
        always = self.at_most[self.highest == 0]
        lines = sp.vstack([always, _ones_at(asked, self.size)], format="csr")
        above = sp.csr_array(sp.vstack([sp.csr_array((always.shape[0], len(asked))), sp.eye_array(len(asked))]))
        none = sp.csr_array((self.equal.shape[0], len(asked)))
        known = (self.counts == 0) & ~hidden
        best = linprog(
            np.repeat([0.0, -1.0], [self.size, len(asked)]),
            A_eq=sp.hstack([self.equal, none]) if none.shape[0] else None,
            b_eq=np.zeros(none.shape[0]) if none.shape[0] else None,
            A_ub=sp.hstack([lines, above]),
            b_ub=np.zeros(lines.shape[0]),
            bounds=[*((0.0, 0.0 if zero else None) for zero in known.tolist()), *[(0.0, 1.0)] * len(asked)],
            method="highs",
        )
        if best.x is not None:
            found[asked] = best.x[self.size :] < ABOVE
        return found

    def zeros_by_sums(self, hidden: Flags) -> Flags:
        """Those that follow one by one: each part of a total that is zero, and each total of parts that are zero."""
        wholes = sp.csr_array(self.equal < 0).astype(np.float64)
        parts = sp.csr_array(self.equal > 0).astype(np.float64)
        count_parts = np.asarray(parts.sum(axis=1)).ravel()
        known: Flags = (self.counts == 0) & ~hidden
        while True:
            zeros = known.astype(np.float64)
            of_zero_total = np.asarray(parts.T @ (wholes @ zeros)) > 0
            is_all_zero = (np.asarray(parts @ zeros) == count_parts).astype(np.float64)
            more = of_zero_total | (np.asarray(wholes.T @ is_all_zero) > 0)
            if not np.any(more & ~known):
                return known & hidden
            known |= more

    def apart(self) -> Iterator[tuple[Places, "Table"]]:
        """The tables that have nothing to do with each other, each with the places of its cells."""
        for cells in self._tied(self.at_most):
            yield cells, self.of(cells)

    def years(self) -> list[Places]:
        """The places of cells that are tied by more than the lines between years."""
        return self._tied(self.at_most[~self.ties_years])

    def _tied(self, at_most: sp.csr_array) -> list[Places]:
        ties = sp.vstack([self.equal, at_most], format="csr")
        count, part_of = connected_components(ties.T @ ties, directed=False)
        order = np.argsort(part_of, kind="stable")
        return np.split(order, np.cumsum(np.bincount(part_of, minlength=count))[:-1])

    def of(self, cells: Places) -> "Table":
        """Of some cells alone, and what holds between them."""
        place_within: Places = np.full(self.size + 1, -1, dtype=np.intp)  # the last for -1, which is no place
        place_within[cells] = np.arange(len(cells))
        equal, _ = _lines_within(self.equal, cells)
        at_most, lines = _lines_within(self.at_most, cells)
        return Table(
            keys=self.keys.iloc[cells],
            counts=self.counts[cells],
            equal=equal,
            at_most=at_most,
            highest=self.highest[lines],
            told_by=place_within[self.told_by[lines]],
            ties_years=self.ties_years[lines],
            weights=self.weights[cells],
            whole_of=place_within[self.whole_of[cells]],
            never_shown=self.never_shown[cells],
        )


def make_table(
    cells: pd.DataFrame,
    dimensions: Sequence[Dimension],
    splits: Sequence[Dimension] = (),
    never_shown: Flags | None = None,
    split_keys: pd.DataFrame | None = None,
) -> Table:
    """A table of ``cells`` (one column a dimension, and ``count``), margins among them.

    A margin is tied to those of its parts that are there: what is not collected is in no total. ``splits`` are other
    ways in which codes of a dimension add up, under the names of ``split_keys``, by default those of the cells. Raises
    ValueError when the counts do not add up.
    """
    names = list(dict.fromkeys(dimension.name for dimension in dimensions))
    keys = cells[names].reset_index(drop=True)
    counts = cells["count"].to_numpy(dtype=np.float64)
    nothing = sp.csr_array((0, len(keys)))
    equal, at_most = [nothing], [nothing]
    named = keys if split_keys is None else split_keys[names].reset_index(drop=True)
    ways = [*((keys, dimension) for dimension in dimensions), *((named, split) for split in splits)]
    for own, dimension in ways:
        (at_most if dimension.overlaps else equal).append(_of_dimension(own, dimension, names))
    lines = sp.csr_array(sp.vstack(at_most, format="csr"))
    table = Table(
        keys=keys,
        counts=counts,
        equal=sp.csr_array(sp.vstack(equal, format="csr")),
        at_most=lines,
        highest=np.zeros(lines.shape[0]),
        told_by=np.full(lines.shape[0], -1),
        ties_years=np.zeros(lines.shape[0], dtype=bool),
        weights=_weights(keys, counts, dimensions),
        whole_of=_wholes(ways, names),
        never_shown=np.zeros(len(keys), dtype=bool) if never_shown is None else never_shown,
    )
    if not table.fits(counts):
        raise ValueError("the cells of the table do not add up to its margins")
    return table


def _wholes(ways: Sequence[tuple[pd.DataFrame, Dimension]], names: list[str]) -> Places:
    found: Places = np.full(len(ways[0][0]), -1, dtype=np.intp)
    for keys, dimension in ways:
        if dimension.is_shared_trait:
            tied = _ties(keys, dimension, names)
            found[tied["cell"].to_numpy()] = tied["whole"].to_numpy()
    return found


def _ties(keys: pd.DataFrame, dimension: Dimension, names: list[str]) -> pd.DataFrame:
    """A row a ``cell`` that is part of a ``whole``."""
    others = [name for name in names if name != dimension.name]
    numbered = keys.assign(cell=np.arange(len(keys)))
    pairs = pd.DataFrame(
        [(code, parent) for code, parents in dimension.parents.items() for parent in parents],
        columns=[dimension.name, "parent"],
        dtype=object,
    )
    parts = numbered.merge(pairs, on=dimension.name)
    whole = numbered.rename(columns={dimension.name: "parent", "cell": "whole"})
    return parts.merge(whole, on=[*others, "parent"])


def _of_dimension(keys: pd.DataFrame, dimension: Dimension, names: list[str]) -> sp.csr_array:
    tied = _ties(keys, dimension, names)
    lines, of_line = np.unique(tied["whole"].to_numpy(), return_inverse=True)
    part, ones = tied["cell"].to_numpy(), np.ones(len(tied))
    shape = (len(lines), len(keys))
    sums = sp.csr_array((ones, (of_line, part)), shape=shape)
    wholes = sp.csr_array((np.ones(len(lines)), (np.arange(len(lines)), lines)), shape=shape)
    if not dimension.overlaps:
        return sp.csr_array(sums - wholes)
    return sp.csr_array(sp.vstack([wholes - sums, _none_exceeds(keys, tied, dimension)], format="csr"))


def _none_exceeds(keys: pd.DataFrame, tied: pd.DataFrame, dimension: Dimension) -> sp.csr_array:
    """A line for each part: with the one that is alone, if it is another, it is no more than the whole."""
    part, whole, lines = tied["cell"].to_numpy(), tied["whole"].to_numpy(), np.arange(len(tied))
    is_alone = (keys[dimension.name] == dimension.alone).to_numpy()[part]
    alone_of: Places = np.full(len(keys), -1, dtype=np.intp)
    alone_of[whole[is_alone]] = part[is_alone]
    beside = lines[~is_alone & (alone_of[whole] >= 0)]
    cells = np.concatenate([part, whole, alone_of[whole[beside]]])
    signs = np.concatenate([np.ones(len(tied)), -np.ones(len(tied)), np.ones(len(beside))])
    return sp.csr_array((signs, (np.concatenate([lines, lines, beside]), cells)), shape=(len(tied), len(keys)))


def _ones_at(cells: Places, size: int) -> sp.csr_array:
    """A line for each of these cells, less which is to be no more than zero."""
    return sp.csr_array((-np.ones(len(cells)), (np.arange(len(cells)), cells)), shape=(len(cells), size))


def _lines_within(lines: sp.csr_array, cells: Places) -> tuple[sp.csr_array, Flags]:
    """The lines that hold of some cells, and of no other, and which they are."""
    within = sp.csr_array(lines[:, cells])
    found = np.diff(within.indptr)
    are_of_them: Flags = (found > 0) & (found == np.diff(sp.csr_array(lines).indptr))
    return sp.csr_array(within[are_of_them]), are_of_them


def _weights(keys: pd.DataFrame, counts: Numbers, dimensions: Sequence[Dimension]) -> Numbers:
    """What it costs to keep a cell back: its count, and three times that with each dimension in which it is a total."""
    levels = np.zeros(len(keys))
    for dimension in dimensions:
        wholes = {parent for parents in dimension.parents.values() for parent in parents}
        levels += keys[dimension.name].isin(wholes).to_numpy()
    weights: Numbers = counts * 3.0**levels
    return weights
