"""The profiles of a feed as arrays, a row a day and a column a series: all senders and columns are compared at once."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from hub.monitoring.drift.buckets import HOURS, ORDERED

ALL = "*"
"""The sender of what all senders of a feed send together."""
ROWS = "*"
"""The column for figures about rows as a whole."""
CLOCKS = ("hour_in_london", "hour_in_utc")
UP_TO = "up to "
SHARES = ("given", "value", "offset", "exactness", "decimals", "size", "length", "days", "minutes", "with")
"""First words of the statistics that are shares; a profile of an older hub has others, which are let be."""
REST = "(others)"
LEAST_ROWS_A_DAY = 1.5
"""Senders of fewer rows are looked at together: one alone would show nothing within weeks."""

HANGING_TOGETHER = 0.15
"""Two flags hang together where one changes the other's share by so much; other pairs say nothing of their own."""

type Key = tuple[str, str, str, str]
"""Sender, column, statistic, bucket."""
type Profiles = Mapping[Key, Mapping[date, int]]
"""Rows counted, deliveries of a day put together."""


@dataclass(frozen=True)
class Shares:
    """Many series of counts out of totals, both (days, series). ``parts`` are, for a series of all senders, the places
    of its senders' series."""

    keys: list[Key]
    counts: np.ndarray
    totals: np.ndarray
    place: dict[Key, int]
    parts: dict[int, np.ndarray]


class History:
    """The profiles of a feed: rows of each sender, shares of each bucket, hours of each clock."""

    def __init__(self, profiles: Profiles) -> None:
        self.days = sorted({day for counts in profiles.values() for day in counts})
        self._place = {day: number for number, day in enumerate(self.days)}
        sums: dict[Key, np.ndarray] = {}
        small = self._small_senders(profiles)
        senders = {REST if key[0] in small else key[0] for key in profiles}
        for key, counts in profiles.items():
            if key[2] == "value" and key[3] == key[0]:
                # A column that repeats the sender says what the numbers of rows say.
                continue
            row = self._row(counts)
            name = REST if key[0] in small else key[0]
            for sender in (name, ALL) if len(senders) > 1 else (name,):
                one = (sender, *key[1:])
                sums[one] = sums[one] + row if one in sums else row
        self.senders = sorted(senders)
        self.rows = {key[0]: values for key, values in sums.items() if key[2] == "rows"}
        self.clocks = {
            key: np.array([sums.get((*key, hour), np.zeros(len(self.days))) for hour in HOURS]).T
            for key in sorted({key[:3] for key in sums if key[2] in CLOCKS})
        }
        self.shares = self._shares(sums)

    def _small_senders(self, profiles: Profiles) -> set[str]:
        rows = {key[0]: sum(counts.values()) for key, counts in profiles.items() if key[2] == "rows"}
        return {sender for sender, count in rows.items() if count < LEAST_ROWS_A_DAY * len(self.days)}

    def place(self, day: date) -> int:
        """Place of a day that is in the history."""
        return self._place[day]

    def place_from(self, day: date) -> int:
        """Place of the first day that is not before this one."""
        return bisect_left(self.days, day)

    def _row(self, counts: Mapping[date, int]) -> np.ndarray:
        row = np.zeros(len(self.days))
        row[[self._place[day] for day in counts]] = list(counts.values())
        return row

    def _shares(self, sums: Mapping[Key, np.ndarray]) -> Shares:
        nothing = np.zeros(len(self.days))
        families: dict[tuple[str, str, str], dict[str, np.ndarray]] = defaultdict(dict)
        for key, values in sums.items():
            families[key[:3]][key[3]] = values
        found: dict[Key, tuple[np.ndarray, np.ndarray]] = {}
        for (sender, column, statistic), buckets in families.items():
            if kind_of(statistic) not in SHARES:
                continue
            if statistic.startswith("with:"):
                if sender == ALL:
                    continue
                found |= _pairs((sender, column, statistic), buckets, families)
                continue
            whole = sum(buckets.values(), nothing)
            if statistic == "value":
                # A row can hold several codes of a list.
                whole = families[sender, column, "given"].get("yes", nothing)
            kept = {"no": buckets.get("no", nothing)} if statistic == "given" else buckets
            found |= {(sender, column, statistic, bucket): (values, whole) for bucket, values in kept.items()}
            if sender != ALL and (order := ORDERED.get(kind_of(statistic))) is not None:
                present = [label for label in order if label in buckets]
                below = nothing
                for label in present[:-1]:
                    below = below + buckets[label]
                    if label != present[0]:
                        found[sender, column, statistic, UP_TO + label] = (below, whole)
        keys = [key for key, (_, whole) in found.items() if whole.any()]
        counts = np.array([found[key][0] for key in keys]).reshape(len(keys), -1).T
        totals = np.array([found[key][1] for key in keys]).reshape(len(keys), -1).T
        place = {key: number for number, key in enumerate(keys)}
        parts = {
            number: np.array([place[own] for one in self.senders if (own := (one, *key[1:])) in place], dtype=int)
            for key, number in place.items()
            if key[0] == ALL
        }
        return Shares(keys, counts, totals, place, parts)


def _pairs(
    family: tuple[str, str, str],
    buckets: Mapping[str, np.ndarray],
    families: Mapping[tuple[str, str, str], Mapping[str, np.ndarray]],
) -> dict[Key, tuple[np.ndarray, np.ndarray]]:
    """Shares of one flag among the rows that have another, and among those that have it not, both ways round."""
    sender, column, statistic = family
    other = statistic.removeprefix("with:")
    other_column, _, other_code = other.partition("=")
    everything = families[sender, ROWS, "pairs"][""]
    having_other = families.get((sender, other_column, statistic), {}).get(other_code)
    found: dict[Key, tuple[np.ndarray, np.ndarray]] = {}
    for code, both in buckets.items():
        having = families.get((sender, column, f"with:{column}={code}"), {}).get(code)
        if (column, code) == (other_column, other_code) or having is None or having_other is None:
            continue
        mine = f"{column}={code}"
        for own, own_rows, given, given_rows in (
            ((column, code), having, other, having_other),
            ((other_column, other_code), having_other, mine, having),
        ):
            others = (own_rows - both, everything - given_rows)
            if abs(_share(both, given_rows) - _share(*others)) >= HANGING_TOGETHER:
                found[sender, own[0], f"with:{given}", own[1]] = (both, given_rows)
                found[sender, own[0], f"without:{given}", own[1]] = others
    return found


def _share(counts: np.ndarray, totals: np.ndarray) -> float:
    return float(counts.sum() / max(totals.sum(), 1))


def kind_of(statistic: str) -> str:
    """The first word of a statistic."""
    return statistic.partition(":")[0].partition("_")[0]
