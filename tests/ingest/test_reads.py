"""A file that kills the workers that read it comes to an end, and no other failure is taken for that."""

import contextlib
import dataclasses
import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from hub.deliveries import DeliveryStatus
from hub.ingest import attempt, reads
from hub.ingest.collect import collect_files
from hub.ingest.ingest import awaiting, ingest_delivery
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.reads import marked_read
from hub.monitoring.watch import open_alerts
from hub.settings import Settings
from hub.warehouse.tables import DELIVERIES
from ingest.deliveries import counts, ledger_rows, take_in
from ingest.small_feeds import column, feed

TEXT = b"place,note\nBow,x\nHam,y\n"
PLACES = feed(column("place", required=True), column("note"), name="places")
UNREADABLE = "the hub could not read it: 2 workers died while they read it"
RECEIVED = {DeliveryStatus.RECEIVED}

KILLED_WHILE_IT_READS = """
import os, signal, sys
from hub.cli.main import app
from hub.ingest import attempt

read = attempt.read_chunks

def die_of_some(settings, contract, landed, stated):
    if b"DEADLY" in landed.read():
        os.kill(os.getpid(), signal.SIGKILL)
    landed.seek(0)
    return read(settings, contract, landed, stated)

attempt.read_chunks = die_of_some
app(sys.argv[1:])
"""


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine) -> None:
    prepare_warehouse(engine, [PLACES])


def receive(settings: Settings, engine: sa.Engine, name: str = "file.csv", data: bytes = TEXT) -> uuid.UUID:
    path = settings.home / name
    path.write_bytes(data)
    (receipt,) = collect_files(settings, engine, PLACES, [path])
    return receipt.delivery_id


def die_of(engine: sa.Engine, delivery_id: uuid.UUID) -> None:
    """Leave what a worker leaves that is killed while it reads; one that fills the memory leaves the same."""
    with contextlib.suppress(MemoryError), marked_read(engine, delivery_id, RECEIVED):
        raise MemoryError


def marks(engine: sa.Engine) -> list[int]:
    return [row.unfinished_reads for row in ledger_rows(engine)]


def test_a_delivery_whose_worker_is_killed_twice_is_refused_and_other_files_of_its_feed_and_others_are_loaded(
    settings: Settings, engine: sa.Engine, tmp_path: Path
) -> None:
    good = (settings.expectations / "police_uk_street" / "samples" / "good.csv").read_bytes()
    deadly, beside, later = (tmp_path / f"2026-10-{force}-street.csv" for force in ("avon", "kent", "essex"))
    deadly.write_bytes(good.splitlines(True)[0] + b"DEADLY" * 20)
    beside.write_bytes(good)
    later.write_bytes(good + b"\n")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HUB_HOME": str(settings.home),
        "HUB_WAREHOUSE_URL": str(settings.warehouse_url),
    }

    def ingest(*paths: Path) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-c", KILLED_WHILE_IT_READS, "ingest", "police_uk_street", *map(str, paths)]
        return subprocess.run(command, env=environment, capture_output=True, check=False)

    def ends() -> dict[str, tuple[str, int]]:
        return {row.file_name: (row.status, row.unfinished_reads) for row in ledger_rows(engine)}

    assert ingest(deadly).returncode == -9
    assert ends() == {deadly.name: ("received", 1)}
    assert ingest(beside).returncode == 0
    assert ends() == {deadly.name: ("received", 1), beside.name: ("loaded", 0)}
    assert ingest(deadly, later).returncode == -9
    assert ends()[deadly.name] == ("received", 2)
    ended = ingest(deadly, later)
    assert ended.returncode == 0, ended.stderr
    assert UNREADABLE.encode() in ended.stdout
    assert {name: status for name, (status, _) in ends().items()} == {
        deadly.name: "refused",
        beside.name: "loaded",
        later.name: "loaded",
    }
    assert take_in(settings, engine, PLACES, TEXT).status is DeliveryStatus.LOADED


