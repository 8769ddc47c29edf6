"""What the linkage of persons reads from the warehouse and the vault.

Every function works in the transaction of its connection; sets of rows travel as temporary tables. Personal values are
read into Arrow tables and go no further than the caller's memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv
import sqlalchemy as sa

from hub.doors.person_tables import METADATA
from hub.doors.vault_people import SEALED, open_mentions, sealed_mentions
from hub.doors.vault_reading import VaultReader

PEOPLE_LOCK = 4_207_006
FIELDS = ("name", "email", "phone", "date_of_birth", "postcode")

_NOTE = """
    create temporary table now_mentions on commit drop as
    with both_ways as (
        select mention_a as mention_id, mention_b as other_id, is_together from linkage.person_pins
        union all
        select mention_b, mention_a, is_together from linkage.person_pins
    ),
    decided as (
        select
            mention_id,
            bool_or(not is_together) as is_set_apart,
            md5(string_agg(other_id || is_together::text, ',' order by other_id)) as pins
        from both_ways
        group by mention_id
    ),
    -- What an event of a support service names: its best reference that leads to one incident.
    named as (
        select distinct on (graded.event_id) graded.event_id, graded.incident_id
        from (
            select
                events.event_id, events.grade, min(incidents.incident_id::text)::uuid as incident_id,
                count(distinct incidents.incident_id) as count_incidents
            from intermediate.int_support_events__reports as events
            inner join linkage.report_incidents as incidents on events.report_id = incidents.report_id
            group by events.event_id, events.grade
        ) as graded
        where graded.count_incidents = 1
        order by graded.event_id, graded.grade
    )
    select
        mentions.mention_id, mentions.record_id, mentions.feed, mentions.role,
        mentions.is_reporter_victim,
        mentions.delivery_id, mentions.row_number, mentions.client_id,
        coalesce(incidents.incident_id, named.incident_id) as incident_id, decided.pins,
        coalesce(decided.is_set_apart, false) as is_set_apart
    from intermediate.int_person_mentions as mentions
    left join linkage.report_incidents as incidents
        on mentions.record_id = incidents.report_id
        and (mentions.role = 'victim' or mentions.is_reporter_victim is not false)
    left join named on mentions.record_id = named.event_id
    left join decided on mentions.mention_id = decided.mention_id
"""
_CHANGED = """
    create temporary table changed_records on commit drop as
    select distinct record_id
    from (
        select unnest(array[now.record_id, seen.record_id]) as record_id
        from now_mentions as now
        full join linkage.mention_portraits as seen on now.mention_id = seen.mention_id
        where (now.record_id, now.role, now.is_reporter_victim, now.delivery_id, now.row_number, now.incident_id,
               now.client_id, now.pins)
            is distinct from (seen.record_id, seen.role, seen.is_reporter_victim, seen.delivery_id, seen.row_number,
               seen.incident_id, seen.client_id, seen.pins)
    ) as others
    where record_id is not null
"""
_TAKE_UP = (
    "create temporary table stale_mentions on commit drop as select seen.mention_id, seen.portrait_id"
    " from linkage.mention_portraits as seen inner join changed_records using (record_id)",
    "create index on stale_mentions (mention_id)",
    "delete from linkage.mention_portraits as seen using changed_records"
    " where seen.record_id = changed_records.record_id",
    """
    create temporary table changed_mentions on commit drop as
    select
        now.*,
        first_value(now.mention_id) over (
            partition by
                now.record_id, now.is_reporter_victim,
                case when now.is_reporter_victim is not true then now.mention_id end
            order by now.mention_id
        ) as appearance_id,
        (dense_rank() over (order by now.record_id) - 1) / {records_a_part} as part
    from now_mentions as now
    inner join changed_records using (record_id)
    """,
    "create index on changed_mentions (part)",
    "analyze changed_mentions",
)
_WANTED = """
    create temporary table wanted_mentions on commit drop as
    select
        sitting.portrait_id, sitting.first_mention_id, sitting.incidents, sitting.near_incidents, sitting.clients,
        mentions.appearance_id, mentions.role, mentions.feed, mentions.delivery_id, mentions.row_number
    from (
        select
            portrait_id,
            min(mention_id::text)::uuid as first_mention_id,
            min(appearance_id::text)::uuid as appearance_id,
            string_agg(distinct incident_id::text, ' ') filter (where role = 'victim' or is_reporter_victim)
                as incidents,
            string_agg(distinct incident_id::text, ' ') as near_incidents,
            string_agg(distinct client_id::text, ' ') as clients
        from linkage.mention_portraits
        where portrait_id in (select id from {ids})
        group by portrait_id
    ) as sitting
    inner join linkage.mention_portraits as mentions
        on sitting.appearance_id = mentions.appearance_id and sitting.portrait_id = mentions.portrait_id
