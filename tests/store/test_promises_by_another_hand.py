"""What a store promises, asked of a bucket whose server fails in every way that such a server has."""

import secrets
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import pytest

from hub.ingest.landing_store import rewrap_landed
from hub.settings import Settings
from hub.store import Store, StoreUnavailable, landing_files
from hub.vault.encrypted_file import EncryptedWriter, is_wrapped_by_newest
from hub.vault.hub_keys import KeyRing, Purpose, add_version, read_ring
from store.faulty_proxy import EVERY, QUICK, Fault, FaultyProxy, Plan, Request
from store.s3 import Bucket, OfBytes, decrypted

NAME = "letters/2026-03-01/" + "a1" * 32
OTHER = "letters/2026-03-02/" + "b2" * 32
TEXT = secrets.token_bytes(2_500_000)
MOST_TRIES = 200
KINDS = [one if one in QUICK else pytest.param(one, marks=pytest.mark.long) for one in EVERY]


@pytest.fixture
def store(hub_of_files: Settings) -> Store:
    return landing_files(hub_of_files)


@pytest.fixture
def ring(hub_of_files: Settings) -> KeyRing:
    return read_ring(hub_of_files, Purpose.MASTER)


def keep(store: Store, ring: KeyRing, data: bytes = TEXT, name: str = NAME) -> None:
    """As a landing does: write the file whole at the workplace, and move it in."""
    store.workplace.mkdir(parents=True, exist_ok=True)
    unfinished = store.workplace / secrets.token_hex(8)
    with unfinished.open("wb") as target:
        writer = EncryptedWriter(target, ring)
        writer.write(data)
        writer.finish()
    try:
        store.keep(name, unfinished)
    finally:
        unfinished.unlink(missing_ok=True)


def insist[R](step: Callable[[], R]) -> tuple[R, int]:
    """Do it until the store lets it; returns also how often it did not."""
    for count in range(MOST_TRIES):
        try:
            return step(), count
        except StoreUnavailable as problem:
            if "\n" in str(problem):
                raise AssertionError("more than a line") from problem
    raise AssertionError("the store never let it through")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_kept_whole_or_the_store_says_that_it_is_not(
    kind: Fault, hub_of_files: Settings, bucket: Bucket, proxy: FaultyProxy, store: Store, ring: KeyRing
) -> None:
    with proxy.failing(Plan(1.0, (kind,))):
        try:
            keep(store, ring)
        except StoreUnavailable:
            pass
        else:
            assert bucket.names() == [NAME], "it was said to be kept, and is not there"
    insist(partial(keep, store, ring))
    assert bucket.names() == [NAME]
    assert decrypted(hub_of_files, bucket.get(NAME)) == TEXT
    assert bucket.uploads() == []


def test_of_many_workers_at_once_one_is_first_and_what_it_kept_stays(
    bucket: Bucket, proxy: FaultyProxy, store: Store, ring: KeyRing
) -> None:
    plan = Plan(0.4, (Fault.CUT_AFTER, Fault.BROKEN_AFTER, Fault.SLOW, Fault.BUSY), slow_seconds=0.05)
    with proxy.failing(plan), ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: insist(partial(keep, store, ring, b"%d" % number)), range(16)))
    writes = [one for one in proxy.seen if one.request.method == "PUT"]
    assert Counter(one.status for one in writes if one.status)[200] == 1
    assert {one.request.condition for one in writes} == {"If-None-Match: *"}
    kept = bucket.get(NAME)
    keep(store, ring, b"later")
    assert bucket.get(NAME) == kept
    assert {path.name for path in store.workplace.rglob("*") if path.is_file()} == set()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_read_is_what_was_kept_or_nothing_is(
    kind: Fault, bucket: Bucket, proxy: FaultyProxy, store: Store, ring: KeyRing
) -> None:
    keep(store, ring)
    stored = bucket.get(NAME)

    def read() -> None:
        with store.open(NAME) as source:
            for place, most in ((0, 100), (len(stored) - 50, 500), (1_000_000, 1_200_000), (len(stored), 10), (7, 1)):
                source.seek(place)
                got = b""
                while len(got) < most and (more := source.read(most - len(got))):
                    got += more
                assert got == stored[place : place + most]

    with proxy.failing(Plan(0.3, (kind,), slow_seconds=0.01)):
        insist(read)
    read()


def test_a_file_that_is_not_there_is_said_so_and_a_store_that_fails_says_no_such_thing(
    proxy: FaultyProxy, store: Store, ring: KeyRing
) -> None:
    with pytest.raises(FileNotFoundError):
        store.open(NAME)
    with pytest.raises(FileNotFoundError), store.changing(NAME):
        pass
    assert not store.holds(NAME)
    store.remove(NAME)
    keep(store, ring)
    for kind in QUICK:
        with proxy.failing(Plan(1.0, (kind,), slow_seconds=0.01)), suppress(StoreUnavailable):
            assert store.holds(NAME), kind


@pytest.mark.parametrize("kind", KINDS)
def test_no_file_is_missing_from_the_list(kind: Fault, proxy: FaultyProxy, store: Store, ring: KeyRing) -> None:
    names = [f"letters/2026-03-0{day}/{number:064x}" for day in (1, 2) for number in range(3)]
    for name in names:
        keep(store, ring, b"a", name)
    with proxy.failing(Plan(0.3, (kind,), slow_seconds=0.01)):
        found, _ = insist(lambda: [one.name for one in store.files()])
    assert found == names


