"""How dropped files become receipts: once each, and none is lost."""

import dataclasses
import hashlib
import os
import time
from datetime import date

import pytest
import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.deliveries import DeliveryStatus
from hub.ingest import dropped_files
from hub.ingest.collect import collect_drop, collect_files
from hub.ingest.dropped_files import QUIET_SECONDS
from hub.ingest.ingest import awaiting, ingest_delivery
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from ingest.deliveries import counts, drop, landed_bytes, ledger_rows, let_it_rest, take_in
from ingest.small_feeds import column, feed

TEXT = b"place,note\nBow,x\nHam,y\n"
PLACES = feed(column("place", required=True), column("note"), name="places")


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine) -> None:
    prepare_warehouse(engine, [PLACES])


def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are at rest at once: for tests that are not about waiting."""
    monkeypatch.setattr(dropped_files, "QUIET_SECONDS", 0.0)


def test_a_dropped_file_is_landed_receipted_and_gone_from_the_drop_folder(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _patient(monkeypatch)
    path = drop(settings, "places", "any name.csv", TEXT)
    (receipt,) = collect_drop(settings, engine, PLACES)
    sha256 = hashlib.sha256(TEXT).hexdigest()
    assert (receipt.file_name, receipt.sha256, receipt.bytes) == ("any name.csv", sha256, len(TEXT))
    assert (receipt.status, receipt.is_first) == (DeliveryStatus.RECEIVED, True)
    assert landed_bytes(settings, receipt) == TEXT
    assert receipt.landed_name.startswith("places/")
    assert receipt.landed_name.endswith(f"/{sha256}")
    assert not path.exists()
    assert awaiting(engine, "places") == [receipt.delivery_id]


def test_a_file_that_was_just_written_is_left_alone_until_it_is_quiet(settings: Settings, engine: sa.Engine) -> None:
    drop(settings, "places", "a.csv", TEXT, is_quiet=False)
    assert collect_drop(settings, engine, PLACES) == []
    let_it_rest()
    assert len(collect_drop(settings, engine, PLACES)) == 1


def test_a_copy_that_keeps_an_old_time_is_still_new_here(settings: Settings, engine: sa.Engine) -> None:
    drop(settings, "places", "a.csv", TEXT, is_quiet=True)
    assert collect_drop(settings, engine, PLACES) == []


def test_a_file_that_somebody_has_open_for_writing_is_left_alone(settings: Settings, engine: sa.Engine) -> None:
    path = drop(settings, "places", "a.csv", TEXT[:10])
    with path.open("ab") as sender:
        let_it_rest()
        assert collect_drop(settings, engine, PLACES) == []
        sender.write(TEXT[10:])
    assert path.exists()
    let_it_rest()
    (receipt,) = collect_drop(settings, engine, PLACES)
    assert landed_bytes(settings, receipt) == TEXT


def test_a_file_whose_time_lies_in_the_future_is_taken(settings: Settings, engine: sa.Engine) -> None:
    path = drop(settings, "places", "a.csv", TEXT)
    future = time.time() + 3 * 24 * 3600
    os.utime(path, (future, future))
    let_it_rest()
    assert len(collect_drop(settings, engine, PLACES)) == 1
    assert QUIET_SECONDS <= 1.0


@pytest.mark.parametrize("name", [".a.csv", "~a.csv", "a.csv.part", "a.csv.filepart", "a.csv.tmp", "a.csv.crdownload"])
def test_a_name_of_a_transfer_under_way_is_left_alone(
    name: str, settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _patient(monkeypatch)
    path = drop(settings, "places", name, TEXT)
    assert collect_drop(settings, engine, PLACES) == []
    assert path.read_bytes() == TEXT


def test_the_same_bytes_under_another_name_are_an_arrival_with_the_counts_of_the_first(
    settings: Settings, engine: sa.Engine
) -> None:
    first = take_in(settings, engine, PLACES, TEXT + b",z\n", "a.csv")
    assert counts(first) == (3, 2, 1, 0)
    path = settings.home / "b.csv"
    path.write_bytes(TEXT + b",z\n")
    (receipt,) = collect_files(settings, engine, PLACES, [path])
    assert (receipt.delivery_id, receipt.is_first, receipt.status) == (first.delivery_id, False, DeliveryStatus.LOADED)
    _, repeat = ledger_rows(engine)
    assert (repeat.status, repeat.file_name, repeat.duplicate_of) == ("duplicate", "b.csv", first.delivery_id)
    assert (repeat.rows_read, repeat.rows_accepted, repeat.rows_quarantined, repeat.rows_duplicate) == (3, 0, 0, 3)
    assert awaiting(engine, "places") == []


def test_an_arrival_before_the_first_was_read_gets_its_counts_when_they_are_known(
    settings: Settings, engine: sa.Engine
) -> None:
    paths = [settings.home / "a.csv", settings.home / "b.csv"]
    for path in paths:
        path.write_bytes(TEXT)
    first, _ = collect_files(settings, engine, PLACES, paths)
    assert [row.rows_read for row in ledger_rows(engine)] == [0, 0]
    ingest_delivery(settings, engine, PLACES, first.delivery_id)
    assert sorted((row.status, row.rows_read, row.rows_duplicate) for row in ledger_rows(engine)) == [
        ("duplicate", 2, 2),
        ("loaded", 2, 0),
    ]


def test_the_same_file_met_again_is_one_arrival(settings: Settings, engine: sa.Engine) -> None:
    path = settings.home / "a.csv"
    path.write_bytes(TEXT)
    first, again = (collect_files(settings, engine, PLACES, [path])[0] for _ in range(2))
    assert (first.is_first, again.is_first) == (True, False)
    assert first.delivery_id == again.delivery_id
    assert len(ledger_rows(engine)) == 1


def test_sequence_period_part_and_sender_are_taken_from_the_name_where_it_has_them(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _patient(monkeypatch)
    pattern = r"^(?P<sender>[a-z]+)-(?P<period>[0-9-]+)-n(?P<sequence>[^_.]+)(_(?P<part>[a-z]+))?\.csv$"
    contract = feed(*PLACES.columns, name="places", file_name_pattern=pattern)
    for name in (
        "acme-2026-02-n7_light.csv",
        "acme-2026-02-30-n7.csv",
        "acme-2026-13-n٣.csv",
        "acme-2024-02-29-n0.csv",
        "x.csv",
    ):
        drop(settings, "places", name, TEXT + name.encode() + b",1\n")
    collect_drop(settings, engine, contract)
    found = {
        row.file_name: (row.sender, row.period_start, row.period_end, row.sequence_number, row.part)
        for row in ledger_rows(engine)
    }
    assert found == {
        "acme-2026-02-n7_light.csv": ("acme", date(2026, 2, 1), date(2026, 2, 28), 7, "light"),
        "acme-2026-02-30-n7.csv": ("acme", None, None, 7, None),
        "acme-2026-13-n٣.csv": ("acme", None, None, None, None),
        "acme-2024-02-29-n0.csv": ("acme", date(2024, 2, 29), date(2024, 2, 29), 0, None),
        "x.csv": ("a sender", None, None, None, None),
    }


def test_a_refused_file_is_validated_again_under_a_new_version_of_the_contract(
    settings: Settings, engine: sa.Engine
) -> None:
    narrow = feed(column("place"), name="places", version="1.0.0")
    refused = take_in(settings, engine, narrow, TEXT)
    assert refused.status is DeliveryStatus.REFUSED
    assert take_in(settings, engine, narrow, TEXT).status is DeliveryStatus.REFUSED
    loaded = take_in(settings, engine, _under(PLACES, "1.1.0"), TEXT)
    assert (loaded.delivery_id, loaded.status, counts(loaded)) == (
        refused.delivery_id,
        DeliveryStatus.LOADED,
        (2, 2, 0, 0),
    )
    row = next(row for row in ledger_rows(engine) if row.delivery_id == loaded.delivery_id)
    assert (row.contract_version, row.reason) == ("1.1.0", None)
    assert take_in(settings, engine, _under(PLACES, "1.2.0"), TEXT).status is DeliveryStatus.LOADED


def _under(contract: Contract, version: str) -> Contract:
    return dataclasses.replace(contract, version=version)


def test_a_file_that_went_meanwhile_is_nobodys(settings: Settings, engine: sa.Engine) -> None:
    assert collect_files(settings, engine, PLACES, [settings.home / "gone.csv"]) == []
    assert ledger_rows(engine) == []
