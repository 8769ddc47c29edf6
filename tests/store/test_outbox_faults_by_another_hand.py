"""A store that answers files for senders slowly, badly, half or not at all: none is lost or half, and no ingest is."""

import os
import random
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from conftest import share_keys
from hub.contracts.model import Catalogue
from hub.deliveries import delivery_id_of
from hub.ingest import dropped_files
from hub.ingest.collect import collect_files
from hub.ingest.ingest import awaiting, ingest_delivery
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.store import StoreUnavailable, outbox_files
from hub.store.workplace import put_bytes
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import ledger_rows, take_in
from notifications.conftest import Handed, Outbox
from page.conftest import FEED, HEADER, entries, pages_of
from store.faulty_proxy import EVERY, QUICK, Fault, FaultyProxy, Plan, Request
from store.outbox import (
    AWAY,
    OUTBOX_AWAY,
    in_bucket,
    in_folder,
    insist,
    insist_on_letters,
    is_of_outbox,
    plant,
    read,
    write_all,
)
from store.s3 import Bucket
from store.storm import FEEDS, NOTES, Sent, Worker, at_once, is_as_sent, nobody_is_named, put, sent, wave

SEED = int(os.environ.get("HUB_STORM_SEED", "1"))
ROUNDS = int(os.environ.get("HUB_STORM_ROUNDS", "12"))
KINDS = [one if one in QUICK else pytest.param(one, marks=pytest.mark.long) for one in EVERY]
WRONG = sent("notes", "wrong.csv", [(f"a{number}" if number % 7 else "", "n" * 20, "w") for number in range(1, 50)])
LARGE = 100_000
"""Bytes of an error file of a thousand rows."""


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_warehouse(engine, FEEDS)
    monkeypatch.setattr(dropped_files, "QUIET_SECONDS", 0.0)


def files_of_a_folder(hub: Settings, other: Settings, files: list[Sent]) -> dict[str, bytes]:
    """What a hub that keeps them in its home tells the senders of these files."""
    share_keys(hub, other)
    engine = open_warehouse(other, Role.OWNER)
    prepare_warehouse(engine, FEEDS)
    put(other, files)
    Worker(other, engine).take_all()
    write_all(other, engine, FEEDS)
    return in_folder(other)


def weather(
    hub: Settings, bucket: Bucket, proxy: FaultyProxy, engine: sa.Engine, make: Callable[[], Settings], seed: int
) -> None:
    """Two workers take files in while files for senders are answered badly; letters are written meanwhile."""
    files = wave(seed, seed, large=[])
    put(hub, files)
    workers = [Worker(hub, open_warehouse(hub, Role.OWNER)) for _ in range(2)]
    with proxy.failing(Plan(0.4, EVERY, seed=seed, on=is_of_outbox, slow_seconds=0.05)) as failing:
        at_once(*(one.take_all for one in workers), partial(insist_on_letters, hub, engine, FEEDS))
        insist_on_letters(hub, engine, FEEDS)
    assert failing.injected
    nobody_is_named(text for one in workers for text in one.said)
    is_as_sent(hub, engine, files, bucket)
    assert in_bucket(bucket) == files_of_a_folder(hub, make(), files)
    assert in_folder(hub) == {}


def test_no_error_file_and_no_letter_is_lost_in_a_storm(
    bucket_hub: Settings,
    bucket: Bucket,
    proxy: FaultyProxy,
    engine: sa.Engine,
    make_settings: Callable[[], Settings],
) -> None:
    weather(bucket_hub, bucket, proxy, engine, make_settings, SEED)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(SEED + 1, SEED + ROUNDS))
def test_so_it_is_in_many_storms(
    bucket_hub: Settings,
    bucket: Bucket,
    proxy: FaultyProxy,
    engine: sa.Engine,
    make_settings: Callable[[], Settings],
    seed: int,
) -> None:
    weather(bucket_hub, bucket, proxy, engine, make_settings, seed)


