"""New and changed reports take the place of what they said before, and whose candidates that can change."""

import sqlalchemy as sa

from hub.doors.incident_state import REPORT_KEYS
from hub.incident_evidence import Reason
from hub.stages.link_incidents.candidates import CLOSE_IN_TIME, NEIGHBOURS, OF_TEXT, REACH
from hub.stages.link_incidents.marking import mark_changed
from hub.stages.link_incidents.reading import TraitsReader

NEW_KEYS = sa.Table(
    "new_keys",
    sa.MetaData(),
    *(sa.Column(column.name, column.type) for column in REPORT_KEYS.columns),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)


def replace_changed(connection: sa.Connection, reader: TraitsReader, sketch_key: bytes) -> None:
    """Write the changed reports' marks and keys in the place of their old ones.

    Fills ``affected_reports``, those whose candidates are looked for anew: the new and changed reports, and all around
    an entry that went, for any two of them may have come into reach. Fills ``lost_pairs``: kept pairs of others that
    are out of reach under every key, since entries came between. What such two say of each other has not changed, so
    their other pairs are not looked for again.
    """
    for statement in (*_TABLES, _TOUCH_OLD, *_FORGET):
        connection.execute(sa.text(statement))
    NEW_KEYS.create(connection)
    for _ in mark_changed(connection, reader, NEW_KEYS, sketch_key):
        pass
    for statement in (*_PART, *_ENTER, *_AFFECT, *_LOSE):
        connection.execute(sa.text(statement))


_TABLES = (
    "create temporary table affected_reports (report_id uuid primary key) on commit drop",
    "create temporary table old_keys (key bigint, position bigint, report_id uuid) on commit drop",
)
_TOUCH_OLD = """
    insert into old_keys
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
_PART = (
    # Before the new entries stand in their places: so their neighbours are those that stood beside each other before,
    # and entries that come to one place part the same ones. Most come after all others of their key, and part nobody;
    # and two stay within reach of each other where fewer come to their key (or come back to it, as they were) than
    # there are places left between them.
    """
    create temporary table gaps on commit drop as
    select row_number() over () as gap, places.*
    from (
        select distinct on (came.key, after.position, after.report_id)
            came.key, came.position, came.report_id, came.count_came
        from (
            select *
            from (select *, count(*) over (partition by key) as count_came from new_keys) as fresh
            where not exists (
                select from old_keys as old
                where old.key = fresh.key and old.position = fresh.position and old.report_id = fresh.report_id
            )
            order by key, position, report_id
        ) as came
        cross join lateral (
            select keys.position, keys.report_id
            from linkage.report_keys as keys
            where keys.key = came.key and (keys.position, keys.report_id) > (came.position, came.report_id)
            order by position, report_id limit 1
        ) as after
        order by came.key, after.position, after.report_id
    ) as places
    """,
    f"""
    create temporary table around_gaps on commit drop as
    select gaps.gap, gaps.count_came, -near.steps as steps, near.report_id, near.position
    from gaps
    cross join lateral (
        select report_id, position, row_number() over (order by position desc, report_id desc) as steps
        from linkage.report_keys as keys
        where keys.key = gaps.key and (keys.position, keys.report_id) < (gaps.position, gaps.report_id)
        order by position desc, report_id desc limit {REACH}
    ) as near
    union all
    select gaps.gap, gaps.count_came, near.steps, near.report_id, near.position
    from gaps
    cross join lateral (
        select report_id, position, row_number() over (order by position, report_id) as steps
        from linkage.report_keys as keys
        where keys.key = gaps.key and (keys.position, keys.report_id) > (gaps.position, gaps.report_id)
        order by position, report_id limit {REACH}
    ) as near
    """,  # noqa: S608 (made of constants)
    "analyze around_gaps",
    f"""
    create temporary table parted_pairs on commit drop as
    select parted.*
    from (
        select
            least(before.report_id, after.report_id) as report_a,
            greatest(before.report_id, after.report_id) as report_b,
            bool_or(not {OF_TEXT.format(entry="before")}) as is_by_reference
        from around_gaps as before
        inner join around_gaps as after on before.gap = after.gap
        where before.steps < 0 and after.steps > 0
        and after.steps - before.steps - 1 between {REACH} - before.count_came + 1 and {REACH}
        and (not {OF_TEXT.format(entry="before")} or {CLOSE_IN_TIME.format(one="before", other="after")})
        group by 1, 2
        order by 1, 2
    ) as parted
    cross join lateral (
        select from linkage.report_pairs as pairs
        where pairs.report_a = parted.report_a and pairs.report_b = parted.report_b
            and pairs.reason <> '{Reason.CONTENT}'
        offset 0
    ) as known
    """,  # noqa: S608 (made of constants)
)
"""Fills ``parted_pairs``, kept pairs of others that an entry came between."""
_ENTER = (
    "create temporary table gone_keys on commit drop as table old_keys except table new_keys",
    "insert into linkage.report_keys (key, position, report_id)"
    " select key, position, report_id from new_keys order by key, position, report_id",
)
_AFFECT = (
    "insert into affected_reports select report_id from changed_reports where not is_gone on conflict do nothing",
    f"""
    insert into affected_reports
    select distinct near.report_id from gone_keys as gone
    cross join lateral ({NEIGHBOURS.format(one="gone", reach=REACH)}) as near
    on conflict do nothing
    """,  # noqa: S608 (made of constants)
    # Two that a reference put beside each other need not have texts alike enough to be compared.
    """
    insert into affected_reports
    select unnest(array[report_a, report_b]) from parted_pairs where is_by_reference
    on conflict do nothing
    """,
    """
    delete from parted_pairs as parted using affected_reports as affected
    where affected.report_id in (parted.report_a, parted.report_b)
    """,
    "analyze affected_reports",
)
_LOSE = (
    # Out of reach under every key that the two share: as many stand between them.
    f"""
    create temporary table lost_pairs on commit drop as
    select parted.report_a, parted.report_b
    from parted_pairs as parted
    cross join lateral (
        select keys, positions from linkage.report_marks where report_id = parted.report_a offset 0
    ) as one
    cross join lateral (
        select keys, positions from linkage.report_marks where report_id = parted.report_b offset 0
    ) as other
    where not exists (
        select from unnest(one.keys, one.positions) as mine (key, position)
        inner join unnest(other.keys, other.positions) as theirs (key, position) on mine.key = theirs.key
        cross join lateral (
            select count(*) as count_between
            from (
                select from linkage.report_keys as among
                where among.key = mine.key
                and (among.position, among.report_id) > (
                    least(mine.position, theirs.position),
                    case when mine.position <= theirs.position then parted.report_a else parted.report_b end
                )
                and (among.position, among.report_id) < (
                    greatest(mine.position, theirs.position),
                    case when mine.position <= theirs.position then parted.report_b else parted.report_a end
                )
                limit {REACH}
            ) as nearer
        ) as standing
        where standing.count_between < {REACH}
        and (not {OF_TEXT.format(entry="mine")} or {CLOSE_IN_TIME.format(one="mine", other="theirs")})
    )
    """,  # noqa: S608 (made of constants)
    "create index on lost_pairs (report_a, report_b)",
    "analyze lost_pairs",
)
