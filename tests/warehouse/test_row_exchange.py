"""Rows between the database and linkage."""

import pyarrow as pa
import sqlalchemy as sa

from hub.warehouse.row_exchange import read_rows


def test_a_row_of_any_length_is_read(engine: sa.Engine) -> None:
    """Who reports for a body has tens of thousands of incidents, and their ids are one value of a row."""
    query = "select repeat('0b9d2c1e-3f4a-5b6c-8d7e-9f0a1b2c3d4e ', 60000) as near_incidents"
    with engine.connect() as connection:
        rows = read_rows(connection, query, pa.schema([("near_incidents", pa.string())]))
    assert len(rows["near_incidents"][0].as_py().split()) == 60_000
