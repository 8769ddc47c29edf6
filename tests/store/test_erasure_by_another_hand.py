"""A person is erased from landed files in a bucket: of all bytes that can still be got there, none names the person."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.ingest.collect import collect_files
from hub.privacy.certificate import Certificate
from hub.settings import Settings
from hub.store import StoreProblem, StoreUnavailable, landing_files
from ingest.deliveries import ledger_rows, take_in
from privacy.letters import (
    ADA,
    BO,
    CALLS,
    LETTERS,
    PACKS,
    as_csv,
    as_json_lines,
    as_zip,
    erase,
    readable,
    token_of,
    told,
)
from store.faulty_proxy import EVERY, SECRET, Fault, FaultyProxy, Plan, Request
from store.s3 import PREFIX, Bucket, decrypted
from store.test_promises_by_another_hand import insist

WORDS = ("Ada", "ada@", "900123", "03/02/1980")
LONG = {"words": "w" * 2_000_000}


pytestmark = pytest.mark.usefixtures("letter_tables")


@pytest.fixture
def filled(bucket_hub: Settings, engine: sa.Engine) -> Settings:
    """Letters of both, calls of Ada alone, a pack of both, a refused file with Ada in it, and one of Bo alone."""
    both = ({"ref": "A", **ADA}, {"ref": "B", **BO})
    take_in(bucket_hub, engine, LETTERS, as_csv(*both))
    take_in(bucket_hub, engine, CALLS, as_json_lines({"ref": "C", **ADA}), "calls.jsonl")
    take_in(bucket_hub, engine, PACKS, as_zip(("p.csv", as_csv(*both))), "packs.zip")
    take_in(bucket_hub, engine, LETTERS, as_csv(*both).decode().encode("utf-16"), "refused.csv")
    take_in(bucket_hub, engine, LETTERS, as_csv({"ref": "O", **BO}), "others.csv")
    return bucket_hub


def is_nowhere(hub: Settings, bucket: Bucket) -> None:
    """The person is in no bytes that can be got from the bucket, nor in a file of the hub's home."""
    places = [(where, data) for where, data in bucket.everything()]
    places += [(str(path), path.read_bytes()) for path in hub.home.rglob("*") if path.is_file()]
    plain = {where: text for where, data in places if (text := decrypted(hub, data)) is not None}
    holding = [
        where
        for where, text in plain.items()
        if where.startswith((PREFIX, str(hub.landing))) and any(word in readable(text) for word in WORDS)
    ]
    assert holding == []
    assert bucket.uploads() == []


def others_are_as_before(
    hub: Settings, engine: sa.Engine, bucket: Bucket, before: dict[str, dict[str, object]]
) -> None:
    after = told(hub, engine, LETTERS)
    assert after == {ref: {} if ref == "A" else row for ref, row in before.items()}
    assert after["B"]
    assert {row.landing_path for row in ledger_rows(engine)} == set(bucket.names())
    texts = [decrypted(hub, bucket.get(name)) for name in bucket.names()]
    assert sum("Bo Nolan" in readable(text) for text in texts if text) == 4
    assert len(texts) == 5


def asked(hub: Settings, engine: sa.Engine) -> Callable[[], Certificate]:
    return partial(erase, hub, engine, token_of(engine, LETTERS, "A"))


