"""New and changed reports take the place of what they said before, and whose candidates that can change."""

import sqlalchemy as sa

from hub.incident_evidence import Reason
from hub.stages.link_incidents.candidates import NEIGHBOURS, REACH
from hub.stages.link_incidents.marking import mark_changed
from hub.stages.link_incidents.reading import TraitsReader


def replace_changed(connection: sa.Connection, reader: TraitsReader) -> None:
    """Write the changed reports' marks and keys in the place of their old ones.

    Fills ``affected_reports``, those whose candidates are looked for anew: the new and changed reports; the two of a
    kept pair that an entry came between, so that they may be out of reach; and all around an entry that went, for any
    two of them may have come into reach.
    """
    for statement in (*_TABLES, _TOUCH.format(table="old_keys"), *_FORGET):
        connection.execute(sa.text(statement))
    for _ in mark_changed(connection, reader):
        pass
    for statement in (_TOUCH.format(table="new_keys"), *_MOVED, _ADD_PARTED, _ADD_AROUND_GONE, *_SETTLE_AFFECTED):
        connection.execute(sa.text(statement))


_TABLES = (
    "create temporary table affected_reports (report_id uuid primary key) on commit drop",
    "create temporary table old_keys (key bigint, position bigint, report_id uuid) on commit drop",
    "create temporary table new_keys (key bigint, position bigint, report_id uuid) on commit drop",
)
_TOUCH = """
    insert into {table}
    select entries.key, entries.position, marks.report_id
    from changed_reports
    inner join linkage.report_marks as marks on changed_reports.report_id = marks.report_id
    cross join lateral unnest(marks.keys, marks.positions) as entries (key, position)
"""
_FORGET = (
    """
    delete from linkage.report_keys as keys using old_keys as old
    where keys.key = old.key and keys.position = old.position and keys.report_id = old.report_id
    """,
    """
    delete from linkage.report_marks as marks using changed_reports as changed
    where marks.report_id = changed.report_id
    """,
)
_MOVED = (
    """
    create temporary table added_keys on commit drop as
    select row_number() over () as entry, came.* from (table new_keys except table old_keys) as came
    """,
    "create temporary table gone_keys on commit drop as table old_keys except table new_keys",
    f"""
    create temporary table around_added on commit drop as
    select added.entry, -near.steps as steps, near.report_id
    from added_keys as added
    cross join lateral (
        select report_id, row_number() over (order by position desc, report_id desc) as steps
        from linkage.report_keys as keys
        where keys.key = added.key and (keys.position, keys.report_id) < (added.position, added.report_id)
        order by position desc, report_id desc limit {REACH}
    ) as near
    union all
    select added.entry, near.steps, near.report_id
    from added_keys as added
    cross join lateral (
        select report_id, row_number() over (order by position, report_id) as steps
        from linkage.report_keys as keys
        where keys.key = added.key and (keys.position, keys.report_id) > (added.position, added.report_id)
        order by position, report_id limit {REACH}
    ) as near
    """,  # noqa: S608 (made of constants)
    # Only those who have a pair can lose one.
    f"""
    delete from around_added as near
    where not exists (
        select from linkage.report_pairs as pairs
        where pairs.report_a = near.report_id and pairs.reason <> '{Reason.CONTENT}'
    )
    and not exists (
        select from linkage.report_pairs as pairs
        where pairs.report_b = near.report_id and pairs.reason <> '{Reason.CONTENT}'
    )
    """,  # noqa: S608 (made of constants)
    "analyze around_added",
)
_ADD_PARTED = f"""
    insert into affected_reports
    select distinct unnest(array[pairs.report_a, pairs.report_b])
    from around_added as before
    inner join around_added as after on before.entry = after.entry
    inner join linkage.report_pairs as pairs
        on pairs.report_a = least(before.report_id, after.report_id)
        and pairs.report_b = greatest(before.report_id, after.report_id)
    where before.steps < 0 and after.steps - before.steps > {REACH} and pairs.reason <> '{Reason.CONTENT}'
    on conflict do nothing
"""  # noqa: S608 (made of constants)
_ADD_AROUND_GONE = f"""
    insert into affected_reports
    select distinct near.report_id from gone_keys as gone
    cross join lateral ({NEIGHBOURS.format(one="gone", reach=REACH)}) as near
    on conflict do nothing
"""  # noqa: S608 (made of constants)
_SETTLE_AFFECTED = (
    """
    insert into affected_reports select report_id from changed_reports where not is_gone
    on conflict do nothing
    """,
    "analyze affected_reports",
)
