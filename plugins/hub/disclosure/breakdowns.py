"""Breakdowns by what people share, such as a strand or an outcome. Where nearly all cases of an area and period have
the same, the breakdown tells it of each of them, so all of it is kept back, its zeros too.

The one rule for a reader: a cell that is kept back is no zero, except in a breakdown of which no cell is shown but the
zeros that a shown zero total tells anyway. What is in no table may be zero, too.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from hub.disclosure.attack import Knowledge
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
    """The cells of breakdowns in which fewer cases than the threshold, perhaps none, are outside the largest part.
    Zeros that a shown zero total tells are not among them."""
    parts = np.flatnonzero(table.whole_of >= 0)
    is_dominated: Flags = np.zeros(table.size, dtype=bool)
    is_dominated[groups_of(table, threshold).wholes] = True
    found: Flags = np.zeros(table.size, dtype=bool)
    found[parts] = is_dominated[table.whole_of[parts]]
    while np.any(by_total := found & _known_by_total(table, found)):
        found &= ~by_total
    return found


def as_read(revealed: Knowledge, table: Table, hidden: Flags) -> Knowledge:
    """What a reader knows when cells are kept back: ``revealed`` of those shown, the one rule of the others."""
    parts = np.flatnonzero(table.whole_of >= 0)
    is_shown = ~hidden & ~_known_by_total(table, hidden)
    shown = np.zeros(table.size)
    np.add.at(shown, table.whole_of[parts], is_shown[parts])
    may_be_zero = table.never_shown.copy()
    may_be_zero[parts] |= shown[table.whole_of[parts]] == 0
    return revealed.without(hidden, may_be_zero)


def _known_by_total(table: Table, hidden: Flags) -> Flags:
    """Zeros that are part of a total that is shown as zero."""
    zeros = ((table.counts == 0) & ~hidden).astype(np.float64)
    wholes = sp.csr_array(table.equal < 0).astype(np.float64)
    parts = sp.csr_array(table.equal > 0).astype(np.float64)
    known: Flags = np.asarray(parts.T @ (wholes @ zeros)) > 0
    return known
