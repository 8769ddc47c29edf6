"""The ledger: receipts of deliveries, and what became of them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.deliveries import ControlTotal, DeliveryResult, DeliveryStatus, Receipt, delivery_id_of, repeat_id_of
from hub.ingest.control_totals import total_columns
from hub.ingest.landing_store import Landed
from hub.ingest.snapshots import settle_issues
from hub.warehouse.tables import DELIVERIES

COUNTS_LOCK_SPACE = 4_207_012
ARRIVALS_LOCK_SPACE = 4_207_014


@dataclass(frozen=True)
class Arrival:
    """What is known of a delivery before it is read: its safe name, and what the name and the sender say of it."""

    feed: str
    file_name: str
    sender: str | None = None
    sequence_number: int | None = None
    period_start: date | None = None
    period_end: date | None = None
    stated: ControlTotal | None = None
    contract_version: str | None = None
    refusal: str | None = None


def register(connection: sa.Connection, landing: Path, arrival: Arrival, landed: Landed) -> Receipt:
    """Write the receipt of a landed file, or find the first one for the same bytes.

    The same file met twice (a worker was killed before it could clear the drop folder) is one arrival. The same bytes
    under another name or sent again are an arrival of their own, with status ``duplicate``, or to be loaded again where
    a newer issue of the whole table has superseded the first. Bytes that were refused before anybody read them (for
    their name), by an older version of the contract, or because their workers died, are validated again.
    """
    first_id = delivery_id_of(arrival.feed, landed.sha256)
    modified = _instant(landed.modified_ns)
    values = _values(arrival, landed, landing)
    values["status"] = DeliveryStatus.REFUSED if arrival.refusal else DeliveryStatus.RECEIVED
    # What it returns tells whether a row was written; the driver gives no row count here.
    written = connection.execute(
        insert(DELIVERIES)
        .values(values | {"delivery_id": first_id})
        .on_conflict_do_nothing(index_elements=["delivery_id"])
        .returning(DELIVERIES.c.delivery_id)
    )
    is_first = written.scalar() is not None
    if is_first:
        _place(connection, arrival.feed, first_id)
    first = get(connection, first_id)
    if not is_first:
        same_arrival = first.file_name == arrival.file_name and first.file_modified_at == modified
        values |= _kept_instead(first)
        is_kept = first.bytes_destroyed_at is None or (landing / values["landing_path"]).exists()
        is_worth_it = first.contract_version != values["contract_version"] or first.unfinished_reads
        if first.status == DeliveryStatus.REFUSED and is_worth_it and is_kept:
            _update(connection, first_id, **values)
        elif not same_arrival and first.status == DeliveryStatus.SUPERSEDED:
            again = _register_again(connection, values, landed)
            return _receipt(get(connection, again), landing, is_first=True)
        elif not same_arrival:
            _register_repeat(connection, arrival, landed, landing, first_id)
        first = get(connection, first_id)
    return _receipt(first, landing, is_first=is_first)


def _register_again(connection: sa.Connection, values: dict[str, Any], landed: Landed) -> uuid.UUID:
    """Receive again an issue of a whole table that a newer one has superseded: the table is as it was then."""
    again = repeat_id_of(values["feed"], landed.sha256, values["file_name"], landed.modified_ns)
    fresh = insert(DELIVERIES).values(values | {"delivery_id": again})
    connection.execute(fresh.on_conflict_do_nothing(index_elements=["delivery_id"]))
    _place(connection, values["feed"], again)
    return again


def _register_repeat(
    connection: sa.Connection, arrival: Arrival, landed: Landed, landing: Path, first_id: uuid.UUID
) -> None:
    _hold_counts(connection, first_id)
    first = get(connection, first_id)
    values = _values(arrival, landed, landing) | _kept_instead(first)
    values |= {
        "delivery_id": repeat_id_of(arrival.feed, landed.sha256, arrival.file_name, landed.modified_ns),
        "status": DeliveryStatus.DUPLICATE,
        "reason": f"the same bytes as delivery {first.delivery_id}",
        "duplicate_of": first.delivery_id,
        "rows_read": first.rows_read,
        "rows_duplicate": first.rows_read,
    }
    if first.status == DeliveryStatus.WITHDRAWN:
        values["reason"] = f"{values['reason']}, {first.reason}"
    connection.execute(insert(DELIVERIES).values(values).on_conflict_do_nothing(index_elements=["delivery_id"]))
    _place(connection, arrival.feed, values["delivery_id"])
    settle_issues(connection, arrival.feed)


PLACE = """
    update ledger.deliveries as delivery
    set arrival_number = place.arrival_number,
        position_on = place.position_on,
        position_number = coalesce(delivery.sequence_number, (
            select max(other.position_number) from ledger.deliveries as other
            where other.feed = delivery.feed and other.position_on = place.position_on
        ), 0)
    from (
        select came.delivery_id, came.arrival_number, least(came.day, coalesce(came.period_end, (
            select min(other.position_on) from ledger.deliveries as other
            where other.feed = came.feed and other.sender is not distinct from came.sender
              and other.period_end is null and other.sequence_number > came.sequence_number
              and other.status not in ('refused', 'withdrawn')
        ))) as position_on
        from (
            select one.delivery_id, one.feed, one.sender, one.period_end, one.sequence_number,
                   1 + coalesce(before.arrival_number, 0) as arrival_number,
                   greatest(cast(one.received_at at time zone 'Europe/London' as date), before.day) as day
            from ledger.deliveries as one
            cross join (
                select max(arrival_number) as arrival_number,
                       max(cast(received_at at time zone 'Europe/London' as date)) as day
                from ledger.deliveries
                where feed = :feed and delivery_id <> :delivery_id
            ) as before
            where one.delivery_id = :delivery_id and one.position_on is null
        ) as came
    ) as place
    where delivery.delivery_id = place.delivery_id
