"""The first and last day of the events in a column of a delivery."""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from hub.contracts.values import Column

DAY_CHARACTERS = 10


def event_days(column: Column, text: pa.ChunkedArray) -> tuple[date, date] | None:
    """First and last day of the texts of a column of dates or times; None where none is given. Each must be of the
    column's format; a month counts as its first day."""
    iso = column.date_format.as_iso(text)
    days = pc.unique(pc.utf8_slice_codeunits(iso, 0, DAY_CHARACTERS)).to_pylist()
    found = [date.fromisoformat(day if len(day) == DAY_CHARACTERS else f"{day}-01") for day in days if day]
    return (min(found), max(found)) if found else None
