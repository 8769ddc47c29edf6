"""Asks for all metrics at the moment of a scrape, and for nothing between two of them."""

import logging
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from hub.contracts.model import read_catalogue
from hub.metrics.machine import machine_readings
from hub.metrics.metrics import METRICS, Reading
from hub.metrics.queries import ledger_readings
from hub.metrics.replica import replica_readings
from hub.settings import Settings
from hub.warehouse.embedded_postgres import PostgresProblem
from hub.warehouse.engine import WarehouseProblem, open_for_a_look
from hub.warehouse.roles import Role

ANSWER_SECONDS = 5
"""Prometheus gives up after ten, and a replica is asked, too."""

log = logging.getLogger(__name__)


def families(readings: Iterable[Reading]) -> Iterable[GaugeMetricFamily]:
    """Every metric of :data:`METRICS` with its readings; some have none."""
    found = {name: GaugeMetricFamily(name, one.meaning, labels=one.labels) for name, one in METRICS.items()}
    for one in readings:
        found[one.name].add_metric(one.labels, one.value)
    return found.values()


class HubCollector(Collector):
    """The hub's metrics as prometheus_client asks for them: a scrape at a time, as ``hub_auditor``, in one snapshot."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = threading.Lock()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every metric of :data:`METRICS`, some without a value."""
        with self._turn:
            readings = [*machine_readings(self._settings), *self._of_the_warehouse()]
        yield from families(readings)

    def _of_the_warehouse(self) -> list[Reading]:
        """A warehouse that is away, or takes too long, is a value like others: the rest is wanted then most."""
        try:
            return [Reading("hub_up", 1), *self._of_the_ledger(), *replica_readings(self._settings)]
        except (WarehouseProblem, PostgresProblem, sa.exc.DBAPIError) as problem:
            log.warning("the warehouse gives no metrics: %s", type(problem).__name__)
            return [Reading("hub_up", 0)]

    def _of_the_ledger(self) -> list[Reading]:
        catalogue = read_catalogue(self._settings.expectations)
        engine = open_for_a_look(self._settings, Role.AUDITOR, ANSWER_SECONDS)
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            return list(ledger_readings(connection, catalogue, datetime.now(UTC)))
