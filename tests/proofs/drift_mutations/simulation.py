"""A simulated feed with what has to be known to choose what to mutate in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from proofs.drift_mutations.cells import parts_of
from proofs.drift_mutations.deliveries import Delivery, Feed, read_feed
from proofs.drift_mutations.sight import DailyCounts, Look, counts_by_day

NOT_GIVEN: Sequence[str | None] = [None]
LATER_DAYS = 60
"""Mutations begin within the last days; those before are for warming up."""
FEWEST_ROWS = 4
FEWEST_ROWS_A_MONTH = 100
FEWEST_DELIVERIES = 0.8
"""One of several senders is mutated if it sends so many records a delivery day, on so many of the feed's days."""


@dataclass
class SimulatedFeed:
    """All files of one feed."""

    deliveries: Sequence[Delivery]
    _counts: dict[tuple[tuple[str, ...], str], DailyCounts] = field(default_factory=dict)
    _shares: dict[tuple[tuple[str, ...], str], Mapping[str | None, float]] = field(default_factory=dict)

    @property
    def form(self) -> Feed:
        """What the contract says about its files."""
        return self.deliveries[0].feed

    @cached_property
    def days(self) -> list[date]:
        """Its delivery days, in order; of a monthly feed the firsts of the months."""
        return sorted({delivery.day for delivery in self.deliveries})

    @property
    def is_monthly(self) -> bool:
        """Whether its file names carry a month."""
        return all(day.day == 1 for day in self.days)

    @cached_property
    def senders(self) -> frozenset[str]:
        """Everyone who sends records on the later days."""
        return frozenset(delivery.sender_of(row) for delivery in self.later for row in delivery.rows)

    @property
    def later(self) -> list[Delivery]:
        """The files of the later half of the days."""
        since = self.days[len(self.days) // 2]
        return [delivery for delivery in self.deliveries if delivery.day >= since]

    @cached_property
    def groups(self) -> list[tuple[str, ...]]:
        """The senders that may change: each one that sends enough, and all of them together."""
        rows: Counter[str] = Counter()
        seen: dict[str, set[date]] = {}
        for delivery in self.later:
            for row in delivery.rows:
                sender = delivery.sender_of(row)
                rows[sender] += 1
                seen.setdefault(sender, set()).add(delivery.day)
        days = len({delivery.day for delivery in self.later})
        fewest = (FEWEST_ROWS_A_MONTH if self.is_monthly else FEWEST_ROWS) * days
        enough = [
            (sender,)
            for sender, number in sorted(rows.items())
            if len(rows) == 1 or (number >= fewest and len(seen[sender]) >= FEWEST_DELIVERIES * days)
        ]
        return [*enough, *([tuple(sorted(rows))] if len(rows) > 1 and self.form.sender_column else [])]

    def shares(self, senders: tuple[str, ...], column: str) -> Mapping[str | None, float]:
        """Part of the senders' records that holds each code, alone or in a list; ``None`` is not given."""
        key = (senders, column)
        if key not in self._shares:
            counts: Counter[str | None] = Counter()
            number = 0
            for delivery in self.deliveries:
                for row in delivery.rows:
                    if delivery.sender_of(row) in senders:
                        number += 1
                        counts.update(parts_of(row.get(column)) or NOT_GIVEN)
            self._shares[key] = {code: count / number for code, count in counts.items()}
        return self._shares[key]

    def counts(self, senders: tuple[str, ...], name: str, look: Look) -> DailyCounts:
        """The look's counts of each day, counted once."""
        key = (senders, name)
        if key not in self._counts:
            self._counts[key] = counts_by_day(self.deliveries, senders, look)
        return self._counts[key]


def read_simulation(folder: Path) -> dict[str, SimulatedFeed]:
    """All feeds that ``hub simulate`` wrote into a folder."""
    feeds = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name != "truth")
    return {feed: SimulatedFeed(read_feed(folder, feed)) for feed in feeds}
