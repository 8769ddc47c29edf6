"""What the linkage of persons keeps of persons: whose mention is whose, and what became of them.

Every function works in the transaction of its connection, on temporary tables that earlier ones left.
"""

from collections.abc import Mapping

import pyarrow as pa
import sqlalchemy as sa

from hub.doors.people_results import run_statements
from hub.doors.people_store import named_after, put_ids, put_rows, read_arrow

EDGE = pa.schema([("mention_a", pa.string()), ("mention_b", pa.string()), ("probability", pa.float64())])
MENTION_PERSON = pa.schema([("mention_id", pa.string()), ("person_id", pa.string())])
MENTION_PAIR = pa.schema([("mention_a", pa.string()), ("mention_b", pa.string())])


def begin_persons(connection: sa.Connection, confirmed: float) -> int:
    """Note in ``reached`` the first mentions of all portraits whose person may change: touched ones but for those that
    stand (``standing_portraits``), those that were one person with them, and whoever hangs together with these by pairs
    or by decisions. Returns how many these are."""
    run_statements(
        connection,
        """
        create temporary table old_persons on commit drop as
        select distinct known.person_id
        from (select mention_id from first_mentions except select mention_id from standing_portraits) as firsts
        cross join lateral (
            select person_id from linkage.mention_persons where mention_id = firsts.mention_id offset 0
        ) as known
        order by known.person_id
        """,
        """
        create temporary table near_portraits on commit drop as
        select touched.id as portrait_id
        from (select id from dirty union select id from to_compare) as touched
        where touched.id not in (select portrait_id from standing_portraits)
        union
        select portraits.portrait_id
        from (
            select theirs.mention_id from old_persons
            cross join lateral (
                select mention_id from linkage.mention_persons where person_id = old_persons.person_id offset 0
            ) as theirs
            union
            select mention_a from linkage.person_pins
            union
            select mention_b from linkage.person_pins
            order by mention_id
        ) as near
        cross join lateral (
            select portrait_id from linkage.mention_portraits as seen where seen.mention_id = near.mention_id offset 0
        ) as portraits
        where portraits.portrait_id is not null
        """,
        """
        create temporary table pinned on commit drop as
        select
            least(one.first_id, other.first_id) as mention_a, greatest(one.first_id, other.first_id) as mention_b,
            pins.is_together
        from linkage.person_pins as pins
        inner join lateral (
            select min(all_of.mention_id::text)::uuid as first_id from linkage.mention_portraits as mine
            inner join linkage.mention_portraits as all_of using (portrait_id)
            where mine.mention_id = pins.mention_a
        ) as one on true
        inner join lateral (
            select min(all_of.mention_id::text)::uuid as first_id from linkage.mention_portraits as mine
            inner join linkage.mention_portraits as all_of using (portrait_id)
            where mine.mention_id = pins.mention_b
        ) as other on true
        where one.first_id <> other.first_id
        """,
        """
        create temporary table reached on commit drop as
        select portrait_id, min(mention_id::text)::uuid as mention_id, 0 as step
        from linkage.mention_portraits inner join near_portraits using (portrait_id)
        group by portrait_id
        """,
        "create unique index on reached (mention_id)",
        "analyze reached",
    )
    step = 0
    while _reach_further(connection, confirmed, step):
        step += 1
    run_statements(connection, "analyze reached")
    return int(connection.execute(sa.text("select count(*) from reached")).scalar_one())


def _reach_further(connection: sa.Connection, confirmed: float, step: int) -> int:
    return run_statements(
        connection,
        """
        insert into reached (portrait_id, mention_id, step)
        select portraits.portrait_id, found.mention_id, :step + 1
        from (
            select pairs.mention_b as mention_id from reached
            inner join linkage.person_pairs as pairs on reached.mention_id = pairs.mention_a
            where reached.step = :step and pairs.probability >= :confirmed
            union
            select pairs.mention_a from reached
            inner join linkage.person_pairs as pairs on reached.mention_id = pairs.mention_b
            where reached.step = :step and pairs.probability >= :confirmed
        ) as found
        cross join lateral (
            select portrait_id from linkage.mention_portraits as seen where seen.mention_id = found.mention_id offset 0
        ) as portraits
        where found.mention_id not in (select mention_id from reached)
        """,
        step=step,
        confirmed=confirmed,
    )


def read_persons(connection: sa.Connection) -> pa.Table:
    """Whose every mention is, as linked last (``MENTION_PERSON``)."""
    return read_arrow(connection, "select mention_id, person_id from linkage.mention_persons", MENTION_PERSON)


def read_edges(connection: sa.Connection, confirmed: float) -> pa.Table:
    """The pairs between reached portraits that are likely enough to join (``EDGE``)."""
    return read_arrow(connection, _EDGES.format(confirmed=repr(confirmed)), EDGE)


_EDGES = """
    select pairs.mention_a, pairs.mention_b, pairs.probability
    from reached
    inner join linkage.person_pairs as pairs on reached.mention_id = pairs.mention_a
    where pairs.probability >= {confirmed}
"""


def read_pins(connection: sa.Connection, *, is_together: bool) -> set[tuple[str, str]]:
    """What people decided, as pairs of first mentions."""
    query = sa.text("select mention_a, mention_b from pinned where is_together = :is_together")
    rows = connection.execute(query, {"is_together": is_together})
    return {(str(row.mention_a), str(row.mention_b)) for row in rows}


