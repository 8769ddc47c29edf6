"""The choice of mutations: so many of each kind, spread over feeds, frozen by a seed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

from proofs.drift_mutations.candidates import Candidate, cell_candidates
from proofs.drift_mutations.deliveries import Delivery, write_deliveries
from proofs.drift_mutations.families import RoleFamily
from proofs.drift_mutations.sight import counts_by_day, looks, visibility
from proofs.drift_mutations.simulation import LATER_DAYS, SimulatedFeed
from proofs.drift_mutations.volume_candidates import volume_candidates
from proofs.drift_mutations.volumes import Turn

DAYS_LEFT = 15
FEWEST_ROWS_A_DAY = 3
WIDEST_SWINGS = 3.0
WIDEST_SWINGS_OF_MONTHS = 10.0
"""A mutation counts as visible if three days of it are so many of the widest swings of three clean days away; of a
monthly feed, whose past is three files, if its one file is farther away than that."""
MOST_MONTHLY = 0.08
"""The largest part of all mutations that may be of monthly feeds."""
DAYS_LOOKED_AT = 10
SLOW_KINDS = ("flag near two in five inverted",)
"""Clean days differ so much here that a change is visible after ten days only. It has to be named all the same."""
TRIES = 60


@dataclass(frozen=True)
class Mutation:
    """A named change of one feed from a day on, and what is true of it."""

    name: str
    what: Candidate
    turn: Turn
    rows_a_day: float
    """How many records a delivery day change, appear or are missing once the change is complete."""
    seen_on_first: float
    seen_in_three: float
    seen_in_ten: float
    """How far one, three and ten days of it are from clean days, in the widest swing of as many clean days."""

    def deliveries(self, feed: SimulatedFeed) -> list[Delivery]:
        """The feed's files as they are delivered instead."""
        return self.what.change(feed.deliveries, self.turn)

    def write(self, feed: SimulatedFeed, folder: Path) -> Path:
        """All files of the feed, in ``folder/<feed>``; Parquet files are not among them."""
        target = folder / self.what.feed
        write_deliveries(self.deliveries(feed), target)
        return target


@dataclass(frozen=True)
class Choice:
    """The mutations, and those that were tried and left out, with why."""

    mutations: tuple[Mutation, ...]
    too_few_to_see: tuple[Mutation, ...]
    too_faint_to_see: tuple[Mutation, ...]
    too_faint_on_first_day: tuple[Mutation, ...]


def choose(feeds: Mapping[str, SimulatedFeed], family: RoleFamily, seed: int) -> Choice:
    """So many mutations of each kind as the family says, the same ones for the same seed and files.

    What a kind lacks, because too few of its changes can be seen, is made up by other kinds in turn.
    """
    chance = Random(f"{seed}/choice")
    pools: dict[str, list[Candidate]] = {kind: [] for kind in family.quotas}
    for candidate in (*cell_candidates(feeds), *volume_candidates(feeds)):
        if candidate.kind in pools:
            pools[candidate.kind].append(candidate)
    for pool in pools.values():
        chance.shuffle(pool)
    choosing = _Choosing(feeds, family, chance, seed)
    for kind, quota in family.quotas.items():
        choosing.choose(pools[kind], quota)
    while len(choosing.chosen) < family.count and any(pools.values()):
        for pool in pools.values():
            choosing.choose(pool, min(1, family.count - len(choosing.chosen)))
    return Choice(*(tuple(several) for several in (choosing.chosen, choosing.few, choosing.faint, choosing.later)))


@dataclass
class _Choosing:
    """The choice so far."""

    feeds: Mapping[str, SimulatedFeed]
    family: RoleFamily
    chance: Random
    seed: int
    chosen: list[Mutation] = field(default_factory=list)
    few: list[Mutation] = field(default_factory=list)
    faint: list[Mutation] = field(default_factory=list)
    later: list[Mutation] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)

    def choose(self, pool: list[Candidate], quota: int) -> None:
        """Up to ``quota`` out of the pool, where the least was chosen before."""
        wanted = len(self.chosen) + quota
        tried: Counter[str] = Counter()
        for _ in range(min(TRIES, len(pool))):
            if len(self.chosen) == wanted:
                break
            candidate = min(pool, key=lambda one: sum(self.used[place] + tried[place] for place in _places(one)))
            pool.remove(candidate)
            tried.update(_places(candidate))
            if self._may_be(candidate):
                self._sort(_mutation(candidate, self.feeds[candidate.feed], self.chance, self.seed))

    def _may_be(self, candidate: Candidate) -> bool:
        monthly = sum(self.feeds[mutation.what.feed].is_monthly for mutation in self.chosen)
        return not self.feeds[candidate.feed].is_monthly or monthly < round(MOST_MONTHLY * self.family.count)

    def _sort(self, mutation: Mutation) -> None:
        least = WIDEST_SWINGS_OF_MONTHS if self.feeds[mutation.what.feed].is_monthly else WIDEST_SWINGS
        not_yet_plain = sum(other.seen_on_first < WIDEST_SWINGS for other in self.chosen)
        if mutation.rows_a_day < FEWEST_ROWS_A_DAY:
            self.few.append(mutation)
        elif plainness(mutation) < least:
            self.faint.append(mutation)
        elif (
            mutation.seen_on_first < least
            and not_yet_plain >= (1 - self.family.plain_on_first_day) * self.family.count - 1
        ):
            self.later.append(mutation)
        else:
            self.chosen.append(mutation)
            self.used.update(_places(mutation.what))


