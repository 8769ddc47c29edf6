"""Files in the drop folder, and what the ledger and the tables say of them."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.deliveries import DeliveryResult, Receipt
from hub.ingest.archive.queries import row_numbers
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.landing_store import open_landed
from hub.settings import Settings
from hub.warehouse.tables import DELIVERIES, QUARANTINED_ROWS, raw_table

LONG_AGO_NS = 1_700_000_000 * 10**9


def drop(settings: Settings, feed: str, name: str | bytes, data: bytes, *, is_quiet: bool = True) -> Path:
    """Put a file into a feed's drop folder; ``is_quiet`` makes it look as if it had lain there for a while."""
    folder = settings.drop / feed
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / os.fsdecode(name)
    path.write_bytes(data)
    if is_quiet:
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    return path


def let_it_rest() -> None:
    """Wait until what was just dropped has been quiet for long enough: the time of its last change cannot be set."""
    time.sleep(1.05)


def ledger_rows(engine: sa.Engine) -> list[sa.Row[Any]]:
    """All deliveries, in order of arrival."""
    with engine.connect() as connection:
        query = sa.select(DELIVERIES).order_by(DELIVERIES.c.received_at, DELIVERIES.c.file_name)
        return list(connection.execute(query))


def take_in(
    settings: Settings, engine: sa.Engine, contract: Contract, data: bytes, name: str = "file.csv"
) -> DeliveryResult:
    """Collect and ingest one file of ``data``."""
    path = settings.home / name
    path.write_bytes(data)
    (receipt,) = collect_files(settings, engine, contract, [path])
    return ingest_delivery(settings, engine, contract, receipt.delivery_id)


def landed_bytes(settings: Settings, receipt: Receipt) -> bytes:
    """What the landing store keeps of a delivery, as it was delivered."""
    with open_landed(settings, receipt.landed_name) as landed:
        return landed.read()


def counts(result: DeliveryResult) -> tuple[int, int, int, int]:
    """Rows read, accepted, quarantined, duplicate."""
    return result.rows_read, result.rows_accepted, result.rows_quarantined, result.rows_duplicate


def raw_rows(engine: sa.Engine, contract: Contract) -> list[Mapping[str, Any]]:
    """What raw holds of a feed, by delivery and row number."""
    table = raw_table(contract)
    with engine.connect() as connection:
        query = sa.select(table).order_by(table.c["_delivery_id"], table.c["_row_number"])
        return [dict(row) for row in connection.execute(query).mappings()]


def quarantined(engine: sa.Engine) -> list[sa.Row[Any]]:
    """Quarantined rows, by delivery and row number."""
    columns = QUARANTINED_ROWS.c
    with engine.connect() as connection:
        return list(connection.execute(sa.select(QUARANTINED_ROWS).order_by(columns.delivery_id, columns.row_number)))


def assert_nothing_is_lost(engine: sa.Engine, contract: Contract) -> None:
    """For each delivery of a feed: the ledger's counts add up, raw, archive and quarantine hold as many rows as it
    says, and no row number stands in two of them or twice."""
    raw = raw_table(contract)
    with engine.connect() as connection:
        for delivery in connection.execute(sa.select(DELIVERIES).where(DELIVERIES.c.feed == contract.feed)):
            parts = (delivery.rows_accepted, delivery.rows_quarantined, delivery.rows_duplicate)
            assert delivery.rows_read == sum(parts)
            loaded = connection.execute(
                sa.select(raw.c["_row_number"]).where(raw.c["_delivery_id"] == delivery.delivery_id)
            )
            kept = connection.execute(
                sa.select(QUARANTINED_ROWS.c.row_number).where(
                    QUARANTINED_ROWS.c.delivery_id == delivery.delivery_id,
                    QUARANTINED_ROWS.c.state.in_(("open", "rejected")),
                )
            )
            raw_numbers, kept_numbers = [row[0] for row in loaded], [row[0] for row in kept]
            raw_numbers += row_numbers(connection, delivery.delivery_id)
            assert len(raw_numbers) == delivery.rows_accepted
            assert len(kept_numbers) == delivery.rows_quarantined
            every = [*raw_numbers, *kept_numbers]
            assert len(set(every)) == len(every)
            assert set(every) <= set(range(1, delivery.rows_read + 1))
