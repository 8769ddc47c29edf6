"""Which pairs of reports are worth a comparison: those within reach of each other under some key.

A report is compared with the ``REACH`` next to it on either side. So a text that thousands copy costs a few comparisons
a report, and a new report changes only what is near it. Two that share a text are left out where their days are so far
apart that no text makes them one incident: else each day would look at more with every year. Two that name the same
post are left out, too: the post joins them, and nothing else is asked of them.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hub.linkage.incidents.evidence import DAYS_APART, DAYS_UNSURE
from hub.linkage.incidents.fingerprints import DAY_BITS, Entries, Flags, Numbers, agreeing

REACH = 6
VERSION = f"{REACH}-in-periods"
"""Goes up with every change of what is written here or of positions: all fingerprints are then taken again."""


@dataclass(frozen=True)
class WithinReach:
    """Pairs of reports within reach of each other, by text and by reference: sorted numbers, ``first * count + second``
    of two indexes into the ``ids`` that their entries have."""

    by_text: Numbers
    by_reference: Numbers


@dataclass(frozen=True)
class ChangedReach:
    """How added and removed index entries change which reports are candidate pairs. ``fresh``: pairs with a changed
    report, and other pairs that now share a key. ``parted``: other pairs that no longer share some key, as rows of two
    indexes into ``ids``."""

    ids: list[str]
    fresh: WithinReach
    parted: Numbers


@dataclass(frozen=True)
class Compared:
    """What is asked of reports before their texts are: ``signature`` and ``post`` as in ``Fingerprints``."""

    signature: npt.NDArray[np.uint8]
    post: Numbers


def changed_reach(before: Entries, after: Entries, changed: Collection[str]) -> ChangedReach:
    """Compare who was within reach with who is, under the keys that changed reports have or had. ``before`` and
    ``after`` are over the same ids."""
    ids = list(before.ids)
    is_changed = np.array([one in changed for one in ids], dtype=bool)
    old, new = within_reach(before), within_reach(after)

    def with_changed(pairs: Numbers) -> Flags:
        first, second = np.divmod(pairs, max(len(ids), 1))
        return np.asarray(is_changed[first] | is_changed[second])

    def fresh(now: Numbers, then: Numbers) -> Numbers:
        is_fresh = with_changed(now) | ~np.isin(now, then, assume_unique=True)
        found: Numbers = now[is_fresh]
        return found

    parted = np.concatenate([np.setdiff1d(old.by_text, new.by_text), np.setdiff1d(old.by_reference, new.by_reference)])
    return ChangedReach(
        ids,
        WithinReach(fresh(new.by_text, old.by_text), fresh(new.by_reference, old.by_reference)),
        rows_of(np.unique(parted[~with_changed(parted)]), len(ids)),
    )


def within_reach(entries: Entries) -> WithinReach:
    """All pairs of reports that are within reach of each other under some key of these entries."""
    is_reference = entries.position & ((1 << DAY_BITS) - 1) == 0
    return WithinReach(
        _within_reach(entries.of_some(~is_reference), in_time=True),
        _within_reach(entries.of_some(is_reference), in_time=False),
    )


def candidates_of(near: WithinReach, compared: Compared) -> Numbers:
    """Of pairs within reach those to be compared, each once: rows of two indexes. By text alone two are only compared
    where their signatures agree."""
    count = len(compared.post)
    by_text = rows_of(near.by_text, count)
    by_text = by_text[agreeing(compared.signature, by_text)]
    pairs = np.unique(np.concatenate([by_text, rows_of(near.by_reference, count)]), axis=0)
    one, other = compared.post[pairs[:, 0]], compared.post[pairs[:, 1]]
    asked: Numbers = pairs[(one != other) | (one == 0)]
    return asked


def rows_of(pairs: Numbers, count: int) -> Numbers:
    """Pairs as rows of two indexes."""
    rows: Numbers = np.stack(np.divmod(pairs, max(count, 1)), axis=1)
    return rows


def _within_reach(entries: Entries, *, in_time: bool) -> Numbers:
    entries = entries.of_some(_is_shared(entries.key))
    order = np.lexsort((entries.report, entries.position, entries.key))
    report, key, position = entries.report[order], entries.key[order], entries.position[order]
    found = [np.empty(0, dtype=np.int64)]
    for step in range(1, REACH + 1):
        # One report may be twice under a key only by chance; it is no pair with itself.
        near = (key[step:] == key[:-step]) & (report[step:] != report[:-step])
        if in_time:
            near &= _are_close_in_time(position[step:], position[:-step])
        first, second = report[:-step][near], report[step:][near]
        found.append(np.minimum(first, second) * len(entries.ids) + np.maximum(first, second))
    return np.unique(np.concatenate(found))


def _are_close_in_time(one: Numbers, other: Numbers) -> Flags:
    apart = np.abs((one >> DAY_BITS) - (other >> DAY_BITS))
    return np.asarray(apart <= np.where(one & other & 1, DAYS_APART, DAYS_UNSURE))


def _is_shared(key: Numbers) -> Flags:
    """Which entries are under a key that more than one has."""
    order = np.argsort(key, kind="stable")
    same = key[order][1:] == key[order][:-1]
    shared = np.zeros(len(key), dtype=bool)
    shared[order[1:][same]] = True
    shared[order[:-1][same]] = True
    return shared
