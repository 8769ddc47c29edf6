"""What a store of files can do, wherever it keeps them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import FileIO, RawIOBase
from pathlib import Path
from typing import Protocol

THREE = (3,)
"""Parts of the name of a landed file: feed, day and hash."""
PARTS_IN_ARCHIVE = (5,)
"""Of the name of a file there: feed, delivery, day, sender and hash."""


class StoreProblem(Exception):
    """A store that cannot be used; the message says why."""


class StoreUnavailable(StoreProblem):
    """A store that did not answer, or failed; the same can succeed later."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in a store; ``changed_ns`` is another whenever what it holds is."""

    name: str
    changed_ns: int


class Store(Protocol):
    """Files under names of a few parts. All raise :class:`StoreProblem`."""

    @property
    def workplace(self) -> Path:
        """A folder of this machine for files that are being written."""

    def check(self) -> None:
        """Raises :class:`StoreProblem` where it cannot be used, as far as a look at it shows."""

    def files(self, folder: str = "") -> Iterator[StoredFile]:
        """All files below a folder, by name."""

    def holds(self, name: str) -> bool:
        """Whether there is such a file."""

    def open(self, name: str) -> RawIOBase:
        """A file to read from, seekable. Raises FileNotFoundError."""

    def read(self, name: str) -> bytes:
        """All of a file as it is at one moment. Raises FileNotFoundError."""

    def keep(self, name: str, unfinished: Path) -> None:
        """Move a file of the workplace into the store; it is there for good when this returns. Another under this name
        holds the same, and one of both stays."""

    def put(self, name: str, unfinished: Path) -> None:
        """Move a file of the workplace into the store, in the place of what is there under this name."""

    def changing(self, name: str) -> AbstractContextManager[FileIO]:
        """A file of which a part can be overwritten. After a kill it holds the old bytes or the new ones. Raises
        FileNotFoundError, also where it was removed meanwhile: it does not come back."""

    def remove(self, name: str) -> None:
        """Remove a file for good, where it is there."""

    def address(self, name: str) -> str:
        """Where a person finds a file."""
