"""The copies of the landing store and the archive: the same encrypted files under the same names."""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hub.backup.packed import BLOCK_BYTES
from hub.backup.places import written_whole
from hub.settings import Settings
from hub.store import Store, StoredFile, archive_files, landing_files
from hub.store.folder import FolderStore
from hub.store.model import PARTS_IN_ARCHIVE
from hub.store.workplace import unfinished_file


def copy_new(settings: Settings, copies: Path) -> int:
    """Copy files that landed, or whose key was wrapped again, since the last time; none goes. Returns how many."""
    return _copy_new(landing_files(settings), copies)


def copy_new_archive(settings: Settings, copies: Path) -> int:
    """The same for files of the archive. A copy of one whose delivery was withdrawn stays: an older base backup lists
    it."""
    return _copy_new(archive_files(settings), copies)


def put_back_archive(settings: Settings, copies: Path) -> int:
    """Copy into the archive what it has not got. Returns how many files."""
    store = archive_files(settings)
    names = [file.name for file in FolderStore(copies, PARTS_IN_ARCHIVE).files() if not store.holds(file.name)]
    for name in names:
        _put_back(store, copies, name)
    return len(names)


def _copy_new(store: Store, copies: Path) -> int:
    count = 0
    with _alone(copies):
        for file in store.files():
            copy = copies / file.name
            if copy.exists() and copy.stat().st_mtime_ns == file.changed_ns:
                continue
            with suppress(FileNotFoundError):  # an erasure put other bytes in its place meanwhile
                with written_whole(copy) as unfinished:
                    _copy(store, file, unfinished)
                count += 1
    return count


def forget(copies: Path, names: Iterable[str]) -> None:
    """Remove the copies of files that are gone at home for good."""
    with _alone(copies):
        for name in names:
            (copies / name).unlink(missing_ok=True)


def forget_unknown(settings: Settings, copies: Path, known: set[str]) -> int:
    """Remove copies that are neither at home nor known to the ledger: delivered bytes that were not to be kept. What
    the ledger knows stays, also where it has gone missing at home. Returns how many."""
    at_home = {file.name for file in landing_files(settings).files()}
    names = [name for name in names_of(copies) if name not in known and name not in at_home]
    forget(copies, names)
    return len(names)


def names_of(copies: Path) -> Iterator[str]:
    """The names of all copies: feed, day and hash."""
    return (file.name for file in FolderStore(copies).files())


def put_back(settings: Settings, copies: Path, without: set[str]) -> int:
    """Copy everything into the landing store but these names, which go there, too. Returns how many files."""
    store = landing_files(settings)
    names = [name for name in names_of(copies) if name not in without]
    for name in names:
        _put_back(store, copies, name)
    for name in without:
        store.remove(name)
    return len(names)


def _put_back(store: Store, copies: Path, name: str) -> None:
    with unfinished_file(store.workplace) as (path, file):
        with (copies / name).open("rb") as copy:
            shutil.copyfileobj(copy, file, BLOCK_BYTES)
        file.flush()
        shutil.copystat(copies / name, path)
        store.keep(name, path)


def _copy(store: Store, file: StoredFile, path: Path) -> None:
    with store.open(file.name) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, BLOCK_BYTES)
    os.utime(path, ns=(file.changed_ns, file.changed_ns))


@contextmanager
def _alone(copies: Path) -> Iterator[None]:
    """One at a time: what is forgotten must not be copied again by somebody who still saw it."""
    copies.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (copies / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
