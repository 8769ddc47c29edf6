"""What the linkage of persons reads to decide a component, and what it writes of it, in the caller's transaction."""

from collections.abc import Collection, Mapping

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from hub.linkage.people.store import IDENTITY_OF, PAIR, frame_of
from hub.linkage.tables import MENTION_PERSONS, PERSON_CHANGES, row_by_row
from hub.warehouse.engine import copy_rows
from hub.warehouse.row_exchange import exchange_rows, read_rows, uuid_column

_TEXT, _NUMBER = pa.string(), pa.int64()
EDGE = PAIR.append(pa.field("state", _TEXT))


def read_mentions_of(connection: sa.Connection, identities: Collection[int] | None) -> pd.DataFrame:
    """The mentions of identity records (None: of all), the earliest first: mention_id, identity_id, record_id,
    appearance_id, is_reporter_victim."""
    query = f"""
        select mention_id, identity_id, record_id, appearance_id, is_reporter_victim
        from linkage.mention_identities
        where {"identity_id is not null" if identities is None else "identity_id = any(%(ids)s::bigint[])"}
        order by told_at, mention_id
    """  # noqa: S608 (names of our own)
    more = [("record_id", _TEXT), ("appearance_id", _TEXT), ("is_reporter_victim", pa.bool_())]
    return frame_of(read_rows(connection, query, pa.schema([*IDENTITY_OF, *more]), ids=list(identities or ())))


def read_of_persons(connection: sa.Connection, mentions: Collection[str]) -> set[int]:
    """The identity records of the persons whose these mentions last were."""
    query = """
        select distinct seen.identity_id
        from (
            select distinct person_id
            from unnest(%(ids)s::uuid[]) as these (mention_id) inner join linkage.mention_persons using (mention_id)
        ) as persons
        inner join linkage.mention_persons as others on persons.person_id = others.person_id
        inner join linkage.mention_identities as seen on others.mention_id = seen.mention_id
        where seen.identity_id is not null
    """
    with row_by_row(connection):
        return _numbers(connection, query, ids=list(mentions))


def read_joined(connection: sa.Connection, identities: Collection[int], likely: float) -> set[int]:
    """Who may be one person with one of these identity records: by a likely pair, a manual override, or the person that
    they were."""
    query = """
        with mine as materialized (
            select mention_id from unnest(%(ids)s::bigint[]) as these (identity_id)
            inner join linkage.mention_identities using (identity_id)
        )
        select seen.identity_id
        from (
            select pairs.mention_b as mention_id
            from mine inner join linkage.person_pairs as pairs on mine.mention_id = pairs.mention_a
            where pairs.probability >= %(likely)s
            union
            select pairs.mention_a
            from mine inner join linkage.person_pairs as pairs on mine.mention_id = pairs.mention_b
            where pairs.probability >= %(likely)s
            union
            select others.mention_id
            from (select distinct person_id from mine inner join linkage.mention_persons using (mention_id)) as persons
            inner join linkage.mention_persons as others on persons.person_id = others.person_id
            union
            select case when overrides.mention_a = mine.mention_id then overrides.mention_b else overrides.mention_a end
            from mine
            inner join linkage.person_overrides as overrides
                on mine.mention_id in (overrides.mention_a, overrides.mention_b)
        ) as found
        inner join linkage.mention_identities as seen on found.mention_id = seen.mention_id
        where seen.identity_id is not null
    """
    with row_by_row(connection):
        return _numbers(connection, query, ids=list(identities), likely=likely)


def read_edges(connection: sa.Connection, mentions: Collection[str] | None) -> pd.DataFrame:
    """The kept pairs of these mentions (None: of all) (``EDGE``), in the order of their mentions."""
    pairs = "linkage.person_pairs as pairs"
    if mentions is not None:
        pairs = (
            "unnest(%(ids)s::uuid[]) as these (id) cross join lateral"
            " (select * from linkage.person_pairs where mention_a = these.id offset 0) as pairs"
        )
    query = f"""
        select pairs.mention_a, pairs.mention_b, pairs.probability, pairs.state
        from {pairs}
        order by pairs.mention_a, pairs.mention_b
    """  # noqa: S608 (names of our own)
    return frame_of(read_rows(connection, query, EDGE, ids=list(mentions or ())))


def read_overrides(connection: sa.Connection) -> list[tuple[str, str, bool]]:
    """The manual overrides, the latest first: two mentions, and whether they are one person."""
    query = """
        select cast(mention_a as text), cast(mention_b as text), is_together from linkage.person_overrides
        order by decided_at desc, mention_a, mention_b
    """
    return [(row[0], row[1], row[2]) for row in connection.execute(sa.text(query))]


def read_persons(connection: sa.Connection, mentions: Collection[str] | None) -> dict[str, str]:
    """Whose each of these mentions (None: every one) last was."""
    these = "" if mentions is None else "inner join unnest(%(ids)s::uuid[]) as these (mention_id) using (mention_id)"
    query = f"select mention_id, person_id from linkage.mention_persons {these}"  # noqa: S608 (names of our own)
    schema = pa.schema([("mention_id", _TEXT), ("person_id", _TEXT)])
    rows = read_rows(connection, query, schema, ids=list(mentions or ()))
    return dict(zip(rows["mention_id"].to_pylist(), rows["person_id"].to_pylist(), strict=True))


def write_persons(
    connection: sa.Connection, persons: Mapping[str, str], changed: Collection[str] | None, changes: pd.DataFrame
) -> int:
    """Write the person of each mention of a component and of those of ``changed`` that still have one (None: of all),
    and the log of ``changes`` (kind, old, new). Returns how many have another person than before."""
    rows = pa.table({"mention_id": uuid_column(persons), "person_id": uuid_column(persons.values())})
    within = None if changed is None else (("mention_id",), {*persons, *changed})
    written = exchange_rows(connection, MENTION_PERSONS, rows, within=within)
    log = {
        "kind": pa.array(changes["kind"], pa.string()),
        "old_person_id": uuid_column(changes["old"]),
        "new_person_id": uuid_column(changes["new"]),
    }
    copy_rows(connection, PERSON_CHANGES, [pa.table(log)])
    return written


def write_states(connection: sa.Connection, pairs: pd.DataFrame) -> None:
    """Write the ``state`` of these pairs."""
    connection.execute(
        sa.text("""
            update linkage.person_pairs as pairs set state = now.state
            from unnest(cast(:ones as uuid[]), cast(:others as uuid[]), cast(:states as text[]))
                as now (mention_a, mention_b, state)
            where pairs.mention_a = now.mention_a and pairs.mention_b = now.mention_b
        """),
        {"ones": pairs["mention_a"].tolist(), "others": pairs["mention_b"].tolist(), "states": pairs["state"].tolist()},
    )


def _numbers(connection: sa.Connection, query: str, **values: object) -> set[int]:
    return set(read_rows(connection, query, pa.schema([("id", _NUMBER)]), **values)["id"].to_pylist())
