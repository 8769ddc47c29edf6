"""What is wrong with deliveries: each function finds one kind of cause. Nothing here writes."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from hub.contracts.files import Cadence
from hub.contracts.model import Catalogue
from hub.contracts.periods import UNREAD_PERIOD, missing_ranges

HUB_OWNER = "hub"
UNATTENDED_AFTER = timedelta(minutes=15)
"""How long a file may lie in the drop folder, or a receipt wait for its load, before that is worth a person's look."""

SILENT_AFTER_CADENCES = 2
"""A feed is silent when so many cadences and the grace have passed without a delivery."""
RANGES_SHOWN = 5
"""Of the numbers that are missing from a sender; how many ranges more there are is said."""

UNPLACED_DAYS = 14
"""A refused file of a feed that nobody knows, or that gives neither number nor period, may have no later one that could
make it good; its alert ends after so long."""

HAS_ARRIVED = """(
    delivery.status in ('received', 'loaded', 'held', 'superseded', 'withdrawn') and delivery.duplicate_of is null
)"""
"""The sender has delivered: neither a refused file nor a repeat. What the hub withdrew later had come all the same."""

NOT_MADE_GOOD = """not exists (
    select from ledger.deliveries as later
    where later.feed = delivery.feed and later.sender is not distinct from delivery.sender
      and later.status in ('loaded', 'superseded') and later.received_at > delivery.received_at
      and (later.stated_rows is null or later.stated_rows = later.rows_read) and not later.is_total_unreadable
      and case
            when delivery.sequence_number is not null then later.sequence_number = delivery.sequence_number
            when delivery.period_start is not null then
                (later.period_start, later.period_end, later.part)
                is not distinct from (delivery.period_start, delivery.period_end, delivery.part)
            else delivery.status <> 'refused' or (later.sequence_number is null and later.period_start is null)
          end
)"""
"""A delivery is made good by a later one of its sender that is loaded and agrees with its own control total: the one
with the same sequence number, or the same part of the same period, or, where the sender gives neither, the next one. Of
what was refused, as under a name that is not the agreed one, nothing is loaded: there the next one that gives neither,
because a usual day's file does not stand for it."""


@dataclass(frozen=True)
class Cause:
    """One thing that is wrong now. ``key`` stays the same while it lasts; ``detail`` holds no value from a file."""

    key: str
    kind: str
    owner: str
    detail: str
    feed: str | None = None
    delivery_id: uuid.UUID | None = None


@dataclass(frozen=True)
class FeedCalendar:
    """When a feed last delivered (None: never), since when it is awaited, and what follows from its cadence.

    ``state`` is ``on_time``, ``due`` (the cadence has passed), ``late`` (the grace too) or ``silent`` (a second cadence
    too).
    """

    feed: str
    last_received_at: datetime | None
    due_at: datetime
    late_at: datetime
    silent_at: datetime
    state: str


LAST_ARRIVALS = f"""
    select feed, first_known_at, every_days, grace_hours,
           (select max(received_at) from ledger.deliveries as delivery
            where delivery.feed = known.feed and {HAS_ARRIVED}) as last_received_at
    from ledger.feeds as known
    order by feed
"""  # noqa: S608  # the condition is this module's own constant


def arrivals(connection: sa.Connection, catalogue: Catalogue, now: datetime) -> list[FeedCalendar]:
    """Each feed's place in its delivery calendar, counted from its last delivery that was not refused and not a repeat.
    A feed that never delivered counts from when the hub first knew its contract, so a new hub starts without alarms;
    one that the hub was not yet prepared for counts from now."""
    rows = {row.feed: row for row in connection.execute(sa.text(LAST_ARRIVALS))}
    found = []
    for feed, contract in sorted(catalogue.contracts.items()):
        row = rows.get(feed)
        last = row.last_received_at if row else None
        since = last or (row.first_known_at if row else now)
        found.append(_arrival(feed, contract.cadence, last, since, now))
    return found


def known_arrivals(connection: sa.Connection, now: datetime) -> list[FeedCalendar]:
    """Each feed's place in its delivery calendar by the cadences in the ledger, which the hub was last prepared with:
    contracts are not read again for it."""
    return [
        _arrival(
            row.feed,
            Cadence(row.every_days, row.grace_hours),
            row.last_received_at,
            row.last_received_at or row.first_known_at,
            now,
        )
        for row in connection.execute(sa.text(LAST_ARRIVALS))
    ]


def _arrival(feed: str, cadence: Cadence, last: datetime | None, since: datetime, now: datetime) -> FeedCalendar:
    length, grace = timedelta(days=cadence.every_days), timedelta(hours=cadence.grace_hours)
    due_at, late_at = since + length, since + length + grace
    silent_at = since + SILENT_AFTER_CADENCES * length + grace
    reached = [state for state, at in (("due", due_at), ("late", late_at), ("silent", silent_at)) if now > at]
    return FeedCalendar(feed, last, due_at, late_at, silent_at, reached[-1] if reached else "on_time")