"""
"""Where a delivery stands among those of its feed: by the period in its name, but never later than the day on which it
came, so that a wrong date in a name does not hold the newest place. Numbers order the deliveries of a day. Where a name
gives a number alone, a delivery that comes late stands before those with a greater number that are there already. One
that gives no number stands beside the last of its day, and the order of arrival decides. A clock that was set back
changes no order: no delivery counts as of a day before that of an earlier one."""


def _place(connection: sa.Connection, feed: str, delivery_id: uuid.UUID) -> None:
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ARRIVALS_LOCK_SPACE, sa.func.hashtext(feed))))
    connection.execute(sa.text(PLACE), {"feed": feed, "delivery_id": delivery_id})


def _hold_counts(connection: sa.Connection, first_id: uuid.UUID) -> None:
    """Hold the counts of the arrivals of the same bytes until the transaction ends. Else a repeat could be written
    while the first is closed, neither seeing the other, and keep no counts. The first one's row is no lock for
    this: a load holds it all along, and a repeat would wait for its end."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(COUNTS_LOCK_SPACE, sa.func.hashtext(str(first_id)))))


def get(connection: sa.Connection, delivery_id: uuid.UUID) -> sa.Row[Any]:
    """One delivery's row. Raises LookupError when there is none."""
    row = connection.execute(sa.select(DELIVERIES).where(DELIVERIES.c.delivery_id == delivery_id)).one_or_none()
    if row is None:
        raise LookupError(f"the ledger has no delivery {delivery_id}")
    return row


def receipt(connection: sa.Connection, landing: Path, delivery_id: uuid.UUID) -> Receipt:
    """The receipt of a delivery. Raises LookupError when there is none."""
    return _receipt(get(connection, delivery_id), landing, is_first=True)


def are_bytes_destroyed(connection: sa.Connection, delivery_id: uuid.UUID) -> bool:
    """Whether the delivered bytes are no longer kept, and must not be kept again."""
    return get(connection, delivery_id).bytes_destroyed_at is not None


def note_rewritten(connection: sa.Connection, instead: Mapping[str, str], because: str) -> None:
    """Write down that the delivered bytes at these places are no longer kept, why, and what is kept in their place. The
    hash stays that of the delivered bytes: the same bytes delivered again are the same delivery."""
    columns = DELIVERIES.c
    for name, now in instead.items():
        values = {
            "landing_path": now,
            "bytes_destroyed_at": sa.func.now(),
            "bytes_destroyed_because": because,
        }
        connection.execute(sa.update(DELIVERIES).where(columns.landing_path == name).values(values))


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
) -> None:
    """Write what became of a delivery, and the same counts on later arrivals of the same bytes. ``unfinished_reads`` is
    given where it ends for the workers that died of it."""
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
    }
    if stated is not None:
        values |= total_columns(stated)
    _hold_counts(connection, result.delivery_id)
    _update(connection, result.delivery_id, **values)
    repeats = sa.update(DELIVERIES).where(DELIVERIES.c.duplicate_of == result.delivery_id)
    connection.execute(repeats.values(rows_read=result.rows_read, rows_duplicate=result.rows_read))


def move_rows(connection: sa.Connection, delivery_id: uuid.UUID, count: int, *, to: str) -> None:
    """Count ``count`` quarantined rows of a delivery as accepted or duplicate (``to``: the column's name)."""
    columns = DELIVERIES.c
    values = {"rows_quarantined": columns.rows_quarantined - count, to: columns[to] + count}
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
    _update(connection, delivery_id, status=status, reason=reason)


def _update(connection: sa.Connection, delivery_id: uuid.UUID, **values: Any) -> None:
    connection.execute(sa.update(DELIVERIES).where(DELIVERIES.c.delivery_id == delivery_id).values(values))


def _values(arrival: Arrival, landed: Landed, landing: Path) -> dict[str, Any]:
    return {
        "feed": arrival.feed,
        "sender": arrival.sender,
        "file_name": arrival.file_name,
        "sha256": landed.sha256,
        "bytes": landed.size,
        "sequence_number": arrival.sequence_number,
        "period_start": arrival.period_start,
        "period_end": arrival.period_end,
        **total_columns(arrival.stated),
        # No contract has validated what is refused for how it arrived.
        "contract_version": None if arrival.refusal else arrival.contract_version,
        "reason": arrival.refusal,
        "landing_path": str(landed.path.relative_to(landing)),
        "file_modified_at": _instant(landed.modified_ns),
        "unfinished_reads": 0,
    }


def _kept_instead(first: sa.Row[Any]) -> dict[str, Any]:
    """Where delivered bytes were destroyed, a later arrival of them has what is kept in their place."""
    if first.bytes_destroyed_at is None:
        return {}
    return {name: getattr(first, name) for name in ("landing_path", "bytes_destroyed_at", "bytes_destroyed_because")}


def _instant(nanoseconds: int) -> datetime:
    """PostgreSQL keeps microseconds; so does this."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000)


def _receipt(row: sa.Row[Any], landing: Path, *, is_first: bool) -> Receipt:
    return Receipt(
        delivery_id=row.delivery_id,
        feed=row.feed,
        file_name=row.file_name,
        sha256=row.sha256,
        bytes=row.bytes,
        path=landing / row.landing_path,
        status=DeliveryStatus(row.status),
        received_at=row.received_at,
        is_first=is_first,
    )
