"""What a look at the days of a feed gives: a series that may have changed, since when, and with how much evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from hub.monitoring.drift.history import ALL, History, Key

DAYS_OF_PAST, MONTHS_OF_PAST = 56, 24
LEAST_DAYS, LEAST_MONTHS = 14, 3
WINDOWS, WINDOWS_OF_MONTHS = (1, 2, 3, 4, 5, 7, 10, 14, 21), (1, 2, 3)
"""So many days, or months, ago a change may have begun."""

type Range = tuple[date, date]
"""Days, both included, that are no past to compare with."""


@dataclass(frozen=True)
class Finding:
    """A series that may have changed: ``before`` and ``now`` are shares, rows a day, or hours by which a clock is
    shifted; ``rows`` of how many rows; ``evidence`` is what is left after what is asked of this series; ``days``: how
    many delivery days ago it began. ``other`` is the second code of an exchange."""

    sender: str
    column: str
    statistic: str
    bucket: str
    before: float
    now: float
    rows: int
    evidence: float
    days: int
    other: str = ""

    @property
    def key(self) -> Key:
        return self.sender, self.column, self.statistic, self.bucket


@dataclass(frozen=True)
class Scope:
    """The days that are looked at: up to ``place``, the latest; ``excluded`` are no past for a sender and column."""

    history: History
    place: int
    is_daily: bool
    excluded: Mapping[tuple[str, str], Sequence[Range]]

    @property
    def windows(self) -> Sequence[int]:
        return WINDOWS if self.is_daily else WINDOWS_OF_MONTHS

    @property
    def least_days(self) -> int:
        return LEAST_DAYS if self.is_daily else LEAST_MONTHS

    @property
    def first(self) -> int:
        """Place of the first day that any window looks back to."""
        longest = DAYS_OF_PAST + WINDOWS[-1] if self.is_daily else MONTHS_OF_PAST + WINDOWS_OF_MONTHS[-1]
        return max(self.place + 1 - longest, 0)

    def before(self, window: int) -> slice:
        """The days before a window."""
        end = max(self.place - window + 1, 0)
        return slice(max(end - (DAYS_OF_PAST if self.is_daily else MONTHS_OF_PAST), 0), end)

    def current(self, window: int) -> slice:
        """The days of a window."""
        return slice(max(self.place - window + 1, 0), self.place + 1)

    def usable(self, sender: str, column: str) -> np.ndarray:
        """Which days are a past to compare with: none of those on which the column, or the feed in it, has drifted."""
        days = self.history.days
        is_past = np.ones(len(days), dtype=bool)
        for (who, what), ranges in self.excluded.items():
            if what == column and (who in (sender, ALL) or sender == ALL):
                for first, last in ranges:
                    is_past &= np.array([not first <= day <= last for day in days])
        return is_past


def sender_costs(history: History) -> dict[str, float]:
    """Evidence that is asked of a sender's series beyond others': many rows show something sooner, so those are
    asked for least."""
    size = {sender: float(np.sqrt(rows.sum())) for sender, rows in history.rows.items()}
    whole = sum(size.values())
    return {sender: float(np.log(whole / one)) for sender, one in size.items()}
