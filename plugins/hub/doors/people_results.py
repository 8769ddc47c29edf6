"""What the linkage of persons keeps of portraits, and their keys.

Every function works in the transaction of its connection, on temporary tables that earlier ones left.
"""

from collections.abc import Sequence

import pyarrow as pa
import sqlalchemy as sa

from hub.doors.people_store import put_rows
from hub.doors.person_tables import PORTRAIT_KEYS
from hub.doors.warehouse import copy_rows


def run_statements(connection: sa.Connection, *statements: str, **values: object) -> int:
    """Run statements in order, with these values; returns how many rows the last one touched."""
    count = 0
    for statement in statements:
        count = connection.execute(sa.text(statement), values).rowcount
    return count


def forget_everything(connection: sa.Connection) -> None:
    """Forget what was seen and compared; persons stay, so that what changes of them is told."""
    run_statements(connection, "truncate linkage.mention_portraits, linkage.portrait_keys, linkage.person_pairs")


def forget_gone(connection: sa.Connection) -> None:
    """Forget the persons and areas of mentions that are no more: what a run that has forgotten what it saw cannot see
    by that."""
    for table in ("mention_persons", "mention_areas"):
        run_statements(
            connection,
            f"""
            delete from linkage.{table} as kept
            where not exists (select from now_mentions as now where now.mention_id = kept.mention_id)
            """,  # noqa: S608 - names of our own
        )


def keep_portraits(connection: sa.Connection, portraits: pa.Table) -> None:
    """Keep what was drawn of changed mentions: columns mention_id, portrait_id, postcode_district."""
    put_rows(connection, "drawn", portraits, ["uuid", "bigint", "text"])
    run_statements(
        connection,
        """
        insert into linkage.mention_portraits (
            mention_id, record_id, appearance_id, portrait_id, feed, role, is_reporter_victim, delivery_id,
            row_number, incident_id, client_id, told_at, pins
        )
        select
            mention_id, changed.record_id, changed.appearance_id, drawn.portrait_id, changed.feed, changed.role,
            changed.is_reporter_victim, changed.delivery_id, changed.row_number, changed.incident_id, changed.client_id,
            changed.told_at, changed.pins
        from drawn
        inner join changed_mentions as changed using (mention_id)
        """,
        """
        insert into linkage.mention_areas (mention_id, postcode_district)
        select drawn.mention_id, drawn.postcode_district
        from drawn
        left join lateral (
            select postcode_district from linkage.mention_areas as areas
            where areas.mention_id = drawn.mention_id offset 0
        ) as known on true
        where drawn.postcode_district is not null and known.postcode_district is distinct from drawn.postcode_district
        on conflict (mention_id) do update
        set postcode_district = excluded.postcode_district, changed_at = excluded.changed_at
        """,
        """
        delete from linkage.mention_areas as areas using drawn
        where areas.mention_id = drawn.mention_id and drawn.postcode_district is null
        """,
    )


def note_dirty_portraits(connection: sa.Connection) -> int:
    """Note in ``dirty`` the portraits of changed records, as they were and as they are."""
    run_statements(
        connection,
        """
        create temporary table dirty on commit drop as
        select distinct portrait_id as id from (
            select portrait_id from stale_mentions
            union all
            select portrait_id from linkage.mention_portraits inner join changed_records using (record_id)
        ) as both_times
        where portrait_id is not null
        order by id
        """,
        "create index on dirty (id)",
        "analyze dirty",
        "delete from linkage.mention_areas as areas using stale_mentions"
        " where areas.mention_id = stale_mentions.mention_id"
        " and not exists (select 1 from now_mentions as now where now.mention_id = areas.mention_id)",
    )
    return int(connection.execute(sa.text("select count(*) from dirty")).scalar_one())


def read_parts(connection: sa.Connection, table: str, size: int) -> list[list[int]]:
    """The ids of a temporary table, in order, in parts of at most ``size``."""
    column = sa.column("id", sa.BigInteger)
    query = sa.select(column).select_from(sa.table(table)).order_by(column)
    ids: Sequence[int] = connection.execute(query).scalars().all()
    return [list(ids[start : start + size]) for start in range(0, len(ids), size)]


