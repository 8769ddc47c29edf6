"""Takes what is ready in a feed's drop folder through to the warehouse: ``take_drop.py FEED``. A program of its own, so
that a test can kill it."""

import sys
from datetime import UTC, datetime

from hub.contracts.model import read_catalogue
from hub.ingest.collect import collect_drop
from hub.ingest.ingest import awaiting, ingest_delivery
from hub.ingest.prepare import prepare_warehouse
from hub.monitoring.detect_drift import detect_drift
from hub.settings import read_settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role


def take_drop(feed: str) -> None:
    """Collect, ingest all that waits, compare the days that have come with the past."""
    settings = read_settings()
    contract = read_catalogue(settings.expectations).contracts[feed]
    engine = open_warehouse(settings, Role.OWNER)
    prepare_warehouse(engine, [contract])
    collect_drop(settings, engine, contract)
    for delivery_id in awaiting(engine, feed):
        ingest_delivery(settings, engine, contract, delivery_id)
    detect_drift(engine, [contract], datetime.now(UTC))


if __name__ == "__main__":
    take_drop(sys.argv[1])
