"""What the ledger says of the archive. Every function works in the caller's transaction."""

import uuid
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from hub.deliveries import DeliveryStatus
from hub.ingest.archive.objects import ArchiveFile
from hub.ingest.archive.tables import ARCHIVE_FILES, ARCHIVE_SUMS, ARCHIVED_RECORDS
from hub.ingest.record_identity import as_uuids
from hub.warehouse.columns import is_one_of
from hub.warehouse.engine import copy_rows
from hub.warehouse.tables import DELIVERIES

ASKED = sa.Table(
    "asked_keys",
    sa.MetaData(),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("record_key", sa.UUID),
    sa.Column("record_hash", sa.UUID),
    prefixes=["temporary"],
    postgresql_on_commit="DROP",
)
KNOWN = """
    select asked.position, bool_or(records.record_hash = asked.record_hash) as is_same
    from asked_keys as asked
    cross join lateral (
        select archived.record_hash from ledger.archived_records as archived
        where archived.record_key = asked.record_key
    ) as records
    group by asked.position
"""
"""Each key looked up for itself, by the index."""


def make_asked(connection: sa.Connection) -> None:
    """Make the table of keys that are asked about; it ends with the transaction."""
    ASKED.create(connection, checkfirst=False)


def has_records(connection: sa.Connection) -> bool:
    """Whether anything was archived."""
    return bool(connection.execute(sa.select(sa.exists(sa.select(ARCHIVED_RECORDS)))).scalar())


