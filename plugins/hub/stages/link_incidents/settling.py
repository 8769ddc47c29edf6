"""Joined blocks → incidents as they stand: what is other than before is written down, and what became of old ones."""

import sqlalchemy as sa

from hub.doors.stable_ids import named_after
from hub.incident_evidence import CONFIRMED_FROM, CONTENT_SCORE, Reason

SETTLE = (
    f"""
    create temporary table settled on commit drop as
    select block.report_id, {named_after("incident", "coalesce(anchors.anchor, block.report_id)")} as incident_id
    from block
    left join anchors on block.report_id = anchors.report_id
    order by block.report_id
    """,  # noqa: S608 (made of constants)
    "create unique index on settled (report_id)",
    "analyze settled",
    """
    create temporary table moved on commit drop as
    select distinct own.incident_id as old_id, settled.incident_id as new_id
    from settled
    cross join lateral (
        select incident_id from linkage.report_incidents as known where known.report_id = settled.report_id offset 0
    ) as own
    where own.incident_id <> settled.incident_id
    """,
    """
    create temporary table existed on commit drop as
    select distinct new_id from moved
    where exists (select from linkage.report_incidents as before where before.incident_id = moved.new_id)
    """,
    """
    delete from linkage.report_incidents as own
    where not exists (select from linkage.report_marks as marks where marks.report_id = own.report_id)
    and own.report_id in (select report_id from changed_reports where is_gone)
    """,
    """
    insert into linkage.report_incidents (report_id, incident_id)
    select settled.report_id, settled.incident_id
    from settled
    left join lateral (
        select incident_id from linkage.report_incidents as known where known.report_id = settled.report_id offset 0
    ) as own on true
    where own.incident_id is distinct from settled.incident_id
    on conflict (report_id) do update set incident_id = excluded.incident_id, changed_at = now()
    """,
    """
    insert into linkage.incident_changes (kind, old_incident_id, new_incident_id)
    select
        case
            when exists (select from linkage.report_incidents as own where own.incident_id = moved.old_id) then 'split'
            when count(*) over (partition by moved.old_id) > 1 then 'split'
            when count(*) over (partition by moved.new_id) > 1 then 'merged'
            when moved.new_id in (select new_id from existed) then 'merged'
            else 're_anchored'
        end,
        moved.old_id,
        moved.new_id
    from moved
    order by moved.old_id, moved.new_id
    """,
    *(
        f"""
        delete from linkage.report_pairs
        where ctid = any(array(
            select pairs.place
            from (
                select report_id from block union select report_id from changed_reports order by report_id
            ) as looked_at
            cross join lateral (
                select ctid as place, report_a, report_b from linkage.report_pairs as known
                where known.{side} = looked_at.report_id and known.reason = '{Reason.CONTENT}' offset 0
            ) as pairs
            left join content_pairs as content using (report_a, report_b)
            where content.report_a is null
        ))
        """  # noqa: S608 (made of constants)
        for side in ("report_a", "report_b")
    ),
    f"""
    insert into linkage.report_pairs (report_a, report_b, reason, score, state, evidence_score, is_backed)
    select
        content.report_a, content.report_b, '{Reason.CONTENT}', {CONTENT_SCORE}, 'confirmed', {CONTENT_SCORE}, true
    from content_pairs as content
    left join lateral (
        select reason from linkage.report_pairs as before
        where before.report_a = content.report_a and before.report_b = content.report_b
        offset 0
    ) as known on true
    where known.reason is distinct from '{Reason.CONTENT}'
    on conflict (report_a, report_b) do update
    set reason = excluded.reason, score = excluded.score, evidence_score = excluded.evidence_score,
        is_backed = excluded.is_backed, found_at = now()
    """,  # noqa: S608 (made of constants)
    f"""
    update linkage.report_pairs as pairs
    set state = case when pairs.state = 'confirmed' then 'suggested' else 'confirmed' end
    from settled as a, settled as b
    where pairs.report_a = a.report_id and pairs.report_b = b.report_id
    and (pairs.state = 'confirmed') <> (a.incident_id = b.incident_id and pairs.score >= {CONFIRMED_FROM})
    """,  # noqa: S608 (made of constants)
)
"""What the incidents are now, into the tables; only what is other than before is written."""


FOLLOWED = (
    "delete from linkage.followed_pins",
    """
    insert into linkage.followed_pins (report_a, report_b, is_together, decided_at)
    select report_a, report_b, is_together, decided_at from linkage.incident_pins
    """,
)


def settle(connection: sa.Connection) -> None:
    """Write the incidents of the block, the log of what became of old ones, and the states of the pairs."""
    for statement in (*SETTLE, *FOLLOWED):
        connection.execute(sa.text(statement))
