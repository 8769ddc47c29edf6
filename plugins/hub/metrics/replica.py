"""How far a replica for readers is behind."""

from collections.abc import Iterator

import sqlalchemy as sa

from hub.metrics.metrics import Reading
from hub.settings import Settings
from hub.warehouse.engine import WarehouseProblem
from hub.warehouse.replica import lag_of_replica

ANSWER_SECONDS = 2


def replica_readings(settings: Settings) -> Iterator[Reading]:
    """None where readers have no replica."""
    if settings.read_url is None:
        return
    try:
        behind = lag_of_replica(settings, ANSWER_SECONDS).behind
    except (WarehouseProblem, sa.exc.DBAPIError):
        yield Reading("hub_replica_up", 0)
        return
    yield Reading("hub_replica_up", 1)
    yield Reading("hub_replica_behind_seconds", behind.total_seconds())