def known(
    connection: sa.Connection, positions: np.ndarray, keys: np.ndarray, hashes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of the rows at these positions those whose record is archived, and those of whose key another record is."""
    connection.execute(sa.text(f"truncate {ASKED.name}"))
    order = np.argsort(keys.view(">u8")[::2])
    rows = [pa.array(positions[order]), as_uuids(keys[order]), as_uuids(hashes[order])]
    copy_rows(connection, ASKED, [pa.table(rows, names=["position", "record_key", "record_hash"])])
    found = connection.execute(sa.text(KNOWN)).all()
    same = np.array([row.position for row in found if row.is_same], dtype=np.int64)
    other = np.array([row.position for row in found if not row.is_same], dtype=np.int64)
    return same, other


def archived_keys(connection: sa.Connection, delivery_id: uuid.UUID, keys: np.ndarray) -> np.ndarray:
    """A boolean for each key: a record of it is archived as this delivery's."""
    asked = [uuid.UUID(bytes=one.tobytes()) for one in keys]
    own = sa.select(ARCHIVED_RECORDS.c.record_key).join(
        ARCHIVE_SUMS, sa.and_(ARCHIVE_SUMS.c.sum_id == ARCHIVED_RECORDS.c.sum_id)
    )
    query = own.where(ARCHIVE_SUMS.c.delivery_id == delivery_id, is_one_of(ARCHIVED_RECORDS.c.record_key, asked))
    held: set[uuid.UUID] = set(connection.execute(query).scalars())
    return np.array([one in held for one in asked], dtype=bool)


def copy_records(
    connection: sa.Connection,
    keys: np.ndarray,
    hashes: np.ndarray,
    numbers: np.ndarray,
    sum_ids: np.ndarray,
    is_other: np.ndarray,
) -> None:
    """Write down archived records. In the order of their keys, the index grows leaf by leaf."""
    order = np.argsort(keys.view(">u8")[::2])
    table = pa.table(
        {
            "record_key": as_uuids(keys[order]),
            "record_hash": as_uuids(hashes[order]),
            "row_number": pa.array(numbers[order]),
            "sum_id": pa.array(sum_ids[order]),
            "is_other_version": pa.array(is_other[order]),
        }
    )
    copy_rows(connection, ARCHIVED_RECORDS, [table])


def list_files(connection: sa.Connection, files: Iterable[ArchiveFile]) -> None:
    """Write down files: from then on their rows count."""
    if rows := [asdict(one) for one in files]:
        connection.execute(sa.insert(ARCHIVE_FILES), rows)


def files_of(
    connection: sa.Connection, feed: str, *, sender: str | None = None, day: date | None = None
) -> list[ArchiveFile]:
    """The files of loaded deliveries of a feed, of a sender or a day."""
    files, deliveries = ARCHIVE_FILES.c, DELIVERIES.c
    query = (
        sa.select(ARCHIVE_FILES)
        .join(DELIVERIES, files.delivery_id == deliveries.delivery_id)
        .where(deliveries.feed == feed, deliveries.status == DeliveryStatus.LOADED)
        .order_by(files.on_day, files.sender, deliveries.arrival_number, files.name)
    )
    if sender is not None:
        query = query.where(files.sender == sender)
    if day is not None:
        query = query.where(files.on_day == day)
    return [ArchiveFile(**row._mapping) for row in connection.execute(query)]


def files_of_delivery(connection: sa.Connection, delivery_id: uuid.UUID) -> list[ArchiveFile]:
    """The files of one delivery."""
    query = sa.select(ARCHIVE_FILES).where(ARCHIVE_FILES.c.delivery_id == delivery_id).order_by(ARCHIVE_FILES.c.name)
    return [ArchiveFile(**row._mapping) for row in connection.execute(query)]


def all_names(connection: sa.Connection) -> set[str]:
    """The names of all files that count."""
    return set(connection.execute(sa.select(ARCHIVE_FILES.c.name)).scalars())


def count_records(connection: sa.Connection, feed: str) -> int:
    """How many archived records a feed has, each looked at for itself."""
    query = (
        sa.select(sa.func.count())
        .select_from(ARCHIVED_RECORDS)
        .join(ARCHIVE_SUMS, ARCHIVE_SUMS.c.sum_id == ARCHIVED_RECORDS.c.sum_id)
        .join(DELIVERIES, ARCHIVE_SUMS.c.delivery_id == DELIVERIES.c.delivery_id)
        .where(DELIVERIES.c.feed == feed)
    )
    return int(connection.execute(query).scalar_one())


def count_summed(connection: sa.Connection, feed: str) -> int:
    """How many rows the sums of a feed count."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(ARCHIVE_SUMS.c.count_rows), 0))
        .join(DELIVERIES, ARCHIVE_SUMS.c.delivery_id == DELIVERIES.c.delivery_id)
        .where(DELIVERIES.c.feed == feed)
    )
    return int(connection.execute(query).scalar_one())


def hashes_of(feed: str) -> sa.Select[uuid.UUID]:
    """A query of the hashes of a feed's archived records."""
    return (
        sa.select(ARCHIVED_RECORDS.c.record_hash)
        .join(ARCHIVE_SUMS, ARCHIVE_SUMS.c.sum_id == ARCHIVED_RECORDS.c.sum_id)
        .join(DELIVERIES, ARCHIVE_SUMS.c.delivery_id == DELIVERIES.c.delivery_id)
        .where(DELIVERIES.c.feed == feed)
    )


def differing_sums(connection: sa.Connection) -> list[uuid.UUID]:
    """The deliveries of which a sum is not the number of the records that it counts, or a file of theirs is not listed
    of as many rows."""
    query = sa.text("""
        with counted as (
            select sums.delivery_id, bool_or(sums.count_rows <> coalesce(records.rows, 0)) as differs,
                sum(sums.count_rows) as rows
            from ledger.archive_sums as sums
            left join (
                select sum_id, count(*) as rows from ledger.archived_records group by sum_id
            ) as records on sums.sum_id = records.sum_id
            group by sums.delivery_id
        ),
        filed as (
            select delivery_id, sum(count_rows) as rows from ledger.archive_files group by delivery_id
        )
        select coalesce(counted.delivery_id, filed.delivery_id) as delivery_id
        from counted full outer join filed on counted.delivery_id = filed.delivery_id
        where counted.differs or counted.rows is distinct from filed.rows
        order by 1
    """)
    return list(connection.execute(query).scalars())


def row_numbers(connection: sa.Connection, delivery_id: uuid.UUID) -> list[int]:
    """Row numbers of a delivery's archived rows."""
    query = (
        sa.select(ARCHIVED_RECORDS.c.row_number)
        .join(ARCHIVE_SUMS, ARCHIVE_SUMS.c.sum_id == ARCHIVED_RECORDS.c.sum_id)
        .where(ARCHIVE_SUMS.c.delivery_id == delivery_id)
    )
    return list(connection.execute(query).scalars())
