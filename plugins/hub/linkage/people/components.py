"""From pairs to persons: groups of identity records grow by what all their members say together.

Connected components alone would chain: a brother and a sister with one telephone, each like a third, badly written
identity record. A guard against every difference would let one slip part a person for good. So two groups join where
their evidence together is enough (``evidence``), the surest first. Who is not fully named joins last: they are somebody
who is named and clearly the likeliest, never what makes two of them one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hub.linkage.people.evidence import Flags, Weights

type Node = str
"""An identity record, named by its smallest mention id: the same in every hub and under any order of arrival."""
type Pair = tuple[Node, Node]
type Places = npt.NDArray[np.int64]
type Joining = Callable[[int, int], None]
CLEARLY = 4.25
"""Who is not fully named and may be two people is the one whose match weight is so much higher: 19 times likelier."""
MOST_TOGETHER = 400
"""Identity records that are looked at together; of more, only those that surer pairs hold together."""
SLIP = -8.0
"""What a name or a date of birth that differs weighs at most, where another mention of the two groups agrees."""
_TO_ROUND = 6


@dataclass(frozen=True)
class Scored:
    """Pairs of places of identity records: ``weights`` by field, 0 where it says nothing, and whether it may be
    certain."""

    ones: Places
    others: Places
    weights: Mapping[str, Weights]
    is_certain: Flags


@dataclass(frozen=True)
class Rules:
    """How fields weigh together: those ``averaged`` by their mean, the others by their best; ``combine`` makes one
    match weight of them, of which ``confirmed`` is enough. Where one of ``proof`` differs, two are two people."""

    averaged: Sequence[str]
    proof: Sequence[str]
    combine: Callable[[Mapping[str, Weights], Flags], Weights]
    confirmed: float


@dataclass
class Groups:
    """Groups of identity records that are looked at together, and what each two say; a group has the place of the first
    of it."""

    rules: Rules
    sums: dict[str, Weights]
    slips: dict[str, Weights]
    counts: dict[str, Weights]
    bests: dict[str, Weights]
    is_certain: Flags
    cannot_link: Flags
    members: list[list[int]]
    total: Weights
    proof: dict[str, Weights]

    @classmethod
    def alone(cls, count: int, scored: Scored, rules: Rules, apart: Iterable[tuple[int, int]]) -> "Groups":
        """Each of so many identity records is a group."""
        groups = cls(
            rules=rules,
            sums={name: _square(count, scored, scored.weights[name]) for name in rules.averaged},
            slips={name: _square(count, scored, np.maximum(scored.weights[name], SLIP)) for name in rules.averaged},
            counts={name: _square(count, scored, (scored.weights[name] != 0).astype(float)) for name in rules.averaged},
            bests={name: _square(count, scored, scored.weights[name]) for name in scored.weights},
            is_certain=_square(count, scored, scored.is_certain.astype(float)) > 0,
            cannot_link=np.eye(count, dtype=bool),
            members=[[place] for place in range(count)],
            total=np.zeros((count, count)),
            proof={name: np.zeros((count, count)) for name in rules.proof},
        )
        for one, other in apart:
            groups.cannot_link[one, other] = groups.cannot_link[other, one] = True
        for place in range(count):
            groups._weigh(place)
        return groups

    def join(self, one: int, other: int) -> None:
        """Make one group of two, in the place of the first."""
        for squares, merge in ((self.sums, np.add), (self.slips, np.add), (self.counts, np.add), (self.bests, _better)):
            for square in squares.values():
                square[one] = merge(square[one], square[other])
                square[:, one] = square[one]
        for flags in (self.is_certain, self.cannot_link):
            flags[one] |= flags[other]
            flags[:, one] = flags[one]
        self.members[one] = sorted((*self.members[one], *self.members[other]))
        self.members[other] = []
        self.cannot_link[other] = self.cannot_link[:, other] = True
        self.total[other] = self.total[:, other] = -np.inf
        self._weigh(one)

    def are_two(self, place: int) -> Flags:
        """Which groups are known to be another person than this one."""
        differ: Flags = self.cannot_link[place].copy()
        for square in self.proof.values():
            differ |= square[place] <= SLIP
        return differ

    def torn(self, place: int) -> float:
        """The match weight with which a group may be either of two people who are known to be two by something that it
        does not say itself; if none, nothing."""
        torn = -np.inf
        for square in self.proof.values():
            likely = np.flatnonzero((self.total[place] >= self.rules.confirmed) & (square[place] <= 0))
            weights = self.total[place, likely]
            both = np.minimum(weights[:, None], weights[None, :])
            torn = max(torn, np.max(both, where=square[np.ix_(likely, likely)] <= SLIP, initial=-np.inf))
        return float(torn)

    def _weigh(self, place: int) -> None:
        """Weigh again what a group and each other say together."""
        weights = {name: best[place] for name, best in self.bests.items()}
        for name in self.rules.averaged:
            # Where any two agree, those that differ are slips.
            sums = np.where(weights[name] > 0, self.slips[name][place], self.sums[name][place])
            weights[name] = sums / np.maximum(self.counts[name][place], 1)
        total = np.round(self.rules.combine(weights, self.is_certain[place]), _TO_ROUND)
        self.total[place] = self.total[:, place] = np.where(self.cannot_link[place], -np.inf, total)
        for name, square in self.proof.items():
            square[place] = square[:, place] = weights[name]


def join_persons(
    is_known: Flags, scored: Scored, rules: Rules, decided: tuple[Iterable[tuple[int, int]], ...] = ((), ())
) -> list[list[int]]:
    """The persons among identity records that are looked at together, each a list of places. ``decided`` are pairs
    together and apart; these come before all evidence, apart before together."""
    together, apart = decided
    count = len(is_known)
    groups = Groups.alone(count, scored, rules, apart)
    place_of = list(range(count))

    def join(one: int, other: int) -> None:
        groups.join(one, other)
        for member in groups.members[one]:
            place_of[member] = one

    for one, other in sorted(together):
        if not groups.cannot_link[place_of[one], place_of[other]]:
            join(place_of[one], place_of[other])
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
    places = np.flatnonzero(among)
    unclear = np.zeros_like(groups.cannot_link)
    while len(places):
        within = np.where(unclear, -np.inf, groups.total)[np.ix_(places, places)]
        one, other = (int(places[place]) for place in np.unravel_index(int(np.argmax(within)), within.shape))
        if unclear[one, other] or groups.total[one, other] < groups.rules.confirmed:
            return
        if groups.total[one, other] <= CLEARLY + max(groups.torn(one), groups.torn(other)):
            unclear[one, other] = unclear[other, one] = True
            continue
        join(one, other)
        unclear[one] = unclear[:, one] = False


def _join_clear(groups: Groups, named: Flags, join: Joining) -> None:
    """Join each group that is not named to the likeliest that is, unless another is nearly as likely."""
    places = np.flatnonzero(named)
    if not len(places):
        return
    wanted = []
    for place in np.flatnonzero(~named).tolist():
        if not groups.members[place]:
            continue
        # Of a person who has been mentioned often another mention is likelier.
        often = np.log2([max(len(groups.members[known]), 1) for known in places])
        row = groups.total[place, places] + np.where(groups.is_certain[place, places], often, 0)
        best = int(np.argmax(row))
        # One who is not known to be another than the likeliest may be the same, and is no rival below the threshold.
        is_rival = (row >= groups.rules.confirmed) | groups.are_two(int(places[best]))[places]
        is_rival[best] = False
        rival = np.max(row, where=is_rival, initial=-np.inf)
        if row[best] >= groups.rules.confirmed and row[best] - rival > CLEARLY:
            wanted.append((-float(row[best]), place, int(places[best])))
    for _, place, best in sorted(wanted):
        if not groups.cannot_link[place, best]:
            join(best, place)


def parts_of(count: int, ends: Places, likely: Weights, least: float) -> Iterator[Places]:
    """The places that pairs (rows of ``ends``) of at least this match weight hold together, up to ``MOST_TOGETHER`` at
    once: larger ones are parted at their least likely pairs."""
    is_in = likely >= least
    graph = coo_array((np.ones(is_in.sum()), (ends[is_in, 0], ends[is_in, 1])), shape=(count, count))
    number, labels = connected_components(graph, directed=False)
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(number + 1))
    place_in = np.empty(count, dtype=np.int64)
    for start, end in pairwise(bounds.tolist()):
        places = np.sort(order[start:end])
        if len(places) <= MOST_TOGETHER:
            yield places
            continue
        place_in[places] = np.arange(len(places))
        own = is_in & (labels[ends[:, 0]] == labels[places[0]])
        inner, weights = place_in[ends[own]], likely[own]
        if weights.min() == weights.max():
            yield from (place[None] for place in places)
            continue
        surer = max(least + 1, float(np.quantile(weights, 0.1)))
        for part in parts_of(len(places), inner, weights, surer):
            yield places[part]


def _square(count: int, scored: Scored, values: Weights) -> Weights:
    square = np.zeros((count, count))
    square[scored.ones, scored.others] = values
    square[scored.others, scored.ones] = values
    return square


def _better(one: Weights, other: Weights) -> Weights:
    """The better of two, where nothing said (0) is worse than an agreement and no better than a difference."""
    return np.where(one == 0, other, np.where(other == 0, one, np.maximum(one, other)))
