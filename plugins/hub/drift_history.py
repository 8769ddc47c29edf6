"""The profiles of a feed as arrays: a row a day, for the judge of drift to look at all senders and columns at once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from hub.drift_statistics import HOURS

ALL = "*"
CLOCKS = ("hour_in_london", "hour_in_utc")
LAGS = ("days_before_delivery", "days_after_event")
SHARES = ("given", "code", "offset", *LAGS)

type Key = tuple[str, str, str, str]
"""Sender, column, statistic, bucket."""


@dataclass(frozen=True)
class ProfileRow:
    """One row of ``ledger.profiles``, deliveries of a day put together."""

    day: date
    sender: str
    column: str
    statistic: str
    bucket: str
    count: int
    amount: float | None


class History:
    """The profiles of a feed, a row a day: counts and totals of each share, rows of each sender, medians, clocks."""

    def __init__(self, rows: Iterable[ProfileRow]) -> None:
        listed = list(rows)
        self.days = sorted({row.day for row in listed})
        self.senders = sorted({row.sender for row in listed})
        place = {day: number for number, day in enumerate(self.days)}
        sums: dict[Key, np.ndarray] = {}
        self.medians: dict[Key, np.ndarray] = {}
        with_all = len(self.senders) > 1
        for row in listed:
            day = place[row.day]
            if row.amount is not None:
                found = self.medians.setdefault(
                    (row.sender, row.column, row.statistic, ""), np.full((len(self.days), 2), np.nan)
                )
                found[day] = row.amount, row.count
                continue
            for sender in (row.sender, ALL) if with_all else (row.sender,):
                key = (sender, row.column, row.statistic, row.bucket)
                sums.setdefault(key, np.zeros(len(self.days)))[day] += row.count
        self.rows = {key[0]: values for key, values in sums.items() if key[2] == "rows"}
        self.clocks = {
            (sender, column, statistic): np.array(
                [sums.get((sender, column, statistic, str(hour)), np.zeros(len(self.days))) for hour in range(HOURS)]
            ).T
            for sender, column, statistic in {key[:3] for key in sums if key[2] in CLOCKS}
        }
        self.codes = Counter(key[:2] for key in sums if key[2] == "code")
        self.keys = [key for key in sums if key[2] in SHARES and (key[2] != "given" or key[3] == "yes")]
        self.place = {key: number for number, key in enumerate(self.keys)}
        whole: dict[tuple[str, str, str], np.ndarray] = {}
        for (sender, column, statistic, _), values in sums.items():
            if statistic in SHARES and statistic != "code":
                whole[sender, column, statistic] = whole.get((sender, column, statistic), 0) + values
        nothing = np.zeros(len(self.days))
        self.counts = np.array([sums[key] for key in self.keys]).reshape(len(self.keys), -1).T
        # A row can hold several codes of a list, so the whole of codes are the rows in which the column is given.
        self.totals = np.array(
            [
                sums.get((key[0], key[1], "given", "yes"), nothing) if key[2] == "code" else whole[key[:3]]
                for key in self.keys
            ]
        ).reshape(len(self.keys), -1).T  # fmt: skip
