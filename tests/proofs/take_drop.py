"""Takes what is ready in a feed's drop folder through to the warehouse: ``take_drop.py FEED``. A program of its own, so
that a test can kill it."""

import sys

from hub.contracts import read_catalogue
from hub.doors.roles import Role
from hub.doors.warehouse import open_warehouse, prepare_warehouse
from hub.ingest import awaiting, ingest_delivery
from hub.settings import read_settings
from hub.stages.collect import collect_drop


def take_drop(feed: str) -> None:
    """Collect, then ingest all that waits."""
    settings = read_settings()
    contract = read_catalogue(settings.expectations).contracts[feed]
    engine = open_warehouse(settings, Role.OWNER)
    prepare_warehouse(engine, [contract])
    collect_drop(settings, engine, contract)
    for delivery_id in awaiting(engine, feed):
        ingest_delivery(settings, engine, contract, delivery_id)


if __name__ == "__main__":
    take_drop(sys.argv[1])
