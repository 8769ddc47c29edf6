"""Takes what is ready in a feed's drop folder through to the warehouse: ``take_drop.py FEED``. A program of its own, so
that a test can kill it."""

import sys
from datetime import UTC, datetime

from hub.contracts import read_catalogue
from hub.doors.roles import Role
from hub.doors.warehouse import open_warehouse, prepare_warehouse
from hub.ingest import awaiting, ingest_delivery
from hub.settings import read_settings
from hub.stages.collect import collect_drop
from hub.stages.detect_drift import detect_drift


def take_drop(feed: str) -> None:
    """Collect, ingest all that waits, judge the days that have come."""
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
