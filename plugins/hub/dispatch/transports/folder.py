"""A folder outside of the hub's home from which the recipient takes its files.

``<id>.json`` appears whole, and once for each id: it is written under ``.staging``, marked there as whole, and only
then renamed. A process that is killed in between leaves either no mark, and the file is written again, or a mark: then
the file lies in staging or was renamed, and is not written again, even if the recipient has taken it away.
Marks stay for good, so a hub that was restored does not send again what it had sent since.

The recipient moves a file away, or puts ``<id>.received`` beside it; answers go into ``answers``.
"""

import errno
import hashlib
import os
import shutil
import stat
import uuid
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import BinaryIO

from hub.dispatch.package import SCHEMA
from hub.dispatch.transports import ForeignAnswers, Parcel, Receipt, TransientFault
from hub.ingest.landing_store import is_ready

STAGING, ANSWERS = ".staging", "answers"
FOR_THE_RECIPIENT = 0o640
"""The operator gives the folder to a group that the recipient's account is in."""
LONGEST_RECEIPT = 1024**2


class Folder:
    """The pick-up folder at ``folder``, which lies ``outside_of`` the hub's home. One that ``is_own`` is made by the
    hub, another has to be there with its ``.staging``: the empty mount point of a share is not the share.
    ``is_foreign`` says of a file with answers whether it answers for somebody else."""

    def __init__(
        self, folder: Path, *, is_own: bool, outside_of: Path, is_foreign: Callable[[Path], bool] = lambda _: False
    ) -> None:
        self.folder, self.is_own, self.home, self.is_foreign = folder, is_own, outside_of, is_foreign
        self.staging = folder / STAGING

    def send(self, parcel: Parcel) -> Receipt:
        """Let the document lie in the folder, once."""
        name = f"{parcel.name}.json"
        whole, part = self.staging / f"{parcel.name}.whole", self.staging / name
        try:
            self._make()
            if not whole.exists():
                _write(part, parcel.text.encode())
                _write(whole, b"")
            if part.exists():
                part.rename(self.folder / name)
                _sync(self.folder)
        except OSError as error:
            raise TransientFault(f"the pick-up folder: {error.strerror}") from None
        return Receipt(f"{name} lies in the pick-up folder, SHA-256 {_sha256(parcel.text.encode())}", False)

    def deliveries(self, sent: Collection[uuid.UUID], /) -> Mapping[uuid.UUID, str]:
        """What the recipient has moved away or put a receipt beside."""
        if not self.staging.is_dir():
            return {}
        found: dict[uuid.UUID, str] = {}
        for one in sent:
            receipt = self.folder / f"{one}.received"
            if (said := _start_of(receipt)) is not None:
                whole = "" if len(said) < LONGEST_RECEIPT else f" of its first {LONGEST_RECEIPT} bytes"
                found[one] = f"{receipt.name}, SHA-256{whole} {_sha256(said)}"
            elif (self.staging / f"{one}.whole").exists() and not (self.folder / f"{one}.json").exists():
                found[one] = f"{one}.json was taken from the pick-up folder"
        return found

    def collect_answers(self, drop: Path, /) -> int:
        """Each file goes into the drop folder whole, under its own name; one that waits there is not replaced. Raises
        :class:`~hub.dispatch.transports.ForeignAnswers`."""
        answers, count, count_foreign = self.folder / ANSWERS, 0, 0
        if answers.is_symlink() or not answers.is_dir():
            return 0
        for path in sorted(answers.iterdir()):
            target = drop / path.name
            if not path.is_symlink() and is_ready(path) and not target.exists():
                drop.mkdir(parents=True, exist_ok=True)
                part = drop / f".{path.name}"
                with _open_file(path) as source, part.open("wb") as copy:
                    shutil.copyfileobj(source, copy)
                if self.is_foreign(part):
                    part.unlink()
                    count_foreign += 1
                    continue
                part.rename(target)
                path.unlink()
                count += 1
        if count_foreign:
            raise ForeignAnswers(count)
        return count

    def _make(self) -> None:
        if self.folder.resolve().is_relative_to(self.home.resolve()):
            raise TransientFault("the pick-up folder lies in the hub's home, which no recipient may enter")
        if not self.is_own and not self.folder.is_dir():
            raise TransientFault(f"the pick-up folder {self.folder.name} is not there")
        if not self.is_own and not self.staging.is_dir():
            raise TransientFault(f"the pick-up folder {self.folder.name} has no {STAGING}: not mounted, or new")
        for folder in (self.staging, self.folder / ANSWERS):
            folder.mkdir(parents=True, exist_ok=True)
        schema = self.folder / SCHEMA.name
        if not schema.exists():
            _write(self.staging / SCHEMA.name, SCHEMA.read_bytes())
            (self.staging / SCHEMA.name).rename(schema)


def _write(path: Path, content: bytes) -> None:
    """On the disk when this returns, the name too."""
    with path.open("wb") as file:
        os.fchmod(file.fileno(), FOR_THE_RECIPIENT)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _open_file(path: Path) -> BinaryIO:
    """Open a plain file of the recipient's. Raises OSError where it is a link, which could lead into the hub."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "no plain file", path.name)
    return os.fdopen(handle, "rb")


def _start_of(path: Path) -> bytes | None:
    """The first bytes of a receipt; None where there is no plain file."""
    try:
        with _open_file(path) as file:
            return file.read(LONGEST_RECEIPT)
    except OSError:
        return None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
