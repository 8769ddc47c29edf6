"""Pairs, posts and pins → incidents: the blocks that anything touched are joined anew, and what is other than before
is written down."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from hub.doors.linkage_tables import REPORT_PAIRS
from hub.doors.warehouse import copy_rows
from hub.incident_components import Link, Member, Pin, join_reports
from hub.incident_evidence import CONFIRMED_FROM, CONTENT_SCORE, Reason
from hub.stages.link_incidents.judging import parts_of
from hub.stages.link_incidents.marking import Numbers
from hub.stages.link_incidents.reading import ROWS_A_FETCH, TraitsReader, as_uuid_column

ANCHORS = sa.Table(
    "anchors",
    sa.MetaData(),
    sa.Column("report_id", REPORT_PAIRS.c.report_a.type),
    sa.Column("anchor", REPORT_PAIRS.c.report_a.type),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
CONTENT_PAIRS = sa.Table(
    "content_pairs",
    sa.MetaData(),
    sa.Column("report_a", REPORT_PAIRS.c.report_a.type),
    sa.Column("report_b", REPORT_PAIRS.c.report_b.type),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)

START = """
    with pins_now as (select report_a, report_b, is_together, decided_at from linkage.incident_pins)
    insert into block (report_id, round)
    select report_id, 0 from asked_reports
    union
    select unnest(array[report_a, report_b]), 0 from (
        (table pins_now except select report_a, report_b, is_together, decided_at from linkage.followed_pins)
        union all
        (select report_a, report_b, is_together, decided_at from linkage.followed_pins except table pins_now)
    ) as decided
    union
    select mates.report_id, 0
    from (
        select distinct own.incident_id from changed_reports as changed
        inner join linkage.report_incidents as own on changed.report_id = own.report_id
    ) as incidents
    inner join linkage.report_incidents as mates on incidents.incident_id = mates.incident_id
"""
"""Where to begin: affected reports, the old mates of changed ones, and whoever was pinned or unpinned since."""

# A post or an incident is asked for once, not once for each of its many reports.
GROW = f"""
    insert into block (report_id, round)
    select found.report_id, cast(:round as integer) + 1
    from (
        select pairs.report_b as report_id from block
        inner join linkage.report_pairs as pairs on block.report_id = pairs.report_a
        where block.round = :round and pairs.score >= {CONFIRMED_FROM} and pairs.reason <> '{Reason.CONTENT}'
        union
        select pairs.report_a from block
        inner join linkage.report_pairs as pairs on block.report_id = pairs.report_b
        where block.round = :round and pairs.score >= {CONFIRMED_FROM} and pairs.reason <> '{Reason.CONTENT}'
        union
        select others.report_id
        from (
            select distinct marks.post_hash from block
            inner join linkage.report_marks as marks on block.report_id = marks.report_id
            where block.round = :round
        ) as posts
        inner join linkage.report_marks as others on posts.post_hash = others.post_hash
        union
        select mates.report_id
        from (
            select distinct own.incident_id from block
            inner join linkage.report_incidents as own on block.report_id = own.report_id
            where block.round = :round
        ) as incidents
        inner join linkage.report_incidents as mates on incidents.incident_id = mates.incident_id
        union
        select case when pins.report_a = block.report_id then pins.report_b else pins.report_a end from block
        inner join linkage.incident_pins as pins on block.report_id in (pins.report_a, pins.report_b)
        where block.round = :round
    ) as found
    on conflict do nothing
