"""What the ledger and the quarantine say: counts, times, feeds, states and kinds.

No statement here asks for the name of a file, a text or a login. A feed without a contract is called ``unknown``: its
name is the sender's own.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.metrics.metrics import Reading
from hub.monitoring.watch.causes import arrivals

NEVER = 0.0
OUTCOMES = ("accepted", "quarantined", "duplicate")
WAITING_STATES = ("received", "held")

DELIVERIES = """
    select coalesce(feeds.feed, 'unknown') as feed, came.status as state, count(*) as count_files,
           sum(came.rows_read) as rows_read, sum(came.rows_accepted) as accepted,
           sum(came.rows_quarantined) as quarantined, sum(came.rows_duplicate) as duplicate,
           min(came.received_at) as first_received_at, max(came.loaded_at) as last_loaded_at
    from ledger.deliveries as came
    left join ledger.feeds on came.feed = feeds.feed
    group by 1, 2
    order by 1, 2
"""
QUARANTINE = """
    select coalesce(feeds.feed, 'unknown') as label, count(*) as count_open, min(rows.first_seen_at) as since_at
    from quarantine.rows
    left join ledger.feeds on rows.feed = feeds.feed
    where rows.state = 'open'
    group by 1
    order by 1
"""
ALERTS = """
    select kind as label, count(*) as count_open, min(opened_at) as since_at
    from ledger.alerts
    where closed_at is null
    group by kind
    order by kind
"""
APPROVALS = """
    select asked.dag_id as label, count(*) as count_open, min(asked.asked_at) as since_at
    from ledger.questions as asked
    inner join ledger.alerts on alerts.cause = 'approval:' || asked.question_id and alerts.closed_at is null
    group by asked.dag_id
    order by asked.dag_id
"""
NOTIFICATIONS = """
    select case when sends.channel is null then 'no_channel' else 'waiting' end as label,
           count(distinct told.notification_id) as count_open,
           min(told.noted_at) as since_at
    from ledger.notifications as told
    left join ledger.notification_sends as sends on told.notification_id = sends.notification_id
    where sends.state = 'waiting' or (sends.channel is null and told.over_at is null)
    group by 1
    order by 1
"""
WAITING = (
    (QUARANTINE, "hub_quarantine_open_rows", "hub_quarantine_oldest_open_timestamp_seconds"),
    (ALERTS, "hub_alerts_open", "hub_alert_oldest_open_timestamp_seconds"),
    (APPROVALS, "hub_approvals_waiting", "hub_approval_oldest_waiting_timestamp_seconds"),
    (NOTIFICATIONS, "hub_notifications_waiting", "hub_notification_oldest_waiting_timestamp_seconds"),
)
LAST_BUILD = """
    select finished_at as ended_at, extract(epoch from finished_at - started_at) as seconds,
           status = 'succeeded' as has_succeeded
    from ledger.builds
    where selection is null and finished_at is not null
    order by build_id desc limit 1
"""
BUILT_AS_OF = """
    select data_as_of from ledger.builds
    where selection is null and status = 'succeeded'
    order by build_id desc limit 1
"""
LAST_PUBLISH = """
    select switches.switched_at as ended_at, publishes.data_as_of,
           extract(epoch from switches.switched_at - publishes.published_at) as seconds
    from ledger.publish_switches as switches
    inner join ledger.publishes on switches.publish_id = publishes.publish_id
    where switches.kind = 'published'
    order by switches.switch_id desc limit 1
"""


def ledger_readings(connection: sa.Connection, catalogue: Catalogue, now: datetime) -> Iterator[Reading]:
    """All readings that need the warehouse."""
    yield from _deliveries(connection)
    yield from _calendar(connection, catalogue, now)
    for query, count, since in WAITING:
        for row in connection.execute(sa.text(query)):
            yield Reading(count, row.count_open, (row.label,))
            yield Reading(since, row.since_at.timestamp(), (row.label,))
    yield from _last_build(connection)
    yield from _last_publish(connection)


def _deliveries(connection: sa.Connection) -> Iterator[Reading]:
    by_feed: dict[str, Counter[str]] = {}
    waiting: dict[str, datetime] = {}
    last_loaded = NEVER
    for row in connection.execute(sa.text(DELIVERIES)):
        yield Reading("hub_deliveries", row.count_files, (row.feed, row.state))
        counts = by_feed.setdefault(row.feed, Counter())
        counts.update({name: int(getattr(row, name)) for name in ("rows_read", *OUTCOMES)})
        if row.state in WAITING_STATES:
            waiting[row.state] = min(row.first_received_at, waiting.get(row.state, row.first_received_at))
        if row.state == "loaded":
            last_loaded = max(last_loaded, _seconds(row.last_loaded_at))
    for feed, counts in by_feed.items():
        yield Reading("hub_rows_read", counts["rows_read"], (feed,))
        for outcome in OUTCOMES:
            yield Reading("hub_rows", counts[outcome], (feed, outcome))
    for state, since_at in waiting.items():
        yield Reading("hub_delivery_oldest_waiting_timestamp_seconds", since_at.timestamp(), (state,))
    yield Reading("hub_delivery_last_loaded_timestamp_seconds", last_loaded)


def _calendar(connection: sa.Connection, catalogue: Catalogue, now: datetime) -> Iterator[Reading]:
    for one in arrivals(connection, catalogue, now):
        if one.last_received_at is not None:
            yield Reading("hub_feed_last_delivery_timestamp_seconds", one.last_received_at.timestamp(), (one.feed,))
        yield Reading("hub_feed_due_timestamp_seconds", one.due_at.timestamp(), (one.feed,))
        yield Reading("hub_feed_late_timestamp_seconds", one.late_at.timestamp(), (one.feed,))


def _last_build(connection: sa.Connection) -> Iterator[Reading]:
    last = _first(connection, LAST_BUILD)
    if last is not None:
        yield Reading("hub_build_last_end_timestamp_seconds", last.ended_at.timestamp())
        yield Reading("hub_build_last_duration_seconds", float(last.seconds))
        yield Reading("hub_build_last_success", float(last.has_succeeded))
    built = _first(connection, BUILT_AS_OF)
    yield Reading("hub_build_data_as_of_timestamp_seconds", _seconds(built.data_as_of if built else None))


def _last_publish(connection: sa.Connection) -> Iterator[Reading]:
    last = _first(connection, LAST_PUBLISH)
    if last is not None:
        yield Reading("hub_publish_last_end_timestamp_seconds", last.ended_at.timestamp())
        yield Reading("hub_publish_last_duration_seconds", float(last.seconds))
    yield Reading("hub_publish_data_as_of_timestamp_seconds", _seconds(last.data_as_of if last else None))


def _first(connection: sa.Connection, query: str) -> sa.Row[Any] | None:
    return connection.execute(sa.text(query)).one_or_none()


def _seconds(instant: datetime | None) -> float:
    return NEVER if instant is None else instant.timestamp()