@pytest.mark.parametrize("kind", KINDS)
def test_an_ingest_that_could_not_write_its_error_file_writes_it_when_it_is_run_again(
    kind: Fault, bucket_hub: Settings, bucket: Bucket, proxy: FaultyProxy, engine: sa.Engine
) -> None:
    put(bucket_hub, [WRONG], bucket_hub.home)
    name = f"notes/{delivery_id_of('notes', WRONG.sha256)}.errors.csv"
    (receipt,) = collect_files(bucket_hub, engine, NOTES, [bucket_hub.home / WRONG.name])
    load = partial(ingest_delivery, bucket_hub, engine, NOTES, receipt.delivery_id)
    with proxy.failing(Plan(1.0, (kind,), on=is_of_outbox, slow_seconds=0.01)):
        try:
            load()
        except StoreUnavailable:
            pass
        else:
            assert len(read(bucket, name).splitlines()) == 8, "the load was said to have come to its end"
    insist(load)
    (row,) = ledger_rows(engine)
    assert (row.rows_read, row.rows_accepted, row.rows_quarantined, row.rows_duplicate) == WRONG.counts
    written = read(bucket, name)
    assert len(written.splitlines()) == 8
    load()
    assert in_bucket(bucket) == {name: written}
    assert not awaiting(engine, "notes")


@pytest.fixture
def delivery_id(bucket_hub: Settings, engine: sa.Engine, catalogue: Catalogue) -> uuid.UUID:
    """A delivery with an error file."""
    wrong = b"".join(entries(number, 1).replace(b"other", b"meeting") for number in range(300, 305))
    return take_in(bucket_hub, engine, catalogue.contracts[FEED], HEADER + entries(1, 5) + wrong).delivery_id


def got(client: TestClient, delivery_id: uuid.UUID) -> bytes | None:
    """The error file as the page serves it; None where it says that the store does not answer."""
    answer = client.get(f"/hub/deliveries/{delivery_id}/errors.csv")
    assert answer.status_code in (200, 503), answer.text
    return answer.content if answer.status_code == 200 else None


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_serves_a_whole_file_or_none(
    kind: Fault, bucket_hub: Settings, bucket: Bucket, proxy: FaultyProxy, delivery_id: uuid.UUID
) -> None:
    name = f"{FEED}/{delivery_id}.errors.csv"
    whole = [read(bucket, name), random.Random(SEED).randbytes(LARGE)]
    with pages_of(bucket_hub) as client_of:
        client = client_of("operator")
        for data in whole:
            plant(bucket, name, data)
            with proxy.failing(Plan(1.0, (kind,), on=is_of_outbox, slow_seconds=0.01)):
                assert got(client, delivery_id) in (data, None)
            with proxy.failing(Plan(0.1, (kind,), on=is_of_outbox, slow_seconds=0.01)):
                assert got(client, delivery_id) in (data, None)
            assert got(client, delivery_id) == data


def test_a_file_that_is_replaced_while_it_is_read_is_served_whole_or_not_at_all(
    bucket_hub: Settings, bucket: Bucket, proxy: FaultyProxy, delivery_id: uuid.UUID
) -> None:
    name = f"{FEED}/{delivery_id}.errors.csv"
    old, new = b"o" * LARGE, b"n" * LARGE
    read_of: list[Request] = []

    def replaced(request: Request) -> bool:
        if request.method == "GET" and name in request.target:
            read_of.append(request)
            if len(read_of) == 1:
                plant(bucket, name, new)
        return False

    plant(bucket, name, old)
    with pages_of(bucket_hub) as client_of:
        client = client_of("operator")
        with proxy.failing(Plan(1.0, on=replaced)):
            assert got(client, delivery_id) in (old, new, None)
        assert got(client, delivery_id) == new


def test_a_file_takes_a_request_for_each_megabyte(
    bucket_hub: Settings, bucket: Bucket, proxy: FaultyProxy, delivery_id: uuid.UUID
) -> None:
    plant(bucket, f"{FEED}/{delivery_id}.errors.csv", b"o" * LARGE)
    with pages_of(bucket_hub) as client_of:
        client = client_of("operator")
        proxy.seen.clear()
        assert len(got(client, delivery_id) or b"") == LARGE
    assert len(proxy.seen) <= 3


