"""What has changed for the linkage of persons since its last run: which mentions are new, gone or other than before.

Every function works in the transaction of its connection; sets of rows travel as temporary tables.
"""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

_BROUGHT = """
    insert into looked_at
    select report_id from intermediate.int_reports__unioned where delivery_id = any(cast(:deliveries as uuid[]))
    union
    select event_id from staging.stg_victim_support_events where delivery_id = any(cast(:deliveries as uuid[]))
    union
    select report_id from linkage.report_incidents
    where changed_at >= (select coalesce(max(finished_at), '-infinity') from linkage.people_runs)
    union
    select record_id from linkage.mention_portraits where pins is not null
    union
    select seen.record_id from linkage.person_pins as pins
    inner join linkage.mention_portraits as seen on seen.mention_id in (pins.mention_a, pins.mention_b)
"""
"""Records of new deliveries, reports that are of another incident since the last run, and whomever somebody has
decided about."""
_NAMED_BY = (
    """
    create temporary table told_names on commit drop as
    select told.reference_kind, told.reference from looked_at cross join lateral (
        select reference_kind, reference from intermediate.int_reports__names as known
        where known.report_id = looked_at.record_id offset 0
    ) as told
    union
    select 'crime_reference', crime_reference from intermediate.int_journey_records
    where report_id in (select record_id from looked_at) and crime_reference is not null
    """,
    "analyze told_names",
    """
    insert into looked_at
    select events.event_id from told_names
    inner join staging.stg_victim_support_events as events
        on told_names.reference_kind = 'report_ref' and told_names.reference = events.report_ref
    union
    select events.event_id from told_names
    inner join staging.stg_victim_support_events as events
        on told_names.reference_kind = 'crime_reference' and told_names.reference = events.crime_reference
    on conflict do nothing
    """,
    "analyze looked_at",
)
"""Events of support services that name one of these reports, or named it before it was corrected."""
_NAMED = """
    create temporary table named_incidents on commit drop as
    select distinct on (graded.event_id) graded.event_id, graded.incident_id
    from (
        select
            events.event_id, events.grade, min(incidents.incident_id::text)::uuid as incident_id,
            count(distinct incidents.incident_id) as count_incidents
        from {events}
        cross join lateral (
            select incident_id from linkage.report_incidents as known
            where known.report_id = events.report_id {one_by_one}
        ) as incidents
        group by events.event_id, events.grade
    ) as graded
    where graded.count_incidents = 1
    order by graded.event_id, graded.grade
"""
"""What an event of a support service names: its best reference that leads to one incident."""
_NOTE = """
    create temporary table now_mentions on commit drop as
    with both_ways as (
        select mention_a as mention_id, mention_b as other_id, is_together from linkage.person_pins
        union all
        select mention_b, mention_a, is_together from linkage.person_pins
    ),
    decided as (
        select
            mention_id,
            bool_or(not is_together) as is_set_apart,
            md5(string_agg(other_id || is_together::text, ',' order by other_id)) as pins
        from both_ways
        group by mention_id
    )
    select
        mentions.mention_id, mentions.record_id, mentions.feed, mentions.role,
        mentions.is_reporter_victim,
        mentions.delivery_id, mentions.row_number, mentions.client_id, mentions.told_at,
        coalesce(incidents.incident_id, named.incident_id) as incident_id, decided.pins,
        coalesce(decided.is_set_apart, false) as is_set_apart
    from {mentions}
    left join lateral (
        select incident_id from linkage.report_incidents as known
        where known.report_id = mentions.record_id {one_by_one}
    ) as incidents on mentions.role = 'victim' or mentions.is_reporter_victim is not false
    left join named_incidents as named on mentions.record_id = named.event_id
    left join decided on mentions.mention_id = decided.mention_id
"""
_MENTIONS = "intermediate.int_person_mentions as mentions"
_EVENTS = "intermediate.int_support_events__reports as events"
_LOOKED_AT = """
    looked_at cross join lateral (
        select * from {view} where {record_id} = looked_at.record_id offset 0
    ) as {alias}
"""
"""Looked up record by record in every feed. Without the offset the planner joins the view as a whole: it takes nothing
of a join down into a union."""
_CHANGED = """
    create temporary table changed_records on commit drop as
    select distinct record_id
    from (
        select unnest(array[now.record_id, seen.record_id]) as record_id
        from now_mentions as now
        full join (
            select * from linkage.mention_portraits as of_before where {seen_among}
        ) as seen on now.mention_id = seen.mention_id
        where (now.record_id, now.role, now.is_reporter_victim, now.delivery_id, now.row_number, now.incident_id,
               now.client_id, now.told_at, now.pins)
            is distinct from (seen.record_id, seen.role, seen.is_reporter_victim, seen.delivery_id, seen.row_number,
               seen.incident_id, seen.client_id, seen.told_at, seen.pins)
    ) as others
    where record_id is not null
"""
_TAKE_UP = (
    "create temporary table stale_mentions on commit drop as select seen.*"
    " from linkage.mention_portraits as seen inner join changed_records using (record_id)",
    "create index on stale_mentions (mention_id)",
    "create index on stale_mentions (portrait_id)",
    "delete from linkage.mention_portraits as seen using changed_records"
    " where seen.record_id = changed_records.record_id",
    """
    create temporary table changed_mentions on commit drop as
    select
        now.*,
        first_value(now.mention_id) over (
            partition by
                now.record_id, now.is_reporter_victim,
                case when now.is_reporter_victim is not true then now.mention_id end
            order by now.mention_id
        ) as appearance_id,
        (dense_rank() over (order by now.record_id) - 1) / {records_a_part} as part
    from now_mentions as now
    inner join changed_records using (record_id)
    """,
    "create index on changed_mentions (part)",
    "analyze changed_mentions",
)


