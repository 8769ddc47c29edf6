"""Breakdowns by what people share, such as a strand or an outcome. Where nearly all cases of an area and period have
the same, the breakdown tells it of each of them, so all of it is kept back, its zeros too.

The one rule for a reader: a cell that is kept back is no zero, except in a breakdown of which no cell is shown but the
zeros that a shown zero total tells anyway. What is in no table may be zero, too.
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from hub.disclosure.knowledge import Knowledge
from hub.disclosure.tables import Flags, Places, Table


@dataclass(frozen=True)
class Groups:
    """Breakdowns with fewer cases than the threshold outside the largest part: the places of the wholes, and of the
    largest part of each."""

    wholes: Places
    largest: Places


def groups_of(table: Table, threshold: int) -> Groups:
    """Of which nobody may learn that nearly all cases are in one part."""
    parts = np.flatnonzero(table.whole_of >= 0)
    by_count = parts[np.argsort(table.counts[parts], kind="stable")]
    largest: Places = np.full(table.size, -1, dtype=np.intp)
    largest[table.whole_of[by_count]] = by_count  # the last one is the largest
    outside = table.counts - np.where(largest >= 0, table.counts[largest], 0)
    wholes = np.flatnonzero((largest >= 0) & (table.counts > 0) & (outside < threshold))
    return Groups(wholes, largest[wholes])


def dominated(table: Table, threshold: int) -> Flags:
    """The cells of breakdowns in which fewer cases than the threshold, perhaps none, are outside the largest part, and
    of those whose zeros would tell that none is. Zeros that a shown zero total tells are not among them."""
    groups = groups_of(table, threshold)
    found = _breakdowns(table, groups.wholes)
    totals = _totals(table)
    for whole, largest in zip(groups.wholes.tolist(), groups.largest.tolist(), strict=True):
        others = np.flatnonzero((table.whole_of == whole) & (np.arange(table.size) != largest))
        if not table.counts[others].any():
            # If the zero of each other part is told by a total, none is outside the largest: one of them is untold.
            told_by = [_zero_totals(table, totals, zero) for zero in others.tolist()]
            needed = [_breakdowns(table, table.whole_of[ones]) & ~found for ones in told_by]
            if needed and all(map(np.any, needed)):
                found |= min(needed, key=lambda one: (float(table.weights[one].sum()), int(one.sum())))
    while np.any(by_total := found & _known_by_total(table, found)):
        found &= ~by_total
    return found


def knowing_the_rule(table: Table, threshold: int) -> Table:
    """The table for a reader who knows the rule itself: of a breakdown that is not kept back as a whole, as many cases
    as the threshold are outside each part."""
    parts = np.flatnonzero(table.whole_of >= 0)
    wholes = table.whole_of[parts]
    is_open = (table.counts[wholes] > 0) & ~np.isin(wholes, groups_of(table, threshold).wholes)
    return table.knowing_at_most(parts[is_open], wholes[is_open], -float(threshold))


def _breakdowns(table: Table, wholes: Places) -> Flags:
    """All parts of these wholes."""
    is_chosen: Flags = np.zeros(table.size + 1, dtype=bool)
    is_chosen[wholes[wholes >= 0]] = True
    found: Flags = is_chosen[table.whole_of]  # what is no part has the place -1, which is never chosen
    return found


def _totals(table: Table) -> sp.csr_array:
    """Which cell (column) is a total that a cell (row) is part of."""
    wholes = sp.csr_array(table.equal < 0).astype(np.float64)
    parts = sp.csr_array(table.equal > 0).astype(np.float64)
    return sp.csr_array(parts.T @ wholes)


def _zero_totals(table: Table, totals: sp.csr_array, zero: int) -> Places:
    """The totals that are zero and tell that a cell is: those that it is part of, and theirs."""
    found: set[int] = set()
    waiting = [zero]
    while waiting:
        for total in totals[[waiting.pop()]].indices.tolist():
            if table.counts[total] == 0 and total not in found:
                found.add(total)
                waiting.append(total)
    return np.array(sorted(found), dtype=np.intp)


def as_read(revealed: Knowledge, table: Table, hidden: Flags, threshold: int) -> Knowledge:
    """What a reader knows when cells are kept back: ``revealed`` of those shown, the one rule of the others."""
    parts = np.flatnonzero(table.whole_of >= 0)
    is_shown = ~hidden & ~_known_by_total(table, hidden)
    shown = np.zeros(table.size)
    np.add.at(shown, table.whole_of[parts], is_shown[parts])
    may_be_zero = table.never_shown.copy()
    may_be_zero[parts] |= shown[table.whole_of[parts]] == 0
    known = revealed.without(hidden, may_be_zero)
    # Of two parts of which one is shown the other is no less than the threshold: else both were kept back.
    count_parts = np.bincount(table.whole_of[parts], minlength=table.size)
    is_other = np.zeros(table.size, dtype=bool)
    is_other[parts] = (count_parts[table.whole_of[parts]] == 2) & (shown[table.whole_of[parts]] == 1) & ~is_shown[parts]
    is_other &= hidden & (table.counts >= threshold)
    return replace(known, lower=np.where(is_other, np.maximum(known.lower, threshold), known.lower))


def _known_by_total(table: Table, hidden: Flags) -> Flags:
    """Zeros that are part of a total that is shown as zero."""
    zeros = ((table.counts == 0) & ~hidden).astype(np.float64)
    wholes = sp.csr_array(table.equal < 0).astype(np.float64)
    parts = sp.csr_array(table.equal > 0).astype(np.float64)
    known: Flags = np.asarray(parts.T @ (wholes @ zeros)) > 0
    return known
