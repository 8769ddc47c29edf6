"""From pairs to persons: groups of identity records grow by what all their members say together.

Connected components alone would chain: a brother and a sister with one telephone, each like a third, badly written
identity record. A guard against every difference would let one slip part a person for good. So two groups join where
their evidence together is enough (``evidence``), the surest first. Who is not fully named joins last: they are somebody
who is named and clearly the likeliest, never what makes two of them one.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hub.linkage.people.evidence import INITIAL, Flags, Weights
from hub.linkage.people.groups import CLEARLY, Groups, Positions, Rules, Scored

type Node = str
"""An identity record, named by its smallest mention id: the same in every hub and under any order of arrival."""
type Pair = tuple[Node, Node]
type Joining = Callable[[int, int], None]
SELDOM = 2
"""Mentions of a person that do not make another one likelier."""
MOST_TOGETHER = 400
"""Identity records that are looked at together; of more, only those that surer pairs hold together."""


def join_persons(
    is_known: Flags, scored: Scored, rules: Rules, decided: tuple[Iterable[tuple[int, int]], ...] = ((), ())
) -> list[list[int]]:
    """The persons among identity records that are looked at together, each a list of positions. ``decided`` are pairs
    together and apart; these come before all evidence, apart before together, and of pairs together the first."""
    together, apart = decided
    count = len(is_known)
    groups = Groups.alone(count, scored, rules, apart)
    position_of = list(range(count))

    def join(one: int, other: int) -> None:
        groups.join(one, other)
        for member in groups.members[one]:
            position_of[member] = one

    for one, other in together:
        if not groups.cannot_link[position_of[one], position_of[other]]:
            join(position_of[one], position_of[other])
    named = np.array([any(is_known[member] for member in members) for members in groups.members], dtype=bool)
    _join_surest(groups, named, join)
    _join_clear(groups, named, join)
    _join_surest(groups, ~named, join)
    _join_clear(groups, named, join)
    _join_surest(groups, named, join)
    return [members for members in groups.members if members]


def _join_surest(groups: Groups, among: Flags, join: Joining) -> None:
    """Join the two groups whose evidence is surest, again and again; one that may be either of two people, father or
    son, joins neither."""
    positions = np.flatnonzero(among)
    unclear = np.zeros_like(groups.cannot_link)
    while len(positions):
        within = np.where(unclear, -np.inf, groups.total)[np.ix_(positions, positions)]
        one, other = (int(positions[position]) for position in np.unravel_index(int(np.argmax(within)), within.shape))
        if unclear[one, other] or groups.total[one, other] < groups.rules.confirmed:
            return
        if groups.is_torn(one, other):
            unclear[one, other] = unclear[other, one] = True
            continue
        join(one, other)
        unclear[one] = unclear[:, one] = False


def _join_clear(groups: Groups, named: Flags, join: Joining) -> None:
    """Join each group that is not named to the likeliest that is, unless another is nearly as likely."""
    positions = np.flatnonzero(named)
    if not len(positions):
        return
    wanted = []
    for position in np.flatnonzero(~named).tolist():
        if not groups.members[position]:
            continue
        # Of a person who has been mentioned often another mention is likelier.
        often = np.log2([max(len(groups.members[known]) / SELDOM, 1) for known in positions])
        counts = groups.is_certain[position, positions] | (groups.bests[INITIAL][position, positions] > 0)
        row = groups.total[position, positions] + np.where(counts, often, 0)
        best = int(np.argmax(row))
        # One who is not known to be another than the likeliest may be the same, and is no rival below the threshold.
        is_rival = (row >= groups.rules.confirmed) | groups.are_two(int(positions[best]))[positions]
        is_rival[best] = False
        rival = np.max(row, where=is_rival, initial=-np.inf)
        if row[best] >= groups.rules.confirmed and row[best] - rival > CLEARLY:
            wanted.append((-float(row[best]), position, int(positions[best])))
    for _, position, best in sorted(wanted):
        if not groups.cannot_link[position, best]:
            join(best, position)


def parts_of(count: int, ends: Positions, likely: Weights, least: float) -> Iterator[Positions]:
    """The positions that pairs (rows of ``ends``) of at least this match weight hold together, up to ``MOST_TOGETHER``
    at once: larger ones are parted at their least likely pairs."""
    is_in = likely >= least
    graph = coo_array((np.ones(is_in.sum()), (ends[is_in, 0], ends[is_in, 1])), shape=(count, count))
    number, labels = connected_components(graph, directed=False)
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(number + 1))
    position_in = np.empty(count, dtype=np.int64)
    for start, end in pairwise(bounds.tolist()):
        positions = np.sort(order[start:end])
        if len(positions) <= MOST_TOGETHER:
            yield positions
            continue
        position_in[positions] = np.arange(len(positions))
        own = is_in & (labels[ends[:, 0]] == labels[positions[0]])
        inner, weights = position_in[ends[own]], likely[own]
        if weights.min() == weights.max():
            yield from (position[None] for position in positions)
            continue
        surer = max(least + 1, float(np.quantile(weights, 0.1)))
        for part in parts_of(len(positions), inner, weights, surer):
            yield positions[part]
