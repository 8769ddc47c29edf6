"""Accepted rows → raw and vault, in the caller's transaction: records seen before are counted, not loaded again."""

import uuid
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hub.contract_values import Column
from hub.contracts import Contract
from hub.deliveries import Rejection
from hub.doors.vault import Keys, split_personal
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
class Prepared:
    """Accepted rows of a chunk, ready to be loaded: their numbers and hashes, and their columns for raw and vault."""

    row_numbers: pa.Array
    line_numbers: pa.Array
    hashes: np.ndarray
    raw: pa.Table
    personal: pa.Table | None

    def reject(self, place: int, column: Column) -> Rejection:
        """The rejection of a row whose value of a unique column has been there before."""
        number, line = self.row_numbers[place].as_py(), self.line_numbers[place].as_py()
        return Rejection(number, line, f"{column.name}.unique", UNIQUE_REASON, column.name)


@dataclass(frozen=True)
class Loaded:
    """What became of a chunk's accepted rows: how many went in, how many had been there, and which repeat the value of
    a unique column."""

    count_accepted: int
    count_duplicate: int
    repeated: tuple[Rejection, ...] = ()


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

    def prepare(self, rows: pa.Table, row_numbers: pa.Array, line_numbers: pa.Array) -> Prepared:
        """What can be done to accepted rows (all columns of the contract, as text) without the database: their hashes,
        and tokens in the place of personal values. Chunks must come in the order of the file."""
        hashes = self._hasher.hash_rows(rows)
        return Prepared(row_numbers, line_numbers, hashes, *split_personal(self.contract, self.keys, rows))

    def load(self, rows: Prepared) -> Loaded:
        """Load prepared rows. Equal records are dropped first, then rows that repeat a unique value; the rest goes into
        raw and vault."""
        fresh = ~self._is_duplicate(rows.hashes)
        count_duplicate = int(len(fresh) - fresh.sum())
        repeated: list[Rejection] = []
        for name in self._seen_values:
            column = self.contract.column(name)
            places = np.flatnonzero(fresh)
            again = places[self._repeats_value(column, rows.raw.column(column.raw_name).take(pa.array(places)))]
            fresh[again] = False
            repeated += [rows.reject(int(place), column) for place in again]
        places = np.flatnonzero(fresh)
        if len(places):
            # In the order of their hashes: the unique index then grows leaf by leaf, which halves what it costs.
            self._write(rows, places[np.argsort(rows.hashes[places])])
        return Loaded(len(places), count_duplicate, tuple(repeated))

    def _is_duplicate(self, hashes: np.ndarray) -> np.ndarray:
        duplicate = repeated_within(hashes)
        maybe = self._seen.maybe_seen(hashes)
        if self._has_history:
            maybe[:] = True
        asked = np.flatnonzero(maybe & ~duplicate)
        duplicate[self._known(asked, as_uuid_text(hashes[asked]), self._raw.c["_record_hash"])] = True
        return duplicate

    def _repeats_value(self, column: Column, stored: pa.ChunkedArray) -> np.ndarray:
        """A boolean for each value, as raw stores it: this delivery has it already. Null repeats nothing."""
        given = np.flatnonzero(pc.is_valid(stored).to_numpy())
        repeats = np.zeros(len(stored), dtype=bool)
        if not len(given):
            return repeats
        values = pc.drop_null(stored)
        hashes = hash_texts(values)
        repeats[given] = repeated_within(hashes)
        asked = self._seen_values[column.name].maybe_seen(hashes) & ~repeats[given]
        texts = values.filter(pa.array(asked)).to_pylist()
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
        copy_rows(self.connection, ASKED, table)
        value: sa.ColumnElement[object] = ASKED.c.asked
        if isinstance(column.type, UUID):
            value = sa.cast(ASKED.c.asked, UUID)
        query = sa.select(ASKED.c.place).where(sa.exists().where(column == value))
        if of_this_delivery:
            query = sa.select(ASKED.c.place).where(sa.exists().where(column == value, *self._of_this_delivery()))
        return np.array(self.connection.execute(query).scalars().all(), dtype=np.int64)

    def _of_this_delivery(self) -> tuple[sa.ColumnElement[bool], ...]:
        """Rows that this transaction loaded; the load time has an index that costs next to nothing."""
        return self._raw.c["_delivery_id"] == self.delivery_id, self._raw.c["_loaded_at"] == sa.func.now()

    def _write(self, rows: Prepared, places: np.ndarray) -> None:
        chosen = pa.array(places)
        lineage = {
            "_delivery_id": pa.repeat(str(self.delivery_id), len(places)),
            "_row_number": rows.row_numbers.take(chosen),
        }
        hashes = pa.array(as_uuid_text(rows.hashes[places]), pa.string())
        copy_rows(self.connection, self._raw, _with(rows.raw.take(chosen), lineage | {"_record_hash": hashes}))
        if self._vault is not None and rows.personal is not None:
            copy_rows(self.connection, self._vault, _with(rows.personal.take(chosen), lineage))


def _with(table: pa.Table, columns: dict[str, pa.Array]) -> pa.Table:
    for name, values in columns.items():
        table = table.append_column(name, values)
    return table
