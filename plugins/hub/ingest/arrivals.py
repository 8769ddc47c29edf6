"""Receipts of deliveries in the ledger: the file, its sender, and its place among the deliveries of its feed."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.deliveries import ControlTotal, DeliveryStatus, Receipt, delivery_id_of, repeat_id_of
from hub.ingest import ledger, rewritten_files
from hub.ingest.control_totals import total_columns
from hub.ingest.landing_store import Landed
from hub.ingest.snapshots import settle_issues
from hub.store import Store
from hub.warehouse.tables import DELIVERIES


@dataclass(frozen=True)
class Arrival:
    """What is known of a delivery before it is read: its safe name, and what the name and the sender say of it."""

    feed: str
    file_name: str
    sender: str | None = None
    sequence_number: int | None = None
    period_start: date | None = None
    period_end: date | None = None
    part: str | None = None
    stated: ControlTotal | None = None
    contract_version: str | None = None
    refusal: str | None = None


def register(
    connection: sa.Connection, landing: Store, arrival: Arrival, landed: Landed, *, in_turn: bool = True
) -> Receipt:
    """Write the receipt of a landed file, or find the first one for the same bytes.

    The same file met twice (a worker was killed before it could clear the drop folder) is one arrival. The same bytes
    under another name or sent again are an arrival of their own, with status ``duplicate``, or to be loaded again where
    a newer issue of the whole table has superseded the first. Bytes that were refused are validated again, as if they
    came for the first time, whenever they are sent again, and the same file also where another version of the contract
    or dying workers had refused it; what a person refused stays refused until the contract has another version.
    Arrivals of a feed take their places in turn; one that will not be kept (``in_turn`` is false) keeps no other
    waiting.
    """
    if in_turn:
        ledger.hold_arrivals(connection, arrival.feed)
    first_id = delivery_id_of(arrival.feed, landed.sha256)
    modified = _instant(landed.modified_ns)
    values = _values(arrival, landed) | rewritten_files.kept_instead(connection, arrival.feed, landed.sha256)
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
    first = ledger.get(connection, first_id)
    if not is_first:
        same_arrival = first.file_name == arrival.file_name and first.file_modified_at == modified
        values |= _kept_instead(first)
        is_kept = first.bytes_destroyed_at is None or landing.holds(values["landing_path"])
        if is_kept and _is_read_again(first, values["contract_version"], same_arrival=same_arrival):
            # It has the place that its new name and day give it, not that of the day on which it was refused.
            values |= {"position_on": None, "position_number": None, "arrival_number": None}
            ledger.update(connection, first_id, **values, received_at=sa.func.now())
            _place(connection, arrival.feed, first_id)
        elif not same_arrival and first.status == DeliveryStatus.SUPERSEDED:
            again = _register_again(connection, values, landed)
            return ledger.receipt_of(ledger.get(connection, again), is_first=True)
        elif not same_arrival:
            _register_repeat(connection, arrival, landed, first_id)
        first = ledger.get(connection, first_id)
    return ledger.receipt_of(first, is_first=is_first)


def _is_read_again(first: sa.Row[Any], version: str | None, *, same_arrival: bool) -> bool:
    if first.status != DeliveryStatus.REFUSED:
        return False
    is_sent_again = version is not None and not same_arrival and ledger.REJECTED_BY not in (first.reason or "")
    return is_sent_again or first.contract_version != version or bool(first.unfinished_reads)


def _register_again(connection: sa.Connection, values: dict[str, Any], landed: Landed) -> uuid.UUID:
    """Receive again an issue of a whole table that a newer one has superseded: the table is as it was then."""
    again = repeat_id_of(values["feed"], landed.sha256, values["file_name"], landed.modified_ns)
    fresh = insert(DELIVERIES).values(values | {"delivery_id": again})
    connection.execute(fresh.on_conflict_do_nothing(index_elements=["delivery_id"]))
    _place(connection, values["feed"], again)
    return again


def _register_repeat(connection: sa.Connection, arrival: Arrival, landed: Landed, first_id: uuid.UUID) -> None:
    ledger.hold_counts(connection, first_id)
    first = ledger.get(connection, first_id)
    values = _values(arrival, landed) | _kept_instead(first)
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
    elif first.status == DeliveryStatus.REFUSED:
        values["reason"] = f"{values['reason']}, which was refused: {first.reason}"
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
"""The place of a delivery among those of its feed: by the period in its name, but never later than the day on which it
came, so that a wrong date in a name does not hold the newest place. Numbers order the deliveries of a day. Where a name
gives a number alone, a delivery that comes late goes before those with a greater number that are there already. One
that gives no number goes beside the last of its day, and the order of arrival decides. A clock that was set back
changes no order: no delivery counts as of a day before that of an earlier one."""


def _place(connection: sa.Connection, feed: str, delivery_id: uuid.UUID) -> None:
    connection.execute(sa.text(PLACE), {"feed": feed, "delivery_id": delivery_id})


def _values(arrival: Arrival, landed: Landed) -> dict[str, Any]:
    return {
        "feed": arrival.feed,
        "sender": arrival.sender,
        "file_name": arrival.file_name,
        "sha256": landed.sha256,
        "bytes": landed.size,
        "sequence_number": arrival.sequence_number,
        "period_start": arrival.period_start,
        "period_end": arrival.period_end,
        "part": arrival.part,
        **total_columns(arrival.stated),
        # No contract has validated a file that is refused for how it arrived.
        "contract_version": None if arrival.refusal else arrival.contract_version,
        "reason": arrival.refusal,
        "landing_path": landed.name,
        "file_modified_at": _instant(landed.modified_ns),
        "unfinished_reads": 0,
    }


def _kept_instead(first: sa.Row[Any]) -> dict[str, Any]:
    """Where delivered bytes were destroyed, a later arrival of them gets the bytes that are kept in their place."""
    if first.bytes_destroyed_at is None:
        return {}
    return {name: getattr(first, name) for name in ("landing_path", "bytes_destroyed_at", "bytes_destroyed_because")}


def _instant(nanoseconds: int) -> datetime:
    """PostgreSQL keeps microseconds; so does this."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000)
