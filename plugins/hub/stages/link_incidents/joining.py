"""Pairs, posts and pins → incidents: the blocks that anything touched are joined anew."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from hub.doors.linkage_tables import REPORT_PAIRS
from hub.doors.warehouse import copy_rows
from hub.incident_components import Link, Member, Pin, join_reports
from hub.incident_evidence import CONFIRMED_FROM, Reason
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
    select report_id, 0 from affected_reports
    union
    select unnest(array[report_a, report_b]), 0 from changed_links
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
"""Where to begin: affected reports, whoever is or was joined otherwise than before, the old mates of changed reports,
and whoever was pinned or unpinned since. Who may only be a mate of one of them stays where they are."""

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
    order by found.report_id
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
    ids, edges, links = _hanging_together(connection)
    for reports, _ in parts_of(edges, len(ids)):
        known = reader.read_members([ids[index] for index in reports])
        members = list(known.values())
        anchors = join_reports(members, [link for one in known for link in links.get(one, ())], pins)
        together = pa.table(
            {"report_id": as_uuid_column(list(anchors)), "anchor": as_uuid_column(list(anchors.values()))}
        )
        copy_rows(connection, ANCHORS, [together])
        content = _content_pairs(members)
        columns = [as_uuid_column([pair[place] for pair in content]) for place in (0, 1)]
        copy_rows(connection, CONTENT_PAIRS, [pa.table(columns, names=["report_a", "report_b"])])
    connection.execute(sa.text("analyze anchors"))
    connection.execute(sa.text("analyze content_pairs"))


def _hanging_together(connection: sa.Connection) -> tuple[list[str], Numbers, dict[str, list[Link]]]:
    """Who hangs together inside the block, as ids and rows of two indexes into them; and the confirmed pairs that the
    evidence gives, by their first report."""
    confirmed = f"""
        select cast(block.report_id as text), pairs.others, pairs.scores
        from block
        cross join lateral (
            select array_agg(cast(report_b as text)) as others, array_agg(score) as scores
            from linkage.report_pairs
            where report_a = block.report_id and score >= {CONFIRMED_FROM} and reason <> '{Reason.CONTENT}'
        ) as pairs
        where pairs.others is not null
    """  # noqa: S608 (made of constants)
    otherwise = """
        select cast(report_id as text), cast(first_of_post as text) from (
            select
                block.report_id,
                min(cast(block.report_id as text)) over (partition by marks.post_hash) as first_of_post
            from block
            cross join lateral (
                select post_hash from linkage.report_marks where report_id = block.report_id offset 0
            ) as marks
            where marks.post_hash is not null
        ) as posts
        where cast(report_id as text) <> first_of_post
        union all
        select cast(pins.report_a as text), cast(pins.report_b as text)
        from linkage.incident_pins as pins
        inner join block as a on pins.report_a = a.report_id
        inner join block as b on pins.report_b = b.report_id
    """
    places: dict[str, int] = {}
    links: dict[str, list[Link]] = defaultdict(list)
    rows = []
    for first, others, scores in _fetched(connection, confirmed):
        place = places.setdefault(first, len(places))
        for second, score in zip(others, scores, strict=True):
            links[first].append(Link(score, first, second))
            rows.append((place, places.setdefault(second, len(places))))
    for first, second in _fetched(connection, otherwise):
        rows.append((places.setdefault(first, len(places)), places.setdefault(second, len(places))))
    return list(places), np.array(rows, dtype=np.int64).reshape(-1, 2), links


def _fetched(connection: sa.Connection, query: str) -> Iterable[Any]:
    return connection.execute(sa.text(query), execution_options={"yield_per": ROWS_A_FETCH})


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