def test_who_looks_while_files_are_replaced_sees_a_whole_one(
    bucket_hub: Settings, bucket: Bucket, proxy: FaultyProxy
) -> None:
    """A reader past the hub, at what it puts: each version is one that was meant."""
    store, name, meant = outbox_files(bucket_hub), "notes/letters/2026-03_sender.csv", set[bytes]()
    seen, is_over = set[bytes](), threading.Event()

    def look() -> None:
        while not is_over.is_set():
            seen.update(in_bucket(bucket).values())
            time.sleep(0.01)

    def write() -> None:
        try:
            for number in range(40):
                data = b"%d," % number * (20_000 + number)
                meant.add(data)
                insist(partial(put_bytes, store, name, data))
                assert read(bucket, name) == data, "it was said to be there"
        finally:
            is_over.set()

    with proxy.failing(Plan(0.4, (*QUICK, Fault.BROKEN_AFTER), seed=SEED, slow_seconds=0.02)):
        at_once(look, write)
    assert seen <= meant
    assert len(seen) > 5
    assert [path for path in store.workplace.rglob("*") if path.is_file()] == []
    assert bucket.uploads() == []


@pytest.fixture
def outbox(bucket_hub: Settings) -> Outbox:
    """Rounds of notifications now: the store says when a letter was put."""
    outbox = Outbox(bucket_hub, open_warehouse(bucket_hub, Role.LOADER), datetime.now(UTC))
    outbox.channel("desk", "json://127.0.0.1", from_severity="notice")
    return outbox


def letters_told(handed: Handed) -> list[str]:
    return [title for _, title in handed.titles if title.startswith("Letters")]


def test_people_are_told_of_letters_once_and_of_all_else_while_the_store_is_away(
    bucket_hub: Settings, proxy: FaultyProxy, engine: sa.Engine, outbox: Outbox
) -> None:
    put(bucket_hub, [WRONG], bucket_hub.home)
    take_in(bucket_hub, engine, NOTES, WRONG.data)
    outbox.send(hand=Handed())
    write_all(bucket_hub, engine, [NOTES])
    handed = Handed()
    with proxy.failing(AWAY):
        outbox.alert()
        outbox.later(minutes=1)
        outbox.send(hand=handed)
    assert letters_told(handed) == []
    assert len(handed.titles) == 1, "an alert waits for the store"
    for _ in range(2):
        outbox.later(minutes=1)
        outbox.send(hand=handed)
    assert len(letters_told(handed)) == 1
    (said,) = (message.lines for _, message in handed.messages if message.title.startswith("Letters"))
    assert any(line.startswith("What: 1 for ") and "notes/letters" in line for line in said), said
    with proxy.failing(AWAY):
        outbox.later(minutes=1)
        outbox.send(hand=handed)
    outbox.later(hours=20)
    write_all(bucket_hub, engine, [NOTES])
    outbox.send(hand=handed)
    assert len(handed.titles) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_failing_store_tells_nobody_twice_and_forgets_nobody(
    kind: Fault, bucket_hub: Settings, proxy: FaultyProxy, engine: sa.Engine, outbox: Outbox
) -> None:
    take_in(bucket_hub, engine, NOTES, WRONG.data)
    write_all(bucket_hub, engine, [NOTES])
    handed = Handed()
    with proxy.failing(Plan(0.6, (kind,), seed=SEED, slow_seconds=0.01)):
        for number in range(4):
            outbox.alert(detail=str(number))
            outbox.later(minutes=1)
            outbox.send(hand=handed)
            assert sum(title.startswith("A delivery is refused") for _, title in handed.titles) == number + 1
    outbox.send(hand=handed)
    assert len(letters_told(handed)) == 1


def test_a_load_goes_on_where_files_for_senders_cannot_be_kept(
    bucket_hub: Settings, proxy: FaultyProxy, engine: sa.Engine
) -> None:
    """One whose rows are all right asks for no error file; one with wrong rows is loaded, and tries again."""
    put(bucket_hub, [WRONG])
    with proxy.failing(OUTBOX_AWAY), pytest.raises(StoreUnavailable):
        Worker(bucket_hub, engine).take_once("notes")
    Worker(bucket_hub, engine).take_all()
    (row,) = ledger_rows(engine)
    assert (row.status, row.rows_quarantined) == ("loaded", 7)
