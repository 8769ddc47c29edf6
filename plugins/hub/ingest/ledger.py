"""The ledger: what became of deliveries. :mod:`hub.ingest.arrivals` writes their receipts."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from hub.deliveries import ControlTotal, DeliveryResult, DeliveryStatus, Receipt
from hub.ingest.control_totals import total_columns
from hub.warehouse.tables import DELIVERIES

COUNTS_LOCK_SPACE = 4_207_012
ARRIVALS_LOCK_SPACE = 4_207_014
REJECTED_BY = "; rejected by "
"""Ends the reason of a delivery that a person refused, before the name."""


def hold_counts(connection: sa.Connection, first_id: uuid.UUID) -> None:
    """Hold the counts of the arrivals of the same bytes until the transaction ends. Else a repeat could be written
    while the first is closed, neither seeing the other, and keep no counts. The first one's row is no lock for
    this: a load holds it all along, and a repeat would wait for its end."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(COUNTS_LOCK_SPACE, sa.func.hashtext(str(first_id)))))


def hold_arrivals(connection: sa.Connection, feed: str) -> None:
    """Hold the arrivals of a feed until the transaction ends: they are written down one after the other."""
    of_feed = sa.func.hashtext(feed)
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ARRIVALS_LOCK_SPACE, of_feed)))


def get(connection: sa.Connection, delivery_id: uuid.UUID) -> sa.Row[Any]:
    """One delivery's row. Raises LookupError when there is none."""
    row = connection.execute(sa.select(DELIVERIES).where(DELIVERIES.c.delivery_id == delivery_id)).one_or_none()
    if row is None:
        raise LookupError(f"the ledger has no delivery {delivery_id}")
    return row


def receipt(connection: sa.Connection, delivery_id: uuid.UUID) -> Receipt:
    """The receipt of a delivery. Raises LookupError when there is none."""
    return receipt_of(get(connection, delivery_id), is_first=True)


def are_bytes_destroyed(connection: sa.Connection, delivery_id: uuid.UUID) -> bool:
    """Whether the delivered bytes are no longer kept, and must not be kept again."""
    return get(connection, delivery_id).bytes_destroyed_at is not None


def rename_files(connection: sa.Connection, names: Mapping[str, str]) -> None:
    """Give delivered files these names, by delivery."""
    for delivery_id, name in names.items():
        of_delivery = DELIVERIES.c.delivery_id == uuid.UUID(delivery_id)
        connection.execute(sa.update(DELIVERIES).where(of_delivery).values(file_name=name))


def lock(connection: sa.Connection, delivery_id: uuid.UUID) -> sa.Row[Any]:
    """One delivery's row, held against other workers until the transaction ends."""
    query = sa.select(DELIVERIES).where(DELIVERIES.c.delivery_id == delivery_id).with_for_update()
    return connection.execute(query).one()


def awaiting(connection: sa.Connection, feed: str) -> list[uuid.UUID]:
    """Deliveries of a feed that are received and not yet read, in order of arrival."""
    query = (
        sa.select(DELIVERIES.c.delivery_id)
        .where(DELIVERIES.c.feed == feed, DELIVERIES.c.status == DeliveryStatus.RECEIVED)
        .order_by(DELIVERIES.c.arrival_number, DELIVERIES.c.received_at, DELIVERIES.c.file_name)
    )
    return list(connection.execute(query).scalars())


def close(
    connection: sa.Connection,
    result: DeliveryResult,
    stated: ControlTotal | None,
    contract_version: str,
    unfinished_reads: int = 0,
    rule_counts: Mapping[str, tuple[int, int]] | None = None,
) -> None:
    """Write what became of a delivery, and the same counts on later arrivals of the same bytes. ``unfinished_reads`` is
    given where it ends for the workers that died of it; ``rule_counts`` of each rule: how many rows were held against
    it, and how many break it."""
    values: dict[str, Any] = {
        "status": result.status,
        "rows_read": result.rows_read,
        "rows_accepted": result.rows_accepted,
        "rows_quarantined": result.rows_quarantined,
        "rows_duplicate": result.rows_duplicate,
        "first_event_on": result.first_event_on,
        "last_event_on": result.last_event_on,
        "records_new": result.records_new,
        "records_changed": result.records_changed,
        "records_withdrawn": result.records_withdrawn,
        "records_unchanged": result.records_unchanged,
        "reason": result.reason,
        "contract_version": contract_version,
        "loaded_at": sa.func.now() if result.status is DeliveryStatus.LOADED else None,
        "unfinished_reads": unfinished_reads,
        "read_on_server_since": None,
        "rule_counts": rule_counts,
    }
    if stated is not None:
        values |= total_columns(stated)
    hold_counts(connection, result.delivery_id)
    update(connection, result.delivery_id, **values)
    repeats = sa.update(DELIVERIES).where(DELIVERIES.c.duplicate_of == result.delivery_id)
    connection.execute(repeats.values(rows_read=result.rows_read, rows_duplicate=result.rows_read))


def move_row(
    connection: sa.Connection, delivery_id: uuid.UUID, event_days: tuple[date, date] | None, *, to: str
) -> None:
    """Count a quarantined row of a delivery as accepted or duplicate (``to``: the column's name). ``event_days`` are
    the first and the last in it."""
    columns = DELIVERIES.c
    values: dict[str, Any] = {"rows_quarantined": columns.rows_quarantined - 1, to: columns[to] + 1}
    if event_days is not None:
        values["first_event_on"] = sa.func.least(columns.first_event_on, event_days[0])
        values["last_event_on"] = sa.func.greatest(columns.last_event_on, event_days[1])
    connection.execute(sa.update(DELIVERIES).where(columns.delivery_id == delivery_id).values(values))


def take_back_rows(
    connection: sa.Connection, delivery_id: uuid.UUID, count: int, event_days: tuple[date | None, date | None]
) -> None:
    """Count ``count`` accepted rows of a delivery as quarantined; ``event_days`` are the first and the last of what is
    left."""
    columns = DELIVERIES.c
    values = {
        "rows_accepted": columns.rows_accepted - count,
        "rows_quarantined": columns.rows_quarantined + count,
        "first_event_on": event_days[0],
        "last_event_on": event_days[1],
    }
    connection.execute(sa.update(DELIVERIES).where(columns.delivery_id == delivery_id).values(values))


def set_status(connection: sa.Connection, delivery_id: uuid.UUID, status: DeliveryStatus, reason: str | None) -> None:
    """Move a delivery to another status."""
    update(connection, delivery_id, status=status, reason=reason)


def update(connection: sa.Connection, delivery_id: uuid.UUID, **values: Any) -> None:
    """Change columns of a delivery."""
    connection.execute(sa.update(DELIVERIES).where(DELIVERIES.c.delivery_id == delivery_id).values(values))


def receipt_of(row: sa.Row[Any], *, is_first: bool) -> Receipt:
    """A row of the ledger as the receipt of its delivery."""
    return Receipt(
        delivery_id=row.delivery_id,
        feed=row.feed,
        file_name=row.file_name,
        sha256=row.sha256,
        bytes=row.bytes,
        landed_name=row.landing_path,
        status=DeliveryStatus(row.status),
        received_at=row.received_at,
        is_first=is_first,
    )
