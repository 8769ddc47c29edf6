"""A newer master key wraps what lies in a bucket, and backups of a bucket are copies of what lies there."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.backup.landing_copy import copy_new, forget_unknown, names_of, put_back
from hub.ingest.landing_store import open_landed
from hub.privacy.rotate_keys import rotate_key
from hub.settings import Settings
from hub.store import StoreUnavailable
from hub.vault.encrypted_file import is_wrapped_by_newest
from hub.vault.hub_keys import Purpose, read_ring
from ingest.deliveries import ledger_rows, take_in
from privacy.letters import ADA, BO, CATALOGUE, LETTERS, as_csv, landed_texts
from store.faulty_proxy import EVERY, QUICK, Fault, FaultyProxy, Plan, Request
from store.s3 import Bucket, OfBytes, Server, decrypted
from store.test_promises_by_another_hand import insist

COUNT = 4


pytestmark = pytest.mark.usefixtures("letter_tables")


@pytest.fixture
def filled(bucket_hub: Settings, engine: sa.Engine) -> Settings:
    """Letters, one of them of more than one chunk."""
    for number in range(COUNT):
        long = {"words": "w" * (3_000 if number else 1_500_000)}
        take_in(bucket_hub, engine, LETTERS, as_csv({"ref": f"R{number}", **ADA, **long}), f"{number}.csv")
    return bucket_hub


def rotation(hub: Settings, engine: sa.Engine) -> Callable[[], object]:
    return partial(rotate_key, hub, engine, CATALOGUE, Purpose.MASTER, to_version=2)


def are_rewrapped(hub: Settings, bucket: Bucket) -> bool:
    ring = read_ring(hub, Purpose.MASTER)
    return ring.newest == 2 and all(is_wrapped_by_newest(OfBytes(bucket.get(one)), ring) for one in bucket.names())


def test_all_objects_follow_a_newer_key_and_are_else_the_same(
    filled: Settings, engine: sa.Engine, bucket: Bucket
) -> None:
    before, texts = {name: bucket.get(name) for name in bucket.names()}, landed_texts(filled)
    rotation(filled, engine)()
    assert are_rewrapped(filled, bucket)
    after = {name: bucket.get(name) for name in bucket.names()}
    assert {name: data[200:] for name, data in after.items()} == {name: data[200:] for name, data in before.items()}
    master = filled.secrets / "master.keys"
    master.write_text(master.read_text().splitlines()[-1])
    assert landed_texts(filled) == texts
    assert all(decrypted(filled, data) is None for data in before.values())


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, *(pytest.param(one, marks=pytest.mark.long) for one in range(2, 22))])
def test_so_they_do_where_the_store_fails_in_every_way(
    filled: Settings, engine: sa.Engine, bucket: Bucket, proxy: FaultyProxy, seed: int
) -> None:
    texts = landed_texts(filled)
    with proxy.failing(Plan(0.3, EVERY, seed=seed, most=40, slow_seconds=0.01)):
        insist(rotation(filled, engine))
    assert proxy.injected.total()
    rotation(filled, engine)()
    assert are_rewrapped(filled, bucket)
    assert landed_texts(filled) == texts
    assert len(bucket.names()) == COUNT
    # Files for senders beside them are made again from what the hub keeps, so they are put as they are.
    landed = [one.request for one in proxy.seen if "/landing/" in one.request.path]
    assert {one.condition is None for one in landed if one.is_write_of_object} == {False}


def test_an_object_that_is_removed_meanwhile_does_not_come_back(
    filled: Settings, engine: sa.Engine, bucket: Bucket, proxy: FaultyProxy
) -> None:
    gone: list[str] = []

    def remove_first(request: Request) -> bool:
        if request.method == "PUT" and len(gone) < 3:
            gone.append(request.path.split("/landing/")[1])
            bucket.client.delete_object(Bucket=bucket.name, Key=request.path.split("/", 2)[2])
        return False

    with proxy.failing(Plan(1.0, on=remove_first)):
        rotation(filled, engine)()
    assert len(gone) == 3
    assert not set(gone) & set(bucket.names())
    assert len(bucket.names()) == COUNT - 3
    assert are_rewrapped(filled, bucket)


def are_copies(bucket: Bucket, copies: Path) -> bool:
    return {name: (copies / name).read_bytes() for name in names_of(copies)} == {
        name: bucket.get(name) for name in bucket.names()
    }


def test_a_backup_has_what_the_bucket_has_and_what_was_wrapped_again_since(
    filled: Settings, engine: sa.Engine, bucket: Bucket, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    assert copy_new(filled, copies) == COUNT
    assert are_copies(bucket, copies)
    assert copy_new(filled, copies) == 0
    rotation(filled, engine)()  # within the second, perhaps, to which a bucket tells times
    assert copy_new(filled, copies) == COUNT
    assert are_copies(bucket, copies)
    assert copy_new(filled, copies) == 0


@pytest.mark.long
@pytest.mark.parametrize(
    "kind",
    [one if one in (Fault.SHORT, Fault.CUT_AFTER) else pytest.param(one, marks=pytest.mark.long) for one in EVERY],
)
def test_no_copy_is_half_where_the_store_fails(
    kind: Fault, filled: Settings, bucket: Bucket, proxy: FaultyProxy, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    stored = {name: bucket.get(name) for name in bucket.names()}
    with proxy.failing(Plan(0.3, (kind,), slow_seconds=0.01)):
        for _ in range(3):
            with suppress(StoreUnavailable):
                copy_new(filled, copies)
            assert all((copies / name).read_bytes() == stored[name] for name in names_of(copies))
        insist(partial(copy_new, filled, copies))
    copy_new(filled, copies)
    assert are_copies(bucket, copies)


@pytest.mark.long
def test_a_copy_is_forgotten_only_where_the_whole_list_says_that_its_file_is_gone(
    filled: Settings, bucket: Bucket, proxy: FaultyProxy, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    copy_new(filled, copies)
    for kind in QUICK:
        with proxy.failing(Plan(1.0, (kind,), slow_seconds=0.01)):
            try:
                assert forget_unknown(filled, copies, set()) == 0
            except StoreUnavailable:
                continue
    assert are_copies(bucket, copies)
    first, second, *_ = bucket.names()
    for name in (first, second):
        bucket.client.delete_object(Bucket=bucket.name, Key=f"of-the-hub/landing/{name}")
    assert forget_unknown(filled, copies, {first}) == 1
    assert sorted(names_of(copies)) == sorted({*bucket.names(), first})


@pytest.mark.parametrize("kinds", [(), EVERY], ids=["well", "badly"])
def test_copies_are_put_back_into_an_empty_bucket_but_for_those_that_are_to_go(
    filled: Settings,
    engine: sa.Engine,
    bucket: Bucket,
    proxy: FaultyProxy,
    tmp_path: Path,
    server: Server,
    kinds: tuple[Fault, ...],
) -> None:
    copies, empty = tmp_path / "copies", server.bucket()
    copy_new(filled, copies)
    kept, *_, gone = bucket.names()
    other = empty.used_by(filled)
    empty.put(kept, bucket.get(kept))
    empty.put(gone, bucket.get(gone))
    with proxy.failing(Plan(0.6 if kinds else 0.0, kinds, slow_seconds=0.01)):
        (count, failed) = insist(partial(put_back, other, copies, {gone}))
    assert (count, failed > 0) == (COUNT - 1, bool(kinds))
    assert {name: empty.get(name) for name in empty.names()} == {
        name: bucket.get(name) for name in bucket.names() if name != gone
    }
    for row in ledger_rows(engine):
        if row.landing_path != gone:
            with open_landed(other, row.landing_path) as landed:
                assert landed.read()


def test_copies_that_could_not_be_put_back_leave_nothing_on_the_machine(
    filled: Settings, proxy: FaultyProxy, tmp_path: Path, server: Server
) -> None:
    copies, other = tmp_path / "copies", server.bucket().used_by(filled)
    copy_new(filled, copies)
    with proxy.failing(Plan(1.0, (Fault.BUSY,))), pytest.raises(StoreUnavailable):
        put_back(other, copies, set())
    assert [path.name for path in other.landing.rglob("*") if path.is_file()] == []


@pytest.mark.long
def test_what_is_put_back_does_not_take_the_place_of_what_was_wrapped_by_a_newer_key(
    filled: Settings, engine: sa.Engine, bucket: Bucket, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    copy_new(filled, copies)
    rotation(filled, engine)()
    put_back(filled, copies, set())
    assert are_rewrapped(filled, bucket)


@pytest.mark.long
def test_a_folder_can_become_a_bucket_by_a_copy(settings: Settings, engine: sa.Engine, bucket: Bucket) -> None:
    """An operator moves a hub: the files are copied under the same names, with any tool."""
    take_in(settings, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    texts = landed_texts(settings)
    for path in settings.landing.rglob("*"):
        if path.is_file():
            bucket.put(str(path.relative_to(settings.landing)), path.read_bytes())
    shutil.rmtree(settings.landing)
    assert not os.path.lexists(settings.landing)
    moved = bucket.used_by(settings)
    assert landed_texts(moved) == texts
    again = take_in(moved, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}), "again.csv")
    assert not again.is_new
    assert len(bucket.names()) == 1