def note_changes(connection: sa.Connection, deliveries: Sequence[uuid.UUID] | None) -> int:
    """Note in ``now_mentions`` mentions as they stand, and in ``changed_records`` the records of those that are new,
    gone or other than last seen. Where ``deliveries`` are given only what these can have changed is looked at, which
    does not cost more when the history is longer. Returns how many records have changed."""
    events, mentions, one_by_one, among = _EVENTS, _MENTIONS, "", "true"
    if deliveries is not None:
        _look_at(connection, deliveries)
        events = _LOOKED_AT.format(view=_EVENTS, record_id="events.event_id", alias="events")
        mentions = _LOOKED_AT.format(view=_MENTIONS, record_id="mentions.record_id", alias="mentions")
        one_by_one, among = "offset 0", "of_before.record_id in (select record_id from looked_at)"
    for statement in (
        _NAMED.format(events=events, one_by_one=one_by_one),
        "analyze named_incidents",
        _NOTE.format(mentions=mentions, one_by_one=one_by_one),
        "create index on now_mentions (record_id)",
        "analyze now_mentions",
        _CHANGED.format(seen_among=among),
    ):
        connection.execute(sa.text(statement))
    return int(connection.execute(sa.text("select count(*) from changed_records")).scalar_one())


def _look_at(connection: sa.Connection, deliveries: Sequence[uuid.UUID]) -> None:
    connection.execute(sa.text("create temporary table looked_at (record_id uuid primary key) on commit drop"))
    connection.execute(sa.text(_BROUGHT), {"deliveries": list(deliveries)})
    connection.execute(sa.text("analyze looked_at"))
    for statement in _NAMED_BY:
        connection.execute(sa.text(statement))


def take_up_changes(connection: sa.Connection, records_a_part: int) -> int:
    """Note what the changed records held before (``stale_mentions``), forget it, and number the parts in which their
    mentions are to be drawn anew (``changed_mentions``). Returns the number of parts."""
    for statement in _TAKE_UP:
        connection.execute(sa.text(statement.format(records_a_part=records_a_part)))
    last: int | None = connection.execute(sa.text("select max(part) from changed_mentions")).scalar_one()
    return 0 if last is None else last + 1
