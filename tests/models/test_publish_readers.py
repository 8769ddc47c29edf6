"""Publishing while others read, and when it is killed: no reader ever sees an error, or two publishes at once."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from hub.publish import publish, published
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse, role_address
from hub.warehouse.roles import Role
from models.rows import fetch

READERS = ("hub_analyst", "hub_bi", "force_E23000001", "hub_auditor")
SHORT, LONG = 3, 200
PAUSE = 0.02


@pytest.fixture
def warehouse(published: Settings) -> Settings:
    """It has been published once: to publish it without a change gives that publish."""
    return published


def touch(settings: Settings) -> None:
    with open_warehouse(settings, Role.OWNER).begin() as connection:
        connection.execute(sa.text("update ledger.builds set deliveries_state = deliveries_state || '.'"))


def views_of(settings: Settings, role: str) -> Sequence[str]:
    query = """
        select viewname from pg_views
        where schemaname = 'publish' and has_table_privilege(quote_ident(schemaname) || '.' || viewname, 'select')
    """
    return fetch(open_warehouse(settings, role), query)


def published_ids(settings: Settings) -> list[int]:
    query = " union ".join(f"select publish_id from publish.{view}" for view in views_of(settings, Role.ANALYST))
    return fetch(open_warehouse(settings, Role.ANALYST), query)


def read_on(settings: Settings, role: str, over: threading.Event, seed: int) -> int:
    """Transactions of a few questions each, of views in any order, until it is over; returns how many there were."""
    views, chance, count = list(views_of(settings, role)), random.Random(seed), 0
    assert views
    # Between two transactions the publish gets on; four that never rest take what processors there are.
    while not over.wait(PAUSE):
        ids: set[int] = set()
        with open_warehouse(settings, role).begin() as connection:
            for _ in range(3):
                asked = chance.sample(views, min(3, len(views)))
                query = " union ".join(f"select publish_id from publish.{view}" for view in asked)
                ids |= set(connection.execute(sa.text(query)).scalars())
        assert len(ids) <= 1, ids
        count += bool(ids)
    return count


@pytest.mark.parametrize("count", [SHORT, pytest.param(LONG, marks=pytest.mark.long)])
def test_readers_see_no_error_and_one_publish_a_transaction(warehouse: Settings, count: int) -> None:
    publisher = open_warehouse(warehouse, Role.PUBLISHER)
    publish(warehouse, publisher)
    over = threading.Event()
    with ThreadPoolExecutor(len(READERS)) as pool:
        readers = [pool.submit(read_on, warehouse, role, over, seed) for seed, role in enumerate(READERS)]
        try:
            for _ in range(count):
                touch(warehouse)
                assert publish(warehouse, publisher).is_new
        finally:
            over.set()
        assert all(reader.result() >= count for reader in readers)
    assert fetch(publisher, "select count(*) from ledger.publishes") == [count + 1]


def test_a_reader_who_holds_a_view_keeps_what_it_has_begun_with_while_a_publish_waits(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = open_warehouse(warehouse, Role.PUBLISHER)
    first = publish(warehouse, publisher)
    touch(warehouse)
    monkeypatch.setattr(published.lock_views, "__defaults__", (30.0,))
    reads = sa.text("select distinct publish_id from publish.public_statistics_v1")
    with ThreadPoolExecutor(1) as pool:
        with open_warehouse(warehouse, "hub_bi").begin() as connection:
            connection.execute(reads)
            waits = pool.submit(publish, warehouse, publisher)
            time.sleep(2)
            assert connection.execute(reads).scalars().all() == [first.publish_id]
            others: set[int] = set(
                connection.execute(sa.text("select publish_id from publish.freshness_protected_v1")).scalars()
            )
            assert others == {first.publish_id}
        assert waits.result().publish_id > first.publish_id


HELD = ["select 1", "select pg_sleep(60)"]


@pytest.mark.parametrize("then", HELD)
@pytest.mark.parametrize(("role", "view"), [("force_BTP", "allocations_v1"), ("hub_auditor", "incidents_v1")])
def test_a_reader_who_holds_a_view_for_longer_than_a_publish_waits_does_not_stop_it(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch, role: str, view: str, then: str
) -> None:
    publisher = open_warehouse(warehouse, Role.PUBLISHER)
    first = publish(warehouse, publisher)
    touch(warehouse)
    monkeypatch.setattr(published.lock_views, "__defaults__", (0.5,))
    address = role_address(warehouse, role).set(drivername="postgresql+psycopg")
    with sa.create_engine(address).connect() as held, ThreadPoolExecutor(1) as pool:
        for name in ("statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"):
            held.exec_driver_sql(f"set {name} = 0")
        held.commit()
        held.exec_driver_sql(f"select count(*) from publish.{view}")
        rest = pool.submit(held.exec_driver_sql, then)
        assert publish(warehouse, publisher).publish_id > first.publish_id
        with pytest.raises(sa.exc.OperationalError):
            _ = rest.result().all(), held.exec_driver_sql("select 1")


def test_a_publish_that_is_killed_half_way_leaves_the_old(
    warehouse: Settings,
) -> None:
    publisher = open_warehouse(warehouse, Role.PUBLISHER)
    first = publish(warehouse, publisher)
    touch(warehouse)
    killed = f"""
import os, dataclasses
from pathlib import Path
from hub.publish import published
from hub.warehouse.roles import Role
from hub.warehouse.engine import open_warehouse, role_address
from hub.settings import read_settings
from hub.publish import publish
home, url = Path({str(warehouse.home)!r}), {warehouse.warehouse_url!r}
settings = dataclasses.replace(read_settings({{}}), home=home, warehouse_url=url)
switch, switched = published.switch_view, []
def half_way(connection, *rest):
    switch(connection, *rest)
    switched.append(rest)
    if len(switched) == 2:
        os.kill(os.getpid(), 9)
published.switch_view = half_way
publish(settings, open_warehouse(settings, Role.PUBLISHER))
"""
    done = subprocess.run([sys.executable, "-c", killed], check=False)
    assert done.returncode == -9
    assert published_ids(warehouse) == [first.publish_id]
    assert fetch(publisher, "select nspname from pg_namespace where nspname like 'publish\\_%'") == [
        published.build_schema(first.publish_id)
    ]
    again = publish(warehouse, publisher)
    assert published_ids(warehouse) == [again.publish_id]
