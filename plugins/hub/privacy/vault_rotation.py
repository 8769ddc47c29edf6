"""What is under a key moves on to its next version: raw's tokens and record hashes, the wrapped data keys.

Every function works in the caller's transaction and does nothing where nothing is left to do.
"""

import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.contracts.model import Contract
from hub.contracts.values import Classification
from hub.ingest.archive.queries import hashes_of
from hub.ingest.archive.tables import ARCHIVED_RECORDS
from hub.ingest.record_identity import HASH_BYTES, as_uuids, rehash
from hub.vault.hub_keys import KeyRing, Purpose
from hub.vault.store import NONCE_BYTES, next_token, place_of
from hub.vault.tables import FEED_KEY_VERSIONS, KEY_ROTATIONS, SUBJECT_KEYS
from hub.warehouse.engine import copy_rows, lock_feed
from hub.warehouse.tables import DELIVERIES, QUARANTINED_ROWS, RESTATED_RECORDS, raw_table

VALUES_A_BATCH = 50_000
KEYS_A_BATCH = 20_000
MOVED_TOKENS = sa.Table(
    "moved_tokens",
    sa.MetaData(),
    sa.Column("old", sa.Text),
    sa.Column("new", sa.Text),
    prefixes=["temporary"],
    postgresql_on_commit="DROP",
)
MOVED_HASHES = sa.Table(
    "moved_hashes",
    sa.MetaData(),
    sa.Column("old", sa.UUID),
    sa.Column("new", sa.UUID),
    prefixes=["temporary"],
    postgresql_on_commit="DROP",
)


def begin_rotation(connection: sa.Connection, purpose: Purpose, newest: int, to_version: int | None) -> int:
    """The version that a key is to move to: what was asked for, else that of a rotation which did not end, else the
    next one. Written down, so that it is found again."""
    connection.execute(sa.text(f"lock table {KEY_ROTATIONS.fullname} in exclusive mode"))
    columns = KEY_ROTATIONS.c
    unfinished = sa.select(columns.to_version).where(columns.purpose == purpose, columns.finished_at.is_(None))
    version: int = to_version or connection.execute(unfinished.limit(1)).scalar() or newest + 1
    known = sa.select(sa.exists().where(columns.purpose == purpose, columns.to_version == version))
    if not connection.execute(known).scalar():
        connection.execute(sa.insert(KEY_ROTATIONS).values(purpose=purpose, to_version=version))
    return version


def end_rotation(connection: sa.Connection, purpose: Purpose, version: int) -> None:
    """Write down that nothing is left under an older version."""
    columns = KEY_ROTATIONS.c
    this = (columns.purpose == purpose, columns.to_version == version, columns.finished_at.is_(None))
    connection.execute(sa.update(KEY_ROTATIONS).where(*this).values(finished_at=sa.func.now()))


def note_versions(connection: sa.Connection, feeds: Iterable[str], ring: KeyRing) -> None:
    """Write down of feeds of which it is not yet known that their rows are at this version."""
    for feed in feeds:
        values = {"feed": feed, "purpose": ring.purpose, "version": ring.newest}
        fresh = insert(FEED_KEY_VERSIONS).values(values)
        connection.execute(fresh.on_conflict_do_nothing())


def versions_of(connection: sa.Connection, purpose: Purpose) -> dict[str, int]:
    """The version that each feed's rows are at."""
    columns = FEED_KEY_VERSIONS.c
    query = sa.select(columns.feed, columns.version).where(columns.purpose == purpose)
    return {row.feed: row.version for row in connection.execute(query)}


def move_feed(connection: sa.Connection, contract: Contract, ring: KeyRing) -> int:
    """Move a feed's raw rows to the newest version of a person, text or record key. Returns how many different tokens
    or hashes there were; 0 where the feed stood there already. No load of the feed runs meanwhile."""
    lock_feed(connection, contract.feed)
    version = versions_of(connection, ring.purpose).get(contract.feed, ring.newest)
    if version >= ring.newest:
        return 0
    if ring.purpose is Purpose.RECORD:
        count = _move_hashes(connection, contract, ring.after(version)) if contract.personal_columns else 0
    else:
        count = sum(_move_tokens(connection, contract, name, ring) for name in _token_columns(contract, ring.purpose))
    columns = FEED_KEY_VERSIONS.c
    this = sa.update(FEED_KEY_VERSIONS).where(columns.feed == contract.feed, columns.purpose == ring.purpose)
    connection.execute(this.values(version=ring.newest))
    return count