def overdue_feeds(connection: sa.Connection, catalogue: Catalogue, now: datetime) -> Iterator[Cause]:
    """One cause a feed for a whole episode without delivery; its kind worsens from due to late to silent."""
    for arrival in arrivals(connection, catalogue, now):
        if arrival.state != "on_time":
            last = f"{arrival.last_received_at:%Y-%m-%d %H:%M}" if arrival.last_received_at else "never"
            detail = (
                f"last delivery: {last}; due {arrival.due_at:%Y-%m-%d %H:%M}, late {arrival.late_at:%Y-%m-%d %H:%M}"
            )
            owner = catalogue.contracts[arrival.feed].owner
            yield Cause(f"arrival:{arrival.feed}", arrival.state, owner, f"{detail} (UTC)", arrival.feed)


def deliveries_to_decide(connection: sa.Connection, catalogue: Catalogue, now: datetime) -> Iterator[Cause]:
    """Held deliveries (a person decides), refused ones that no later delivery made good, and receipts that never came
    to their load."""
    query = sa.text(f"""
        select delivery_id, feed, status, received_at, reason,
               sequence_number is null and period_start is null as is_unplaced
        from ledger.deliveries as delivery
        where status = 'held'
           or (status = 'received' and received_at < :unattended_before)
           or (status = 'refused' and {NOT_MADE_GOOD})
        order by received_at, delivery_id
    """)  # noqa: S608  # the condition is this module's own constant
    for row in connection.execute(query, {"unattended_before": now - UNATTENDED_AFTER}):
        is_unplaced = row.feed not in catalogue.contracts or row.is_unplaced
        is_old = now - row.received_at > timedelta(days=UNPLACED_DAYS)
        if not (row.status == "refused" and is_unplaced and is_old):
            detail = row.reason or f"received {row.received_at:%Y-%m-%d %H:%M} UTC and not loaded since"
            kind = "not_loaded" if row.status == "received" else row.status
            yield Cause(
                f"{kind}:{row.delivery_id}", kind, _owner(catalogue, row.feed), detail, row.feed, row.delivery_id
            )


def control_totals_that_disagree(connection: sa.Connection, catalogue: Catalogue) -> Iterator[Cause]:
    """Deliveries whose sender states another number of rows than was read, or none that can be read; over when the
    sender delivers them again."""
    query = sa.text(f"""
        select delivery_id, feed, stated_rows, rows_read from ledger.deliveries as delivery
        where status = 'loaded' and (stated_rows <> rows_read or is_total_unreadable) and {NOT_MADE_GOOD}
        order by received_at, delivery_id
    """)  # noqa: S608  # the condition is this module's own constant
    for row in connection.execute(query):
        states = "no number of rows that can be read" if row.stated_rows is None else f"{row.stated_rows} rows"
        detail = f"the sender states {states}, {row.rows_read} were read"
        owner = _owner(catalogue, row.feed)
        yield Cause(f"control_total:{row.delivery_id}", "control_total", owner, detail, row.feed, row.delivery_id)


def periods_that_cannot_be_read(connection: sa.Connection, catalogue: Catalogue) -> Iterator[Cause]:
    """Deliveries whose file name gives a period that is none; over when it is made good."""
    query = sa.text(f"""
        select delivery_id, feed, reason from ledger.deliveries as delivery
        where status in ('loaded', 'held') and starts_with(reason, :unread) and {NOT_MADE_GOOD}
        order by received_at, delivery_id
    """)  # noqa: S608  # the condition is this module's own constant
    for row in connection.execute(query, {"unread": UNREAD_PERIOD}):
        key, owner = f"unread_period:{row.delivery_id}", _owner(catalogue, row.feed)
        yield Cause(key, "unread_period", owner, row.reason, row.feed, row.delivery_id)


def gaps_in_sequence(connection: sa.Connection, catalogue: Catalogue) -> Iterator[Cause]:
    """Senders whose numbered deliveries have numbers missing between the first and the last. A refused delivery counts
    as missing: its sender must send it again."""
    query = sa.text(f"""
        select feed, sender, array_agg(distinct sequence_number) as numbers
        from ledger.deliveries as delivery
        where sequence_number is not null and {HAS_ARRIVED}
        group by feed, sender order by feed, sender
    """)  # noqa: S608  # the condition is this module's own constant
    for row in connection.execute(query):
        missing = missing_ranges(row.numbers)
        if missing:
            count = sum(last - first + 1 for first, last in missing)
            shown = ", ".join(
                f"{first}" if first == last else f"{first}-{last}" for first, last in missing[:RANGES_SHOWN]
            )
            if len(missing) > RANGES_SHOWN:
                shown += f" and {len(missing) - RANGES_SHOWN} more ranges"
            detail = f"{count} number(s) missing from {row.sender}: {shown}"
            yield Cause(f"gap:{row.feed}:{row.sender}", "gap", _owner(catalogue, row.feed), detail, row.feed)


def drifts_of_meaning(connection: sa.Connection, catalogue: Catalogue) -> Iterator[Cause]:
    """Senders and columns that stopped being as their own past; over when they are as before, or a person has accepted
    that it is right so."""
    query = sa.text("""
        select feed, sender, column_name, detail from ledger.drifts
        where over_day is null and decision is distinct from 'accepted' order by drift_id
    """)
    for row in connection.execute(query):
        key = f"drift:{row.feed}:{row.sender}:{row.column_name}"
        yield Cause(key, "drift", _owner(catalogue, row.feed), row.detail, row.feed)


def _owner(catalogue: Catalogue, feed: str) -> str:
    contract = catalogue.contracts.get(feed)
    return contract.owner if contract else HUB_OWNER
