"""What the page reads of the warehouse. Every list is bounded, and what grows with the hub is found by an index."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.contracts.file_names import shown_name
from hub.page.values import (
    Delivery,
    DeliveryLine,
    FeedLine,
    ForecastLine,
    InPublish,
    PublishLine,
    RuleCount,
    Switch,
    Told,
    Waiting,
    WaitingFile,
)

PAGE_LENGTH = 50

FEEDS = """
    select feeds.feed, feeds.title, feeds.owner, feeds.sender, last.delivery_id, last.status, last.received_at,
           coalesce(recent.counts, '{}') as recent, coalesce(alerts.count_alerts, 0) as count_alerts
    from ledger.feeds
    left join lateral (
        select delivery_id, status, received_at from ledger.deliveries
        where deliveries.feed = feeds.feed
        order by received_at desc limit 1
    ) as last on true
    left join lateral (
        select jsonb_object_agg(status, count_deliveries) as counts
        from (
            select status, count(*) as count_deliveries from ledger.deliveries
            where deliveries.feed = feeds.feed and received_at > :since
            group by status
        ) as by_status
    ) as recent on true
    left join (
        select feed, count(*) as count_alerts from ledger.alerts where closed_at is null group by feed
    ) as alerts on feeds.feed = alerts.feed
    order by feeds.feed
"""
# Where one delivery has nearly all rows, only their order makes the server ask the index for those of another.
HAS_OPEN_ROWS = """
    (status = 'loaded' and rows_quarantined > 0 and coalesce((
        select true from quarantine.rows where rows.delivery_id = deliveries.delivery_id and rows.state = 'open'
        order by rows.row_number limit 1
    ), false))
"""
DELIVERIES = f"""
    select delivery_id, feed, file_name, sender, received_at, status, rows_read, rows_accepted, rows_quarantined,
           rows_duplicate, {HAS_OPEN_ROWS} as has_open_rows
    from (
        select * from ledger.deliveries
        where feed = :feed and (cast(:status as text) is null or status = :status)
        order by received_at desc, delivery_id
        limit :limit offset :offset
    ) as deliveries
    order by received_at desc, delivery_id
"""  # noqa: S608  # the condition is this module's own constant
DELIVERY = f"""
    select delivery_id, deliveries.feed, file_name, deliveries.sender, received_at, status, rows_read, rows_accepted,
           rows_quarantined, rows_duplicate, {HAS_OPEN_ROWS} as has_open_rows,
           feeds.title, feeds.owner, reason, bytes, sha256, sequence_number, period_start, period_end, first_event_on,
           last_event_on, deliveries.contract_version, loaded_at, duplicate_of,
           (select count(*) from ledger.deliveries as repeats
            where repeats.feed = deliveries.feed and repeats.duplicate_of = deliveries.delivery_id) as count_repeats,
           stated_rows, is_total_unreadable, records_new, records_changed, records_withdrawn, records_unchanged,
           withdrawn_at, withdrawn_by, withdrawn_because, bytes_destroyed_at,
           sha256 in (select simulated.sha256 from ledger.simulated_files as simulated) as is_simulated
    from ledger.deliveries
    left join ledger.feeds on deliveries.feed = feeds.feed
    where delivery_id = :delivery_id
"""  # noqa: S608  # the condition is this module's own constant
RULES = """
    select rule, min(because) as because, count(*) filter (where state = 'open') as open,
           count(*) filter (where state = 'corrected') as corrected,
           count(*) filter (where state = 'released') as released,
           count(*) filter (where state = 'rejected') as rejected
    from quarantine.rows
    where delivery_id = :delivery_id
    group by rule
    order by count(*) desc, rule
