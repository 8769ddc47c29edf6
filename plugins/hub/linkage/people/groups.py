"""Groups of identity records that are looked at together, and what each two of them say.

Names and dates of birth weigh by their mean, so that one slip is outvoted; but a name is written in many spellings, and
a group that has one of them explains it. Of contacts the best counts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hub.linkage.people.evidence import Flags, Weights

type Positions = npt.NDArray[np.int64]
CLEARLY = 4.25
"""Who may be two people is the one whose match weight is so much higher: 19 times likelier."""
SLIP = -8.0
"""What a name or a date of birth that differs weighs at most, where another mention of the two groups agrees."""
_TO_ROUND = 6


@dataclass(frozen=True)
class Scored:
    """Pairs of positions of identity records: ``weights`` by field, 0 where it says nothing, and whether it may be
    certain."""

    ones: Positions
    others: Positions
    weights: Mapping[str, Weights]
    is_certain: Flags


@dataclass(frozen=True)
class Rules:
    """How fields weigh together: those ``averaged`` by their mean, of these the ``spelled`` by the nearest spelling,
    the others by their best; ``combine`` makes one match weight of them, of which ``confirmed`` is enough. A family
    has the ``shared`` in common. Where one of ``proof`` differs, two are two people."""

    averaged: Sequence[str]
    proof: Sequence[str]
    combine: Callable[[Mapping[str, Weights], Flags], Weights]
    confirmed: float
    spelled: Sequence[str] = ()
    shared: Sequence[str] = ()


@dataclass
class Nearest:
    """How each group spells what another has: ``to`` is, of each identity record and group, the weight of the nearest
    spelling, and ``sums`` and ``counts`` add these up over the identity records of a group that say something."""

    to: Weights
    sums: Weights
    counts: Weights

    @classmethod
    def alone(cls, square: Weights) -> "Nearest":
        return cls(square.copy(), square.copy(), (square != 0).astype(float))

    def join(self, one: int, other: int, group_of: Positions) -> None:
        """Make one group of two; ``group_of`` is the group of each identity record after that."""
        self.to[:, one] = _better(self.to[:, one], self.to[:, other])
        for square, values in ((self.sums, self.to), (self.counts, (self.to != 0).astype(float))):
            square[one] += square[other]
            square[:, one] = np.bincount(group_of, weights=values[:, one], minlength=len(square))

    def of(self, position: int) -> Weights:
        """What a group and each other say: how the one that says less is spelled in the other."""
        mine, theirs = self.counts[position], self.counts[:, position]
        of_mine = self.sums[position] / np.maximum(mine, 1)
        of_theirs = self.sums[:, position] / np.maximum(theirs, 1)
        weights: Weights = np.select([mine < theirs, mine > theirs], [of_mine, of_theirs], (of_mine + of_theirs) / 2)
        return weights


@dataclass
class Groups:
    """Groups of identity records that are looked at together, and what each two say; a group has the position of the
    first of it."""

    rules: Rules
    sums: dict[str, Weights]
    slips: dict[str, Weights]
    counts: dict[str, Weights]
    bests: dict[str, Weights]
    nearest: dict[str, Nearest]
    is_certain: Flags
    cannot_link: Flags
    members: list[list[int]]
    group_of: Positions
    total: Weights
    own: Weights
    proof: dict[str, Weights]

    @classmethod
    def alone(cls, count: int, scored: Scored, rules: Rules, apart: Iterable[tuple[int, int]]) -> "Groups":
        """Each of so many identity records is a group."""
        squares = {name: _square(count, scored, weights) for name, weights in scored.weights.items()}
        groups = cls(
            rules=rules,
            sums={name: squares[name].copy() for name in rules.averaged},
            slips={name: np.maximum(squares[name], SLIP) for name in rules.averaged},
            counts={name: (squares[name] != 0).astype(float) for name in rules.averaged},
            bests=squares,
            nearest={name: Nearest.alone(squares[name]) for name in rules.spelled},
            is_certain=_square(count, scored, scored.is_certain.astype(float)) > 0,
            cannot_link=np.eye(count, dtype=bool),
            members=[[position] for position in range(count)],
            group_of=np.arange(count),
            total=np.zeros((count, count)),
            own=np.zeros((count, count)),
            proof={name: np.zeros((count, count)) for name in rules.proof},
        )
        for one, other in apart:
            groups.cannot_link[one, other] = groups.cannot_link[other, one] = True
        for position in range(count):
            groups._weigh(position)
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
        self.group_of[self.members[one]] = one
        for nearest in self.nearest.values():
            nearest.join(one, other, self.group_of)
        self.cannot_link[other] = self.cannot_link[:, other] = True
        self.total[other] = self.total[:, other] = -np.inf
        self._weigh(one)

    def are_two(self, position: int) -> Flags:
        """Which groups are known to be another person than this one."""
        differ: Flags = self.cannot_link[position].copy()
        for square in self.proof.values():
            differ |= square[position] <= SLIP
        return differ

    def is_torn(self, one: int, other: int) -> bool:
        """Whether of two groups one may as well be somebody else, who is known to be another person by something that
        it does not say itself: father or son. What a family shares does not tell which."""
        if self.total[one, other] <= CLEARLY + max(self._torn(one), self._torn(other)):
            return True
        return self._is_rivalled(one, other) or self._is_rivalled(other, one)

    def _is_rivalled(self, position: int, wanted: int) -> bool:
        may_be = self.total[position] >= self.rules.confirmed
        for square in self.proof.values():
            rivals = may_be & (square[position] <= 0) & (square[wanted] <= SLIP)
            if square[position, wanted] <= 0 and np.any(
                self.own[position, rivals] + CLEARLY >= self.own[position, wanted]
            ):
                return True
        return False

    def _torn(self, position: int) -> float:
        """The match weight with which a group may be either of two people who are known to be two by something that it
        does not say itself; if none, nothing."""
        torn = -np.inf
        for square in self.proof.values():
            likely = np.flatnonzero((self.total[position] >= self.rules.confirmed) & (square[position] <= 0))
            weights = self.total[position, likely]
            both = np.minimum(weights[:, None], weights[None, :])
            torn = max(torn, np.max(both, where=square[np.ix_(likely, likely)] <= SLIP, initial=-np.inf))
        return float(torn)

    def _weigh(self, position: int) -> None:
        """Weigh again what a group and each other say together."""
        weights = {name: best[position] for name, best in self.bests.items()}
        for name in self.rules.averaged:
            # Where any two agree, those that differ are slips.
            sums = np.where(weights[name] > 0, self.slips[name][position], self.sums[name][position])
            mean = sums / np.maximum(self.counts[name][position], 1)
            if name in self.nearest:
                # Where most are spellings of one name the nearest tells; where most differ, these are two names.
                mean = np.where(mean > 0, self.nearest[name].of(position), mean)
            weights[name] = mean
        is_certain, cannot_link = self.is_certain[position], self.cannot_link[position]
        without = {name: np.zeros_like(weights[name]) for name in self.rules.shared}
        for square, some in ((self.total, weights), (self.own, weights | without)):
            total = np.round(self.rules.combine(some, is_certain), _TO_ROUND)
            square[position] = square[:, position] = np.where(cannot_link, -np.inf, total)
        for name, square in self.proof.items():
            square[position] = square[:, position] = weights[name]


def _square(count: int, scored: Scored, values: Weights) -> Weights:
    square = np.zeros((count, count))
    square[scored.ones, scored.others] = values
    square[scored.others, scored.ones] = values
    return square


def _better(one: Weights, other: Weights) -> Weights:
    """The better of two, where nothing said (0) is worse than an agreement and no better than a difference."""
    return np.where(one == 0, other, np.where(other == 0, one, np.maximum(one, other)))
