"""Accepted rows → what a delivery looks like: how many rows of each sender fall into which bucket of which column.

Written with the load, in its transaction, and compared later with the sender's own past. Of a personal column only
whether it is given is counted, of what people wrote also how long it is; codes are taken only of columns whose contract
closes the list of them.
"""

import itertools
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.contracts.rules import Rule
from hub.contracts.values import Classification, Column, LogicalType
from hub.deliveries import Chunk
from hub.monitoring.compared_days import forget_day
from hub.monitoring.drift.buckets import (
    Buckets,
    Times,
    clocks,
    days_between,
    minutes_between,
    numbers,
    read_times,
    sizes,
)
from hub.monitoring.tables import PROFILES
from hub.warehouse.engine import copy_rows
from hub.warehouse.tables import DELIVERIES

SAMPLE_ROWS = 2048
"""Rows of a chunk that are looked at beyond being counted. A share of a million is known no better for a decision than
one of these, and the load keeps its pace."""

MOST_SENDERS = 200
REST = "(others)"
ROWS = "*"
CODE = re.compile(r"\w[\w.-]*")
TIMES = (LogicalType.DATE, LogicalType.TIMESTAMP)
NUMBERS = (LogicalType.INTEGER, LogicalType.NUMBER)
MOST_TIME_COLUMNS = 5
MOST_CODES_OF_A_PAIR, MOST_FLAGS, MOST_SENDERS_OF_PAIRS = 6, 32, 12
"""Pairs are counted of yes and no: of so many flags and the largest senders, so that a profile stays small."""
GIVEN = "*"


@dataclass(frozen=True)
class Flag:
    """A property of a row: that a column is given (``*``), or that it holds a code."""

    column: str
    code: str
    mask: np.ndarray

    @property
    def name(self) -> str:
        return f"{self.column}={self.code}"


