"""Who is told of again in the same words: what that changes for them, and who is still whoever they were.

One who is told of hundreds of times is told of again each day, and is one person with dozens of portraits. As long as
none of their pairs has changed, nothing of this needs to be worked out again: a new mention is of that person.

Every function works in the transaction of its connection, on temporary tables that earlier ones left.
"""

import sqlalchemy as sa

from hub.doors.people_results import run_statements
from hub.doors.people_store import named_after


def note_told_again(connection: sa.Connection, *, is_full: bool) -> None:
    """Note in ``told_again`` the dirty portraits that are told as they were (portrait_id; mention_id, the
    first), and in ``changed_ties`` the incidents and clients that came to them or went; in ``tellings`` all that is or
    was told of dirty portraits. To a ``full`` run everybody is new."""
    known = "where false" if is_full else ""
    run_statements(connection, *(statement.format(known=known) for statement in _TELL_APART))


_TELL_APART = (
    # What is told of dirty portraits now, and what was before.
    """
    create temporary table tellings on commit drop as
    select
        seen.portrait_id, seen.mention_id, seen.incident_id, seen.client_id,
        seen.role = 'victim' or seen.is_reporter_victim is true as is_victim,
        seen.record_id, seen.told_at, seen.pins,
        true as is_now, changed_records.record_id is null as was_before
    from dirty
    cross join lateral (
        select * from linkage.mention_portraits where portrait_id = dirty.id offset 0
    ) as seen
    left join changed_records on seen.record_id = changed_records.record_id
    {known}
    union all
    select
        portrait_id, mention_id, incident_id, client_id,
        role = 'victim' or is_reporter_victim is true, record_id, told_at, pins,
        false, true
    from stale_mentions
    where portrait_id is not null
    """,
    # A portrait is told by its first mention, and to have no incident or client at all is compared otherwise than to
    # have others. What it is drawn of is the same in all that is told of it.
    """
    create temporary table told_again on commit drop as
    select portrait_id, first_mention::uuid as mention_id
    from (
        select
            portrait_id,
            min(mention_id::text) filter (where is_now) as first_mention,
            min(mention_id::text) filter (where was_before) as first_before,
            count(incident_id) filter (where is_now) > 0 as has_incident,
            count(incident_id) filter (where was_before) > 0 as had_incident,
            count(client_id) filter (where is_now) > 0 as has_client,
            count(client_id) filter (where was_before) > 0 as had_client
        from tellings
        group by portrait_id
    ) as sitters
    where first_mention = first_before and has_incident = had_incident and has_client = had_client
    """,
    "create index on told_again (mention_id)",
    "analyze told_again",
    """
    create temporary table changed_ties on commit drop as
    select distinct ties.portrait_id, ties.tie
    from (
        select tellings.portrait_id, held.kind, held.tie
        from told_again
        inner join tellings on told_again.portrait_id = tellings.portrait_id
        cross join lateral (
            values
            ('may be', tellings.incident_id),
            ('is', case when tellings.is_victim then tellings.incident_id end),
            ('client', tellings.client_id)
        ) as held (kind, tie)
        where held.tie is not null
        group by tellings.portrait_id, held.kind, held.tie
        having bool_or(tellings.is_now) <> bool_or(tellings.was_before)
    ) as ties
    """,
    "create index on changed_ties (portrait_id)",
    "analyze changed_ties",
)


def note_standing(connection: sa.Connection) -> None:
    """Note in ``standing_portraits`` the portraits among the touched ones whose person stands: with all who are joined
    to them as they were, by the same pairs, and by the same earliest mention. Columns portrait_id, mention_id (its
    first) and person_id.

    Two that one record calls two people may not be one. Where one of the two is not standing it leads to the other, if
    by pairs they may be one at all; of two in one changed record neither stands."""
    run_statements(
        connection,
        """
        create temporary table exchanged_mentions on commit drop as
        select unnest(array[mention_a, mention_b]) as mention_id from exchanged_pairs where mention_a is not null
        union
        select unnest(array[old.mention_a, old.mention_b]) from old_pairs as old
        inner join exchanged_pairs using (place)
        """,
        # Of who is told of again, what is told otherwise than it was: what came, and what stood and may stand again.
        """
        create temporary table retold on commit drop as
        select
            tellings.portrait_id, tellings.mention_id, tellings.record_id, tellings.told_at, tellings.pins,
            tellings.is_now
        from told_again
        inner join tellings on told_again.portrait_id = tellings.portrait_id
        where tellings.is_now <> tellings.was_before
        """,
        "create index on retold (portrait_id)",
        "analyze retold",
        f"""
        create temporary table standing_portraits on commit drop as
        select known.portrait_id, known.mention_id, persons.person_id
        from (
            select portrait_id, mention_id from told_again
            union all
            select portrait_id, mention_id from compared_again
        ) as known
        cross join lateral (
            select person_id from linkage.mention_persons as held where held.mention_id = known.mention_id offset 0
        ) as persons
        cross join lateral (
            select told_at from linkage.mention_portraits as seen where seen.mention_id = known.mention_id offset 0
        ) as firsts
        where known.mention_id not in (select mention_id from exchanged_mentions)
            and not exists (
                select from retold
                where retold.portrait_id = known.portrait_id
                    and (
                        retold.mention_id = known.mention_id
                        or retold.pins is not null
                        or retold.record_id in (
                            select record_id from retold group by record_id having count(distinct portrait_id) > 1
                        )
                        -- A person's id is that of their earliest mention.
                        or (retold.is_now and (retold.told_at > firsts.told_at) is not true)
                        or (
                            not retold.is_now
                            and {named_after("person", "retold.mention_id")} = persons.person_id
                        )
                    )
            )
        """,  # noqa: S608 (made of constants)
        "create unique index on standing_portraits (mention_id)",
        "create index on standing_portraits (portrait_id)",
        "analyze standing_portraits",
    )