"""

_TEXT = pa.string()
_VALUES = [pa.field(field, _TEXT) for field in FIELDS]
MENTION = pa.schema(
    [
        ("mention_id", _TEXT),
        ("record_id", _TEXT),
        ("appearance_id", _TEXT),
        ("role", _TEXT),
        ("incident_id", _TEXT),
        ("client_id", _TEXT),
        ("is_set_apart", pa.bool_()),
        ("is_reporter_victim", pa.bool_()),
        *_VALUES,
    ]
)
SITTING = pa.schema(
    [
        ("portrait_id", pa.int64()),
        ("first_mention_id", _TEXT),
        ("incidents", _TEXT),
        ("near_incidents", _TEXT),
        ("clients", _TEXT),
        ("appearance_id", _TEXT),
        ("role", _TEXT),
        *_VALUES,
    ]
)
"""A mention from which a portrait can be drawn. Blanks stand between ids: ``incidents`` are those whose victim it is,
``near_incidents`` those whose victim it is or may be, ``clients`` those of support services."""


def prepare_people(connection: sa.Connection) -> None:
    """Make what the linkage remembers, and let no second linkage run beside this one."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(PEOPLE_LOCK)))
    METADATA.create_all(connection)
    # For a hub from before clients of services were looked at; its next run compares everybody.
    connection.execute(sa.text("alter table linkage.mention_portraits add column if not exists client_id uuid"))


def note_changes(connection: sa.Connection) -> int:
    """Note in ``now_mentions`` every mention as it stands, and in ``changed_records`` the records of those that are
    new, gone or other than last seen. Returns how many records those are."""
    for statement in (_NOTE, "create index on now_mentions (record_id)", "analyze now_mentions", _CHANGED):
        connection.execute(sa.text(statement))
    return int(connection.execute(sa.text("select count(*) from changed_records")).scalar_one())


def take_up_changes(connection: sa.Connection, records_a_part: int) -> int:
    """Note what the changed records held before (``stale_mentions``), forget it, and number the parts in which their
    mentions are to be drawn anew (``changed_mentions``). Returns the number of parts."""
    for statement in _TAKE_UP:
        connection.execute(sa.text(statement.format(records_a_part=records_a_part)))
    last: int | None = connection.execute(sa.text("select max(part) from changed_mentions")).scalar_one()
    return 0 if last is None else last + 1


def read_changed_mentions(connection: sa.Connection, reader: VaultReader, part: int) -> pa.Table:
    """The changed mentions of a part with their values (``MENTION``)."""
    source = f"(select * from changed_mentions where part = {part})"  # noqa: S608 - a number of our own
    return _with_values(connection, reader, source, MENTION)


def read_sittings(connection: sa.Connection, reader: VaultReader, ids: str) -> pa.Table:
    """The mentions from which the portraits of a temporary table of ids are drawn (``SITTING``)."""
    connection.execute(sa.text("drop table if exists wanted_mentions"))
    connection.execute(sa.text(_WANTED.format(ids=ids)))
    return _with_values(connection, reader, "wanted_mentions", SITTING)


def put_ids(connection: sa.Connection, name: str, ids: Iterable[object], kind: str) -> None:
    """A temporary table of one column ``id`` (``uuid`` or ``bigint``), gone with the transaction."""
    kept = pa.string() if kind == "uuid" else pa.int64()
    put_rows(
        connection, name, pa.table({"id": ids if isinstance(ids, pa.Array) else pa.array(list(ids), kept)}), [kind]
    )
    connection.execute(sa.text(f"create index on {name} (id)"))


def put_rows(connection: sa.Connection, name: str, rows: pa.Table, kinds: Sequence[str]) -> None:
    """A temporary table with these columns (of PostgreSQL's types ``kinds``) and rows, gone with the transaction."""
    columns = ", ".join(f"{column} {kind}" for column, kind in zip(rows.column_names, kinds, strict=True))
    connection.execute(sa.text(f"drop table if exists {name}"))
    connection.execute(sa.text(f"create temporary table {name} ({columns}) on commit drop"))
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(rows, sink, pa_csv.WriteOptions(include_header=False))
    statement = f"copy {name} from stdin (format csv)".encode()
    with _without_rows(), _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(memoryview(sink.getvalue()))
    connection.execute(sa.text(f"analyze {name}"))


def read_arrow(connection: sa.Connection, query: str, schema: pa.Schema) -> pa.Table:
    """The rows of a query without parameters, as Arrow, in columns of these names; null stays null."""
    sink = pa.BufferOutputStream()
    sink.write((",".join(schema.names) + "\n").encode())
    statement = f"copy ({query}) to stdout (format csv)".encode()
    with _without_rows(), _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            sink.write(bytes(block))
    return pa_csv.read_csv(
        pa.BufferReader(sink.getvalue()),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )


def _driver(connection: sa.Connection) -> psycopg.Connection[tuple[object, ...]]:
    return cast("psycopg.Connection[tuple[object, ...]]", connection.connection.driver_connection)


@contextmanager
def _without_rows() -> Iterator[None]:
    """The database's errors as SQLAlchemy's, without what they quote of rows."""
    try:
        yield
    except psycopg.Error as error:
        told = type(error)(type(error).__name__)
        raise sa.exc.DBAPIError("copy for the linkage of persons", None, told, hide_parameters=True) from None


def _with_values(connection: sa.Connection, reader: VaultReader, source: str, schema: pa.Schema) -> pa.Table:
    """The mentions in ``source`` (a relation with feed, role, delivery_id and row_number) with their values from the
    vault. A mention whose vault row is gone has none."""
    columns = [name for name in schema.names if name not in FIELDS]
    query = sealed_mentions(connection, source, columns)
    asked = pa.schema([schema.field(name) for name in columns] + list(SEALED))
    sealed = read_arrow(connection, query, asked)
    values = open_mentions(connection, reader, sealed, FIELDS)
    return (
        pa.table([*(sealed[name] for name in columns), *values], names=[*columns, *FIELDS])
        .select(schema.names)
        .cast(schema)
    )