def read_rivals(connection: sa.Connection, of: pa.Array) -> pa.Table:
    """Pairs (``MENTION_PAIR``) of portraits, told by first mention, that one record says are two people; of those in
    ``of``."""
    put_ids(connection, "in_question", of, "uuid")
    query = """
        select distinct least(one.first_id, other.first_id), greatest(one.first_id, other.first_id)
        from (
            select reached.mention_id as first_id, mentions.record_id, mentions.appearance_id
            from in_question
            inner join reached on in_question.id = reached.mention_id
            inner join linkage.mention_portraits as mentions on reached.portrait_id = mentions.portrait_id
            where not mentions.is_reporter_victim
        ) as one
        inner join linkage.mention_portraits as mentions
            on one.record_id = mentions.record_id and one.appearance_id <> mentions.appearance_id
        inner join reached as other_reached on mentions.portrait_id = other_reached.portrait_id
        cross join lateral (select other_reached.mention_id as first_id) as other
        where one.first_id <> other.first_id
    """
    return read_arrow(connection, query, MENTION_PAIR)


def keep_persons(connection: sa.Connection, persons: pa.Table, confirmed: float) -> Mapping[str, int]:
    """Give reached portraits their persons (columns mention_id, the portrait's first; one_of_them, the same for all of
    a person), log what became of persons, and say of each of their pairs whether it joins. Returns counts."""
    put_rows(connection, "portrait_persons", persons, ["uuid", "uuid"])
    written = run_statements(
        connection,
        _NEW_PERSONS,
        "create unique index on new_persons (mention_id)",
        "analyze new_persons",
        _MOVES,
        _LOG,
        # Most are whose they were: those are not written, nor is it tried.
        """
        insert into linkage.mention_persons (mention_id, person_id)
        select mention_id, new_id from moves where old_id is distinct from new_id
        on conflict (mention_id) do update set person_id = excluded.person_id, changed_at = excluded.changed_at
        """,
    )
    gone = run_statements(
        connection,
        """
        delete from linkage.mention_persons
        where mention_id = any(array(
            select mention_id from stale_mentions
            except
            select mention_id from new_persons
        ))
        """,
    )
    run_statements(connection, _STATES.format(confirmed=repr(confirmed)))
    return {"mentions_written": written, "mentions_gone": gone}


_NEW_PERSONS = f"""
    create temporary table new_persons on commit drop as
    select told.mention_id, {named_after("person", "told.earliest_id")} as person_id
    from (
        select
            mentions.mention_id,
            first_value(mentions.mention_id) over (
                partition by portrait_persons.one_of_them order by mentions.told_at, mentions.mention_id
            ) as earliest_id
        from portrait_persons
        inner join reached using (mention_id)
        inner join linkage.mention_portraits as mentions on reached.portrait_id = mentions.portrait_id
    ) as told
    union all
    select told.mention_id, standing.person_id
    from standing_portraits as standing
    cross join lateral (
        select standing.mention_id
        union
        select retold.mention_id from retold where retold.portrait_id = standing.portrait_id and retold.is_now
    ) as told
    where not exists (select from reached where reached.portrait_id = standing.portrait_id)
"""  # noqa: S608 (made of constants)
"""A person's id is that of their earliest mention, as the warehouse's ``stable_id`` makes it. It does not depend on the
order in which mentions come, and what is told later of the same person leaves it as it is: so of a portrait that stands
nothing but its first mention is asked for, and what was told now."""
_MOVES = """
    create temporary table moves on commit drop as
    select new.mention_id, old.person_id as old_id, new.person_id as new_id
    from new_persons as new
    left join lateral (
        select person_id from linkage.mention_persons as known where known.mention_id = new.mention_id offset 0
    ) as old on true
"""
_LOG = """
    insert into linkage.person_changes (kind, old_person_id, new_person_id)
    select kind, old_id, new_id
    from (
        select
            case
                when count(*) over (partition by old_id) > 1 then 'split'
                when count(*) over (partition by new_id) > 1 then 'merged'
                else 're_anchored'
            end as kind,
            old_id,
            new_id
        from (select distinct old_id, new_id from moves where old_id is not null) as moved
    ) as told
    where old_id <> new_id
    order by old_id, new_id
"""
# Asked of pairs that were written now, before it was known who joins, and of whoever is another person than before. All
# of them were reached: a pair that is likely enough leads from one to the other. By their places, because joined the
# planner would read all pairs for it.
_STATES = """
    update linkage.person_pairs
    set state = case when state = 'confirmed' then 'review' else 'confirmed' end
    where ctid = any(array(
        select pairs.place
        from (
            select mention_a, mention_b, 'confirmed' as state from exchanged_pairs
            where mention_a is not null and probability >= {confirmed}
            union
            select known.mention_a, known.mention_b, known.state
            from moves
            cross join lateral (
                select mention_a, mention_b, probability, state from linkage.person_pairs
                where mention_a = moves.mention_id
                union all
                select mention_a, mention_b, probability, state from linkage.person_pairs
                where mention_b = moves.mention_id
                offset 0
            ) as known
            where moves.old_id <> moves.new_id and known.probability >= {confirmed}
        ) as asked
        inner join new_persons as one on asked.mention_a = one.mention_id
        inner join new_persons as other on asked.mention_b = other.mention_id
        cross join lateral (
            select ctid as place from linkage.person_pairs as known
            where known.mention_a = asked.mention_a and known.mention_b = asked.mention_b
            offset 0
        ) as pairs
        where (asked.state = 'confirmed') <> (one.person_id = other.person_id)
    ))
"""
