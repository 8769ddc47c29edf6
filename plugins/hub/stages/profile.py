"""Accepted rows → what a delivery looks like: rows, nulls, codes, hours, lags and medians of each sender and column.

Written with the load, in its transaction, and judged later against the sender's own past. Of a personal column only
whether it is given is counted; codes are taken only of columns whose contract closes the list of them.
"""

import re
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.contract_values import Column, LogicalType
from hub.contracts import Contract
from hub.deliveries import Chunk
from hub.doors.drift_tables import PROFILES
from hub.doors.warehouse import copy_rows
from hub.doors.warehouse_tables import DELIVERIES

SAMPLE_ROWS = 4096
"""Rows of a chunk that are looked at beyond being counted. A share of a million is known no better for a decision than
one of these, and the load keeps its pace."""

MOST_SENDERS = 200
REST = "(others)"
ROWS = "*"
CODE = re.compile(r"\w[\w.-]*")
TIMES = (LogicalType.DATE, LogicalType.TIMESTAMP)
NUMBERS = (LogicalType.INTEGER, LogicalType.NUMBER)
PLAIN_NUMBER = r"^-?[0-9]+(?:\.[0-9]+)?$"
DAY_CHARACTERS, SECOND_CHARACTERS, OFFSET_START = 10, 19, 19
FRACTION = r"\.[0-9]+"
LAGS = ((-1, "earlier"), (0, "-1"), (1, "0"), (2, "1"), (8, "2-7"), (32, "8-31"), (366, "32-365"))
"""Upper ends (not included) of the days that a lag may have, and how it is called."""


type ProfileRow = tuple[str, str, str, str, int, float | None]
"""Sender, column, statistic, bucket, count of rows, amount."""


