"""Archived rows of a delivery that is withdrawn: those that another delivery states too become that one's, the others
go. Every function works in the caller's transaction; files are removed after it (``upkeep``)."""

import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.ingest.archive import queries
from hub.ingest.archive.objects import ROW_NUMBER, ArchiveWriter, read_file
from hub.ingest.archive.sums import LENGTH_OF_DAY
from hub.ingest.archive.tables import ARCHIVE_FILES, ARCHIVE_SUMS, ARCHIVED_RECORDS
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, read_ring

HEIRS = """
    create temporary table archive_heirs on commit drop as
    select distinct on (records.record_hash)
        records.record_hash, records.row_number as old_number, records.sum_id as old_sum,
        restated.delivery_id, restated.row_number
    from ledger.archived_records as records
    inner join ledger.archive_sums as sums on records.sum_id = sums.sum_id
    inner join ledger.restated_records as restated on records.record_hash = restated.record_hash
    inner join ledger.deliveries as heir on restated.delivery_id = heir.delivery_id
    where sums.delivery_id = :delivery_id and heir.feed = :feed and restated.delivery_id <> :delivery_id
    order by records.record_hash, heir.arrival_number, heir.received_at, restated.row_number
"""
"""Of each record that only this delivery archived and another states again, who would have archived it."""
INHERIT = (
    "create temporary table archive_heir_sums on commit drop as"
    " select delivery_id, old_sum, cast(nextval(pg_get_serial_sequence('ledger.archive_sums', 'sum_id')) as integer)"
    " as sum_id, count_rows from (select delivery_id, old_sum, count(*) as count_rows from archive_heirs"
    " group by delivery_id, old_sum) as heirs",
    "insert into ledger.archive_sums (sum_id, delivery_id, summed_by, count_rows)"
    " select fresh.sum_id, fresh.delivery_id, old.summed_by, fresh.count_rows from archive_heir_sums as fresh"
    " inner join ledger.archive_sums as old on fresh.old_sum = old.sum_id",
    "update ledger.archived_records as records set sum_id = fresh.sum_id, row_number = heirs.row_number"
    " from archive_heirs as heirs inner join archive_heir_sums as fresh"
    " on heirs.delivery_id = fresh.delivery_id and heirs.old_sum = fresh.old_sum"
    " where records.sum_id = heirs.old_sum and records.record_hash = heirs.record_hash",
    "delete from ledger.restated_records as restated using archive_heirs as heirs"
    " where heirs.delivery_id = restated.delivery_id and heirs.row_number = restated.row_number",
    "update ledger.deliveries as heir set rows_accepted = rows_accepted + counted.rows,"
    " rows_duplicate = rows_duplicate - counted.rows"
    " from (select delivery_id, count(*) as rows from archive_heirs group by delivery_id) as counted"
    " where counted.delivery_id = heir.delivery_id",
)


def hand_over(
    settings: Settings, connection: sa.Connection, contract: Contract, delivery_id: uuid.UUID
) -> list[uuid.UUID]:
    """Give archived records that other deliveries state again to the first of those, with sums and files of their own.
    Returns those deliveries."""
    if contract.followed is None:
        return []
    connection.execute(sa.text(HEIRS), {"delivery_id": delivery_id, "feed": contract.feed})
    for statement in INHERIT:
        connection.execute(sa.text(statement))
    query = sa.text("select delivery_id, old_number, row_number from archive_heirs")
    moved: dict[uuid.UUID, dict[int, int]] = {}
    rows: Any = connection.execute(query)
    for row in rows:
        moved.setdefault(row.delivery_id, {})[row.old_number] = row.row_number
    connection.execute(sa.text("drop table archive_heirs, archive_heir_sums"))
    for heir, numbers in sorted(moved.items()):
        _write_for(settings, connection, contract, delivery_id, heir, numbers)
    return sorted(moved)


def remove_rows(connection: sa.Connection, delivery_id: uuid.UUID) -> int:
    """Take what is left of a delivery out of the archive's tables. Returns how many records went."""
    own = sa.select(ARCHIVE_SUMS.c.sum_id).where(ARCHIVE_SUMS.c.delivery_id == delivery_id)
    gone = connection.execute(sa.delete(ARCHIVED_RECORDS).where(ARCHIVED_RECORDS.c.sum_id.in_(own))).rowcount
    connection.execute(sa.delete(ARCHIVE_SUMS).where(ARCHIVE_SUMS.c.delivery_id == delivery_id))
    connection.execute(sa.delete(ARCHIVE_FILES).where(ARCHIVE_FILES.c.delivery_id == delivery_id))
    return int(gone)


def _write_for(
    settings: Settings,
    connection: sa.Connection,
    contract: Contract,
    delivery_id: uuid.UUID,
    heir: uuid.UUID,
    numbers: dict[int, int],
) -> None:
    """Write rows of a delivery's files as another's, under the numbers that they have there."""
    followed = contract.followed
    if followed is None:
        return
    writer = ArchiveWriter(settings, read_ring(settings, Purpose.MASTER), contract.feed, heir)
    for rows in _rows_of(settings, connection, delivery_id, np.fromiter(numbers, dtype=np.int64)):
        now = pa.array([numbers[one] for one in rows.column(ROW_NUMBER).to_pylist()], pa.int64())
        own = rows.set_column(rows.schema.get_field_index(ROW_NUMBER), ROW_NUMBER, now)
        days = pc.utf8_slice_codeunits(own.column(followed.day), 0, LENGTH_OF_DAY)
        writer.add(own, own.column(followed.sender), days)
    writer.finish()
    queries.list_files(connection, writer.files)


def _rows_of(
    settings: Settings, connection: sa.Connection, delivery_id: uuid.UUID, numbers: np.ndarray
) -> Iterator[pa.Table]:
    wanted = pa.array(numbers)
    for one in queries.files_of_delivery(connection, delivery_id):
        rows = read_file(settings, one.name)
        rows = rows.filter(pc.is_in(rows.column(ROW_NUMBER), value_set=wanted))
        if rows.num_rows:
            yield rows