@dataclass
class DeliveryProfile:
    """The profile of one delivery so far. Chunks may come in any order."""

    contract: Contract
    sender: str
    day: date
    _counts: Counter[tuple[str, str, str, str]] = field(default_factory=Counter, init=False)

    def note(self, chunk: Chunk, places: np.ndarray) -> None:
        """Take in the accepted rows of a chunk, whose dates are ISO text. ``places`` are in the order of their hashes,
        so every k-th of them is a sample that the same file always gives."""
        if not len(places):
            return
        name = self.contract.sender_column
        if name is not None:
            seen = pc.value_counts(pc.fill_null(chunk.rows.column(name).take(pa.array(places)), self.sender))
            for one in seen:
                self._counts[one["values"].as_py(), ROWS, "rows", ""] += one["counts"].as_py()
        else:
            self._counts[self.sender, ROWS, "rows", ""] += len(places)
        step = -(-len(places) // SAMPLE_ROWS)
        rows = chunk.rows.take(pa.array(places[::step])).combine_chunks()
        self._note_sample(rows)

    def rows(self, delivery_id: uuid.UUID) -> pa.Table:
        """As ``ledger.profiles`` takes them."""
        self._fold_rare_senders()
        sender, column, statistic, bucket = zip(*self._counts, strict=True) if self._counts else ((),) * 4
        length = len(self._counts)
        return pa.table(
            {
                "delivery_id": pa.array([delivery_id.bytes] * length, pa.binary(16)),
                "sender": pa.array(sender, pa.string()),
                "column_name": pa.array(column, pa.string()),
                "statistic": pa.array(statistic, pa.string()),
                "bucket": pa.array(bucket, pa.string()),
                "feed": pa.array([self.contract.feed] * length, pa.string()),
                "day": pa.array([self.day] * length, pa.date32()),
                "count_rows": pa.array(self._counts.values(), pa.int64()),
            }
        )

    def _note_sample(self, rows: pa.Table) -> None:
        name = self.contract.sender_column
        texts = pc.fill_null(rows.column(name), self.sender) if name else pa.array([self.sender] * rows.num_rows)
        senders = _Senders.of(texts)
        times: dict[str, Times] = {}
        flags: list[Flag] = []
        for column in self.contract.columns:
            values = rows.column(column.name)
            given = pc.is_valid(values).to_numpy()
            if column.may_be_absent and not given.any():
                # A file need not have the column, so nothing is missing from this one.
                continue
            self._count(column.name, "given", senders, Buckets(("no", "yes"), given.astype("int64")))
            if not column.required:
                flags.append(Flag(column.name, GIVEN, given))
            if given.any():
                flags += self._note_values(column, senders, values, times)
        self._note_times(senders, times)
        self._note_pairs(senders, flags[:MOST_FLAGS])

    def _note_values(
        self, column: Column, senders: "_Senders", values: pa.ChunkedArray, times: dict[str, Times]
    ) -> list[Flag]:
        """Count what a column holds, as far as it may be known; note its times, and return the flags that it makes."""
        is_text = column.logical_type is LogicalType.STRING
        if column.is_personal:
            if is_text and column.classification is Classification.SENSITIVE:
                self._count(column.name, "length", senders, _lengths(values))
        elif is_coded(self.contract, column):
            return self._note_codes(column, senders, values)
        elif column.logical_type in TIMES:
            times[column.name] = read_times(values, column)
        elif column.logical_type in NUMBERS:
            found, decimals = numbers(values)
            self._count(column.name, "size", senders, sizes(found))
            self._count(column.name, "decimals", senders, decimals)
        elif is_text:
            self._count(column.name, "length", senders, _lengths(values))
        return []

    def _note_codes(self, column: Column, senders: "_Senders", values: pa.ChunkedArray) -> list[Flag]:
        """Count the codes, and return the flags that they make: one of two answers says what the other says."""
        is_list = is_code_list(self.contract, column)
        encoded = values.combine_chunks().dictionary_encode()
        texts, places = encoded.dictionary.to_pylist(), pc.fill_null(encoded.indices, -1).to_numpy()
        codes = sorted({code for text in texts for code in (CODE.findall(text) if is_list else (text,))})
        possible = _possible_codes(self.contract, column)
        flags = []
        for code in codes:
            # One place more, for rows in which nothing is given.
            holds = [code in (CODE.findall(text) if is_list else (text,)) for text in texts]
            mask = np.array([*holds, False])[places]
            self._count(column.name, "value", senders, Buckets((code,), mask.astype("int64") - 1))
            if code in possible:
                flags.append(Flag(column.name, code, mask))
        return flags

    def _note_times(self, senders: "_Senders", times: dict[str, Times]) -> None:
        for name, one in times.items():
            self._count(name, "days_before", senders, days_between(float(_day_number(self.day)), one.days))
            if one.has_clock:
                for statistic, buckets in clocks(one):
                    self._count(name, statistic, senders, buckets)
        for earlier, later in itertools.combinations(list(times)[:MOST_TIME_COLUMNS], 2):
            first, second = times[earlier], times[later]
            self._count(later, f"days_after:{earlier}", senders, days_between(second.days, first.days))
            if first.has_clock and second.has_clock:
                self._count(later, f"minutes_after:{earlier}", senders, minutes_between(second.utc, first.utc))

    def _note_pairs(self, senders: "_Senders", flags: Sequence[Flag]) -> None:
        """How many rows have both of two flags, by ``with:<flag>``; of a flag with itself: how many have it."""
        if len({flag.column for flag in flags}) < 2:
            return
        table = np.array([flag.mask for flag in flags], dtype="float32").T
        for sender, mask in senders.largest(MOST_SENDERS_OF_PAIRS):
            both = (table[mask].T @ table[mask]).astype("int64")
            self._counts[sender, ROWS, "pairs", ""] += int(mask.sum())
            for first, second in zip(*np.nonzero(np.triu(both)), strict=True):
                one, other = flags[first], flags[second]
                if first == second or one.column != other.column:
                    self._counts[sender, other.column, f"with:{one.name}", other.code] += int(both[first, second])

    def _count(self, column: str, statistic: str, senders: "_Senders", buckets: Buckets) -> None:
        counts = senders.count(buckets)
        for sender, bucket in zip(*np.nonzero(counts), strict=True):
            key = (senders.names[sender], column, statistic, buckets.labels[bucket])
            self._counts[key] += int(counts[sender, bucket])

    def _fold_rare_senders(self) -> None:
        """A column that names senders is only as closed as its sender keeps it; the rarest are put together."""
        rows = {key[0]: count for key, count in self._counts.items() if key[2] == "rows"}
        rare = set(sorted(rows, key=lambda one: (-rows[one], one))[MOST_SENDERS:])
        for key in [key for key in self._counts if key[0] in rare]:
            count = self._counts.pop(key)  # before it is added: a sender can be called so itself
            self._counts[(REST, *key[1:])] += count


@dataclass(frozen=True)
class _Senders:
    names: list[str]
    number: np.ndarray

    @staticmethod
    def of(texts: pa.Array | pa.ChunkedArray) -> "_Senders":
        encoded = (texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts).dictionary_encode()
        return _Senders(encoded.dictionary.to_pylist(), encoded.indices.to_numpy())

    def count(self, buckets: Buckets) -> np.ndarray:
        """Rows by sender and bucket."""
        known, width = buckets.places >= 0, len(buckets.labels)
        flat = np.bincount(self.number[known] * width + buckets.places[known], minlength=len(self.names) * width)
        return flat.reshape(len(self.names), width)

    def largest(self, most: int) -> Iterator[tuple[str, np.ndarray]]:
        sizes_of = np.bincount(self.number, minlength=len(self.names))
        for place in sorted(range(len(self.names)), key=lambda one: (-sizes_of[one], self.names[one]))[:most]:
            yield self.names[place], self.number == place


def is_coded(contract: Contract, column: Column) -> bool:
    """Whether its contract closes the list of values that a column can have, for every row."""
    return column.logical_type is LogicalType.BOOLEAN or any(True for _ in _lists(contract, column))


def is_code_list(contract: Contract, column: Column) -> bool:
    """Whether a value of a coded column can hold several codes: an array, or a text whose list is closed by a pattern
    of codes. A set of texts is a set of codes, whatever words are in them."""
    is_set = any(rule.expectation == "expect_column_values_to_be_in_set" for rule in _lists(contract, column))
    return column.logical_type is LogicalType.ARRAY or (column.logical_type is not LogicalType.BOOLEAN and not is_set)


def _lists(contract: Contract, column: Column) -> Iterator[Rule]:
    return (
        rule for rule in contract.row_rules if rule.column == column.name and rule.is_code_list and rule.when is None
    )


def _possible_codes(contract: Contract, column: Column) -> Sequence[str]:
    """The codes that pairs are counted of: those of a short list, all but the last."""
    if column.logical_type is LogicalType.BOOLEAN:
        return ("true",)
    for rule in _lists(contract, column):
        codes = rule.kwargs.get("value_set", ())
        if 0 < len(codes) <= MOST_CODES_OF_A_PAIR:
            return [str(code) for code in codes][: 1 if len(codes) == 2 else None]
    return ()


def _lengths(values: pa.ChunkedArray) -> Buckets:
    return sizes(pc.cast(pc.utf8_length(values), pa.float64()).to_numpy(zero_copy_only=False))


def profile_of(connection: sa.Connection, contract: Contract, delivery_id: uuid.UUID) -> DeliveryProfile:
    """An empty profile of a delivery: its day is the start of its period, or the day on which it came."""
    query = sa.select(DELIVERIES.c.sender, DELIVERIES.c.period_start, DELIVERIES.c.received_at)
    row = connection.execute(query.where(DELIVERIES.c.delivery_id == delivery_id)).one()
    day = row.period_start or row.received_at.date()
    return DeliveryProfile(contract, row.sender or contract.sender, day)


def keep_profile(connection: sa.Connection, profile: DeliveryProfile, delivery_id: uuid.UUID) -> None:
    """Write it in the caller's transaction, in the place of an earlier one."""
    forget_profile(connection, delivery_id)
    copy_rows(connection, PROFILES, [profile.rows(delivery_id)])


def forget_profile(connection: sa.Connection, delivery_id: uuid.UUID) -> None:
    """Take a delivery out of what the sender's later ones are compared with; its day is compared again."""
    own = PROFILES.c.delivery_id == delivery_id
    days = connection.execute(sa.select(PROFILES.c.feed, PROFILES.c.day).where(own).distinct()).all()
    connection.execute(sa.delete(PROFILES).where(own))
    for row in days:
        forget_day(connection, row.feed, row.day)


def _day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
