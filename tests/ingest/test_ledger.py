"""Receipts and counts of deliveries when two workers write them at the same time."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from hub.deliveries import DeliveryResult, DeliveryStatus, delivery_id_of
from hub.ingest import ledger
from hub.ingest.arrivals import Arrival, register
from hub.ingest.landing_store import Landed
from hub.store.folder import FolderStore
from hub.warehouse.engine import begin
from hub.warehouse.tables import DELIVERIES

LANDING = FolderStore(Path("/landing"))
SHA256 = "0" * 64
FIRST = delivery_id_of("letters", SHA256)
SECONDS_TO_REACH_THE_LOCK = 0.3


def receive(connection: sa.Connection, name: str, sha256: str = SHA256, **known: Any) -> UUID:
    landed = Landed(f"letters/2026-03-01/{sha256}", sha256, 12, 0)
    return register(connection, LANDING, Arrival("letters", name, **known), landed).delivery_id


def close(connection: sa.Connection, delivery_id: UUID = FIRST) -> None:
    ledger.lock(connection, delivery_id)
    result = DeliveryResult(delivery_id, "letters", "a.csv", DeliveryStatus.LOADED, 7, 4, 1, 2, seconds=1.0)
    ledger.close(connection, result, None, "1.0.0")


@pytest.mark.parametrize("comes_first", ["the repeat is received", "the first is closed"])
def test_a_repeat_has_the_counts_of_a_first_delivery_that_ends_meanwhile(engine: sa.Engine, comes_first: str) -> None:
    steps: list[Callable[[sa.Connection], object]] = [lambda one: receive(one, "b.csv"), close]
    earlier, later = steps if comes_first == "the repeat is received" else steps[::-1]
    with begin(engine) as connection:
        receive(connection, "a.csv")

    def do_later() -> None:
        with begin(engine) as connection:
            later(connection)

    with ThreadPoolExecutor(1) as other:
        with begin(engine) as connection:
            earlier(connection)
            ended = other.submit(do_later)
            time.sleep(SECONDS_TO_REACH_THE_LOCK)
        ended.result(timeout=30)
    with engine.connect() as connection:
        query = sa.select(DELIVERIES.c.file_name, DELIVERIES.c.rows_read, DELIVERIES.c.rows_duplicate)
        found = {name: numbers for name, *numbers in connection.execute(query)}
    assert found == {"a.csv": [7, 2], "b.csv": [7, 7]}


def test_a_repeat_does_not_wait_for_a_load_that_is_under_way(engine: sa.Engine) -> None:
    with begin(engine) as connection:
        receive(connection, "a.csv")
    with begin(engine) as loading:
        ledger.lock(loading, FIRST)
        with begin(engine) as connection:
            connection.execute(sa.text("set local lock_timeout = '5s'"))
            receive(connection, "b.csv")
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(DELIVERIES)).scalar() == 2


def test_a_refused_file_sent_again_under_a_valid_name_is_ordered_by_that_name(engine: sa.Engine) -> None:
    with begin(engine) as connection:
        january = receive(connection, "..csv", refusal="the name", contract_version="1.0.0")
        february = receive(connection, "february.csv", "1" * 64, period_end=date(2026, 2, 28), contract_version="1.0.0")
        receive(connection, "january.csv", period_end=date(2026, 1, 31), contract_version="1.0.0")
        places = [ledger.get(connection, one) for one in (january, february)]
    assert [one.position_on for one in places] == [date(2026, 1, 31), date(2026, 2, 28)]
    assert [one.arrival_number for one in places] == [3, 2]
