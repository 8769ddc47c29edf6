"""Deliveries that a restored ledger is too old to know, and that it must know: an erasure rewrote their files, and the
bytes that were delivered must not come in again."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from hub.deliveries import DeliveryStatus
from hub.warehouse.tables import DELIVERIES

AS_RECEIVED = (DeliveryStatus.LOADED, DeliveryStatus.HELD, DeliveryStatus.SUPERSEDED)
"""Files that were read before are read again, from the bytes that are kept of them."""
COUNTS = tuple(
    column.name
    for column in DELIVERIES.columns
    if column.name.startswith("rows_") or column.name.startswith("records_")
)


def rows_at(connection: sa.Connection, landing_paths: Iterable[str]) -> list[dict[str, Any]]:
    """The ledger's rows of the deliveries whose bytes are kept at these places, as JSON, in order of arrival."""
    query = sa.text(
        "select to_jsonb(one) from ledger.deliveries as one where one.landing_path = any (:paths)"
        " order by one.feed, one.arrival_number"
    )
    return list(connection.execute(query, {"paths": list(landing_paths)}).scalars())


def know_again(connection: sa.Connection, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write the receipts of those of these deliveries that the ledger does not know; what was loaded awaits its load
    again, in the order in which they came. Returns how many."""
    count = 0
    for row in sorted(rows, key=lambda one: (one["feed"], one["arrival_number"])):
        counts = {name: 0 if name.startswith("rows_") else None for name in COUNTS}
        status = DeliveryStatus.RECEIVED if row["status"] in AS_RECEIVED else row["status"]
        loaded = {"loaded_at": None, "bounds_version": None} if status == DeliveryStatus.RECEIVED else {}
        values = {**row, **counts, **loaded, "status": status, "arrival_number": _next_arrival(connection, row["feed"])}
        query = sa.text(
            "insert into ledger.deliveries select (jsonb_populate_record(null::ledger.deliveries, :row)).*"
            " on conflict do nothing"
        ).bindparams(sa.bindparam("row", type_=JSONB))
        count += connection.execute(query, {"row": values}).rowcount
    return count


def _next_arrival(connection: sa.Connection, feed: str) -> int:
    """The numbers of the lost arrivals are given again: an older database does not know those between them."""
    last = sa.select(sa.func.coalesce(sa.func.max(DELIVERIES.c.arrival_number), 0)).where(DELIVERIES.c.feed == feed)
    return 1 + int(connection.execute(last).scalar_one())
