"""The copy of the landing store: the same encrypted files under the same names."""

import fcntl
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.backup.places import written_whole
from hub.settings import Settings

INCOMING = ".incoming"


def copy_new(settings: Settings, copies: Path) -> int:
    """Copy files that landed, or whose key was wrapped again, since the last time; none goes. Returns how many."""
    count = 0
    with _alone(copies):
        for path in _files(settings.landing):
            copy = copies / path.relative_to(settings.landing)
            try:
                if not copy.exists() or copy.stat().st_mtime_ns != path.stat().st_mtime_ns:
                    with written_whole(copy) as unfinished:
                        shutil.copy2(path, unfinished)
                    count += 1
            except FileNotFoundError:  # an erasure put other bytes in its place meanwhile
                continue
    return count


def forget(copies: Path, names: Iterable[str]) -> None:
    """Remove the copies of files that are gone at home for good."""
    with _alone(copies):
        for name in names:
            (copies / name).unlink(missing_ok=True)


def forget_unknown(settings: Settings, copies: Path, known: set[str]) -> int:
    """Remove copies that are neither at home nor known to the ledger: delivered bytes that were not to be kept. What
    the ledger knows stays, also where it has gone missing at home. Returns how many."""
    names = [name for name in names_of(copies) if name not in known and not (settings.landing / name).exists()]
    forget(copies, names)
    return len(names)


def names_of(copies: Path) -> Iterator[str]:
    """The names of all copies: feed, day and hash."""
    return (str(path.relative_to(copies)) for path in _files(copies))


def put_back(copies: Path, landing: Path, without: set[str]) -> int:
    """Copy everything into a landing store but these names. Returns how many files."""
    names = [name for name in names_of(copies) if name not in without]
    for name in names:
        (landing / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy2(copies / name, landing / name)
    return len(names)


def _files(folder: Path) -> Iterator[Path]:
    return (
        path
        for path in sorted(folder.glob("*/*/*"))
        if path.parent.name != INCOMING and not path.name.startswith(".") and path.is_file()
    )


@contextmanager
def _alone(copies: Path) -> Iterator[None]:
    """One at a time: what is forgotten must not be copied again by somebody who still saw it."""
    copies.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (copies / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
