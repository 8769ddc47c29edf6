"""Writes forecasts as CSV, one row per area and period, marked with whether they are withheld."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from hub.forecast.model import Forecast
from hub.forecast.panel import Panel

SCHEMA = pa.schema(
    [
        ("period_start", pa.string()),
        ("area_id", pa.string()),
        ("expected", pa.float64()),
        ("p05", pa.int64()),
        ("p95", pa.int64()),
        ("is_withheld", pa.bool_()),
    ]
)


def write_forecasts(path: Path, panel: Panel, forecasts: Sequence[Forecast], *, is_withheld: bool) -> None:
    """Write the CSV; the rows of a period are in the order of the area list."""
    areas = pa.array(panel.areas.ids)
    is_plain = not any(mark in area for area in panel.areas.ids for mark in ',"\r\n')
    options = csv.WriteOptions(quoting_style="none" if is_plain else "needed", quoting_header="none")
    with csv.CSVWriter(path, SCHEMA, write_options=options) as writer:
        for one in forecasts:
            start = pa.repeat(panel.calendar.start_of(one.period).isoformat(), len(areas))
            mark = pa.repeat(is_withheld, len(areas))
            writer.write_table(pa.table([start, areas, one.expected, one.low, one.high, mark], schema=SCHEMA))
