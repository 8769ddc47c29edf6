"""Dates that raw tables hold as they were delivered: loads once wrote ``dd/MM/yyyy`` so, and write ISO 8601 now."""

import sqlalchemy as sa

from hub.contracts import Contract
from hub.doors.warehouse_tables import raw_table

AS_DELIVERED = "dd/MM/yyyy"
"""The only pattern of another order that contracts could name before raw held ISO text."""


def write_dates_in_iso(connection: sa.Connection, contract: Contract) -> None:
    """Rewrite the days of a feed's raw table that still have the form of the file."""
    raw = raw_table(contract)
    for column in contract.columns:
        if column.is_personal or column.format is None or column.format.notation != AS_DELIVERED:
            continue
        stored = raw.c[column.raw_name]
        iso = sa.func.regexp_replace(stored, "^(..)/(..)/(....)$", r"\3-\2-\1")
        connection.execute(sa.update(raw).where(stored.like("__/__/____")).values({stored: iso}))
