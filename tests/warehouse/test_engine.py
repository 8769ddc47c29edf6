import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from hub.contracts.model import Catalogue
from hub.contracts.values import Classification, LogicalType
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, read_keys
from hub.warehouse.engine import begin, copy_rows
from ingest.small_feeds import column, feed

METADATA = sa.MetaData(schema="raw")
TEXTS = sa.Table(
    "texts",
    METADATA,
    sa.Column("place", sa.BigInteger),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("note", sa.Text),
)
ODD = ['"', '""', ",", "\n", "\r\n", "\\.", "\\N", "NULL", " x ", "é😀", "a\tb", "'", "%s", "\x01", "x" * 100_000]


def test_bulk_rows_arrive_as_they_are(engine: sa.Engine) -> None:
    TEXTS.create(engine)
    with begin(engine) as connection:
        table = pa.table({"text": ODD, "place": range(len(ODD))})
        assert copy_rows(connection, TEXTS, [table, table.slice(0, 0), table]) == 2 * len(ODD)
        assert copy_rows(connection, TEXTS, []) == 0
        found = [row[0] for row in connection.execute(sa.select(TEXTS.c.text).order_by(TEXTS.c.place))]
    assert found == [text for text in ODD for _ in range(2)]


KINDS = sa.Table(
    "kinds",
    METADATA,
    sa.Column("id", sa.UUID),
    sa.Column("number", sa.BigInteger),
    sa.Column("text", sa.Text),
    sa.Column("document", JSONB),
    sa.Column("texts", sa.ARRAY(sa.Text)),
    sa.Column("at", sa.TIMESTAMP(timezone=True)),
)


def test_each_kind_of_column_and_null_arrive_as_they_are(engine: sa.Engine) -> None:
    KINDS.create(engine)
    some_id = uuid.UUID(int=2**127 + 5)
    arrays = [
        pa.array([some_id.bytes, None], pa.binary(16)),
        pa.array([-(2**63), None], pa.int64()),
        pa.array(["", None]),
        pa.array(['{"a": [1, "é"]}', None]),
        pa.array([["x", 'a "b", c'], None], pa.list_(pa.string())),
        pa.array([datetime(2026, 3, 4, 5, 6, 7, 8, UTC), None], pa.timestamp("us", tz="UTC")),
    ]
    with begin(engine) as connection:
        assert copy_rows(connection, KINDS, [pa.table(arrays, names=KINDS.columns.keys())]) == 2
        found = connection.execute(sa.select(KINDS).order_by(KINDS.c.number)).all()
    assert [tuple(row) for row in found] == [
        (some_id, -(2**63), "", {"a": [1, "é"]}, ["x", 'a "b", c'], datetime(2026, 3, 4, 5, 6, 7, 8, UTC)),
        (None, None, None, None, None, None),
    ]


@pytest.mark.parametrize("wrong", [{"text": [7]}, {"number": ["7"]}, {"id": ["7"]}, {"texts": [[7]]}])
def test_a_value_that_is_not_of_the_columns_kind_is_never_sent(engine: sa.Engine, wrong: dict[str, list[Any]]) -> None:
    KINDS.create(engine)
    with begin(engine) as connection:
        with pytest.raises(TypeError, match=f"kinds.{next(iter(wrong))} takes"):
            copy_rows(connection, KINDS, [pa.table(wrong)])
        assert connection.execute(sa.select(sa.func.count()).select_from(KINDS)).scalar() == 0


@pytest.mark.parametrize(
    ("column", "value"), [("text", b"secret\0"), ("text", b"secret\xff"), ("document", b'{"secret": secret}')]
)
def test_what_the_database_cannot_read_is_refused_without_being_quoted(
    engine: sa.Engine, column: str, value: bytes
) -> None:
    KINDS.create(engine)
    offsets = pa.py_buffer(np.array([0, len(value)], dtype=np.int32))
    unchecked = pa.StringArray.from_buffers(1, offsets, pa.py_buffer(value))
    with pytest.raises(sa.exc.DBAPIError) as error, begin(engine) as connection:
        copy_rows(connection, KINDS, [pa.table({column: unchecked})])
    assert isinstance(error.value.orig, psycopg.DataError)
    assert "secret" not in str(error.value)
    assert "0x" not in str(error.value)


def test_an_error_of_a_bulk_load_is_the_databases_without_the_row(engine: sa.Engine) -> None:
    TEXTS.create(engine)
    rows = pa.table({"text": ["x", None], "note": ["x", "a secret"], "place": [1, 2]})
    with pytest.raises(sa.exc.DBAPIError, match="null value in column") as error, begin(engine) as connection:
        copy_rows(connection, TEXTS, [rows])
    assert isinstance(error.value.orig, psycopg.errors.NotNullViolation)
    assert "secret" not in str(error.value)
    assert "Failing row" not in str(error.value)
    assert "COPY texts, line" not in str(error.value)


def test_a_connection_lost_during_a_bulk_load_can_be_tried_again(engine: sa.Engine) -> None:
    TEXTS.create(engine)
    rows = pa.table({"text": ["x" * 1000] * 20_000, "place": range(20_000)})

    def lose_it() -> None:
        with begin(engine) as connection:
            pid = connection.execute(sa.text("select pg_backend_pid()")).scalar()
            with engine.connect() as other:
                other.execute(sa.text("select pg_terminate_backend(:pid)"), {"pid": pid})
            copy_rows(connection, TEXTS, [rows])

    with pytest.raises(sa.exc.OperationalError):
        lose_it()
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(TEXTS)).scalar() == 0


def test_two_that_prepare_at_once_wait_for_each_other(engine: sa.Engine, catalogue: Catalogue) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("drop schema raw cascade"))
    with ThreadPoolExecutor(3) as callers:
        list(callers.map(lambda _: prepare_warehouse(engine, catalogue.contracts.values()), range(3)))
    assert sorted(sa.inspect(engine).get_table_names(schema="raw")) == sorted(catalogue.contracts)


def test_a_column_that_a_newer_contract_brings_is_added_and_old_rows_stay(engine: sa.Engine) -> None:
    prepare_warehouse(engine, [feed(column("place"), name="growing")])
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "insert into raw.growing (place, _delivery_id, _row_number, _record_hash)"
                " values ('Bow', gen_random_uuid(), 1, gen_random_uuid())"
            )
        )
    grown = feed(
        column("place"),
        column("counts", kind=LogicalType.OBJECT, collects="x"),
        column("name", classification=Classification.PERSONAL),
        name="growing",
    )
    prepare_warehouse(engine, [grown])
    with engine.connect() as connection:
        row = connection.execute(sa.text("select place, counts, name_token from raw.growing")).one()
    assert tuple(row) == ("Bow", None, None)
    assert "name" in {one["name"] for one in sa.inspect(engine).get_columns("growing", schema="vault")}


def test_threads_that_make_the_keys_at_once_read_the_same_ones(settings: Settings) -> None:
    with ThreadPoolExecutor(8) as callers:
        keys = set(callers.map(lambda _: read_keys(settings), range(32)))
    assert len(keys) == 1
    made = {path.name for path in settings.secrets.iterdir() if path.is_file()}
    assert made == {f"{one}.keys" for one in Purpose}
