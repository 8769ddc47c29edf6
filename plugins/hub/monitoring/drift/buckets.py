"""Which bucket each row of a column falls into: days between dates, hours of a clock, sizes of numbers and texts.

Everything that a profile keeps is a count of rows in named buckets, so that one formula compares all of it.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.contracts.values import Column, LogicalType

HOURS = tuple(str(hour) for hour in range(24))
SIZES = tuple(
    float(f"{start}e{power}") for power in range(-2, 10) for start in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
)  # fmt: skip
"""Lower ends of the buckets of numbers and lengths: ten in each decade, so that a quarter more is another bucket."""
SIZE_LABELS = ("below 0", "0 to 0.01", *(f"{low:g} to {high:g}" for low, high in itertools.pairwise(SIZES)),
               f"{SIZES[-1]:g} or more")  # fmt: skip
LAGS = (
    (-1, "earlier by 2 days or more"), (0, "earlier by 1 day"), (1, "the same day"), (2, "1 day"), (3, "2 days"),
    (4, "3 days"), (8, "4 to 7 days"), (15, "8 to 14 days"), (32, "15 to 31 days"), (93, "32 to 92 days"),
    (366, "93 to 365 days"),
)  # fmt: skip
"""Upper ends (not included) of the days that a lag may have, and how it is called."""
LAG_LABELS = (*(label for _, label in LAGS), "more than a year")
LONG_LAGS = frozenset(LAG_LABELS[LAG_LABELS.index("8 to 14 days") :])
MINUTES = (
    (-60, "earlier by over an hour"), (0, "earlier by up to an hour"), (15, "under 15 minutes"),
    (30, "15 to 30 minutes"), (60, "30 to 60 minutes"), (120, "1 to 2 hours"), (180, "2 to 3 hours"),
    (240, "3 to 4 hours"), (360, "4 to 6 hours"), (540, "6 to 9 hours"), (720, "9 to 12 hours"),
    (1080, "12 to 18 hours"), (1440, "18 to 24 hours"), (2160, "1 to 1.5 days"), (2880, "1.5 to 2 days"),
    (4320, "2 to 3 days"), (7200, "3 to 5 days"), (14400, "5 to 10 days"), (43200, "10 to 30 days"),
)  # fmt: skip
MINUTE_LABELS = (*(label for _, label in MINUTES), "more than 30 days")
DECIMALS = ("none", "1", "2", "3", "4", "5", "6 or more")
PRECISIONS = ("whole hours", "whole minutes", "seconds")
ORDERED = {
    "size": SIZE_LABELS,
    "length": SIZE_LABELS,
    "days": LAG_LABELS,
    "minutes": MINUTE_LABELS,
    "decimals": DECIMALS,
}
"""First word of the statistics whose buckets have an order, and that order."""

PLAIN_NUMBER = r"^-?[0-9]+(?:\.[0-9]+)?$"
SECOND_CHARACTERS, OFFSET_START = 19, 19
FRACTION = r"\.[0-9]+"
ISO = "%Y-%m-%dT%H:%M:%S"
DAY, HOUR, MINUTE = 86_400, 3600, 60


@dataclass(frozen=True)
class Buckets:
    """For each row the place of its label, -1 where there is nothing to count."""

    labels: Sequence[str]
    places: np.ndarray


@dataclass(frozen=True)
class Times:
    """A column of times: seconds since 1970 by the clock as it is written and in UTC (not a number where there is
    none), and the offsets as they are written."""

    wall: np.ndarray
    utc: np.ndarray
    offsets: np.ndarray
    has_clock: bool

    @property
    def days(self) -> np.ndarray:
        days: np.ndarray = np.floor(self.wall / DAY)
        return days


def read_times(values: pa.ChunkedArray | pa.Array, column: Column) -> Times:
    """The times of a column of ISO 8601 text."""
    has_clock = column.logical_type is LogicalType.TIMESTAMP
    has_offset = has_clock and "XXX" in column.date_format.parts
    values = pc.replace_substring_regex(values, FRACTION, "")
    texts = pc.replace_substring(pc.utf8_slice_codeunits(values, 0, SECOND_CHARACTERS), " ", "T")
    day = "%Y-%m-%d" if "dd" in column.date_format.parts else "%Y-%m"
    seconds = pc.strptime(texts, format=ISO if has_clock else day, unit="s", error_is_null=True)
    wall = pc.cast(pc.cast(seconds, pa.int64()), pa.float64()).to_numpy(zero_copy_only=False)
    if not has_offset:
        return Times(wall, wall, np.full(len(wall), ""), has_clock)
    written = pc.replace_substring(pc.utf8_slice_codeunits(values, OFFSET_START, OFFSET_START + 6), "Z", "+00:00")
    encoded = _whole(pc.fill_null(written, "")).dictionary_encode()
    minutes = np.array([_minutes(text) for text in encoded.dictionary.to_pylist()], dtype="int64")
    offsets = np.array(encoded.dictionary.to_pylist() or [""])[encoded.indices.to_numpy()]
    return Times(wall, wall - minutes[encoded.indices.to_numpy()] * MINUTE, offsets, has_clock=True)


def days_between(later: np.ndarray | float, earlier: np.ndarray) -> Buckets:
    """Lags in days, by their bucket."""
    return _cut(later - earlier, [end for end, _ in LAGS], LAG_LABELS)


def minutes_between(later: np.ndarray, earlier: np.ndarray) -> Buckets:
    """Lags of seconds, by their bucket in minutes and hours."""
    return _cut((later - earlier) / MINUTE, [end for end, _ in MINUTES], MINUTE_LABELS)


def sizes(values: np.ndarray) -> Buckets:
    """Numbers by their size."""
    return _cut(values, [0.0, *SIZES], SIZE_LABELS)


def numbers(values: pa.ChunkedArray | pa.Array) -> tuple[np.ndarray, Buckets]:
    """A column's numbers (signs of thousands are let be), and how many decimals they are written with."""
    plain = pc.replace_substring(values, ",", "")
    plain = pc.if_else(pc.match_substring_regex(plain, PLAIN_NUMBER), plain, None)
    point = pc.find_substring(plain, ".")
    written = pc.if_else(pc.less(point, 0), 0, pc.subtract(pc.subtract(pc.utf8_length(plain), point), 1))
    decimals = pc.fill_null(pc.cast(written, pa.int64()), -1).to_numpy()
    found: np.ndarray = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
    return found, Buckets(DECIMALS, np.minimum(decimals, len(DECIMALS) - 1))


