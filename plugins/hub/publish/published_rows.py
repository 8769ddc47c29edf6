"""Published rows: what a role may read of the published views, in blocks."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
import sqlalchemy as sa

from hub.publish.published import PUBLISHED, relations_in

BLOCK_ROWS = 20_000
ARROW_TYPES: Mapping[str, pa.DataType] = {
    "bigint": pa.int64(),
    "integer": pa.int64(),
    "smallint": pa.int64(),
    "double precision": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "text[]": pa.list_(pa.string()),
}


@dataclass(frozen=True)
class PublishedView:
    """A view: its columns (name to the database's type, in order) and comments ("" for its own)."""

    name: str
    columns: Mapping[str, str]
    comments: Mapping[str, str]

    @property
    def schema(self) -> pa.Schema:
        """As Arrow has it; what it has no type for is text."""
        return pa.schema([(name, _arrow_type(kind)) for name, kind in self.columns.items()])


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that sees the published views at one moment, and can change nothing."""
    with (
        engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection,
        connection.begin(),
    ):
        yield connection


def readable_views(connection: sa.Connection) -> dict[str, PublishedView]:
    """The published views that this role may read."""
    found = {}
    for name, relation in relations_in(connection, PUBLISHED).items():
        if connection.scalar(sa.text("select has_table_privilege(:view, 'select')"), {"view": f"{PUBLISHED}.{name}"}):
            found[name] = PublishedView(name, relation.columns, relation.comments)
    return found


def publish_of(connection: sa.Connection, views: Iterable[str]) -> int | None:
    """The publish that the views show now, which this role may read; None where it sees no row of any."""
    quote = connection.dialect.identifier_preparer.quote
    # Not every role may read the ledger: the rows say it themselves.
    shown = [connection.scalar(sa.text(f"select max(publish_id) from {PUBLISHED}.{quote(view)}")) for view in views]  # noqa: S608
    return max((int(one) for one in shown if one is not None), default=None)


def rows_of(connection: sa.Connection, view: PublishedView) -> Iterator[pa.Table]:
    """All rows of a view in blocks, in the view's Arrow schema."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(f"{quote(name)}{_cast(kind)} as {quote(name)}" for name, kind in view.columns.items())
    query = f"select {columns} from {PUBLISHED}.{quote(view.name)}"  # noqa: S608  # names are the catalogue's, quoted
    streaming = connection.execution_options(stream_results=True, max_row_buffer=BLOCK_ROWS)
    for block in streaming.execute(sa.text(query.replace(":", r"\:"))).partitions(BLOCK_ROWS):
        arrays = [pa.array([row[place] for row in block], type=field.type) for place, field in enumerate(view.schema)]
        yield pa.Table.from_arrays(arrays, schema=view.schema)


def _arrow_type(kind: str) -> pa.DataType:
    if kind.startswith("numeric"):
        return pa.float64()
    if kind.startswith("timestamp"):
        return pa.timestamp("us", tz="UTC")
    return ARROW_TYPES.get(kind, pa.string())


def _cast(kind: str) -> str:
    if kind.startswith("numeric"):
        return "::double precision"
    return "" if kind in ARROW_TYPES or kind.startswith("timestamp") else "::text"
