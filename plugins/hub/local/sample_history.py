"""``python -m hub.local.sample_history``: load what waits of the simulated history, in its order.

A file is removed once it has its end in the ledger. One that an earlier process has loaded is known by its bytes.
Months of deliveries in one file say nothing of what a day usually brings, so later days are not compared with them.
"""

import logging
import sys
from pathlib import Path

import sqlalchemy as sa

from hub.contracts.model import Contract, read_catalogue
from hub.deliveries import DeliveryStatus
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.local.sample_deliveries import sample_folder
from hub.monitoring.profile import forget_profile
from hub.orchestration import delivery_log
from hub.settings import Settings, read_settings
from hub.simulate.history import HISTORY
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role


def load_all(settings: Settings, engine: sa.Engine) -> None:
    """Load the history of each feed that waits."""
    for feed, contract in read_catalogue(settings.expectations).contracts.items():
        for path in sorted((sample_folder(settings) / HISTORY / feed).glob("*")):
            _load(settings, engine, contract, path)


def _load(settings: Settings, engine: sa.Engine, contract: Contract, path: Path) -> None:
    for receipt in collect_files(settings, engine, contract, [path]):
        if receipt.status is DeliveryStatus.RECEIVED:
            delivery_log.tell(ingest_delivery(settings, engine, contract, receipt.delivery_id))
        with begin(engine) as connection:
            forget_profile(connection, receipt.delivery_id)
    path.unlink()


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.INFO)
    own = read_settings()
    load_all(own, open_warehouse(own, Role.LOADER))
