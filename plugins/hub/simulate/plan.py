"""What is to be simulated, and where chance comes from."""

import zlib
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

DEFAULT_END = date(2026, 10, 31)
"""Last day if none is asked for: a fixed one, so that the same command gives the same bytes on every day."""


@dataclass(frozen=True)
class Plan:
    """So many reports over so many days, the last of which is ``end``; with waves or without. The same plan always
    gives the same bytes."""

    reports: int
    days: int
    seed: int
    end: date = DEFAULT_END
    has_waves: bool = False

    @property
    def start(self) -> date:
        """The first day."""
        return self.end - timedelta(days=self.days - 1)

    @property
    def dates(self) -> list[date]:
        """All days, in order."""
        return [self.start + timedelta(days=offset) for offset in range(self.days)]

    @property
    def months(self) -> list[date]:
        """First days of the months that the days touch, in order."""
        return sorted({day.replace(day=1) for day in self.dates})

    def chance(self, topic: str) -> np.random.Generator:
        """A source of chance for each topic, so that a change in one leaves the others' draws as they are."""
        return np.random.default_rng([self.seed, zlib.crc32(topic.encode())])