def test_a_person_is_gone_from_the_bucket(filled: Settings, engine: sa.Engine, bucket: Bucket) -> None:
    before, names = told(filled, engine, LETTERS), set(bucket.names())
    assert asked(filled, engine)().nothing_is_left
    is_nowhere(filled, bucket)
    others_are_as_before(filled, engine, bucket, before)
    assert len(names & set(bucket.names())) == 1


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, *(pytest.param(one, marks=pytest.mark.long) for one in range(2, 22))])
def test_so_it_is_where_the_store_fails_in_every_way(
    filled: Settings, engine: sa.Engine, bucket: Bucket, proxy: FaultyProxy, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    before, erasing = told(filled, engine, LETTERS), asked(filled, engine)
    # Each try looks through everything again; one in which nothing fails must come. The client's own second try may
    # get past every fault, so that none is seen here.
    with proxy.failing(Plan(0.2, EVERY, seed=seed, most=8, slow_seconds=0.01)):
        certificate, _ = insist(erasing)
        assert proxy.injected.total()
    assert certificate.nothing_is_left
    is_nowhere(filled, bucket)
    others_are_as_before(filled, engine, bucket, before)
    assert not any(SECRET in one.getMessage() for one in caplog.records)


@pytest.mark.long
def test_no_certificate_is_written_while_the_store_does_not_remove(
    filled: Settings, engine: sa.Engine, bucket: Bucket, proxy: FaultyProxy
) -> None:
    before, erasing = told(filled, engine, LETTERS), asked(filled, engine)

    def removes(request: Request) -> bool:
        return request.method == "DELETE" or (request.method == "POST" and "delete" in request.target)

    for kind in (Fault.BUSY, Fault.CUT_BEFORE, Fault.TOO_MANY):
        with proxy.failing(Plan(1.0, (kind,), on=removes)) as failing, pytest.raises(StoreUnavailable):
            erasing()
        assert failing.injected
        written = {one.name for one in (filled.home / "erasures").glob("*.json")}
        assert all(one.endswith(".to_remove.json") for one in written)
    assert erasing().nothing_is_left
    is_nowhere(filled, bucket)
    others_are_as_before(filled, engine, bucket, before)


@pytest.mark.long
def test_what_was_put_and_never_registered_is_searched_too(
    filled: Settings, engine: sa.Engine, bucket: Bucket, proxy: FaultyProxy
) -> None:
    """An answer was lost, and the file was landed again on another day: two objects, of which the ledger knows one."""
    for name in bucket.names():
        feed, _, sha256 = name.split("/")
        bucket.put(f"{feed}/2026-01-01/{sha256}", bucket.get(name))
    path = filled.home / "lost.csv"
    path.write_bytes(as_csv({"ref": "L", **ADA}))
    with proxy.failing(Plan(1.0, (Fault.CUT_AFTER,))), pytest.raises(StoreUnavailable):
        collect_files(filled, engine, LETTERS, [path])
    path.unlink()
    assert len(bucket.names()) == 11
    assert asked(filled, engine)().nothing_is_left
    is_nowhere(filled, bucket)


@pytest.mark.long
def test_bytes_that_were_destroyed_do_not_come_back_by_a_bad_store(
    filled: Settings, engine: sa.Engine, bucket: Bucket, proxy: FaultyProxy, tmp_path: Path
) -> None:
    asked(filled, engine)()
    names = bucket.names()
    path = tmp_path / "again.csv"
    path.write_bytes(as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    for seed in range(3):
        with proxy.failing(Plan(0.5, EVERY, seed=seed, slow_seconds=0.01)):
            insist(partial(collect_files, filled, engine, LETTERS, [path]))
        assert bucket.names() == names
    is_nowhere(filled, bucket)


@pytest.mark.long
def test_what_a_failed_landing_leaves_on_the_machine_has_nobody_in_it(
    filled: Settings, engine: sa.Engine, bucket: Bucket, proxy: FaultyProxy
) -> None:
    path = filled.home / "failed.csv"
    path.write_bytes(as_csv({"ref": "L", **ADA, **LONG}))
    for kind in (Fault.BUSY, Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.EMPTY):
        with proxy.failing(Plan(1.0, (kind,), on=lambda request: request.method == "PUT")):
            try:
                collect_files(filled, engine, LETTERS, [path])
            except StoreUnavailable:
                continue
    path.unlink()
    assert [one.name for one in filled.landing.rglob("*") if one.is_file()] == []
    asked(filled, engine)()
    is_nowhere(filled, bucket)


def test_a_bucket_that_keeps_versions_takes_no_files(bucket_hub: Settings, engine: sa.Engine, bucket: Bucket) -> None:
    bucket.versions("Enabled")
    with pytest.raises(StoreProblem, match="version") as refused:
        take_in(bucket_hub, engine, LETTERS, as_csv({"ref": "A", **ADA}))
    assert not isinstance(refused.value, StoreUnavailable)
    assert "\n" not in str(refused.value)
    assert ledger_rows(engine) == []


def test_it_takes_none_when_it_is_asked_again_either(bucket_hub: Settings, engine: sa.Engine, bucket: Bucket) -> None:
    bucket.versions("Enabled")
    for _ in range(3):
        with pytest.raises(StoreProblem, match="version"):
            take_in(bucket_hub, engine, LETTERS, as_csv({"ref": "A", **ADA}))
    assert ledger_rows(engine) == []


def test_an_erasure_from_one_is_refused_as_often_as_it_is_asked_for(
    filled: Settings, engine: sa.Engine, bucket: Bucket
) -> None:
    bucket.versions("Enabled")
    erasing = asked(filled, engine)
    for _ in range(5):
        with pytest.raises(StoreProblem, match="version"):
            erasing()
    bucket.versions("Suspended")


@pytest.mark.long
def test_nor_is_anybody_erased_from_one(filled: Settings, engine: sa.Engine, bucket: Bucket) -> None:
    """It kept none when the files were landed, and keeps versions since."""
    bucket.versions("Enabled")
    with pytest.raises(StoreProblem, match="version") as refused:
        asked(filled, engine)()
    assert not isinstance(refused.value, StoreUnavailable)


def test_what_a_killed_landing_left_on_the_machine_has_nobody_in_it_after_an_erasure(
    filled: Settings, engine: sa.Engine, bucket: Bucket
) -> None:
    (landed, *_) = bucket.names()
    left = landing_files(filled).workplace / "00112233445566778899aabbccddeeff"
    left.write_bytes(bucket.get(landed))
    asked(filled, engine)()
    is_nowhere(filled, bucket)
