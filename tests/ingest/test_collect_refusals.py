"""What is not taken: links, pipes, names that play tricks, folders of no feed."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.deliveries import DeliveryStatus
from hub.ingest import dropped_files
from hub.ingest.collect import collect_drop, collect_unknown
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from ingest.deliveries import counts, drop, landed_bytes, ledger_rows, take_in
from ingest.small_feeds import column, feed

TEXT = b"place,note\nBow,x\nHam,y\n"
PLACES = feed(column("place", required=True), column("note"), name="places")


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine) -> None:
    prepare_warehouse(engine, [PLACES])


def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are at rest at once: for tests that are not about waiting."""
    monkeypatch.setattr(dropped_files, "QUIET_SECONDS", 0.0)


def test_a_symbolic_link_is_refused_and_what_it_points_to_is_neither_read_nor_touched(
    settings: Settings, engine: sa.Engine, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not for the hub")
    link = settings.drop / "places" / "a.csv"
    link.parent.mkdir(parents=True)
    link.symlink_to(secret)
    (receipt,) = collect_drop(settings, engine, PLACES)
    assert receipt.status is DeliveryStatus.REFUSED
    assert landed_bytes(settings, receipt) == str(secret).encode()
    assert ledger_rows(engine)[0].reason == "a symbolic link, not a file"
    assert secret.read_text() == "not for the hub"
    assert not link.is_symlink()


def test_a_pipe_in_the_drop_folder_is_refused_and_blocks_nobody(settings: Settings, engine: sa.Engine) -> None:
    (settings.drop / "places").mkdir(parents=True)
    os.mkfifo(settings.drop / "places" / "a.csv")
    (receipt,) = collect_drop(settings, engine, PLACES)
    assert (receipt.status, receipt.bytes) == (DeliveryStatus.REFUSED, 0)
    assert ledger_rows(engine)[0].reason == "not a regular file"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"a\nb.csv", "a?b.csv"),
        (b"a\x1b[31mb.csv", "a?[31mb.csv"),
        (b"..\\..\\a.csv", "..\\..\\a.csv"),
        (b"a\\b.csv", "a\\b.csv"),
        (b"a..csv", "a..csv"),
        (b"\xff\xfe.csv", "??.csv"),
        ("a\u202egnp.csv".encode(), "a?gnp.csv"),
    ],
)
def test_a_name_that_plays_tricks_is_refused_kept_and_shown_harmlessly(
    name: bytes, shown: str, settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _patient(monkeypatch)
    drop(settings, "places", name, TEXT)
    (receipt,) = collect_drop(settings, engine, PLACES)
    assert (receipt.status, receipt.file_name) == (DeliveryStatus.REFUSED, shown)
    assert landed_bytes(settings, receipt) == TEXT
    assert receipt.landed_name.startswith("places/")


def test_bytes_refused_for_their_name_are_validated_when_they_come_under_a_good_one(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _patient(monkeypatch)
    drop(settings, "places", b"a\\b.csv", TEXT)
    collect_drop(settings, engine, PLACES)
    result = take_in(settings, engine, PLACES, TEXT, "b.csv")
    assert (result.status, result.file_name, counts(result)) == (DeliveryStatus.LOADED, "b.csv", (2, 2, 0, 0))
    drop(settings, "places", b"a\\b.csv", TEXT)
    (again,) = collect_drop(settings, engine, PLACES)
    assert again.status is DeliveryStatus.LOADED


def test_long_and_foreign_names_are_taken(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _patient(monkeypatch)
    for name in ("x" * 251 + ".csv", "żółć 報告.csv", "a'; drop table x;--.csv", "%s {0}.csv"):
        drop(settings, "places", name, TEXT + name.encode() + b",1\n")
        (receipt,) = collect_drop(settings, engine, PLACES)
        assert (receipt.status, receipt.file_name) == (DeliveryStatus.RECEIVED, name)


def test_a_folder_of_no_feed_and_a_file_outside_all_folders_are_refused_and_kept(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    _patient(monkeypatch)
    drop(settings, "gossip", "a.csv", b"one")
    drop(settings, "Not A Feed", "b.csv", b"two")
    drop(settings, "..", "c.csv", b"three")
    drop(settings, "", "d.csv", b"four")
    (settings.home / "c.csv").rename(settings.drop / "c.csv")
    receipts = collect_unknown(settings, engine, catalogue)
    assert sorted((one.feed, one.file_name, landed_bytes(settings, one)) for one in receipts) == [
        ("_unknown", "b.csv", b"two"),
        ("_unknown", "c.csv", b"three"),
        ("_unknown", "d.csv", b"four"),
        ("gossip", "a.csv", b"one"),
    ]
    assert {row.status for row in ledger_rows(engine)} == {"refused"}
    assert sorted({row.reason for row in ledger_rows(engine)}) == [
        "no feed has this name",
        "the file was dropped outside the folder of a feed",
    ]
    assert collect_unknown(settings, engine, catalogue) == []


def test_files_of_a_feed_whose_contract_is_refused_wait_for_it(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    _patient(monkeypatch)
    path = drop(settings, "broken_feed", "a.csv", TEXT)
    refused = Catalogue(catalogue.contracts, {"broken_feed": "version must be given"})
    assert collect_unknown(settings, engine, refused) == []
    assert path.exists()


def test_a_file_that_repeats_a_refused_one_is_said_to_be_refused(settings: Settings, engine: sa.Engine) -> None:
    assert take_in(settings, engine, PLACES, b"palce,note\nBow,x\n", "first.csv").status is DeliveryStatus.REFUSED
    take_in(settings, engine, PLACES, b"palce,note\nBow,x\n", "again.csv")
    (repeat,) = [row for row in ledger_rows(engine) if row.file_name == "again.csv"]
    assert repeat.status == "refused" or "refused" in repeat.reason, "nothing of it is in the hub"
