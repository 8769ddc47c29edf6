"""Where files are written before a store has them. Who is killed leaves a part of one there, which nobody finishes."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from hub.store.model import Store


@contextmanager
def unfinished_file(folder: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """A new file in a workplace, open to be written. At the end it is closed, and removed unless it was moved; until
    then nobody clears it away."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path, file = _locked(folder)
    try:
        yield path, file
    finally:
        file.close()
        path.unlink(missing_ok=True)


def put_bytes(store: Store, name: str, data: bytes) -> None:
    """Put these bytes into a store, in the place of what is there under this name."""
    with unfinished_file(store.workplace) as (path, file):
        file.write(data)
        file.flush()
        store.put(name, path)


def clear(folder: Path) -> None:
    """Remove what was left by those who were killed; those who write are waited for."""
    for path in _files(folder):
        _remove(path, fcntl.LOCK_EX)


def clear_unless_used(folder: Path) -> None:
    """The same, but for what somebody is writing."""
    for path in _files(folder):
        with suppress(BlockingIOError):
            _remove(path, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _locked(folder: Path) -> tuple[Path, BinaryIO]:
    while True:
        path = folder / secrets.token_hex(16)
        file = path.open("x+b")
        fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists():
            return path, file
        file.close()  # it was cleared away before it was locked


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []


def _remove(path: Path, how: int) -> None:
    with suppress(FileNotFoundError), path.open("r+b") as file:
        fcntl.flock(file, how)
        path.unlink(missing_ok=True)
