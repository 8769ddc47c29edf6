"""Rows between the database and this process for linkage: read as Arrow tables, and written only where they differ."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv
import sqlalchemy as sa

from hub.warehouse.engine import copy_rows

LEAST_BLOCK, LARGEST_BLOCK = 1 << 20, (1 << 31) - 1
"""Bytes that Arrow reads at once: its own default, and the most that it takes."""


def uuid_column(ids: Iterable[str]) -> pa.FixedSizeBinaryArray:
    """Ids as Arrow holds them for a column of type uuid."""
    return pa.array([bytes.fromhex(one.replace("-", "")) for one in ids], pa.binary(16))


def read_rows(connection: sa.Connection, query: str, schema: pa.Schema, **values: object) -> pa.Table:
    """The rows of a query in columns of these names and types; ``%(name)s`` in it stands for a value."""
    sink = pa.BufferOutputStream()
    sink.write((",".join(schema.names) + "\n").encode())
    statement = f"copy ({query}) to stdout (format csv)".encode()
    with _errors_without_rows(), _driver(connection).cursor() as cursor, cursor.copy(statement, values) as copy:
        for block in copy:
            sink.write(bytes(block))
    given = sink.getvalue()
    return pa_csv.read_csv(
        pa.BufferReader(given),
        # A row has to be in one block, however long it is.
        read_options=pa_csv.ReadOptions(block_size=min(max(given.size, LEAST_BLOCK), LARGEST_BLOCK)),
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


def exchange_rows(
    connection: sa.Connection,
    table: sa.Table,
    rows: pa.Table,
    *,
    within: tuple[Sequence[str], Collection[str] | Collection[int]] | None,
    only: str = "true",
    not_compared: Collection[str] = (),
) -> int:
    """Make ``rows`` the rows that the table has ``within`` reach: those that have one of the ids in one of the columns,
    or all (None); of them ``only`` those for which a condition on ``kept`` (a row) and ``fresh`` (what takes its place)
    holds.

    A row that already is so in every column but those ``not_compared`` is left alone and keeps its time; one that is
    not gets the time of now. Returns how many rows were written.
    """
    key = [column.name for column in table.primary_key]
    fresh = _working_table(connection, "fresh_rows", [table.columns[name] for name in rows.column_names])
    copy_rows(connection, fresh, [rows.select(rows.column_names)])
    connection.execute(sa.text("analyze fresh_rows"))
    values = [name for name in rows.column_names if name not in {*key, *not_compared}]
    same_key = " and ".join(f"fresh.{name} = kept.{name}" for name in key)
    differences = [f"fresh.{key[0]} is null", *(f"fresh.{name} is distinct from kept.{name}" for name in values)]
    if within is None:
        places = [f"(select ctid as place, * from {table.fullname}) as kept"]  # noqa: S608 (names of our own)
    else:
        columns, ids = within
        reached = _working_table(connection, "reached_ids", [table.columns[columns[0]]], name="id")
        is_uuid = isinstance(reached.columns["id"].type, sa.UUID)
        column_of_ids = uuid_column(map(str, ids)) if is_uuid else pa.array(ids, pa.int64())
        copy_rows(connection, reached, [pa.table({"id": column_of_ids})])
        connection.execute(sa.text("analyze reached_ids"))
        # By index, id after id: joined, the planner would read the table as a whole.
        places = [
            f"""
            reached_ids as reached
            cross join lateral (
                select ctid as place, * from {table.fullname} as found where found.{column} = reached.id offset 0
            ) as kept
            """  # noqa: S608 (names of our own)
            for column in columns
        ]
    for place in places:
        connection.execute(
            sa.text(f"""
            delete from {table.fullname}
            where ctid = any(array(
                select kept.place from {place} left join fresh_rows as fresh on {same_key}
                where ({only}) and ({" or ".join(differences)})
            ))
            """)  # noqa: S608 (names of our own)
        )
    names = ", ".join(rows.column_names)
    order = ", ".join(f"fresh.{name}" for name in key)
    written = connection.execute(
        sa.text(f"""
        insert into {table.fullname} ({names})
        select {", ".join(f"fresh.{name}" for name in rows.column_names)} from fresh_rows as fresh
        left join lateral (select true as is_there from {table.fullname} as kept where {same_key} offset 0) as held
            on true
        where held.is_there is null
        order by {order}
        """)  # noqa: S608 (names of our own)
    ).rowcount
    connection.execute(sa.text("drop table if exists fresh_rows, reached_ids"))
    return int(written)


def _working_table(
    connection: sa.Connection, called: str, columns: Iterable[sa.Column[object]], name: str | None = None
) -> sa.Table:
    """A temporary table of :func:`exchange_rows` with columns like these; it drops it itself."""
    table = sa.Table(
        called,
        sa.MetaData(),
        *(sa.Column(name or column.name, column.type) for column in columns),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    table.create(connection)
    return table


def _driver(connection: sa.Connection) -> psycopg.Connection[tuple[object, ...]]:
    return cast("psycopg.Connection[tuple[object, ...]]", connection.connection.driver_connection)


@contextmanager
def _errors_without_rows() -> Iterator[None]:
    """The database's errors as SQLAlchemy's, without what they quote of rows."""
    try:
        yield
    except psycopg.Error as error:
        named = type(error)(type(error).__name__)
        kind = sa.exc.OperationalError if isinstance(error, psycopg.OperationalError) else sa.exc.DBAPIError
        raise kind("a query of linkage", None, named, hide_parameters=True) from None
