"""Which pairs of reports are worth a comparison: those within reach of each other under some key.

A report is compared with the ``REACH`` next to it on either side. So a text that thousands copy costs a few comparisons
a report, and a new report changes only what is near it. A word that is told on many days finds nobody. Two are left out
where their days are so far apart that nothing but a reference makes them one incident: else each day would look at more
with every year.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from hub.linkage.incidents.fingerprints import (
    ALL_TIMES,
    DAY_BITS,
    DAYS_A_PERIOD,
    DAYS_UNSURE,
    Entries,
    Flags,
    Kind,
    Numbers,
)
from hub.linkage.incidents.weights import COMMON_FROM, WORD_BITS

REACH = 6
DAYS_APART = 3
"""Days between two events that may be one, where both reports say when it happened."""
VERSION = f"{REACH}-{DAYS_APART}-by-length"
"""Goes up with every change of what is written here or of positions: all fingerprints are then taken again."""
Amounts = npt.NDArray[np.float64]
PAIRS_AT_ONCE = 200_000
LEAST_BITS = 3.0
"""What shared words must be worth to have two reports compared that share nothing else."""


@dataclass(frozen=True)
class Candidates:
    """Pairs to be compared. ``pairs``: rows of two indexes of reports, the smaller first. Of each pair: ``word_bits``,
    what the words are worth that both tell, by how rare they are; ``phrase_bits``, the same of what both quote;
    ``words``, the number of words; ``copies``, 0 where texts like theirs are told on one or two days, one more each
    time that the days double; ``contacts``, the same of the people whose details they share."""

    pairs: Numbers
    word_bits: Amounts
    phrase_bits: Amounts
    words: Amounts
    copies: Amounts
    contacts: Amounts

    def __len__(self) -> int:
        return len(self.pairs)

    def some(self, rows: slice) -> "Candidates":
        """Some of the pairs."""
        return Candidates(*(getattr(self, one.name)[rows] for one in fields(self)))


def affected_by(before: Entries, after: Entries, changed: Collection[str]) -> set[str]:
    """Reports whose pairs may be others after entries came and went: ``changed`` ones, those within reach of these,
    and all under a key that has become rarer or more common. Both over the same ids."""
    found = set(changed)
    old, new = _levels(before), _levels(after)
    for entries, levels, others in ((before, old, new), (after, new, old)):
        if not len(entries.key):
            continue
        keys, level = levels
        other_keys, other_level = others
        place = np.minimum(np.searchsorted(other_keys, keys), max(len(other_keys) - 1, 0))
        is_there = other_keys[place] == keys if len(other_keys) else np.zeros(len(keys), dtype=bool)
        moved = keys[is_there & (other_level[place] != level)] if len(other_keys) else keys[:0]
        is_moved = np.isin(entries.key, moved) & ~np.isin(entries.kind, (Kind.CLOSE, *ALL_TIMES))
        near = _near_changed(entries, entries.are_of(changed))
        found |= {entries.ids[index] for index in np.unique(entries.report[is_moved | near]).tolist()}
    return found


def find_candidates(entries: Entries, of: Collection[str]) -> Candidates:
    """The pairs that have one of the reports ``of``; ``entries`` are all under the keys of these."""
    keys, level = _levels(entries)
    entry_level = level[np.searchsorted(keys, entries.key)] if len(keys) else np.empty(0, dtype=np.int64)
    is_word = np.isin(entries.kind, (Kind.WORD, Kind.NAMED, Kind.PHRASE))
    by_word = _within_reach(entries.of_some(is_word & (entry_level < COMMON_FROM)), in_time=True)
    is_of_all_times = np.isin(entries.kind, ALL_TIMES)
    by_text = _within_reach(entries.of_some(~is_word & ~is_of_all_times), in_time=True)
    by_reference = _within_reach(entries.of_some(is_of_all_times), in_time=False)
    everything = np.unique(np.concatenate([by_word, by_text, by_reference]))
    is_sure = np.isin(everything, by_text, assume_unique=True) | np.isin(everything, by_reference, assume_unique=True)
    pairs = np.stack(np.divmod(everything, max(len(entries.ids), 1)), axis=1)
    wanted = set(of)
    is_wanted = np.array([one in wanted for one in entries.ids], dtype=bool)
    kept = is_wanted[pairs].any(axis=1) if len(pairs) else np.zeros(0, dtype=bool)
    pairs, is_sure = pairs[kept], is_sure[kept]
    shared = _shared(entries, entry_level, pairs)
    # A name in a text is one word: whether it is the victim's, scoring sees.
    kept = (
        is_sure
        | (shared[0] + shared[1] >= LEAST_BITS)
        | np.isin(_numbered(pairs, entries), _by_name(entries, entry_level))
    )
    return Candidates(pairs[kept], *(one[kept] for one in shared))


def _numbered(pairs: Numbers, entries: Entries) -> Numbers:
    numbers: Numbers = pairs[:, 0] * len(entries.ids) + pairs[:, 1]
    return numbers


def _by_name(entries: Entries, level: Numbers) -> Numbers:
    """Pairs of which one names as a victim what another tells or names."""
    names = np.unique(entries.key[entries.kind == Kind.NAMED])
    mask = np.isin(entries.key, names) & (level < COMMON_FROM)
    return _within_reach(entries.of_some(mask), in_time=True, must=entries.of_some(mask).kind == Kind.NAMED)


def _levels(entries: Entries) -> tuple[Numbers, Numbers]:
    """The keys in order, and of each on how many days it is told: 0 for one or two, one more each time they double."""
    days = np.unique(np.stack([entries.key, entries.day], axis=1), axis=0)[:, 0] if len(entries.key) else entries.key
    keys, count = np.unique(days, return_counts=True)
    return keys, np.ceil(np.log2(np.maximum(count, 2))).astype(np.int64) - 1


def _shared(entries: Entries, level: Numbers, pairs: Numbers) -> tuple[Amounts, ...]:
    """Of each pair: the worth and the number of shared words, and how common texts like theirs are."""
    columns, column = np.unique(entries.key, return_inverse=True)
    shape = (len(entries.ids), max(len(columns), 1))
    worth = np.array([*WORD_BITS, *[0.0] * 64])[level]

    def sums(mask: Flags, values: Amounts) -> Amounts:
        table = csr_array((values[mask], (entries.report[mask], column[mask])), shape=shape)
        parts = [
            table[some[:, 0]].multiply(table[some[:, 1]]).sum(axis=1)
            for some in (pairs[start : start + PAIRS_AT_ONCE] for start in range(0, len(pairs), PAIRS_AT_ONCE))
        ]
        return np.concatenate([np.empty(0), *(np.asarray(one, dtype=np.float64).ravel() for one in parts)])

    is_word, is_copy = entries.kind == Kind.WORD, entries.kind == Kind.COPY
    day = np.zeros(len(entries.ids), dtype=np.int64)
    day[entries.report] = entries.day
    is_late = day % DAYS_A_PERIOD >= DAYS_A_PERIOD - DAYS_UNSURE
    first, second = pairs[:, 0], pairs[:, 1]
    # Two late reports of one period share the keys of the next, too.
    twice = is_late[first] & is_late[second] & (day[first] // DAYS_A_PERIOD == day[second] // DAYS_A_PERIOD)
    often = np.where(twice, 2.0, 1.0)
    word_bits, words = sums(is_word, np.sqrt(worth)) / often, sums(is_word, np.ones(len(worth))) / often
    phrase_bits = sums(entries.kind == Kind.PHRASE, np.sqrt(worth)) / often

    def common(mask: Flags) -> Amounts:
        shared = sums(mask, np.ones(len(worth)))
        found: Amounts = np.round(sums(mask, np.sqrt(level.astype(float))) / np.maximum(shared, 1), 6)
        return found

    return (
        np.round(word_bits, 6),
        np.round(phrase_bits, 6),
        np.round(words),
        common(is_copy),
        common(entries.kind == Kind.PERSON),
    )


def _near_changed(entries: Entries, are_changed: Flags) -> Flags:
    """Which entries are within reach of a changed one."""
    order = np.lexsort((entries.report, entries.position, entries.key))
    key, changed = entries.key[order], are_changed[order]
    near = changed.copy()
    for step in range(1, REACH + 1):
        same = key[step:] == key[:-step]
        near[step:] |= same & changed[:-step]
        near[:-step] |= same & changed[step:]
    found = np.zeros(len(near), dtype=bool)
    found[order] = near
    return found


def _within_reach(entries: Entries, *, in_time: bool, must: Flags | None = None) -> Numbers:
    """Pairs within reach under some key, as sorted numbers ``first * count + second``; of those that ``must`` is true
    of one of."""
    order = np.lexsort((entries.report, entries.position, entries.key))
    report, key, position = entries.report[order], entries.key[order], entries.position[order]
    needed = None if must is None else must[order]
    found = [np.empty(0, dtype=np.int64)]
    for step in range(1, REACH + 1):
        # One report may be twice under a key only by chance; it is no pair with itself.
        near = (key[step:] == key[:-step]) & (report[step:] != report[:-step])
        if in_time:
            near &= _are_close_in_time(position[step:], position[:-step])
        if needed is not None:
            near &= needed[step:] | needed[:-step]
        first, second = report[:-step][near], report[step:][near]
        found.append(np.minimum(first, second) * len(entries.ids) + np.maximum(first, second))
    return np.unique(np.concatenate(found))


def _are_close_in_time(one: Numbers, other: Numbers) -> Flags:
    apart = np.abs((one >> DAY_BITS) - (other >> DAY_BITS))
    return np.asarray(apart <= np.where(one & other & 1, DAYS_APART, DAYS_UNSURE))
