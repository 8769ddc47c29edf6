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

from hub.doors.linkage_tables import row_by_row
from hub.doors.person_tables import METADATA, PINNED, PORTRAIT_KEYS
from hub.doors.vault_people import SEALED, open_mentions, sealed_mentions
from hub.doors.vault_reading import VaultReader

PEOPLE_LOCK = 4_207_006
FIELDS = ("name", "email", "phone", "date_of_birth", "postcode")

# All that is told of a portrait tells the same: it is read where it was told last, which is mostly at hand.
_WANTED = """
    create temporary table wanted_mentions on commit drop as
    with seen as materialized (
        select known.* from {ids} as ids
        cross join lateral (select * from linkage.mention_portraits where portrait_id = ids.id offset 0) as known
    )
    select
        sitting.portrait_id, sitting.first_mention_id, sitting.incidents, sitting.near_incidents, sitting.clients,
        mentions.appearance_id, mentions.role, mentions.feed, mentions.delivery_id, mentions.row_number
    from (
        select
            portrait_id,
            min(mention_id::text)::uuid as first_mention_id,
            max(appearance_id::text)::uuid as appearance_id,
            string_agg(distinct incident_id::text, ' ') filter (where role = 'victim' or is_reporter_victim)
                as incidents,
            string_agg(distinct incident_id::text, ' ') as near_incidents,
            string_agg(distinct client_id::text, ' ') as clients
        from seen
        group by portrait_id
    ) as sitting
    inner join seen as mentions
        on sitting.appearance_id = mentions.appearance_id and sitting.portrait_id = mentions.portrait_id
    order by mentions.feed, mentions.delivery_id, mentions.row_number
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
    # For a hub from before clients of services and times were looked at, whose next run compares everybody, and from
    # when an index was kept that nothing asked, and one that led to the table for each key of a portrait.
    for column in ("client_id uuid", "told_at timestamptz"):
        connection.execute(sa.text(f"alter table linkage.mention_portraits add column if not exists {column}"))
    PINNED.create(connection, checkfirst=True)
    for index in PORTRAIT_KEYS.indexes:
        index.create(connection, checkfirst=True)
    for name in ("mention_portraits_by_appearance", "portrait_keys_by_portrait"):
        connection.execute(sa.text(f"drop index if exists linkage.{name}"))


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
    with row_by_row(connection):
        sealed = read_arrow(connection, query, asked)
    values = open_mentions(connection, reader, sealed, FIELDS)
    return (
        pa.table([*(sealed[name] for name in columns), *values], names=[*columns, *FIELDS])
        .select(schema.names)
        .cast(schema)
    )


def named_after(kind: str, one_of_them: str) -> str:
    """SQL for the id of a person that is named after one of their mentions, as ``stable_ids.named_after`` makes it."""
    told = f"cast({one_of_them} as text)"
    return f"cast(left({told}, 4) || right(md5('{kind}/' || {told}), 28) as uuid)"
