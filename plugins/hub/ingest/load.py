"""Accepted rows → raw and vault, or the archive, in the caller's transaction. A record that is there already is not
loaded again: it is written down which delivery states it again, so that a return to an earlier text is seen
(docs/decisions/0002)."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.contracts.values import Column
from hub.deliveries import Chunk, Rejection
from hub.ingest.archive.followed_rows import is_archived, record_keys
from hub.ingest.archive.load import ArchivedRows, ArchiveLoad
from hub.ingest.prepared_rows import Loaded, Prepared
from hub.ingest.record_identity import (
    HASH_BYTES,
    RecordHasher,
    SeenBefore,
    as_uuids,
    hash_texts,
    in_order,
    repeated_within,
)
from hub.ingest.record_index import index_records, is_indexed
from hub.settings import Settings
from hub.vault.keys import feed_keys
from hub.vault.record_keys import KEY_SEPARATOR, key_hash
from hub.vault.store import Encryptor, split_personal
from hub.vault.tables import SUBJECT_KEYS, vault_table
from hub.warehouse.columns import is_one_of
from hub.warehouse.engine import copy_rows, lock_feed
from hub.warehouse.tables import RESTATED_RECORDS, raw_table

ROWS_A_BATCH = 8_192
ASKED = sa.Table(
    "asked_records",
    sa.MetaData(),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.UUID),
    sa.Column("text", sa.Text),
    prefixes=["temporary"],
    postgresql_on_commit="DROP",
)


@dataclass
class DeliveryLoad:
    """The load of one delivery. Holds its feed until the transaction ends, so that what it finds in raw stays true. It
    ``adds_to_loaded`` rows of the delivery where a person lets one in later; only tried, it ``keeps_files`` nowhere."""

    connection: sa.Connection
    contract: Contract
    settings: Settings
    delivery_id: uuid.UUID
    adds_to_loaded: bool = False
    keeps_files: bool = True
    _seen: SeenBefore = field(default_factory=SeenBefore, init=False)
    _seen_values: dict[str, SeenBefore] = field(default_factory=dict, init=False)
    _values_of_duplicates: dict[str, list[np.ndarray]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        lock_feed(self.connection, self.contract.feed)
        # Only now: a rotation of keys that was under way has gone past this feed, or waits for this load.
        self._keys = feed_keys(self.connection, self.settings, self.contract.feed)
        self.encryptor = Encryptor(self._keys.master, self.contract.feed, self.delivery_id)
        self._archive = self._open_archive()
        self._raw = raw_table(self.contract)
        self._vault = vault_table(self.contract)
        chain = self._keys.record.chain
        is_taken = {"is_taken": self._has_record} if self.adds_to_loaded else {}
        self._hasher = RecordHasher(self.contract, chain, **is_taken)
        self._is_indexed = is_indexed(self.connection, self.contract.feed)
        self._has_history = bool(self.connection.execute(sa.select(sa.exists(sa.select(self._raw)))).scalar())
        ASKED.create(self.connection, checkfirst=False)
        unique = self.contract.unique_keys
        self._seen_values = {name: SeenBefore() for name in unique}
        self._values_of_duplicates = {name: [np.empty(0, dtype=f"V{HASH_BYTES}")] for name in unique}

    def prepare(self, chunk: Chunk, rejected: Iterable[int]) -> Prepared:
        """What can be done to a chunk's accepted rows without the database: their hashes, tokens in the place of
        personal values, and those encrypted. ``rejected`` are row numbers. Chunks must come in the order of the
        file."""
        numbers = chunk.row_numbers.to_numpy()
        positions = np.flatnonzero(~np.isin(numbers, np.fromiter(rejected, dtype=np.int64)))
        hashes = self._hasher.hash_rows(chunk.rows, positions)
        # In the order of their hashes, the unique index grows leaf by leaf, which halves what it costs.
        order = in_order(hashes) if self._is_indexed else None
        of_hashes = repeated_within(hashes), self._seen.maybe_seen(hashes), order
        # After the hashes: those are of the record as it was delivered.
        chunk = replace(chunk, rows=with_iso_dates(self.contract, chunk.rows))
        raw, personal = split_personal(self.contract, self._keys, chunk.rows)
        archived = self._archived(chunk.rows.take(pa.array(positions)))
        encrypted = None
        of_vault = positions if archived is None else positions[~archived.is_archived]
        if personal is not None and len(of_vault):
            rows = pa.array(of_vault)
            numbers = chunk.row_numbers.take(rows)
            encrypted = self.encryptor.encrypt_records(self.contract.subjects, personal.take(rows), numbers)
        return Prepared(chunk, positions, hashes, *of_hashes, raw, encrypted, archived)

    def load(self, rows: Prepared) -> Loaded:
        """Load prepared rows. Equal records are dropped first, then rows that repeat a unique value; the rest goes into
        raw and vault, or into the archive."""
        duplicate, is_other_version = self._is_duplicate(rows)
        is_first = np.ones(len(duplicate), dtype=bool)
        repeated: list[Rejection] = []
        for name, key in self.contract.unique_keys.items():
            candidates = np.flatnonzero(is_first)
            values = key_texts(key, rows.raw.take(pa.array(rows.positions[candidates])))
            again = candidates[self._repeats_value(name, values, duplicate[candidates], rows, candidates)]
            # A copy of a row that did not go in is no duplicate: it breaks the same rule.
            copies = np.flatnonzero(duplicate & np.isin(rows.hashes, rows.hashes[again]))
            duplicate[copies] = False
            is_first[[*again, *copies]] = False
            repeated += [rows.reject(position, name) for position in rows.positions[[*again, *copies]].tolist()]
        goes_in = is_first & ~duplicate
        chosen = np.flatnonzero(goes_in) if rows.order is None else rows.order[goes_in[rows.order]]
        for_raw = chosen[~rows.is_archived[chosen]]
        if len(for_raw):
            copy_rows(self.connection, self._raw, self._raw_batches(rows, for_raw))
        self._add_to_archive(rows, np.flatnonzero(goes_in & rows.is_archived), is_other_version)
        restated = np.flatnonzero(duplicate)
        if len(restated):
            copy_rows(self.connection, RESTATED_RECORDS, self._restated_batches(rows, restated))
        self._write_vault(rows, np.concatenate([for_raw, restated]))
        return Loaded(rows.positions[chosen], rows.positions[restated], tuple(repeated))

    def key_hashes(self, rows: Prepared, rejections: Sequence[Rejection]) -> dict[int, uuid.UUID | None]:
        """Of which record each rejected row is, by row number; rows that could not be split are not there. Nobody asks
        for it where nobody can be named."""
        key = [column.raw_name for column in self.contract.key_columns]
        if not (rejections and key and self.contract.personal_columns):
            return {}
        numbers = pa.array([one.row_number for one in rejections], pa.int64())
        is_rejected = pc.is_in(rows.chunk.row_numbers, value_set=numbers)
        columns = [column.to_pylist() for column in rows.raw.select(key).filter(is_rejected).columns]
        split = rows.chunk.row_numbers.filter(is_rejected).to_pylist()
        chain = self._keys.record.chain
        return {number: key_hash(values, chain) for number, *values in zip(split, *columns, strict=True)}

    def index(self) -> None:
        """Make the unique index over the feed's records where it is missing: before a transaction that loaded
        something ends. A first load goes without it until a record may be one that came before."""
        if not self._is_indexed:
            index_records(self.connection, self.contract.feed)
            self._is_indexed = True

    def finish(self) -> None:
        """Write what waits of the archive: before a transaction that loads a delivery ends."""
        if self._archive is not None:
            self._archive.finish()

    def unique_values_taken(self, rows: Prepared) -> list[str]:
        """Unique columns of which an accepted row of this delivery, loaded at whatever time, has the value of one of
        these rows."""
        taken = []
        for name, key in self.contract.unique_keys.items():
            values = key_texts(key, rows.raw).drop_null().to_pylist()
            is_own = self._raw.c["_delivery_id"] == self.delivery_id
            same = sa.exists().where(is_own, is_one_of(self._key_in_raw(key), values))
            if self.connection.execute(sa.select(same)).scalar() or self._is_archived_key(rows):
                taken.append(name)
        return taken

    def _has_record(self, digest: bytes) -> bool:
        """Whether a row of this delivery was loaded, or states a record again, under this hash."""
        record, raw, restated = uuid.UUID(bytes=digest), self._raw.c, RESTATED_RECORDS.c
        own = (
            sa.exists().where(raw["_record_hash"] == record, raw["_delivery_id"] == self.delivery_id),
            sa.exists().where(restated.record_hash == record, restated.delivery_id == self.delivery_id),
        )
        return bool(self.connection.execute(sa.select(sa.or_(*own))).scalar())

    def _open_archive(self) -> ArchiveLoad | None:
        followed, keys = self.contract.followed, self._keys
        if followed is None:
            return None
        of = self.connection, self.contract, followed, self.settings, keys.master, self.delivery_id
        return ArchiveLoad(*of, keeps_files=self.keeps_files)

    def _archived(self, accepted: pa.Table) -> ArchivedRows | None:
        """Which accepted rows go to the archive. A row that a person lets in later goes to raw, whatever it is about:
        it may break rules on which the archive rests."""
        if self._archive is None:
            return None
        none = np.zeros(accepted.num_rows, dtype=bool)
        of_rows = none if self.adds_to_loaded else is_archived(self.contract, accepted)
        return ArchivedRows(of_rows, record_keys(self.contract, accepted))

    def _add_to_archive(self, rows: Prepared, chosen: np.ndarray, is_other_version: np.ndarray) -> None:
        if self._archive is not None and rows.archived is not None and len(chosen):
            positions = pa.array(rows.positions[chosen])
            raw, numbers = rows.raw.take(positions), rows.chunk.row_numbers.take(positions).to_numpy()
            keys = rows.archived.keys[chosen]
            self._archive.add(raw, numbers, rows.hashes[chosen], keys, is_other_version[chosen])

    def _is_archived_key(self, rows: Prepared) -> bool:
        archive, archived = self._archive, rows.archived
        return archive is not None and archived is not None and bool(archive.is_own_key(archived.keys).any())

    def _is_duplicate(self, rows: Prepared) -> tuple[np.ndarray, np.ndarray]:
        """Booleans for accepted rows: the record is known, and the archive has another record of its key."""
        duplicate = rows.is_repeated.copy()
        is_asked = (rows.maybe_seen | self._has_history) & ~duplicate
        if is_asked.any():
            self.index()
            asked = np.flatnonzero(is_asked) if rows.order is None else rows.order[is_asked[rows.order]]
            # Each looked up for itself, in the index's own order: else all of raw is read for every chunk.
            equal = sa.select(sa.true()).where(self._raw.c["_record_hash"] == ASKED.c.hash).limit(1).lateral()
            query = sa.select(ASKED.c.position).join_from(ASKED, equal, sa.true())
            duplicate[self._answers(query, asked, ASKED.c.hash, as_uuids(rows.hashes[asked]))] = True
        if self._archive is None or rows.archived is None:
            return duplicate, np.zeros(len(duplicate), dtype=bool)
        is_archived_already, is_other_version = self._archive.known(rows.archived, rows.hashes, rows.maybe_seen)
        return duplicate | is_archived_already, is_other_version

    def _key_in_raw(self, key: Sequence[Column]) -> sa.ColumnElement[str]:
        """The key of a row of raw, as `key_texts` writes it."""
        first, *others = [self._raw.c[column.raw_name] for column in key]
        return reduce(lambda text, column: text + KEY_SEPARATOR + column, others, first)

    def _repeats_value(
        self, name: str, stored: pa.ChunkedArray, duplicate: np.ndarray, rows: Prepared, candidates: np.ndarray
    ) -> np.ndarray:
        """A boolean for each value, as raw stores it: the file has it before, in another record, which makes the later
        one wrong whether the earlier one came with this delivery or was there already. Null repeats nothing, and a
        duplicate record stays one."""
        given = np.flatnonzero(pc.is_valid(stored).to_numpy())
        repeats = np.zeros(len(stored), dtype=bool)
        if not len(given):
            return repeats
        values = pc.drop_null(stored)
        hashes, is_duplicate = hash_texts(values), duplicate[given]
        of_duplicates = self._values_of_duplicates[name]
        repeats[given] = repeated_within(hashes) | np.isin(hashes, np.concatenate(of_duplicates))
        asked = self._seen_values[name].maybe_seen(hashes) & ~repeats[given] & ~is_duplicate
        # Rows that this transaction loaded: the load time has an index that costs next to nothing.
        loaded = self._raw.c["_delivery_id"] == self.delivery_id, self._raw.c["_loaded_at"] == sa.func.now()
        equal = sa.exists().where(self._key_in_raw(self.contract.unique_keys[name]) == ASKED.c.text, *loaded)
        query = sa.select(ASKED.c.position).where(equal)
        repeats[self._answers(query, given[asked], ASKED.c.text, values.filter(pa.array(asked)))] = True
        if self._archive is not None and rows.archived is not None and not self.adds_to_loaded and asked.any():
            own = self._archive.is_own_key(rows.archived.keys[candidates[given[asked]]])
            repeats[given[asked][own]] = True
        of_duplicates.append(hashes[is_duplicate])
        repeats[duplicate] = False
        return repeats

    def _answers(
        self, query: sa.Select[int], positions: np.ndarray, column: sa.Column[Any], asked: pa.Array | pa.ChunkedArray
    ) -> np.ndarray:
        """The positions that ``query`` gives back of those that are asked about, each with its value of ``column``."""
        if not len(positions):
            return positions
        self.connection.execute(sa.text(f"truncate {ASKED.name}"))
        copy_rows(self.connection, ASKED, [pa.table([pa.array(positions), asked], names=["position", column.name])])
        return np.array(self.connection.execute(query).scalars().all(), dtype=np.int64)

    def _write_vault(self, rows: Prepared, chosen: np.ndarray) -> None:
        """The personal values of the chosen rows. Those of a record that is stated again are kept for each delivery:
        they stay readable when another delivery is withdrawn."""
        if self._vault is not None and rows.encrypted is not None and len(chosen):
            records, keys = rows.encrypted
            if len(chosen) < len(rows.positions):
                numbers = rows.chunk.row_numbers.take(pa.array(rows.positions[chosen]))
                records = records.filter(pc.is_in(records["_row_number"], value_set=numbers))
                keys = keys.filter(pc.is_in(keys["row_number"], value_set=numbers))
            copy_rows(self.connection, self._vault, _batches(records))
            copy_rows(self.connection, SUBJECT_KEYS, _batches(keys))

    def _raw_batches(self, rows: Prepared, chosen: np.ndarray) -> Iterator[pa.Table]:
        """The chosen rows with their lineage, a few at a time: no second copy of the chunk is ever in memory."""
        delivery_id = pa.scalar(self.delivery_id.bytes, pa.binary(16))
        for start in range(0, len(chosen), ROWS_A_BATCH):
            part = chosen[start : start + ROWS_A_BATCH]
            positions = pa.array(rows.positions[part])
            batch = rows.raw.take(positions)
            batch = batch.append_column("_delivery_id", pa.repeat(delivery_id, len(part)))
            batch = batch.append_column("_row_number", rows.chunk.row_numbers.take(positions))
            yield batch.append_column("_record_hash", as_uuids(rows.hashes[part]))

    def _restated_batches(self, rows: Prepared, restated: np.ndarray) -> Iterator[pa.Table]:
        delivery_id = pa.scalar(self.delivery_id.bytes, pa.binary(16))
        for start in range(0, len(restated), ROWS_A_BATCH):
            part = restated[start : start + ROWS_A_BATCH]
            yield pa.table(
                {
                    "delivery_id": pa.repeat(delivery_id, len(part)),
                    "row_number": rows.chunk.row_numbers.take(pa.array(rows.positions[part])),
                    "record_hash": as_uuids(rows.hashes[part]),
                }
            )


def key_texts(key: Sequence[Column], raw: pa.Table) -> pa.ChunkedArray:
    """The key of each row as one text, null where one of its columns is empty. ``raw``: rows as raw holds them."""
    columns = [raw.column(column.raw_name) for column in key]
    return columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, KEY_SEPARATOR)


def with_iso_dates(contract: Contract, rows: pa.Table) -> pa.Table:
    """The rows with every date and time in ISO 8601, which PostgreSQL reads in one way whatever its settings are."""
    for position, column in enumerate(contract.columns):
        if column.format is not None and not column.format.is_iso:
            rows = rows.set_column(position, column.name, column.format.as_iso(rows.column(position)))
    return rows


def _batches(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, ROWS_A_BATCH):
        yield table.slice(start, ROWS_A_BATCH)
