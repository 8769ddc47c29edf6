"""What the linkage of persons keeps of pairs of portraits that may be one person, and which it scores anew.

Every function works in the transaction of its connection, on temporary tables that earlier ones left.
"""

import pyarrow as pa
import sqlalchemy as sa

from hub.doors.people_results import run_statements
from hub.doors.people_store import put_ids, put_rows, read_arrow

PAIR = pa.schema([("portrait_a", pa.int64()), ("portrait_b", pa.int64())])


def note_to_compare(connection: sa.Connection, most_alike: int) -> int:
    """Note in ``to_compare`` whose pairs are found anew: dirty portraits, and whoever has a key that has come to tell
    something or nothing (``most_alike``). Who is only told of again (``told_again``) is compared alone with those of
    the incidents and clients that came or went (``changed_ties``); nothing else that is compared has changed. Returns
    how many portraits those are."""
    run_statements(connection, *(statement.format(most_alike=most_alike) for statement in _TO_COMPARE))
    return int(connection.execute(sa.text("select count(*) from to_compare")).scalar_one())


_TO_COMPARE = (
    # So many were held before; where no more was counted it was, and is, a key of too many.
    """
    create temporary table to_compare on commit drop as
    select found.id, bool_or(found.is_whole) as is_whole
    from (
        select id, true as is_whole from dirty where id not in (select portrait_id from told_again)
        union all
        select portrait_id, false from changed_ties
        union all
        select holders.portrait_id, true
        from counted_keys as crossing
        inner join linkage.portrait_keys as holders on crossing.key = holders.key
        where (crossing.held - crossing.came + crossing.went > {most_alike}) <> (crossing.held > {most_alike})
    ) as found
    group by found.id
    """,
    "create index on to_compare (id)",
    "analyze to_compare",
    """
    create temporary table telling_keys on commit drop as
    select touched.key
    from (
        select distinct mine.key from to_compare
        cross join lateral (
            select key from linkage.portrait_keys where portrait_id = to_compare.id offset 0
        ) as mine
    ) as touched
    left join counted_keys as counted using (key)
    where coalesce(
        counted.held,
        (select count(*) from (
            select 1 from linkage.portrait_keys as held where held.key = touched.key limit {most_alike} + 1
        ) as holders)
    ) between 2 and {most_alike}
    """,
    "create index on telling_keys (key)",
    "analyze telling_keys",
)
_ARE_TIED = " or ".join(
    f"""
    exists (
        select from changed_ties as changed
        where changed.portrait_id = {{{one}}}
        and (
            exists (
                select from linkage.mention_portraits as holding
                where holding.portrait_id = {{{other}}} and changed.tie in (holding.incident_id, holding.client_id)
            )
            or exists (
                select from stale_mentions as held
                where held.portrait_id = {{{other}}} and changed.tie in (held.incident_id, held.client_id)
            )
        )
    )
    """  # noqa: S608 (names of our own)
    for one, other in (("one", "other"), ("other", "one"))
)
"""Whether one of two portraits has or had an incident or client that came to the other, or went, in SQL."""


def begin_pairs(connection: sa.Connection) -> None:
    """Note in ``touched_mentions`` the mentions of dirty portraits, of those to compare and of changed records before,
    in ``first_mentions`` those by which these portraits were told before (in ``compared_again`` of those that are not
    dirty), and in ``old_pairs`` their pairs, but for those that are not scored anew; make room for what is scored
    (``scored_pairs``)."""
    run_statements(
        connection,
        """
        create temporary table touched_mentions on commit drop as
        select mentions.mention_id
        from (select id from dirty union select id from to_compare) as portraits
        cross join lateral (
            select mention_id from linkage.mention_portraits where portrait_id = portraits.id offset 0
        ) as mentions
        union
        select mention_id from stale_mentions
        union
        select mention_id from linkage.mention_portraits inner join changed_records using (record_id)
        order by mention_id
        """,
        "create unique index on touched_mentions (mention_id)",
        "analyze touched_mentions",
        """
        create temporary table compared_again on commit drop as
        select to_compare.id as portrait_id, min(seen.mention_id::text)::uuid as mention_id
        from to_compare
        cross join lateral (
            select mention_id from linkage.mention_portraits where portrait_id = to_compare.id offset 0
        ) as seen
        where to_compare.id not in (select id from dirty)
        group by to_compare.id
        """,
        # By these a portrait's pairs and person were told before: its first mention of that time.
        """
        create temporary table first_mentions on commit drop as
        select min(mention_id::text)::uuid as mention_id from tellings where was_before group by portrait_id
        union
        select mention_id from compared_again
        order by mention_id
        """,
        """
        create temporary table known_pairs on commit drop as
        select distinct pairs.*
        from first_mentions as firsts
        cross join lateral (
            select ctid as place, mention_a, mention_b, probability, model_version
            from linkage.person_pairs where mention_a = firsts.mention_id
            union all
            select ctid, mention_a, mention_b, probability, model_version
            from linkage.person_pairs where mention_b = firsts.mention_id
            offset 0
        ) as pairs
        """,
        _OLD_PAIRS,
        "create temporary table scored_pairs (mention_a uuid, mention_b uuid, probability float8) on commit drop",
    )