@dataclass
class DeliveryProfile:
    """What was seen of one delivery so far. Chunks may come in any order."""

    contract: Contract
    sender: str
    day: date
    _counts: Counter[tuple[str, str, str, str]] = field(default_factory=Counter, init=False)
    _numbers: dict[tuple[str, str, str], list[np.ndarray]] = field(default_factory=dict, init=False)

    def note(self, chunk: Chunk, places: np.ndarray) -> None:
        """Take in the accepted rows of a chunk, whose dates are ISO text. ``places`` are in the order of their hashes,
        so every k-th of them is a sample that the same file always gives."""
        if not len(places):
            return
        name = self.contract.sender_column
        if name is not None:
            seen = pc.value_counts(pc.fill_null(chunk.rows.column(name).take(pa.array(places)), self.sender))
            self._count(ROWS, "rows", "", {one["values"].as_py(): one["counts"].as_py() for one in seen})
        else:
            self._count(ROWS, "rows", "", {self.sender: len(places)})
        step = -(-len(places) // SAMPLE_ROWS)
        rows = chunk.rows.take(pa.array(places[::step])).combine_chunks()
        self._note_sample(rows)

    def rows(self, delivery_id: uuid.UUID) -> pa.Table:
        """As ``ledger.profiles`` takes them."""
        self._fold_rare_senders()
        counted: list[ProfileRow] = [(*key, count, None) for key, count in self._counts.items()]
        counted += [row for key, parts in self._numbers.items() for row in _quartiles(key, np.concatenate(parts))]
        sender, column, statistic, bucket, count, amount = zip(*counted, strict=True) if counted else ((),) * 6
        length = len(counted)
        return pa.table(
            {
                "delivery_id": pa.array([delivery_id.bytes] * length, pa.binary(16)),
                "sender": pa.array(sender, pa.string()),
                "column_name": pa.array(column, pa.string()),
                "statistic": pa.array(statistic, pa.string()),
                "bucket": pa.array(bucket, pa.string()),
                "feed": pa.array([self.contract.feed] * length, pa.string()),
                "day": pa.array([self.day] * length, pa.date32()),
                "count_rows": pa.array(count, pa.int64()),
                "amount": pa.array(amount, pa.float64()),
            }
        )

    def _count(self, column: str, statistic: str, bucket: str, by_sender: dict[str, int]) -> None:
        for sender, count in by_sender.items():
            if count:
                self._counts[sender, column, statistic, bucket] += count

    def _note_sample(self, rows: pa.Table) -> None:
        name = self.contract.sender_column
        texts = pc.fill_null(rows.column(name), self.sender) if name else pa.array([self.sender] * rows.num_rows)
        senders = _Senders.of(texts)
        event = self.contract.event_column
        event_days = _days(rows.column(event), self.contract.column(event)) if event else None
        for column in self.contract.columns:
            values = rows.column(column.name)
            given = pc.is_valid(values).to_numpy()
            for bucket, mask in (("yes", given), ("no", ~given)):
                self._count(column.name, "given", bucket, senders.count(mask))
            if column.is_personal or not given.any():
                continue
            if is_coded(self.contract, column):
                self._note_codes(column.name, senders, values)
            elif column.logical_type in TIMES:
                self._note_times(column, senders, values, event_days if column.name != event else None)
            elif column.logical_type in NUMBERS:
                self._note_numbers(column.name, "", senders, _numbers(values))
            elif column.logical_type is LogicalType.STRING:
                lengths = pc.cast(pc.utf8_length(values), pa.float64())
                self._note_numbers(column.name, "_length", senders, lengths.to_numpy(zero_copy_only=False))

    def _note_codes(self, column: str, senders: "_Senders", values: pa.ChunkedArray) -> None:
        encoded = values.combine_chunks().dictionary_encode()
        places = pc.fill_null(encoded.indices, -1).to_numpy()
        for place, text in enumerate(encoded.dictionary.to_pylist()):
            counts = senders.count(places == place)
            for code in set(CODE.findall(text)):
                self._count(column, "code", code, counts)

    def _note_times(
        self, column: Column, senders: "_Senders", values: pa.ChunkedArray, event_days: np.ndarray | None
    ) -> None:
        days = _days(values, column)
        self._note_buckets(column.name, "days_before_delivery", senders, _lags(_day_number(self.day) - days))
        if event_days is not None:
            self._note_buckets(column.name, "days_after_event", senders, _lags(days - event_days))
        if column.logical_type is LogicalType.TIMESTAMP:
            for statistic, buckets in _clock(values):
                self._note_buckets(column.name, statistic, senders, buckets)

    def _note_buckets(self, column: str, statistic: str, senders: "_Senders", buckets: np.ndarray) -> None:
        """``buckets`` holds a text a row, empty where there is nothing to count."""
        for bucket in np.unique(buckets).tolist():
            if bucket:
                self._count(column, statistic, bucket, senders.count(buckets == bucket))

    def _note_numbers(self, column: str, of: str, senders: "_Senders", values: np.ndarray) -> None:
        for sender, mask in senders.masks():
            if len(found := values[mask & np.isfinite(values)]):
                self._numbers.setdefault((sender, column, of), []).append(found)

    def _fold_rare_senders(self) -> None:
        """A column that names senders is only as closed as its sender keeps it; the rarest are put together."""
        rows = {key[0]: count for key, count in self._counts.items() if key[2] == "rows"}
        rare = set(sorted(rows, key=lambda one: (-rows[one], one))[MOST_SENDERS:])
        for key in [key for key in self._counts if key[0] in rare]:
            self._counts[(REST, *key[1:])] += self._counts.pop(key)
        for sender, column, of in [key for key in self._numbers if key[0] in rare]:
            self._numbers.setdefault((REST, column, of), []).extend(self._numbers.pop((sender, column, of)))


@dataclass(frozen=True)
class _Senders:
    names: list[str]
    number: np.ndarray

    @staticmethod
    def of(texts: pa.Array | pa.ChunkedArray) -> "_Senders":
        encoded = (texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts).dictionary_encode()
        return _Senders(encoded.dictionary.to_pylist(), encoded.indices.to_numpy())

    def count(self, mask: np.ndarray) -> dict[str, int]:
        counts = np.bincount(self.number[mask], minlength=len(self.names)).tolist()
        return dict(zip(self.names, counts, strict=True))

    def masks(self) -> Iterator[tuple[str, np.ndarray]]:
        for place, name in enumerate(self.names):
            yield name, self.number == place


def is_coded(contract: Contract, column: Column) -> bool:
    """Whether its contract closes the list of values that a column can have, for every row."""
    return column.logical_type is LogicalType.BOOLEAN or any(
        rule.column == column.name and rule.is_code_list and rule.when is None for rule in contract.row_rules
    )


def profile_of(connection: sa.Connection, contract: Contract, delivery_id: uuid.UUID) -> DeliveryProfile:
    """An empty profile of a delivery: its day is the start of its period, or the day on which it came."""
    query = sa.select(DELIVERIES.c.sender, DELIVERIES.c.period_start, DELIVERIES.c.received_at)
    row = connection.execute(query.where(DELIVERIES.c.delivery_id == delivery_id)).one()
    day = row.period_start or row.received_at.date()
    return DeliveryProfile(contract, row.sender or contract.sender, day)


def keep_profile(connection: sa.Connection, profile: DeliveryProfile, delivery_id: uuid.UUID) -> None:
    """Write it in the caller's transaction, in the place of one that stands."""
    connection.execute(sa.delete(PROFILES).where(PROFILES.c.delivery_id == delivery_id))
    copy_rows(connection, PROFILES, [profile.rows(delivery_id)])


def _day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _days(values: pa.ChunkedArray, column: Column) -> np.ndarray:
    """Days since 1970 as the text says them (its own wall clock), not a number where there is none."""
    form = "%Y-%m-%d" if "dd" in column.date_format.parts else "%Y-%m"
    texts = pc.utf8_slice_codeunits(values, 0, DAY_CHARACTERS)
    seconds = pc.strptime(texts, format=form, unit="s", error_is_null=True)
    days = pc.cast(pc.cast(seconds, pa.int64()), pa.float64()).to_numpy()
    result: np.ndarray = np.floor(days / 86_400)
    return result


def _lags(days: np.ndarray) -> np.ndarray:
    names = np.array([*(name for _, name in LAGS), "longer", ""])
    place = np.searchsorted([end for end, _ in LAGS], np.nan_to_num(days), side="right")
    chosen: np.ndarray = names[np.where(np.isfinite(days), place, len(names) - 1)]
    return chosen


def _clock(times: pa.ChunkedArray) -> Iterator[tuple[str, np.ndarray]]:
    """The hour by the clock in London and in UTC, and the offset where it tells something: one that is London's own
    summer time is ``local``; in winter London and UTC write the same, and nothing is counted."""
    values = pc.replace_substring_regex(times, FRACTION, "")
    walls = pc.strptime(
        pc.replace_substring(pc.utf8_slice_codeunits(values, 0, SECOND_CHARACTERS), " ", "T"),
        format="%Y-%m-%dT%H:%M:%S",
        unit="s",
        error_is_null=True,
    )
    offsets = pc.replace_substring(pc.utf8_slice_codeunits(values, OFFSET_START, OFFSET_START + 6), "Z", "+00:00")
    written = np.array(offsets.fill_null("").to_pylist())
    minutes = {text: _minutes(text) for text in np.unique(written).tolist()}
    behind = np.array([minutes[text] for text in written.tolist()], dtype="int64") * 60
    wall = pc.fill_null(pc.cast(walls, pa.int64()), 0).to_numpy()
    stamps = pa.array((wall - behind).astype("datetime64[s]"), pa.timestamp("s", "Europe/London"))
    london = pc.cast(pc.local_timestamp(stamps), pa.int64()).to_numpy()
    is_given = pc.is_valid(walls).to_numpy()
    for statistic, seconds in (("hour_in_london", london), ("hour_in_utc", wall - behind)):
        hours = (seconds // 3600 % 24).astype(str)
        yield statistic, np.where(is_given, hours, "")
    ahead = london - (wall - behind)
    tells = is_given & (written != "") & ((ahead != 0) | (behind != 0))
    yield "offset", np.where(tells, np.where(behind == ahead, "local", written), "")


def _minutes(offset: str) -> int:
    if not re.fullmatch(r"[+-]\d\d:\d\d", offset):
        return 0
    return (-1 if offset[0] == "-" else 1) * (int(offset[1:3]) * 60 + int(offset[4:6]))


def _numbers(values: pa.ChunkedArray) -> np.ndarray:
    plain = pc.replace_substring(values, ",", "")
    plain = pc.if_else(pc.match_substring_regex(plain, PLAIN_NUMBER), plain, None)
    found: np.ndarray = pc.cast(plain, pa.float64()).to_numpy()
    return found


def _quartiles(key: tuple[str, str, str], values: np.ndarray) -> Iterator[ProfileRow]:
    sender, column, of = key
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75)).tolist()
    yield sender, column, f"median{of}", "", len(values), middle
    yield sender, column, f"spread{of}", "", len(values), high - low
