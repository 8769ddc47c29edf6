"""The first and the last day that a delivery tells of: what its event column holds in the rows that are right."""

from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from hub.contract_values import Column

ISO_DAY = "%Y-%m-%d"
DAY_CHARACTERS = 10


def event_days(column: Column, texts: pa.ChunkedArray) -> tuple[date, date] | None:
    """First and last day of these texts, as the sender's own calendar has them; None where none is a day."""
    is_iso = (column.format or "").startswith(ISO_DAY)
    days = pc.unique(pc.utf8_slice_codeunits(texts, 0, DAY_CHARACTERS) if is_iso else texts).to_pylist()
    found = [day for day in (_day(one, ISO_DAY if is_iso else column.format or "") for one in days) if day]
    return (min(found), max(found)) if found else None


def _day(text: str | None, day_format: str) -> date | None:
    try:
        return datetime.strptime(text or "", day_format).date()  # a calendar day has no zone
    except ValueError:
        return None
