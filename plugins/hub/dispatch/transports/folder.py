"""The pick-up folder on a disk of this machine, or on a share that is mounted there."""

import errno
import os
import shutil
import stat
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from hub.dispatch.transports import TransientFault
from hub.dispatch.transports.pickup import ANSWERS, LONGEST_RECEIPT, STAGING
from hub.ingest.dropped_files import is_ready
from hub.store.folder import sync

FOR_THE_RECIPIENT = 0o640
"""The operator gives the folder to a group that the recipient's account is in."""


class Folder:
    """The files at ``folder``, which lies ``outside_of`` the hub's home. One that ``is_own`` is made by the hub,
    another has to be there with its ``.staging``: the empty mount point of a share is not the share."""

    place = "the pick-up folder"

    def __init__(self, folder: Path, *, is_own: bool, outside_of: Path) -> None:
        self.folder, self.is_own, self.home = folder, is_own, outside_of

    def prepare(self) -> None:
        """Make the folders that are the hub's to make."""
        staging = self.folder / STAGING
        if self.folder.resolve().is_relative_to(self.home.resolve()):
            raise TransientFault("the pick-up folder lies in the hub's home, which no recipient may enter")
        if not self.is_own and not self.folder.is_dir():
            raise TransientFault(f"the pick-up folder {self.folder.name} is not there")
        if not self.is_own and not staging.is_dir():
            raise TransientFault(f"the pick-up folder {self.folder.name} has no {STAGING}: not mounted, or new")
        for folder in (staging, self.folder / ANSWERS):
            folder.mkdir(parents=True, exist_ok=True)

    def put(self, path: str, content: bytes) -> None:
        """Write a file, for the recipient's group to read."""
        target = self.folder / path
        with target.open("wb") as file:
            os.fchmod(file.fileno(), FOR_THE_RECIPIENT)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        sync(target.parent)

    def rename(self, path: str, to: str) -> None:
        """The name is on the disk when this returns."""
        (self.folder / path).rename(self.folder / to)
        sync((self.folder / to).parent)

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return (self.folder / path).exists()

    def names(self) -> Collection[str]:
        """Names in the folder itself."""
        return {path.name for path in self.folder.iterdir()} if self.folder.is_dir() else set()

    def start_of(self, path: str) -> bytes | None:
        """The first bytes of a file that is neither link nor pipe."""
        try:
            with _open_file(self.folder / path) as file:
                return file.read(LONGEST_RECEIPT)
        except OSError:
            return None

    def whole_answers(self) -> Collection[str]:
        """Those that ingest would take; a pipe has no end that could be waited for."""
        answers = self.folder / ANSWERS
        if answers.is_symlink() or not answers.is_dir():
            return []
        plain = (path for path in answers.iterdir() if not path.is_symlink() and path.is_file())
        return [path.name for path in plain if is_ready(path)]

    def fetch_answers(self, name: str, to: Path) -> bool:
        """Copy a finished answer, to which nobody writes any more."""
        with _open_file(self.folder / ANSWERS / name) as source, to.open("wb") as copy:
            shutil.copyfileobj(source, copy)
        return True

    def remove(self, path: str) -> None:
        """Remove a file; the name is gone from the disk when this returns."""
        (self.folder / path).unlink(missing_ok=True)
        sync((self.folder / path).parent)

    def close(self) -> None:
        """Nothing is open."""


def _open_file(path: Path) -> BinaryIO:
    """Open a plain file of the recipient's. Raises OSError where it is a link, which could lead into the hub."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "no plain file", path.name)
    return os.fdopen(handle, "rb")
