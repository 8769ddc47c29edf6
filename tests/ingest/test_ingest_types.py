"""A value is of its type exactly if the warehouse can read it as that."""

import pytest
import sqlalchemy as sa

from hub.contracts.values import LogicalType
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from ingest.deliveries import counts, raw_rows, take_in
from ingest.small_feeds import column, feed


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (LogicalType.INTEGER, ["7", "-7", "007", "9" * 18], ["+7", "7.0", "1e3", "9" * 19, "٣", "seven", " 7"]),
        (
            LogicalType.NUMBER,
            ["7", "-7.50", "+.5", "1.", "1e-9", "2E+10"],
            ["1,5", "inf", "NaN", "1e999", "9" * 400, "0x1f"],
        ),
        (
            LogicalType.DATE,
            ["2026-01-31", "2024-02-29", "1000-01-01"],
            ["2026-1-31", "2025-02-29", "0000-01-01", "31/01/2026", "2026-01-31 ", "2026-01-31T00:00:00Z"],
        ),
        (
            LogicalType.TIMESTAMP,
            [
                "2026-01-31T10:00:00Z",
                "2026-01-31T10:00:00+05:30",
                "2026-01-31T23:59:59-08:00",
                "1000-01-01T00:00:00+14:00",
            ],
            [
                "2026-01-31T10:00:00",
                "2026-01-31T23:59:59-0800",
                "2026-01-31T25:00:00Z",
                "2026-01-31T10:00:00+16:00",
                "2026-01-31T10:00:00+99:99",
                "0000-01-31T10:00:00Z",
                "2026-01-31 10:00:00Z",
            ],
        ),
        (LogicalType.BOOLEAN, ["true", "false"], ["True", "1", "yes"]),
        (
            LogicalType.ARRAY,
            ["[]", '["a","b"]', '["\\u00e9"]'],
            ["a", "[1]", "{}", '["a"', '["\\u0000"]', '["\\ud800"]', "[" * 30_000],
        ),
    ],
)
def test_a_value_is_of_its_type_exactly_if_the_warehouse_can_read_it(
    kind: LogicalType, good: list[str], bad: list[str], settings: Settings, engine: sa.Engine
) -> None:
    contract = feed(column("place"), column("value", kind=kind), name="typed")
    prepare_warehouse(engine, [contract])
    cells = ['"' + value.replace('"', '""') + '"' for value in (*good, *bad)]
    data = "place,value\n" + "".join(f"{number},{cell}\n" for number, cell in enumerate(cells))
    result = take_in(settings, engine, contract, data.encode())
    assert [row["value"] for row in raw_rows(engine, contract)] == good
    assert counts(result) == (len(cells), len(good), len(bad), 0)
    casts = {
        LogicalType.INTEGER: "bigint",
        LogicalType.NUMBER: "double precision",
        LogicalType.DATE: "date",
        LogicalType.TIMESTAMP: "timestamptz",
        LogicalType.BOOLEAN: "boolean",
        LogicalType.ARRAY: "jsonb",
    }
    with engine.connect() as connection:
        cast = connection.execute(sa.text(f"select count(value::{casts[kind]}) from raw.typed"))
        assert cast.scalar() == len(good)