"""  # noqa: S608 (made of constants)


def grow_block(connection: sa.Connection) -> None:
    """Fill ``block`` with every report whose incident could be another now: all that hang together, by old incidents or
    new evidence, with something that was touched."""
    connection.execute(
        sa.text("create temporary table block (report_id uuid primary key, round integer) on commit drop")
    )
    connection.execute(sa.text(START))
    connection.execute(sa.text("analyze block"))
    number = 0
    while connection.execute(sa.text(GROW), {"round": number}).rowcount:
        number += 1
        connection.execute(sa.text("analyze block"))
    connection.execute(
        sa.text(
            "delete from block where not exists "
            "(select from linkage.report_marks as marks where marks.report_id = block.report_id)"
        )
    )


def take_everything(connection: sa.Connection) -> None:
    """Fill ``block`` with all reports."""
    connection.execute(
        sa.text("create temporary table block (report_id uuid primary key, round integer) on commit drop")
    )
    connection.execute(sa.text("insert into block select report_id, 0 from linkage.report_marks"))
    connection.execute(sa.text("analyze block"))


def join_block(connection: sa.Connection, reader: TraitsReader) -> None:
    """Fill ``anchors`` for every report of the block that shares its incident, and ``content_pairs``."""
    ANCHORS.create(connection)
    CONTENT_PAIRS.create(connection)
    pins = _pins(connection)
    ids, edges = _edges(connection)
    links = _links_by_first(connection)
    for reports, _ in parts_of(edges, len(ids)):
        traits = reader.read([ids[index] for index in reports])
        members = [Member(one.report_id, one.reported_at, one.address, one.victim) for one in traits.values()]
        anchors = join_reports(members, [link for one in traits for link in links.get(one, ())], pins)
        together = pa.table(
            {"report_id": as_uuid_column(list(anchors)), "anchor": as_uuid_column(list(anchors.values()))}
        )
        copy_rows(connection, ANCHORS, [together])
        content = _content_pairs(members)
        columns = [as_uuid_column([pair[place] for pair in content]) for place in (0, 1)]
        copy_rows(connection, CONTENT_PAIRS, [pa.table(columns, names=["report_a", "report_b"])])
    connection.execute(sa.text("analyze anchors"))
    connection.execute(sa.text("analyze content_pairs"))


def _edges(connection: sa.Connection) -> tuple[list[str], Numbers]:
    """Who hangs together inside the block, as rows of two indexes into the ids."""
    query = f"""
        select cast(pairs.report_a as text), cast(pairs.report_b as text)
        from linkage.report_pairs as pairs
        inner join block on pairs.report_a = block.report_id
        where pairs.score >= {CONFIRMED_FROM} and pairs.reason <> '{Reason.CONTENT}'
        union all
        select cast(report_id as text), cast(first_of_post as text) from (
            select
                block.report_id,
                min(cast(block.report_id as text)) over (partition by marks.post_hash) as first_of_post
            from block
            inner join linkage.report_marks as marks on block.report_id = marks.report_id
            where marks.post_hash is not null
        ) as posts
        where cast(report_id as text) <> first_of_post
        union all
        select cast(pins.report_a as text), cast(pins.report_b as text)
        from linkage.incident_pins as pins
        inner join block as a on pins.report_a = a.report_id
        inner join block as b on pins.report_b = b.report_id
    """  # noqa: S608 (made of constants)
    places: dict[str, int] = {}
    rows = [
        (places.setdefault(str(first), len(places)), places.setdefault(str(second), len(places)))
        for first, second in connection.execute(sa.text(query), execution_options={"yield_per": ROWS_A_FETCH})
    ]
    return list(places), np.array(rows, dtype=np.int64).reshape(-1, 2)


def _links_by_first(connection: sa.Connection) -> dict[str, list[Link]]:
    query = f"""
        select pairs.score, cast(pairs.report_a as text), cast(pairs.report_b as text)
        from linkage.report_pairs as pairs
        inner join block on pairs.report_a = block.report_id
        where pairs.score >= {CONFIRMED_FROM} and pairs.reason <> '{Reason.CONTENT}'
    """  # noqa: S608 (made of constants)
    links: dict[str, list[Link]] = defaultdict(list)
    for row in connection.execute(sa.text(query), execution_options={"yield_per": ROWS_A_FETCH}):
        links[row[1]].append(Link(row[0], row[1], row[2]))
    return links


def _pins(connection: sa.Connection) -> list[Pin]:
    query = """
        select cast(report_a as text), cast(report_b as text), is_together,
            cast(extract(epoch from decided_at) * 1000000 as bigint)
        from linkage.incident_pins
    """
    return [Pin(row[0], row[1], row[2], row[3]) for row in connection.execute(sa.text(query))]


def _content_pairs(members: list[Member]) -> list[tuple[str, str]]:
    """Of each post the reports beside each other in the order of their times, the smaller id first."""
    posts: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        if member.address.post is not None:
            posts[member.address.post].append(member)
    found = []
    for same in posts.values():
        in_order = sorted(same, key=lambda one: (one.reported_at, one.report_id))
        for one, other in pairwise(in_order):
            found.append((min(one.report_id, other.report_id), max(one.report_id, other.report_id)))
    return found


SETTLE = (
    """
    create temporary table settled on commit drop as
    select
        block.report_id,
        cast(md5('incident/' || cast(coalesce(anchors.anchor, block.report_id) as text)) as uuid) as incident_id
    from block
    left join anchors on block.report_id = anchors.report_id
    """,
    "create unique index on settled (report_id)",
    "analyze settled",
    """
    create temporary table moved on commit drop as
    select distinct own.incident_id as old_id, settled.incident_id as new_id
    from settled
    inner join linkage.report_incidents as own on settled.report_id = own.report_id
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
    insert into linkage.report_incidents as own (report_id, incident_id)
    select report_id, incident_id from settled
    on conflict (report_id) do update set incident_id = excluded.incident_id, changed_at = now()
    where own.incident_id <> excluded.incident_id
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
        delete from linkage.report_pairs as pairs
        where pairs.reason = '{Reason.CONTENT}'
        and pairs.{side} in (select report_id from block union select report_id from changed_reports)
        and not exists (
            select from content_pairs as content
            where content.report_a = pairs.report_a and content.report_b = pairs.report_b
        )
        """  # noqa: S608 (made of constants)
        for side in ("report_a", "report_b")
    ),
    f"""
    insert into linkage.report_pairs as pairs (report_a, report_b, reason, score, state, evidence_score, is_backed)
    select report_a, report_b, '{Reason.CONTENT}', {CONTENT_SCORE}, 'confirmed', {CONTENT_SCORE}, true
    from content_pairs
    on conflict (report_a, report_b) do update
    set reason = excluded.reason, score = excluded.score, evidence_score = excluded.evidence_score,
        is_backed = excluded.is_backed, found_at = now()
    where pairs.reason <> excluded.reason
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
