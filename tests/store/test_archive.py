"""The archive in an object store: the same rows, and nothing left of what does not count."""

import multiprocessing
import os
import signal
import uuid

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryStatus
from hub.ingest.archive import queries
from hub.ingest.archive.objects import names_of
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.withdrawal import withdraw_delivery
from hub.privacy.rotate_keys import rotate_key
from hub.settings import Settings
from hub.vault.hub_keys import Purpose
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.archive.statements import HATE, a_day, a_row, archived, assert_adds_up, ids, sums
from ingest.deliveries import counts, raw_rows, take_in

FEED = "provider_statements"
ONE, TWO, THREE = ids(3)
DAY = "sor-2026-10-02-full.csv.zip"
APART = multiprocessing.get_context("spawn")
"""A process of its own: the library of object stores does not go on in a fork."""


def load_and_die(hub: Settings, contract: Contract, delivery_id: uuid.UUID) -> None:
    """Load a delivery and be killed when all is in the store and nothing of it in the ledger."""
    queries.list_files = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    ingest_delivery(hub, open_warehouse(hub, Role.LOADER), contract, delivery_id)


def test_archived_rows_lie_in_the_bucket_alone_until_their_delivery_is_withdrawn(
    bucket_hub: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    contract = catalogue.contracts[FEED]
    rows = [a_row(contract, ONE), a_row(contract, TWO, HATE), a_row(contract, THREE, platform_name="X")]
    result = take_in(bucket_hub, engine, contract, a_day(rows), DAY)
    assert [row["uuid"] for row in archived(bucket_hub, engine, contract)] == [ONE, THREE]
    assert len(list(names_of(bucket_hub, FEED, result.delivery_id))) == 2
    assert [path for path in (bucket_hub.home / "archive").rglob("*") if path.is_file()] == []
    rotate_key(bucket_hub, engine, catalogue, Purpose.MASTER)
    assert len(archived(bucket_hub, engine, contract)) == 2
    assert_adds_up(bucket_hub, engine, contract)
    withdraw_delivery(bucket_hub, catalogue, result.delivery_id, because="a test", decided_by="a person")
    assert list(names_of(bucket_hub)) == []


@pytest.mark.parametrize("is_in_bucket", [True, False])
def test_a_worker_that_is_killed_between_store_and_commit_leaves_nothing_that_counts(
    settings: Settings, bucket_hub: Settings, engine: sa.Engine, catalogue: Catalogue, is_in_bucket: bool
) -> None:
    hub, contract = bucket_hub if is_in_bucket else settings, catalogue.contracts[FEED]
    path = hub.home / DAY
    path.write_bytes(a_day([a_row(contract, ONE), a_row(contract, TWO, HATE)]))
    (receipt,) = collect_files(hub, engine, contract, [path])
    worker = APART.Process(target=load_and_die, args=(hub, contract, receipt.delivery_id))
    worker.start()
    worker.join(120)
    assert worker.exitcode == -signal.SIGKILL
    left = list(names_of(hub))
    assert len(left) == 1
    assert (archived(hub, engine, contract), raw_rows(engine, contract), sums(engine)) == ([], [], {})
    result = ingest_delivery(hub, engine, contract, receipt.delivery_id)
    assert (result.status, counts(result)) == (DeliveryStatus.LOADED, (2, 2, 0, 0))
    assert list(names_of(hub)) == left
    assert_adds_up(hub, engine, contract)
