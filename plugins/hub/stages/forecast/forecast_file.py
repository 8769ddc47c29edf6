"""Writes forecasts as CSV, one row an area and period, as they are made."""

from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
from pyarrow import csv

from hub.stages.forecast.model import Forecast
from hub.stages.forecast.panel import Panel

SCHEMA = pa.schema(
    [
        ("period_start", pa.string()),
        ("area_id", pa.string()),
        ("expected", pa.float64()),
        ("p05", pa.int64()),
        ("p95", pa.int64()),
    ]
)


class ForecastFile:
    """A CSV of forecasts; the rows of a period stand in the order of the area list."""

    def __init__(self, path: Path, panel: Panel) -> None:
        self._path = path
        self._calendar = panel.calendar
        self._ids = panel.areas.ids
        self._areas = pa.array(self._ids)

    def __enter__(self) -> Self:
        is_plain = not any(mark in area for area in self._ids for mark in ',"\r\n')
        options = csv.WriteOptions(quoting_style="none" if is_plain else "needed", quoting_header="none")
        self._writer = csv.CSVWriter(self._path, SCHEMA, write_options=options)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def write(self, forecast: Forecast) -> None:
        """Add the rows of one period."""
        start = self._calendar.start_of(forecast.period).isoformat()
        columns = [pa.repeat(start, len(self._areas)), self._areas, forecast.expected, forecast.low, forecast.high]
        self._writer.write_table(pa.table(columns, schema=SCHEMA))
