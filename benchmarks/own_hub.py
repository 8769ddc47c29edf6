"""A hub of a measurement's own: home, port and database that nobody else has, filled with simulated deliveries."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks.report import free_port
from hub.contracts.model import Contract, read_catalogue
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings, read_settings
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import open_warehouse, server_address
from hub.warehouse.roles import Role


@dataclass(frozen=True)
class OwnHub:
    """Its settings, its warehouse and the contracts of its feeds."""

    settings: Settings
    engine: sa.Engine
    contracts: dict[str, Contract]

    def take_in(self, files: Iterable[Path]) -> list[DeliveryResult]:
        """Files in folders that are named for their feeds, through the stages that any delivery goes through.

        Raises RuntimeError for one that is not loaded: what is measured after it would be of something else.
        """
        results = []
        for path in files:
            contract = self.contracts[path.parent.name]
            for receipt in collect_files(self.settings, self.engine, contract, [path]):
                result = ingest_delivery(self.settings, self.engine, contract, receipt.delivery_id)
                if result.status is not DeliveryStatus.LOADED:
                    raise RuntimeError(f"{result.feed}, {path.name}: {result.status}, {result.reason}")
                results.append(result)
        return results

    def rest(self) -> None:
        """Leave the database as a quiet hour leaves it: with a checkpoint behind it."""
        address = server_address(self.settings).set(drivername="postgresql+psycopg")
        server = sa.create_engine(address, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(sa.text("checkpoint"))
        server.dispose()


@contextmanager
def own_hub(*, is_backed_up: bool = False) -> Iterator[OwnHub]:
    """A hub that is gone afterwards, with all that it held and, where it keeps any, its backups."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        backups = {"HUB_BACKUP": f"{folder}/backup", "HUB_BACKUP_KEYS": f"{folder}/keys"} if is_backed_up else {}
        settings = read_settings({"HUB_HOME": f"{folder}/home", "HUB_PG_PORT": str(free_port()), **backups})
        server = embedded_postgres.embedded_postgres(settings)
        embedded_postgres.ensure_running(server)
        try:
            engine = open_warehouse(settings, Role.OWNER)
            contracts = dict(read_catalogue(settings.expectations).contracts)
            prepare_warehouse(engine, contracts.values())
            yield OwnHub(settings, engine, contracts)
            engine.dispose()
        finally:
            embedded_postgres.stop(server)


def delivered_files(deliveries: Path) -> list[Path]:
    """All files of a simulation but its truth, feed by feed and by name: the order of their days."""
    folders = sorted(folder for folder in deliveries.iterdir() if folder.name != "truth")
    return [path for folder in folders for path in sorted(folder.iterdir())]


def delivered_on(path: Path) -> date:
    """The day that a simulated file comes on: the one in its name, or the first after the month in its name."""
    found = re.search(r"\d{4}-\d{2}(-\d{2})?", path.name)
    if found is None:
        raise ValueError(f"{path.name} names no day and no month")
    if found[1]:
        return date.fromisoformat(found[0])
    return (date.fromisoformat(f"{found[0]}-28") + timedelta(days=4)).replace(day=1)