def clocks(times: Times) -> Iterator[tuple[str, Buckets]]:
    """The hour by the clock in London and in UTC, how exact times are, and the offset where it tells something: one
    that is London's own summer time is ``local``; in winter London and UTC write the same, and nothing is counted."""
    given = np.isfinite(times.wall)
    utc = np.nan_to_num(times.utc).astype("int64")
    wall = np.nan_to_num(times.wall).astype("int64")
    stamps = pa.array(utc.astype("datetime64[s]"), pa.timestamp("s", "Europe/London"))
    london = pc.cast(pc.local_timestamp(stamps), pa.int64()).to_numpy()
    for statistic, seconds in (("hour_in_london", london), ("hour_in_utc", utc)):
        yield statistic, Buckets(HOURS, np.where(given, seconds // HOUR % 24, -1))
    exact = np.where(wall % HOUR == 0, 0, np.where(wall % MINUTE == 0, 1, 2))
    yield "exactness", Buckets(PRECISIONS, np.where(given, exact, -1))
    ahead, behind = london - utc, wall - utc
    tells = given & (times.offsets != "") & ((ahead != 0) | (behind != 0))
    labels, places = np.unique(np.where(behind == ahead, "local", times.offsets), return_inverse=True)
    yield "offset", Buckets(labels.tolist(), np.where(tells, places, -1))


def _whole(values: pa.ChunkedArray | pa.Array) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _cut(values: np.ndarray, ends: Sequence[float], labels: Sequence[str]) -> Buckets:
    places = np.searchsorted(np.array(ends), np.nan_to_num(values), side="right")
    return Buckets(labels, np.where(np.isfinite(values), places, -1))


def _minutes(offset: str) -> int:
    if not re.fullmatch(r"[+-]\d\d:\d\d", offset):
        return 0
    return (-1 if offset[0] == "-" else 1) * (int(offset[1:3]) * 60 + int(offset[4:6]))
