"""A file that changes while it is read is taken as it was or not yet, and what comes in its place is taken, too."""

import contextlib
import errno
import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
import sqlalchemy as sa

from hub.deliveries import DeliveryStatus
from hub.ingest import dropped_files, landing_store
from hub.ingest.collect import CLAIMS, collect_drop, collect_files
from hub.ingest.dropped_files import CannotTake
from hub.ingest.ingest import awaiting, ingest_delivery
from hub.ingest.landing_store import land
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.vault.encrypted_file import EncryptedWriter
from ingest.deliveries import drop, landed_bytes, raw_rows
from ingest.small_feeds import column, feed

NOBODY = 65_534
PLACES = feed(column("place", required=True), column("note"), name="places")


def text(note: str, rows: int = 60_000) -> bytes:
    """More than is read at once, and as many bytes whatever the note."""
    return b"place,note\n" + b"".join(f"place {number:06},{note:>10}\n".encode() for number in range(rows))


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_warehouse(engine, [PLACES])
    monkeypatch.setattr(dropped_files, "QUIET_SECONDS", 0.0)


@pytest.fixture
def while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Lets something happen once, when the first part of a file has been read."""
    waiting: list[Callable[[], object]] = []

    class Disturbed(EncryptedWriter):
        def write(self, data: bytes) -> None:
            super().write(data)
            if waiting:
                waiting.pop()()

    monkeypatch.setattr(landing_store, "EncryptedWriter", Disturbed)
    return waiting.append


def rewrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(text("new"))


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"Bow,added\n")


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(40)


@pytest.mark.parametrize("change", [rewrite, append, truncate])
def test_a_file_that_is_changed_in_place_is_taken_when_it_is_at_rest(
    settings: Settings,
    engine: sa.Engine,
    while_it_is_read: Callable[[Callable[[], object]], None],
    caplog: pytest.LogCaptureFixture,
    change: Callable[[Path], None],
) -> None:
    drop(settings, "places", "a.csv", text("old"))
    folder = settings.drop / "places"
    while_it_is_read(lambda: change(next((folder / CLAIMS).glob("*/a.csv"))))
    assert collect_drop(settings, engine, PLACES) == []
    assert caplog.messages[-1].endswith("a.csv cannot be taken yet: it is being written to")
    now = next((folder / CLAIMS).glob("*/a.csv")).read_bytes()
    assert [path.name for path in settings.landing.rglob("*") if path.is_file()] == []
    (receipt,) = collect_drop(settings, engine, PLACES)
    assert landed_bytes(settings, receipt) == now
    assert receipt.sha256 == hashlib.sha256(now).hexdigest()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_file_that_is_replaced_while_it_is_read_is_whole_and_so_is_the_next(
    settings: Settings, engine: sa.Engine, while_it_is_read: Callable[[Callable[[], object]], None]
) -> None:
    drop(settings, "places", "a.csv", text("old"))
    while_it_is_read(lambda: drop(settings, "places", "a.csv", text("new")))
    first, *_ = collect_drop(settings, engine, PLACES)
    second, *_ = collect_drop(settings, engine, PLACES)
    assert [landed_bytes(settings, one) for one in (first, second)] == [text("old"), text("new")]
    results = [ingest_delivery(settings, engine, PLACES, one) for one in awaiting(engine, "places")]
    assert [one.status for one in results] == [DeliveryStatus.LOADED] * 2
    notes = [str(row["note"]).strip() for row in raw_rows(engine, PLACES)]
    assert (notes.count("old"), notes.count("new")) == (60_000, 60_000)


def test_a_file_of_any_folder_that_is_replaced_while_it_is_read_is_kept_as_it_was(
    settings: Settings, engine: sa.Engine, while_it_is_read: Callable[[Callable[[], object]], None]
) -> None:
    path, other = settings.home / "a.csv", settings.home / "b.csv"
    path.write_bytes(text("old"))
    other.write_bytes(text("newer", rows=70_000))
    while_it_is_read(lambda: other.replace(path))
    (first,) = collect_files(settings, engine, PLACES, [path])
    (second,) = collect_files(settings, engine, PLACES, [path])
    assert landed_bytes(settings, first) == text("old")
    assert landed_bytes(settings, second) == text("newer", rows=70_000)
    assert first.delivery_id != second.delivery_id


def test_a_file_that_somebody_has_open_for_writing_is_not_taken(settings: Settings) -> None:
    path = settings.home / "a.csv"
    path.write_bytes(text("old"))
    with path.open("ab"), pytest.raises(CannotTake, match="being written to"):
        land(settings, "places", path)
    assert land(settings, "places", path).size == len(text("old"))


@contextlib.contextmanager
def of_another_account(monkeypatch: pytest.MonkeyPatch, path: Path) -> Iterator[None]:
    """The kernel says nothing about who has the file open. Root sees that by being somebody else for a moment."""
    if os.geteuid() != 0:
        ask = fcntl.fcntl

        def refuse(file: BinaryIO, command: int, argument: int) -> int:
            if command == fcntl.F_SETLEASE:
                raise PermissionError(errno.EACCES, "Permission denied")
            return ask(file, command, argument)

        monkeypatch.setattr(fcntl, "fcntl", refuse)
        yield
        return
    path.parent.chmod(0o755)
    path.chmod(0o644)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_of_another_account_is_ready_only_after_a_longer_quiet_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:  # others cannot reach into tmp_path
        path = Path(folder) / "a.csv"
        path.write_bytes(text("old"))
        assert dropped_files.is_ready(path)
        with of_another_account(monkeypatch, path):
            assert not dropped_files.is_ready(path)
            monkeypatch.setattr(dropped_files, "FOREIGN_QUIET_SECONDS", 0.0)
            assert dropped_files.is_ready(path)


LOOK = """
import os, sys
from pathlib import Path
from hub.ingest import dropped_files, landing_store

dropped_files.QUIET_SECONDS = 0.0
path, me = Path(sys.argv[1]), os.getpid()
os.utime(path, (0, 0))
if os.fork() == 0:
    while os.getppid() == me:
        os.close(os.open(path, os.O_WRONLY))
    os._exit(0)
for _ in range(20_000):
    dropped_files.is_ready(path)
print("looked")
"""


def test_a_sender_who_opens_a_file_while_it_is_looked_at_ends_nobody(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x")
    done = subprocess.run([sys.executable, "-c", LOOK, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "looked\n"), done.stderr