def test_what_others_put_beside_the_files_is_none_of_them(bucket: Bucket, store: Store, ring: KeyRing) -> None:
    keep(store, ring)
    for name in ("", "letters/", "letters/2026-03-01/", "readme.txt", "a/b/c/d"):
        bucket.put(name, b"")
    bucket.client.put_object(Bucket=bucket.name, Key="of-somebody-else/landing/a/b/c", Body=b"")
    bucket.client.put_object(Bucket=bucket.name, Key="of-the-hub/landing-of-another/a/b/c", Body=b"")
    assert [one.name for one in store.files()] == [NAME]


@pytest.mark.long
def test_a_list_of_several_pages_is_whole(bucket: Bucket, proxy: FaultyProxy, store: Store) -> None:
    names = sorted(f"letters/2026-03-01/{number:064x}" for number in range(2_100))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: bucket.put(name, b"a"), names))
    with proxy.failing(Plan(0.3, seed=3, slow_seconds=0.01)):
        for _ in range(20):
            found, _ = insist(lambda: [one.name for one in store.files()])
            assert found == names


def next_ring(hub: Settings) -> KeyRing:
    return add_version(hub, Purpose.MASTER, read_ring(hub, Purpose.MASTER).newest + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_file_is_as_it_was_or_as_it_is_to_be(
    kind: Fault, hub_of_files: Settings, bucket: Bucket, proxy: FaultyProxy, store: Store, ring: KeyRing
) -> None:
    keep(store, ring)
    before = bucket.get(NAME)
    (was,) = store.files()
    newer = next_ring(hub_of_files)
    with proxy.failing(Plan(1.0, (kind,), slow_seconds=0.01)):
        try:
            rewrap_landed(hub_of_files, newer, NAME)
        except StoreUnavailable:
            assert decrypted(hub_of_files, bucket.get(NAME)) == TEXT
        else:
            assert is_wrapped_by_newest(OfBytes(bucket.get(NAME)), newer)
    with proxy.failing(Plan(0.3, (kind,), slow_seconds=0.01)):
        insist(partial(rewrap_landed, hub_of_files, newer, NAME))
    rewrap_landed(hub_of_files, newer, NAME)
    after = bucket.get(NAME)
    assert is_wrapped_by_newest(OfBytes(after), newer)
    assert after[200:] == before[200:]
    assert decrypted(hub_of_files, after) == TEXT
    (now,) = store.files()
    assert now.changed_ns != was.changed_ns
    assert {path.name for path in store.workplace.rglob("*") if path.is_file()} == set()


def test_a_file_that_is_removed_while_it_is_changed_does_not_come_back(
    hub_of_files: Settings, bucket: Bucket, proxy: FaultyProxy, store: Store, ring: KeyRing
) -> None:
    def remove_first(request: Request) -> bool:
        if request.method == "PUT":
            bucket.client.delete_object(Bucket=bucket.name, Key=request.path.split("/", 2)[2])
        return False

    keep(store, ring)
    with proxy.failing(Plan(1.0, on=remove_first)):
        assert not rewrap_landed(hub_of_files, next_ring(hub_of_files), NAME)
    assert bucket.names() == []
    keep(store, ring)
    with pytest.raises(FileNotFoundError), store.changing(NAME) as file:  # noqa: PT012
        file.write(b"HUBSEAL1")
        store.remove(NAME)
    assert bucket.names() == []


@pytest.mark.long
def test_two_changes_at_once_lose_neither(bucket: Bucket, store: Store, ring: KeyRing) -> None:
    keep(store, ring)
    with pytest.raises(StoreUnavailable), store.changing(NAME) as file:  # noqa: PT012
        file.seek(10)
        file.write(b"1")
        with store.changing(NAME) as other:
            other.seek(20)
            other.write(b"2")
    after = bucket.get(NAME)
    assert (after[10:11] == b"1", after[20:21]) == (False, b"2")


def test_a_change_that_fails_in_the_middle_changes_nothing(bucket: Bucket, store: Store, ring: KeyRing) -> None:
    keep(store, ring)
    before = bucket.get(NAME)
    with pytest.raises(RuntimeError), store.changing(NAME) as file:  # noqa: PT012
        file.write(b"nonsense")
        raise RuntimeError
    assert bucket.get(NAME) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_removed_file_is_gone_when_it_is_said_to_be(
    kind: Fault, bucket: Bucket, proxy: FaultyProxy, store: Store, ring: KeyRing
) -> None:
    keep(store, ring)
    keep(store, ring, name=OTHER)
    with proxy.failing(Plan(1.0, (kind,), slow_seconds=0.01)):
        try:
            store.remove(NAME)
        except StoreUnavailable:
            pass
        else:
            assert bucket.names() == [OTHER], "it was said to be removed, and is there"
    with proxy.failing(Plan(0.3, (kind,), slow_seconds=0.01)):
        insist(partial(store.remove, NAME))
    assert bucket.names() == [OTHER]


@pytest.mark.long
def test_who_reads_while_keys_change_or_a_file_goes_reads_right_or_is_told(
    hub_of_files: Settings, bucket: Bucket, store: Store, ring: KeyRing
) -> None:
    keep(store, ring)
    stored = bucket.get(NAME)
    with store.open(NAME) as source:
        source.read(200)
        rewrap_landed(hub_of_files, next_ring(hub_of_files), NAME)
        source.seek(1_500_000)
        with suppress(StoreUnavailable):  # the next try reads it
            assert source.read(1000) == stored[1_500_000:1_501_000]
    with store.open(NAME) as source:
        store.remove(NAME)
        with pytest.raises((FileNotFoundError, StoreUnavailable)):  # noqa: PT012
            source.seek(1_500_000)
            source.read(1000)
