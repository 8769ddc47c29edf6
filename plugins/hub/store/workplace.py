"""Where files are written before a store has them. Who is killed leaves a part of one there, which nobody finishes."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

LOCK = ".lock"


@contextmanager
def working(folder: Path) -> Iterator[None]:
    """Write in a workplace, which is made where it is missing; nothing in it is cleared away meanwhile."""
    with _lock(folder) as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def clear(folder: Path) -> None:
    """Remove what was left by those who were killed, once all who write there have ended."""
    with _lock(folder) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _remove_all(folder)


def clear_unless_used(folder: Path) -> None:
    """The same, where nobody writes there now."""
    with _lock(folder) as lock, suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove_all(folder)


def _lock(folder: Path) -> IO[str]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return (folder / LOCK).open("a")


def _remove_all(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name == LOCK:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