"""
# In the order of rows for the same reason.
WAITING_FILES = """
    select delivery_id, feed, file_name, received_at, status, coalesce(waiting.count_open, 0) as count_open,
           coalesce(waiting.rules, '{}') as rules
    from (
        select newest_first.* from (
            select delivery_id, feed, file_name, received_at, status from ledger.deliveries
            where status = 'held' or (status = 'loaded' and rows_quarantined > 0)
            order by received_at desc, delivery_id
        ) as newest_first
        left join lateral (
            select true as is_there from quarantine.rows
            where rows.delivery_id = newest_first.delivery_id and rows.state = 'open'
            order by rows.row_number
            limit 1
        ) as open_row on true
        where status = 'held' or open_row.is_there
        limit :limit offset :offset
    ) as listed
    left join lateral (
        select sum(by_rule.count_rows)::bigint as count_open,
               array_agg(by_rule.rule order by by_rule.count_rows desc, by_rule.rule) as rules
        from (
            select rule, count(*) as count_rows
            from (
                select rule from quarantine.rows
                where rows.delivery_id = listed.delivery_id and rows.state = 'open'
                order by rows.row_number
                limit :most_counted + 1
            ) as counted
            group by rule
        ) as by_rule
    ) as waiting on true
    order by received_at desc, delivery_id
"""
TOLD = """
    select title, severity, notifications.owner, noted_at, sends.channel, sends.state, sent_at, problem
    from ledger.notifications
    left join ledger.notification_sends as sends on notifications.notification_id = sends.notification_id
    where cause in (
        select concat_ws(':', 'alert', alert_id, kind) from ledger.alerts where delivery_id = :delivery_id
        union all
        select concat_ws(':', kind, cast(:delivery_id as text)) from unnest(array['quarantined', 'duplicate']) as kind
    )
    order by noted_at, title, sends.channel
"""
WAITING = """
    select asked.dag_id, asked.run_id, asked.asked_by, asked.asked_at
    from ledger.alerts
    inner join ledger.questions as asked on alerts.cause = 'approval:' || asked.question_id
    where alerts.kind = 'approval' and alerts.closed_at is null
    order by asked.asked_at
"""
CURRENT = "(select publish_id from ledger.publish_switches order by switch_id desc limit 1)"
IN_PUBLISH = f"""
    select now.publish_id, now.published_at, :delivery_id = any(now.delivery_ids) as rests_on_it,
           :delivery_id = any(before.delivery_ids) as was_there, now.row_counts,
           coalesce(before.row_counts, '{{}}') as counts_before,
           (
               select min(publish_id) from ledger.publishes
               where publish_id > now.publish_id and :delivery_id = any(delivery_ids)
           ) as left_behind_in
    from ledger.publishes as now
    left join lateral (
        select delivery_ids, row_counts from ledger.publishes
        where publish_id < now.publish_id order by publish_id desc limit 1
    ) as before on true
    where now.publish_id = {CURRENT}
"""  # noqa: S608  # the query of the current publish is this module's own constant
NEW_IN_PUBLISH = """
    select count(*)
    from (
        select unnest(delivery_ids) from ledger.publishes where publish_id = :publish_id
        except
        select unnest(before.delivery_ids) from (
            select delivery_ids from ledger.publishes
            where publish_id < :publish_id order by publish_id desc limit 1
        ) as before
    ) as new_deliveries
"""
PUBLISHES = f"""
    select publish_id, build_id, published_at, data_as_of, code_version, row_counts, checks,
           publish_id = {CURRENT} as is_current,
           to_regnamespace('publish_' || publish_id) is not null as is_kept
    from ledger.publishes
    where cast(:publish_id as bigint) is null or publish_id = :publish_id
    order by publish_id desc
    limit :limit
"""  # noqa: S608  # the query of the current publish is this module's own constant
SWITCHES = (
    "select publish_id, kind, because, switched_at from ledger.publish_switches order by switch_id desc limit :limit"
)
FORECASTS = """
    select distinct on (panel) panel, cut_off, made_at, verdict, is_withheld, withheld_because, count_areas,
           completeness, model_version
    from forecast.runs
    order by panel, cut_off desc, made_at desc
"""


def feeds(connection: sa.Connection, since: datetime) -> list[FeedLine]:
    """All feeds by name; ``recent`` counts what came after ``since``."""
    return [FeedLine(**row) for row in _rows(connection, FEEDS, since=since)]


def deliveries(connection: sa.Connection, feed: str, status: str | None, page: int) -> list[DeliveryLine]:
    """A page (from 1) of a feed's deliveries, the newest first, and one more where there are more."""
    rows = _rows(connection, DELIVERIES, feed=feed, status=status, **window(page))
    return [DeliveryLine(**_named(row)) for row in rows]