def test_a_refusal_for_workers_that_died_opens_an_alert_and_waits_no_longer(
    settings: Settings, engine: sa.Engine
) -> None:
    delivery_id = receive(settings, engine)
    for _ in range(2):
        die_of(engine, delivery_id)
    result = ingest_delivery(settings, engine, PLACES, delivery_id)
    assert (result.status, result.reason, counts(result)) == (DeliveryStatus.REFUSED, UNREADABLE, (0, 0, 0, 0))
    assert awaiting(engine, "places") == []
    with engine.connect() as connection:
        assert [(one.cause.kind, one.cause.detail) for one in open_alerts(connection)] == [("refused", UNREADABLE)]


def test_one_death_is_no_end_and_leaves_no_mark(settings: Settings, engine: sa.Engine) -> None:
    delivery_id = receive(settings, engine)
    die_of(engine, delivery_id)
    assert counts(ingest_delivery(settings, engine, PLACES, delivery_id)) == (2, 2, 0, 0)
    assert [(row.unfinished_reads, row.read_on_server_since) for row in ledger_rows(engine)] == [(0, None)]


def test_bytes_that_their_workers_died_of_are_read_again_when_they_are_delivered_again(
    settings: Settings, engine: sa.Engine
) -> None:
    delivery_id = receive(settings, engine)
    for _ in range(2):
        die_of(engine, delivery_id)
    assert ingest_delivery(settings, engine, PLACES, delivery_id).status is DeliveryStatus.REFUSED
    assert take_in(settings, engine, PLACES, TEXT).status is DeliveryStatus.LOADED


AWAY = sa.exc.OperationalError("select", None, psycopg.OperationalError("the connection was lost"))


@pytest.mark.parametrize(
    "error", [AWAY, RuntimeError("a mistake"), KeyboardInterrupt()], ids=lambda one: type(one).__name__
)
def test_a_read_that_ends_with_an_error_does_not_count(
    error: BaseException, settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery_id = receive(settings, engine)

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(attempt, "read_chunks", fail)
        for _ in range(4):
            with pytest.raises(type(error)):
                ingest_delivery(settings, engine, PLACES, delivery_id)
            assert marks(engine) == [0]
    assert ingest_delivery(settings, engine, PLACES, delivery_id).status is DeliveryStatus.LOADED


def test_a_read_that_fills_the_memory_counts(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery_id = receive(settings, engine)

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(attempt, "read_chunks", fail)
    for count in (1, 2):
        with pytest.raises(MemoryError):
            ingest_delivery(settings, engine, PLACES, delivery_id)
        assert marks(engine) == [count]
    assert ingest_delivery(settings, engine, PLACES, delivery_id).reason == UNREADABLE


def test_a_read_that_a_restart_of_the_database_ended_does_not_count(settings: Settings, engine: sa.Engine) -> None:
    delivery_id = receive(settings, engine)
    for _ in range(5):
        die_of(engine, delivery_id)
        with engine.begin() as connection:
            earlier = datetime(2026, 1, 1, tzinfo=UTC)
            connection.execute(sa.update(DELIVERIES).values(read_on_server_since=earlier))
    assert ingest_delivery(settings, engine, PLACES, delivery_id).status is DeliveryStatus.LOADED


def test_a_database_that_stays_away_hides_nothing_of_why_the_read_failed(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery_id = receive(settings, engine)
    gone = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    monkeypatch.setattr(reads, "PATIENCE_SECONDS", 0)

    def fail(*_: object) -> None:
        monkeypatch.setattr(reads, "begin", lambda _: gone.begin())
        raise RuntimeError("a mistake")

    monkeypatch.setattr(attempt, "read_chunks", fail)
    with pytest.raises(RuntimeError, match="a mistake"):
        ingest_delivery(settings, engine, PLACES, delivery_id)
    assert marks(engine) == [1]


def test_an_ended_delivery_that_is_asked_for_again_is_not_marked(settings: Settings, engine: sa.Engine) -> None:
    result = take_in(settings, engine, PLACES, TEXT)
    again = ingest_delivery(settings, engine, PLACES, result.delivery_id)
    assert dataclasses.replace(again, seconds=0) == dataclasses.replace(result, seconds=0, is_new=False)
    assert marks(engine) == [0]