def plainness(mutation: Mutation) -> float:
    """By how many widest swings it has to be visible: in three days, or in ten where clean days differ much."""
    return mutation.seen_in_ten if mutation.what.kind in SLOW_KINDS else mutation.seen_in_three


def _places(candidate: Candidate) -> list[str]:
    """What should not be chosen again and again: a feed, a sender of it, a column of it."""
    feed = candidate.feed
    return [feed, *(f"{feed} by {s}" for s in candidate.senders[:1]), *(f"{feed}.{c}" for c in candidate.columns[:1])]


def _mutation(candidate: Candidate, feed: SimulatedFeed, chance: Random, seed: int) -> Mutation:
    first = _first_day(feed, chance)
    turn = Turn(first, first + timedelta(days=candidate.days - 1), f"{seed}/{candidate.kind}/{candidate.feed}")
    senders = candidate.senders[0] if len(candidate.senders) == 1 else f"{len(candidate.senders)} senders"
    about = ", ".join([*candidate.columns[:2], *candidate.codes[:2]]) or "rows"
    name = f"{candidate.kind}: {candidate.feed} by {senders}, {about}, from {first}"
    days = [day for day in feed.days if day >= turn.full][:DAYS_LOOKED_AT]
    clean = [delivery for delivery in feed.deliveries if first <= delivery.day <= days[-1]]
    changed = candidate.change(clean, turn)
    return Mutation(
        name=name,
        what=candidate,
        turn=turn,
        rows_a_day=_rows_changed(clean, changed, turn.full) / len(days),
        seen_on_first=_seen(candidate, feed, changed, days[:1]),
        seen_in_three=_seen(candidate, feed, changed, days[:3]),
        seen_in_ten=_seen(candidate, feed, changed, days),
    )


def _first_day(feed: SimulatedFeed, chance: Random) -> date:
    """A day within the last 60, with at least 15 after it; of a monthly feed the last file."""
    if feed.is_monthly:
        return feed.days[-1]
    last = feed.days[-1]
    return chance.choice([d for d in feed.days if last - timedelta(LATER_DAYS) < d <= last - timedelta(DAYS_LEFT)])


def _rows_changed(clean: Sequence[Delivery], changed: Sequence[Delivery], since: date) -> int:
    """Records that are new or missing since a day: whichever are more."""
    old = {id(row): row for delivery in clean if delivery.day >= since for row in delivery.rows}
    new = {id(row): row for delivery in changed if delivery.day >= since for row in delivery.rows}
    before = Counter(_text(row) for place, row in old.items() if place not in new)
    after = Counter(_text(row) for place, row in new.items() if place not in old)
    return max((before - after).total(), (after - before).total())


def _text(row: Mapping[str, object]) -> str:
    return repr(sorted(row.items()))


def _seen(candidate: Candidate, feed: SimulatedFeed, changed: Sequence[Delivery], days: Sequence[date]) -> float:
    """By the look that shows it best."""
    senders = candidate.senders
    soon = [delivery for delivery in changed if delivery.day in days]
    seen = []
    if candidate.moves_records:
        counts = feed.counts(senders, "number", _number)
        seen.append(visibility(counts, counts_by_day(soon, senders, _number), days, is_volume=True))
    for name, look in looks(feed.form, senders, candidate.columns).items():
        clean = feed.counts(senders, name, look)
        seen.append(visibility(clean, counts_by_day(soon, senders, look), days, is_volume=False))
    return max(seen)


def _number(_row: Mapping[str, object], _day: date) -> object:
    return "record"