def delivery(connection: sa.Connection, delivery_id: uuid.UUID) -> Delivery:
    """One delivery. Raises LookupError where there is none."""
    for row in _rows(connection, DELIVERY, delivery_id=delivery_id):
        return Delivery(**_named(row))
    raise LookupError(f"there is no delivery {delivery_id}")


def rules_of(connection: sa.Connection, delivery_id: uuid.UUID) -> list[RuleCount]:
    """The rules that rows of a delivery broke, the most frequent first."""
    return [RuleCount(**row) for row in _rows(connection, RULES, delivery_id=delivery_id)]


def waiting_files(connection: sa.Connection, page: int, most_counted: int) -> list[WaitingFile]:
    """A page of the deliveries that wait for a decision, the newest first, and one more where there are more. So many
    open rows of each are counted, and one more where there are more."""
    given = {"most_counted": most_counted, **window(page)}
    return [WaitingFile(**_named(row)) for row in _rows(connection, WAITING_FILES, **given)]


def told_of(connection: sa.Connection, delivery_id: uuid.UUID) -> list[Told]:
    """Who was or will be notified of a delivery."""
    return [Told(**row) for row in _rows(connection, TOLD, delivery_id=delivery_id)]


def waiting_questions(connection: sa.Connection) -> list[Waiting]:
    """Questions that wait for an answer, the oldest first."""
    return [Waiting(**row) for row in _rows(connection, WAITING)]


def in_publish(connection: sa.Connection, delivery_id: uuid.UUID) -> InPublish | None:
    """What a delivery changed in what readers see; None before the first publish."""
    for row in _rows(connection, IN_PUBLISH, delivery_id=delivery_id):
        before, now = row["counts_before"], row["row_counts"]
        is_new = row["rests_on_it"] and not row["was_there"]
        views = {name: (before.get(name, 0), now.get(name, 0)) for name in sorted({*before, *now})}
        return InPublish(
            publish_id=row["publish_id"],
            published_at=row["published_at"],
            rests_on_it=row["rests_on_it"],
            left_behind_in=row["left_behind_in"],
            is_new=is_new,
            count_new=_count_new(connection, row["publish_id"]) if is_new else 0,
            views={name: (was, is_now) for name, (was, is_now) in views.items() if was != is_now},
        )
    return None


def _count_new(connection: sa.Connection, publish_id: int) -> int:
    count: int = connection.execute(sa.text(NEW_IN_PUBLISH), {"publish_id": publish_id}).scalar_one()
    return count


def publishes(connection: sa.Connection) -> list[PublishLine]:
    """The last publishes, the newest first."""
    return [PublishLine(**row) for row in _rows(connection, PUBLISHES, publish_id=None, limit=PAGE_LENGTH)]


def publish(connection: sa.Connection, publish_id: int) -> PublishLine:
    """One publish. Raises LookupError where there was none."""
    for row in _rows(connection, PUBLISHES, publish_id=publish_id, limit=1):
        return PublishLine(**row)
    raise LookupError(f"there was no publish {publish_id}")


def current_publish(connection: sa.Connection) -> int | None:
    """The publish that readers see; None before the first."""
    current: int | None = connection.execute(sa.text(f"select {CURRENT}")).scalar_one()
    return current


def switches(connection: sa.Connection) -> list[Switch]:
    """The last times that readers were given another publish, the newest first."""
    return [Switch(**row) for row in _rows(connection, SWITCHES, limit=PAGE_LENGTH)]


def forecasts(connection: sa.Connection) -> list[ForecastLine]:
    """The last forecast of each panel."""
    return [ForecastLine(**row) for row in _rows(connection, FORECASTS)]


def _rows(connection: sa.Connection, query: str, **given: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(sa.text(query), given).mappings()]


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    """With a file's name that may be shown, and a sender's where a file gave it."""
    shown = {name: shown_name(row[name]) for name in ("file_name", "sender") if row.get(name) is not None}
    return {**row, **shown}


def window(page: int) -> dict[str, int]:
    """Which lines of a list are on a page, and one more."""
    return {"limit": PAGE_LENGTH + 1, "offset": (page - 1) * PAGE_LENGTH}
