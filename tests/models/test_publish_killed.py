"""A publish that fails or is killed leaves what readers see, and the next one has the next number."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.publish import PublishRefused, publish, switch_back
from hub.settings import Settings
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.test_publish import change, fix, ids_of, published_ids, published_views, touch

HUB = str(Path(sys.executable).parent / "hub")


@pytest.fixture
def warehouse(published: Settings) -> Settings:
    """It has been published once: to publish it without a change gives that publish."""
    return published


def start_publish(hub: Settings) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ["PATH"], "HUB_HOME": str(hub.home), "HUB_WAREHOUSE_URL": str(hub.warehouse_url)}
    return subprocess.Popen([HUB, "publish"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def wait_until_it_works(engine: sa.Engine, process: subprocess.Popen[bytes]) -> float:
    """Wait for the publisher's transaction; returns for how long the command ran until then."""
    began = time.monotonic()
    query = "select count(*) from pg_locks where locktype = 'advisory' and database ="
    query += " (select oid from pg_database where datname = current_database())"
    while fetch(engine, query) == [0] and process.poll() is None:
        time.sleep(0.01)
    return time.monotonic() - began


def kill_client(_: Settings, process: subprocess.Popen[bytes]) -> None:
    process.kill()


def kill_server(hub: Settings, process: subprocess.Popen[bytes]) -> None:
    server = embedded_postgres.embedded_postgres(hub)
    pid = embedded_postgres.postmaster_pid(server)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=300)
    while embedded_postgres.postmaster_pid(server) == pid:
        time.sleep(0.05)
    embedded_postgres.ensure_running(server)


def killed_and_repeated(
    hub: Settings, of_server: Settings, kills: list[Callable[[Settings, subprocess.Popen[bytes]], None]], seed: int
) -> None:
    """Each publish is killed once, at some moment of its transaction, and then repeated."""
    engine, publisher = open_warehouse(hub, Role.OWNER), open_warehouse(hub, Role.PUBLISHER)
    chance = random.Random(seed)
    first = publish(hub, publisher)
    assert first.publish_id == 1
    touch(engine)
    began = time.monotonic()
    last = publish(hub, publisher)
    takes = time.monotonic() - began
    asked = ids_of(published_views(engine))
    for number, kill in enumerate(kills, start=1):
        touch(engine)
        process = start_publish(hub)
        wait_until_it_works(engine, process)
        time.sleep(chance.uniform(0, takes))
        kill(of_server, process)
        process.communicate(timeout=300)
        engine.dispose()
        publisher.dispose()
        seen = fetch(engine, asked)
        assert seen in ([last.publish_id], [last.publish_id + 1]), f"kill {number}, seed {seed}: {seen}"
        last = publish(hub, publisher)
        assert fetch(engine, asked) == [last.publish_id], f"kill {number}, seed {seed}"
        ids = fetch(engine, "select publish_id from ledger.publishes order by publish_id")
        assert ids == list(range(1, len(ids) + 1)), f"kill {number}, seed {seed}: {ids}"
        assert last.publish_id == ids[-1]
    earlier = switch_back(hub, publisher, None, decided_by="a.person", because="looked again")
    assert fetch(engine, asked) == [earlier.publish_id] == [last.publish_id - 1]


def test_publishes_are_numbered_without_a_gap_whatever_fails_or_is_switched_between(warehouse: Settings) -> None:
    engine, publisher = open_warehouse(warehouse, Role.OWNER), open_warehouse(warehouse, Role.PUBLISHER)
    ids = [publish(warehouse, publisher).publish_id]
    touch(engine)
    change(engine, "create view publish.old_v1 as select publish_id from publish.freshness_v1")
    fix(engine, "freshness_v1")
    change(engine, "create table candidate.aside as table candidate.freshness_v1", "delete from candidate.freshness_v1")
    for _ in range(2):
        with pytest.raises(PublishRefused):  # also after it has its number
            publish(warehouse, publisher)
        change(engine, "drop view if exists publish.old_v1")
    change(engine, "insert into candidate.freshness_v1 table candidate.aside", "drop table candidate.aside")
    ids.append(publish(warehouse, publisher).publish_id)
    switch_back(warehouse, publisher, ids[0], decided_by="a.person", because="looked again")
    assert published_ids(engine) == [ids[0]]
    touch(engine)
    ids.append(publish(warehouse, publisher).publish_id)
    switch_back(warehouse, publisher, ids[0], decided_by="a.person", because="looked again")
    switch_back(warehouse, publisher, ids[2], decided_by="a.person", because="looked again")
    assert ids == [1, 2, 3]
    assert fetch(engine, "select publish_id from ledger.publishes order by publish_id") == ids


def test_readers_see_the_former_or_the_new_publish_when_one_is_killed(
    warehouse: Settings, server_settings: Settings, administration: sa.Engine
) -> None:
    killed_and_repeated(warehouse, server_settings, [kill_client, kill_server], seed=1)
    administration.dispose()


@pytest.mark.long
def test_so_they_do_when_a_dozen_are_killed_at_any_moment(
    warehouse: Settings, server_settings: Settings, administration: sa.Engine
) -> None:
    seed = int(os.environ.get("HUB_CRASH_SEED", "100"))
    killed_and_repeated(warehouse, server_settings, [*[kill_client] * 4, kill_server] * 3, seed)
    administration.dispose()
