"""A store answers slowly, badly, half or not at all: nothing is lost, nothing doubled, nothing refused for it.

``HUB_STORM_SEED`` chooses other faults, ``HUB_STORM_FAULTS`` how many of them the long form injects.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from conftest import share_keys
from hub.ingest import dropped_files
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from proofs.crashes import standing
from store.faulty_proxy import EVERY, Fault, FaultyProxy, Plan
from store.s3 import Bucket
from store.storm import BY_NAME, FEEDS, Sent, Worker, at_once, ends, is_as_sent, names, nobody_is_named, put, wave
from store.worker import kill, started

SEED = int(os.environ.get("HUB_STORM_SEED", "1"))
FAULTS = int(os.environ.get("HUB_STORM_FAULTS", "1000"))
HARMFUL = 3 * (Fault.CUT_BEFORE, Fault.SHORT)
"""The library does not try these again: among few requests they are to come more often."""
CONTENT_TABLES = ("raw.", "quarantine.")


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_warehouse(engine, FEEDS)
    monkeypatch.setattr(dropped_files, "QUIET_SECONDS", 0.0)


def storm(hub: Settings, proxy: FaultyProxy, folder: Path, files: list[Sent], plan: Plan) -> list[Worker]:
    """Two workers meet the same drop folders, and both the same file elsewhere; none of both knows of the other."""
    workers = [Worker(hub, open_warehouse(hub, Role.OWNER)) for _ in range(2)]
    both, rest = files[0], files[1:]
    (elsewhere,) = put(hub, [both], folder)
    put(hub, rest)
    with proxy.failing(plan):
        at_once(*(partial(one.take, both.feed, elsewhere) for one in workers))
        at_once(*(one.take_all for one in workers))
    workers[0].take_all()  # what one claimed while the other looked
    return workers


def is_as_in_a_folder(bucket_hub: Settings, engine: sa.Engine, folder_hub: Settings, files: list[Sent]) -> None:
    """The same deliveries through a store that is a folder: the same ends and the same rows."""
    share_keys(bucket_hub, folder_hub)
    other = open_warehouse(folder_hub, Role.OWNER)
    prepare_warehouse(other, FEEDS)
    put(folder_hub, files)
    worker = Worker(folder_hub, other)
    worker.take_all()
    assert not worker.failed
    assert ends(engine) == ends(other)
    assert names(engine) == names(other)
    ours, theirs = (standing(one).tables for one in (bucket_hub, folder_hub))
    assert {n: v for n, v in ours.items() if n.startswith(CONTENT_TABLES)} == {
        n: v for n, v in theirs.items() if n.startswith(CONTENT_TABLES)
    }


def writes_are_conditional(proxy: FaultyProxy) -> None:
    """Each write of a landed file says under which condition; and of each name one write was carried out, no more."""
    writes = [one for one in proxy.seen if one.request.is_write_of_object and "/landing/" in one.request.target]
    assert writes
    assert all(one.request.condition for one in writes), [one for one in writes if not one.request.condition][:3]
    carried_out = Counter(one.request.path for one in writes if one.status == 200)
    assert set(carried_out.values()) == {1}, [one for one in carried_out.items() if one[1] > 1]


def test_a_storm_loses_nothing(
    bucket_hub: Settings,
    bucket: Bucket,
    proxy: FaultyProxy,
    engine: sa.Engine,
    make_settings: Callable[[], Settings],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    files = wave(1, SEED, large=["notes"])
    workers = storm(bucket_hub, proxy, tmp_path, files, Plan(0.4, (*EVERY, *HARMFUL), seed=SEED, slow_seconds=0.1))
    is_as_sent(bucket_hub, engine, files, bucket)
    writes_are_conditional(proxy)
    is_as_in_a_folder(bucket_hub, engine, make_settings(), files)
    said = [text for one in workers for text in one.said]
    assert said, "no fault reached a worker"
    nobody_is_named([*said, *(one.getMessage() for one in caplog.records if one.name.startswith("hub"))])


@pytest.mark.long
def test_a_thousand_faults_lose_nothing(
    bucket_hub: Settings,
    bucket: Bucket,
    proxy: FaultyProxy,
    engine: sa.Engine,
    make_settings: Callable[[], Settings],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files: list[Sent] = []
    injected: Counter[Fault] = Counter()
    said: list[str] = []
    failed: Counter[str] = Counter()
    number = 0
    while injected.total() < FAULTS:
        number += 1
        new = wave(number, SEED, large=BY_NAME if number % 2 else ())
        files += new
        plan = Plan((0.3, 0.5, 0.7)[number % 3], EVERY, seed=SEED + number, slow_seconds=0.3)
        for worker in storm(bucket_hub, proxy, tmp_path, new, plan):
            said += worker.said
            failed += worker.failed
        injected += proxy.injected
    is_as_sent(bucket_hub, engine, files, bucket)
    writes_are_conditional(proxy)
    is_as_in_a_folder(bucket_hub, engine, make_settings(), files)
    nobody_is_named(said)
    assert set(injected) >= {one for one in EVERY if one is not Fault.ERROR_IN_200}
    with capsys.disabled():
        print(
            f"\n  {len(files)} files, {len(proxy.seen)} requests, {injected.total()} faults; to workers: {dict(failed)}"
        )
        for fault, count in injected.most_common():
            print(f"  {fault:<55} {count:>5}")


def kills(
    hub: Settings, proxy: FaultyProxy, moments: Iterator[float], files: list[Sent], plan: Plan, count: int
) -> int:
    """Kill one of two workers at each of so many moments while they take in, then the other; returns how often at least
    one had not come to its end."""
    put(hub, files)
    hits, engine = 0, open_warehouse(hub, Role.OWNER)
    with proxy.failing(plan):
        for _ in range(count):
            both = [started(hub) for _ in range(2)]
            hit = []
            for one in both:
                time.sleep(next(moments))
                hit.append(kill(one))
            hits += any(hit)
            forget_the_dead(engine)
    return hits


def forget_the_dead(engine: sa.Engine) -> None:
    """As a restart of the server does: a file that three moments have met while it was read is no file that kills."""
    with engine.begin() as connection:
        connection.execute(sa.text("update ledger.deliveries set unfinished_reads = 0 where status = 'received'"))


@pytest.mark.parametrize(
    "count", [pytest.param(3, id="few"), pytest.param(100, id="a hundred", marks=pytest.mark.long)]
)
def test_workers_that_are_killed_leave_nothing_half_and_nothing_double(
    bucket_hub: Settings,
    bucket: Bucket,
    proxy: FaultyProxy,
    engine: sa.Engine,
    count: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rng = random.Random(SEED)
    # The first process imports what the later ones have at once.
    first = started(bucket_hub)
    first.join(60)
    assert first.exitcode == 0
    moments = iter(lambda: rng.uniform(0.05, 2.5), None)
    files: list[Sent] = []
    hits = number = tried = 0
    while tried < count:
        number += 1
        a_wave = min(3, count - tried)
        new = wave(number, SEED + 1000, large=["notes"])
        files += new
        plan = Plan(0.2, EVERY, seed=SEED + number, slow_seconds=0.1)
        hits += kills(bucket_hub, proxy, moments, new, plan, a_wave)
        tried += a_wave
        Worker(bucket_hub, engine).take_all()
        Worker(bucket_hub, engine).take_all()
    with capsys.disabled():
        print(f"\n  {hits} of {tried} kills hit")
    assert hits > count // 2
    remove_what_the_dead_left(bucket_hub)
    is_as_sent(bucket_hub, engine, files, bucket)
    writes_are_conditional(proxy)


def remove_what_the_dead_left(hub: Settings) -> None:
    """Files that were being landed: they are encrypted, and no delivery."""
    for path in (hub.landing / ".incoming").glob("*"):
        path.unlink()