# The portrait of a mention: of one that is touched only where it tells somebody who is told of again and not compared
# with all; of any other, it stands as it stood.
_PORTRAIT_OF = """
    left join lateral (
        select again.portrait_id from told_again as again
        where again.mention_id = pairs.{side}
            and not exists (select from to_compare where to_compare.id = again.portrait_id and to_compare.is_whole)
        union all
        select seen.portrait_id from linkage.mention_portraits as seen
        where seen.mention_id = pairs.{side}
            and not exists (select from touched_mentions as touched where touched.mention_id = seen.mention_id)
        offset 0
    ) as {name} on true
"""
_OLD_PAIRS = f"""
    create temporary table old_pairs on commit drop as
    select pairs.*
    from known_pairs as pairs
    {_PORTRAIT_OF.format(side="mention_a", name="one")}
    {_PORTRAIT_OF.format(side="mention_b", name="other")}
    where one.portrait_id is null or other.portrait_id is null
        or {_ARE_TIED.format(one="one.portrait_id", other="other.portrait_id")}
"""  # noqa: S608 (names of our own)


def read_candidates(connection: sa.Connection, part: list[int]) -> pa.Table:
    """The pairs (``PAIR``, the smaller first) of a part of the portraits to compare with all that share a telling key;
    a pair of two that are both to be compared comes with the smaller one's part."""
    put_ids(connection, "part", part, "bigint")
    return read_arrow(connection, _CANDIDATES, PAIR)


_CANDIDATES = f"""
    select least(pairs.mine, pairs.other), greatest(pairs.mine, pairs.other)
    from (
        select distinct mine.portrait_id as mine, others.portrait_id as other
        from part
        inner join linkage.portrait_keys as mine on part.id = mine.portrait_id
        inner join telling_keys on mine.key = telling_keys.key
        inner join linkage.portrait_keys as others
            on telling_keys.key = others.key and mine.portrait_id <> others.portrait_id
    ) as pairs
    inner join to_compare as my_part on pairs.mine = my_part.id
    left join to_compare as other_part on pairs.other = other_part.id
    where (pairs.mine < pairs.other or other_part.id is null)
        and case
            when my_part.is_whole or other_part.is_whole then true
            else {_ARE_TIED.format(one="pairs.mine", other="pairs.other")}
        end
"""  # noqa: S608 (names of our own)


def add_pairs(connection: sa.Connection, pairs: pa.Table) -> None:
    """Put scored pairs beside those that came before: columns mention_a, mention_b (the smaller first), probability."""
    put_rows(connection, "scored", pairs, ["uuid", "uuid", "float8"])
    run_statements(connection, "insert into scored_pairs select mention_a, mention_b, probability from scored")


def exchange_pairs(connection: sa.Connection, model_version: str, confirmed: float) -> None:
    """Put the scored pairs in the place of the old ones. A pair that is as likely as it was is left as it is; by their
    places, because joined the planner would read all pairs for it. Most that are likely enough (``confirmed``) join:
    they are written so, and those that do not are told apart when persons are kept."""
    run_statements(
        connection,
        "analyze scored_pairs",
        "analyze old_pairs",
        """
        create temporary table exchanged_pairs on commit drop as
        select old.place, new.mention_a, new.mention_b, new.probability
        from old_pairs as old
        full join scored_pairs as new on old.mention_a = new.mention_a and old.mention_b = new.mention_b
        where (old.probability, old.model_version) is distinct from (new.probability, cast(:version as text))
        """,
        "delete from linkage.person_pairs where ctid = any(array(select place from exchanged_pairs))",
        """
        insert into linkage.person_pairs (mention_a, mention_b, probability, state, model_version)
        select
            mention_a, mention_b, probability, case when probability >= :confirmed then 'confirmed' else 'review' end,
            :version
        from exchanged_pairs
        where mention_a is not null
        order by mention_a, mention_b
        """,
        version=model_version,
        confirmed=confirmed,
    )