def begin_keys(connection: sa.Connection) -> None:
    """Make room for the new keys of dirty portraits (``new_keys``)."""
    run_statements(connection, "create temporary table new_keys (key bigint, portrait_id bigint) on commit drop")


def add_keys(connection: sa.Connection, keys: pa.Table) -> None:
    """Put keys (key, portrait_id) beside those that came before."""
    table = sa.Table("new_keys", sa.MetaData(), *(sa.Column(column.name, column.type) for column in PORTRAIT_KEYS.c))
    copy_rows(connection, table, [keys])


def exchange_keys(connection: sa.Connection, most_alike: int) -> None:
    """Put the new keys of dirty portraits in the place of their old ones, and note in ``counted_keys`` how many hold
    those that came or went, up to ``most_alike`` and somewhat more."""
    run_statements(connection, *(statement.format(most_alike=most_alike) for statement in _EXCHANGE))


_EXCHANGE = (
    "create index on new_keys (key)",
    "analyze new_keys",
    """
    create temporary table old_keys on commit drop as
    select old.key, dirty.id as portrait_id
    from dirty
    cross join lateral (
        select key from linkage.portrait_keys where portrait_id = dirty.id offset 0
    ) as old
    """,
    # Most keys of who was known stay as they were: they are not written again.
    """
    create temporary table exchanged_keys on commit drop as
    select
        coalesce(old.key, new.key) as key, coalesce(old.portrait_id, new.portrait_id) as portrait_id,
        old.key is null as is_new, new.key is null as is_gone
    from old_keys as old
    full join new_keys as new on old.key = new.key and old.portrait_id = new.portrait_id
    """,
    """
    delete from linkage.portrait_keys
    where ctid = any(array(
        select held.place
        from exchanged_keys as gone
        cross join lateral (
            select ctid as place from linkage.portrait_keys as known
            where known.key = gone.key and known.portrait_id = gone.portrait_id
            offset 0
        ) as held
        where gone.is_gone
    ))
    """,
    "insert into linkage.portrait_keys (key, portrait_id) select key, portrait_id from exchanged_keys where is_new"
    " order by key, portrait_id",
    """
    create temporary table touched_keys on commit drop as
    select key, count(*) filter (where is_new) as came, count(*) filter (where is_gone) as went
    from exchanged_keys
    where is_new or is_gone
    group by key
    order by key
    """,
    # Never counts further than it must: a key of half the town costs as much as one of a hundred.
    """
    create temporary table counted_keys on commit drop as
    select
        key, came, went,
        (select count(*) from (
            select 1 from linkage.portrait_keys as held where held.key = touched.key
            limit {most_alike} + 1 + touched.came
        ) as holders) as held
    from touched_keys as touched
    """,
    "create index on counted_keys (key)",
    "analyze counted_keys",
    # As the macro keep_statistics, which says why; only what this transaction writes changes the table.
    """
    do $statistics$
    begin
        if (
            select reltuples < 20 * (select count(*) from new_keys) from pg_class
            where oid = 'linkage.portrait_keys'::regclass
        ) then
            analyze linkage.portrait_keys;
        end if;
    end
    $statistics$
    """,
)


def last_parameters(connection: sa.Connection) -> str | None:
    """What decided in the last run; None before the first."""
    query = "select parameters from linkage.people_runs order by run_id desc limit 1"
    last: str | None = connection.execute(sa.text(query)).scalar_one_or_none()
    return last


def note_run(connection: sa.Connection, parameters: str, *, is_full: bool) -> int:
    """Note a run; returns its number."""
    statement = "insert into linkage.people_runs (parameters, is_full) values (:parameters, :is_full) returning run_id"
    return int(connection.execute(sa.text(statement), {"parameters": parameters, "is_full": is_full}).scalar_one())
