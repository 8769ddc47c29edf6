"""A store in a folder of this machine, or of a file system that machines share."""

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hub.store.model import THREE, StoredFile

INCOMING = ".incoming"


@dataclass(frozen=True)
class FolderStore:
    """Files below a folder, under names of so many parts. It is a :class:`~hub.store.model.Store`."""

    folder: Path
    parts: Collection[int] = THREE

    @classmethod
    def at_address(cls, url: str, name: str, parts: Collection[int] = THREE) -> "FolderStore":
        """The store in the folder ``name`` below ``file:///folder``."""
        return cls(Path(unquote(urlsplit(url).path)) / name, parts)

    @property
    def workplace(self) -> Path:
        """Beside the files, so that one can be moved there at once."""
        return self.folder / INCOMING

    def check(self) -> None:
        """Nothing: who writes there makes the folder."""

    def files(self, folder: str = "") -> Iterator[StoredFile]:
        """All files below a folder, by name; those that are only being written are left out."""
        for path in sorted((self.folder / folder).rglob("*")):
            name = path.relative_to(self.folder)
            if len(name.parts) not in self.parts or any(part.startswith(".") for part in name.parts):
                continue
            with suppress(FileNotFoundError):  # an erasure removed it meanwhile
                status = path.stat()
                if stat.S_ISREG(status.st_mode):
                    yield StoredFile(name.as_posix(), status.st_mtime_ns)

    def holds(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self.folder / name).is_file()

    def open(self, name: str) -> FileIO:
        """A file to read from."""
        return (self.folder / name).open("rb", buffering=0)

    def read(self, name: str) -> bytes:
        """All of a file."""
        return (self.folder / name).read_bytes()

    def keep(self, name: str, unfinished: Path) -> None:
        """Rename the file, and wait until the disk has it and its name."""
        sync(unfinished)
        final = self.folder / name
        make_folder(final.parent)
        unfinished.rename(final)
        sync(final.parent)

    def put(self, name: str, unfinished: Path) -> None:
        """The same: a rename takes the place of what is there."""
        self.keep(name, unfinished)

    def changing(self, name: str) -> AbstractContextManager[FileIO]:
        """The file itself: who writes to it says when the disk has it."""
        return (self.folder / name).open("r+b", buffering=0)

    def remove(self, name: str) -> None:
        """Remove a file, where it is there."""
        (self.folder / name).unlink(missing_ok=True)

    def address(self, name: str) -> str:
        """Its path."""
        return str(self.folder / name)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that they are still there after a loss of power."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for made in missing:
        sync(made.parent)


def sync(path: Path) -> None:
    """Wait until the disk has a file, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
