"""A feed that is watched, with the smallest ledger that a test needs."""

import dataclasses
import os
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hub.contracts.files import Cadence
from hub.contracts.model import Catalogue, Contract
from hub.monitoring.watch import Alert, watch_deliveries
from hub.settings import Settings
from hub.warehouse.tables import DELIVERIES

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FEED = "community_reports"

Deliver = Callable[..., uuid.UUID]
Watch = Callable[..., list[Alert]]


@pytest.fixture
def daily(catalogue: Catalogue) -> Contract:
    """The community reports' contract, due daily with twelve hours' grace."""
    return dataclasses.replace(catalogue.contracts[FEED], cadence=Cadence(every_days=1, grace_hours=12))


@pytest.fixture
def deliver(engine: sa.Engine) -> Deliver:
    """Writes one delivery into the ledger; ``days_ago`` counts from the tests' now."""

    def write(days_ago: float = 0.1, **values: Any) -> uuid.UUID:
        delivery_id = uuid.uuid4()
        row = {
            "delivery_id": delivery_id,
            "feed": FEED,
            "sender": "one",
            "file_name": "file",
            "sha256": delivery_id.hex,
            "bytes": 1,
            "status": "loaded",
            "received_at": NOW - days_ago * DAY,
        }
        rows = values.pop("rows", 0)
        with engine.begin() as connection:
            connection.execute(sa.insert(DELIVERIES).values(row | {"rows_read": rows, "rows_accepted": rows} | values))
        return delivery_id

    return write


@pytest.fixture
def watch(engine: sa.Engine, settings: Settings, daily: Contract) -> Watch:
    """Runs the watch over that one feed."""

    def run(now: datetime = NOW, catalogue: Catalogue | None = None) -> list[Alert]:
        return watch_deliveries(engine, catalogue or Catalogue({FEED: daily}, {}), settings, now)

    return run


def kinds(alerts: list[Alert]) -> list[str]:
    return [alert.cause.kind for alert in alerts]


def drop_file(settings: Settings, folder: str, name: str = "file") -> None:
    path = settings.drop / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    os.utime(path, (0, 0))  # a sender's copy keeps its old time; it counts from when it came
