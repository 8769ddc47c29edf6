"""Accepted rows → raw and vault, in the caller's transaction: records seen before are counted, not loaded again."""

import io
import uuid
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hub.contract_values import Column
from hub.contracts import Contract
from hub.deliveries import Rejection
from hub.doors.vault import Keys, split_personal, tokenise
from hub.doors.warehouse import copy_rows, lock_feed
from hub.doors.warehouse_tables import raw_table, vault_table
from hub.record_identity import RecordHasher, SeenBefore, as_uuid_text, hash_texts, repeated_within

UNIQUE_REASON = "the contract says that no two records of a delivery share it"
ASKED = sa.Table(
    "asked_records",
    sa.MetaData(),
    sa.Column("place", sa.BigInteger, nullable=False),
    sa.Column("asked", sa.Text, nullable=False),
    prefixes=["temporary"],
    postgresql_on_commit="DROP",
)


@dataclass(frozen=True)
class Loaded:
    """What became of a chunk's accepted rows: how many went in, how many had been there, and which repeat the value of
    a unique column (their places in the chunk's rows, with the rejection)."""

    count_accepted: int
    count_duplicate: int
    repeated: tuple[tuple[int, Rejection], ...] = ()


@dataclass
class DeliveryLoad:
    """The load of one delivery. Holds its feed until the transaction ends, so that what it finds in raw stays true."""

    connection: sa.Connection
    contract: Contract
    keys: Keys
    delivery_id: uuid.UUID
    _seen: SeenBefore = field(default_factory=SeenBefore, init=False)
    _seen_values: dict[str, SeenBefore] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        lock_feed(self.connection, self.contract.feed)
        self._raw = raw_table(self.contract)
        self._vault = vault_table(self.contract)
        self._hasher = RecordHasher(self.contract, self.keys.record)
        self._has_history = bool(self.connection.execute(sa.select(sa.exists(sa.select(self._raw)))).scalar())
        ASKED.create(self.connection, checkfirst=False)
        self._seen_values = {column.name: SeenBefore() for column in self.contract.columns if column.unique}

    def load(self, rows: pa.Table, row_numbers: pa.Array, line_numbers: pa.Array) -> Loaded:
        """Load accepted rows (all columns of the contract, as text). Equal records are dropped first, then rows that
        repeat a unique value; the rest goes into raw and vault."""
        hashes = self._hasher.hash_rows(rows)
        fresh = ~self._is_duplicate(hashes)
        count_duplicate = int(len(fresh) - fresh.sum())
        repeated: list[tuple[int, Rejection]] = []
        for name in self._seen_values:
            column = self.contract.column(name)
            places = np.flatnonzero(fresh)
            again = places[self._repeats_value(column, rows.column(name).take(pa.array(places)))]
            fresh[again] = False
            repeated += [
                (int(place), _not_unique(column, row_numbers[place].as_py(), line_numbers[place].as_py()))
                for place in again
            ]
        count_accepted = int(fresh.sum())
        if count_accepted == len(fresh):
            self._write(rows, row_numbers, hashes)
        elif count_accepted:
            mask = pa.array(fresh)
            self._write(rows.filter(mask), row_numbers.filter(mask), hashes[fresh])
        return Loaded(count_accepted, count_duplicate, tuple(repeated))

    def _is_duplicate(self, hashes: np.ndarray) -> np.ndarray:
        duplicate = repeated_within(hashes)
        maybe = self._seen.maybe_seen(hashes)
        if self._has_history:
            maybe[:] = True
        asked = np.flatnonzero(maybe & ~duplicate)
        duplicate[self._known(asked, as_uuid_text(hashes[asked]), self._raw.c["_record_hash"])] = True
        return duplicate

    def _repeats_value(self, column: Column, values: pa.ChunkedArray) -> np.ndarray:
        """A boolean for each value: this delivery has it already. Null repeats nothing."""
        given = np.flatnonzero(pc.is_valid(values).to_numpy())
        repeats = np.zeros(len(values), dtype=bool)
        if not len(given):
            return repeats
        stored = pc.drop_null(tokenise(self.keys, column, values) if column.is_personal else values)
        hashes = hash_texts(stored)
        repeats[given] = repeated_within(hashes)
        asked = self._seen_values[column.name].maybe_seen(hashes) & ~repeats[given]
        texts = stored.filter(pa.array(asked)).to_pylist()
        repeats[self._known(given[asked], texts, self._raw.c[column.raw_name], of_this_delivery=True)] = True
        return repeats

    def _known(
        self, places: np.ndarray, asked: list[str], column: sa.Column[object], *, of_this_delivery: bool = False
    ) -> np.ndarray:
        """The places whose asked value stands in ``column`` of raw."""
        if not len(places):
            return places
        self.connection.execute(sa.delete(ASKED))
        table = pa.table([pa.array(places), pa.array(asked, pa.string())], names=["place", "asked"])
        copy_rows(self.connection, ASKED, table.column_names, _as_csv(table))
        value: sa.ColumnElement[object] = ASKED.c.asked
        if isinstance(column.type, UUID):
            value = sa.cast(ASKED.c.asked, UUID)
        query = sa.select(ASKED.c.place).where(sa.exists().where(column == value))
        if of_this_delivery:
            same = self._raw.c["_delivery_id"] == self.delivery_id
            query = sa.select(ASKED.c.place).where(sa.exists().where(column == value, same))
        return np.array(self.connection.execute(query).scalars().all(), dtype=np.int64)

    def _write(self, rows: pa.Table, row_numbers: pa.Array, hashes: np.ndarray) -> None:
        raw, personal = split_personal(self.contract, self.keys, rows)
        count = rows.num_rows
        lineage = {"_delivery_id": pa.repeat(str(self.delivery_id), count), "_row_number": row_numbers}
        raw = _with(raw, lineage | {"_record_hash": pa.array(as_uuid_text(hashes), pa.string())})
        copy_rows(self.connection, self._raw, raw.column_names, _as_csv(raw))
        if self._vault is not None and personal is not None:
            personal = _with(personal, lineage)
            copy_rows(self.connection, self._vault, personal.column_names, _as_csv(personal))


def _not_unique(column: Column, row_number: int, line_number: int | None) -> Rejection:
    return Rejection(row_number, line_number, f"{column.name}.unique", UNIQUE_REASON, column.name)


def _with(table: pa.Table, columns: dict[str, pa.Array]) -> pa.Table:
    for name, values in columns.items():
        table = table.append_column(name, values)
    return table


def _as_csv(table: pa.Table) -> memoryview:
    """CSV as COPY reads it: null is an unquoted empty cell."""
    sink = io.BytesIO()
    pa_csv.write_csv(table, sink, pa_csv.WriteOptions(include_header=False, batch_size=1 << 17))
    return sink.getbuffer()
