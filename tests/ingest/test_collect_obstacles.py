"""What lies in a drop folder and cannot be taken is named, and what lies beside it is taken."""

import dataclasses
import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.ingest import dropped_files
from hub.ingest.collect import CLAIMS, collect_drop, collect_unknown
from hub.ingest.prepare import prepare_warehouse
from hub.orchestration.drop_trigger import ready_files
from hub.orchestration.steps import is_on_its_way
from hub.settings import Settings
from hub.store.folder import FolderStore
from ingest.deliveries import drop, ledger_rows
from ingest.small_feeds import column, feed
from permissions import permissions_hold

PLACES = feed(column("place", required=True), column("note"), name="places", has_control_file=True)


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine) -> None:
    prepare_warehouse(engine, [PLACES])


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are at rest at once: no test here is about waiting."""
    monkeypatch.setattr(dropped_files, "QUIET_SECONDS", 0.0)


def text(name: str) -> bytes:
    return f"place,note\nBow,{name}\n".encode()


def taken(engine: sa.Engine) -> list[tuple[str, str]]:
    return [(row.file_name, row.status) for row in ledger_rows(engine)]


def test_a_file_that_may_not_be_read_is_named_and_waits_while_those_after_it_are_taken(
    settings: Settings, engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        drop(settings, "places", name, text(name))
    closed = settings.drop / "places" / "b.csv"
    closed.chmod(0)
    with permissions_hold():
        assert [state[0] for state in ready_files(settings.drop / "places")] == ["a.csv", "b.csv", "c.csv"]
        assert is_on_its_way(settings, engine, [PLACES])
        collect_drop(settings, engine, PLACES)
    assert sorted(taken(engine)) == [("a.csv", "received"), ("c.csv", "received")]
    (named,) = [record.getMessage() for record in caplog.records if record.name == "hub.ingest.collect"]
    assert named.endswith("/b.csv cannot be taken: Permission denied")
    (waiting,) = [path for path in (settings.drop / "places").rglob("*") if path.is_file()]
    waiting.chmod(0o600)
    with permissions_hold():
        collect_drop(settings, engine, PLACES)
    assert ("b.csv", "received") in taken(engine)


def test_files_that_may_not_be_moved_are_named_and_stay(
    settings: Settings, engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    drop(settings, "places", "a.csv", text("a"))
    folder = settings.drop / "places"
    folder.chmod(0o500)
    with permissions_hold():
        assert collect_drop(settings, engine, PLACES) == []
    folder.chmod(0o700)
    (folder / CLAIMS).write_text("not a folder")
    assert collect_drop(settings, engine, PLACES) == []
    reasons = [record.getMessage().rsplit(": ")[-1] for record in caplog.records if record.name == "hub.ingest.collect"]
    assert reasons == ["Permission denied", "Not a directory"]
    (folder / CLAIMS).unlink()
    assert len(collect_drop(settings, engine, PLACES)) == 1


def test_a_file_that_is_too_large_is_not_copied_and_waits_while_those_after_it_are_taken(
    settings: Settings, engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    settings = dataclasses.replace(settings, max_file_bytes=3 * 1024 * 1024)
    for name in ("a.csv", "b.csv", "c.csv"):
        drop(settings, "places", name, text(name))
    os.truncate(settings.drop / "places" / "b.csv", 5 * 1024**3)
    collect_drop(settings, engine, PLACES)
    assert sorted(taken(engine)) == [("a.csv", "received"), ("c.csv", "received")]
    (named,) = [record.getMessage() for record in caplog.records if record.name == "hub.ingest.collect"]
    assert named.endswith("/b.csv cannot be taken: it is larger than 3145728 bytes")
    (waiting,) = [path for path in (settings.drop / "places").rglob("*") if path.is_file()]
    assert waiting.stat().st_size == 5 * 1024**3
    assert not list(settings.landing.glob(".incoming/*"))


def test_a_store_that_misses_something_takes_no_dropped_file_for_gone(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(settings, "places", "a.csv", text("a"))
    with monkeypatch.context() as patched:
        patched.setattr(FolderStore, "keep", lambda *_: Path("/nowhere/at/all").stat())
        with pytest.raises(FileNotFoundError):
            collect_drop(settings, engine, PLACES)
    assert taken(engine) == []
    collect_drop(settings, engine, PLACES)
    assert taken(engine) == [("a.csv", "received")]


def test_folders_links_and_pipes_block_nobody(settings: Settings, engine: sa.Engine) -> None:
    folder = settings.drop / "places"
    drop(settings, "places/a.csv", "within.csv", text("within"))
    (folder / "b.csv").symlink_to("nowhere.csv")
    os.mkfifo(folder / "c.csv")
    drop(settings, "places", "d.csv", text("d"))
    # Where a folder came in the place of a claimed file.
    (folder / CLAIMS / "0a1b" / "e.csv").mkdir(parents=True)
    drop(settings, "places", "f.csv", text("f"))
    for _ in range(2):
        collect_drop(settings, engine, PLACES)
        assert dict(taken(engine)) == {
            "b.csv": "refused",
            "c.csv": "duplicate",  # as empty as e.csv
            "d.csv": "received",
            "e.csv": "refused",
            "f.csv": "received",
        }
    assert (folder / "a.csv" / "within.csv").exists()


@pytest.mark.parametrize("kind", ["folder", "pipe", "nested", "long"])
def test_a_control_file_that_is_none_says_nothing_and_blocks_nobody(
    kind: str, settings: Settings, engine: sa.Engine
) -> None:
    drop(settings, "places", "a.csv", text("a"))
    control = settings.drop / "places" / "a.csv.control.json"
    match kind:
        case "folder":
            control.mkdir()
        case "pipe":
            os.mkfifo(control)
        case "nested":
            control.write_bytes(b"[" * 60_000)
        case _:
            control.write_bytes(b'{"rows": 1' + b" " * 100_000 + b"}")
    collect_drop(settings, engine, PLACES)
    assert [(row.file_name, row.stated_rows) for row in ledger_rows(engine)] == [("a.csv", None)]
    assert collect_drop(settings, engine, PLACES) == []


def test_a_folder_of_no_feed_that_may_not_be_read_keeps_nobody_from_the_others(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    drop(settings, "closed", "a.csv", b"one")
    drop(settings, "gossip", "b.csv", b"two")
    (settings.drop / "closed").chmod(0)
    with permissions_hold():
        collect_unknown(settings, engine, catalogue)
    assert taken(engine) == [("b.csv", "refused")]
    assert "the drop folder closed cannot be read: Permission denied" in caplog.messages