def rewrap_keys(connection: sa.Connection, master: KeyRing) -> int:
    """Wrap some of the data keys under an older master key by the newest one. Returns how many; 0 when none
    is left. Values are not touched, and not looked at."""
    columns = SUBJECT_KEYS.c
    query = (
        sa.select(SUBJECT_KEYS, DELIVERIES.c.feed)
        .join(DELIVERIES, columns.delivery_id == DELIVERIES.c.delivery_id)
        .where(columns.key_version != master.newest)
        .limit(KEYS_A_BATCH)
        .with_for_update(of=SUBJECT_KEYS)
    )
    rows = connection.execute(query).all()
    if rows:
        place = (columns.delivery_id, columns.row_number, columns.subject)
        named: list[sa.BindParameter[Any]] = [sa.bindparam(f"of_{one.name}") for one in place]
        statement = (
            sa.update(SUBJECT_KEYS)
            .where(*(one == value for one, value in zip(place, named, strict=True)))
            .values(wrapped=sa.bindparam("now_wrapped"), key_version=master.newest)
        )
        connection.execute(statement, [_rewrapped(row, master) for row in rows])
    return len(rows)


def count_wrapped_otherwise(connection: sa.Connection, master: KeyRing) -> int:
    """Data keys that another than the newest master key wraps."""
    query = sa.select(sa.func.count()).select_from(SUBJECT_KEYS).where(SUBJECT_KEYS.c.key_version != master.newest)
    return int(connection.execute(query).scalar_one())


def _rewrapped(row: sa.Row[tuple[object, ...]], master: KeyRing) -> dict[str, object]:
    where = place_of(row.feed, row.subject, row.delivery_id.bytes) + row.row_number.to_bytes(8, "big")
    key = master.cipher(row.key_version).decrypt(row.wrapped[:NONCE_BYTES], row.wrapped[NONCE_BYTES:], where)
    nonce = os.urandom(NONCE_BYTES)
    return {
        "of_delivery_id": row.delivery_id,
        "of_row_number": row.row_number,
        "of_subject": row.subject,
        "now_wrapped": nonce + master.cipher(master.newest).encrypt(nonce, key, where),
    }


def _token_columns(contract: Contract, purpose: Purpose) -> Iterator[str]:
    for column in contract.personal_columns:
        if (column.classification is Classification.SENSITIVE) == (purpose is Purpose.TEXT):
            yield column.raw_name


def _move_tokens(connection: sa.Connection, contract: Contract, name: str, ring: KeyRing) -> int:
    raw = raw_table(contract)
    column = raw.c[name]
    query = sa.select(column).where(column.is_not(None)).distinct()
    rows: sa.ScalarResult[str] = connection.execute(query, execution_options={"yield_per": VALUES_A_BATCH}).scalars()
    moved = (
        pa.table({"old": pa.array(part), "new": pa.array([next_token(one, ring) for one in part])})
        for part in rows.partitions()
    )
    return _exchange(connection, raw, column, MOVED_TOKENS, list(moved))


def _move_hashes(connection: sa.Connection, contract: Contract, later: Sequence[bytes]) -> int:
    raw, waiting = raw_table(contract), QUARANTINED_ROWS.c
    column = raw.c["_record_hash"]
    of_waiting = sa.select(waiting.key_hash).where(waiting.feed == contract.feed, waiting.key_hash.is_not(None))
    every = (sa.select(column), of_waiting.distinct(), hashes_of(contract.feed))
    query = sa.union_all(*every).execution_options(yield_per=VALUES_A_BATCH)
    hashes: sa.ScalarResult[uuid.UUID] = connection.execute(query).scalars()
    moved = []
    for part in hashes.partitions():
        old = np.frombuffer(b"".join(one.bytes for one in part), dtype=f"V{HASH_BYTES}")
        moved.append(pa.table({"old": as_uuids(old), "new": as_uuids(rehash(old, later))}))
    also = [RESTATED_RECORDS.c.record_hash, waiting.key_hash, ARCHIVED_RECORDS.c.record_hash]
    return _exchange(connection, raw, column, MOVED_HASHES, moved, also=also)


def _exchange(
    connection: sa.Connection,
    raw: sa.Table,
    column: sa.Column[object],
    moved: sa.Table,
    parts: Sequence[pa.Table],
    *,
    also: Sequence[sa.Column[object]] = (),
) -> int:
    moved.create(connection, checkfirst=False)
    count = copy_rows(connection, moved, parts)
    connection.execute(sa.text(f"analyze {moved.name}"))
    statement = sa.update(raw).where(column == moved.c.old).values({column.name: moved.c.new})
    connection.execute(statement)
    for one in also:
        connection.execute(sa.update(one.table).where(one == moved.c.old).values({one.name: moved.c.new}))
    moved.drop(connection)
    return count
