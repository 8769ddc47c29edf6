"""Where backups are: the folders below ``HUB_BACKUP``, and that of the keys."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hub.settings import Settings
from hub.store.folder import sync
from hub.vault.full_disk import writing_to

INSTANT = "%Y%m%dT%H%M%S.%fZ"
OWN_BACKUPS = "the warehouse is HUB_WAREHOUSE_URL: that server's own backups apply"


class BackupProblem(RuntimeError):
    """A backup cannot be made or used; the message says why and what to do."""


@dataclass(frozen=True)
class Places:
    """The folders of one hub's backups, and the folder of its keys."""

    folder: Path
    keys: Path

    @property
    def base(self) -> Path:
        """Base backups of the database server, one file each."""
        return self.folder / "base"

    @property
    def wal(self) -> Path:
        """Segments of the write-ahead log, and the one that is being written."""
        return self.folder / "wal"

    @property
    def landing(self) -> Path:
        """Landed files, under the same names as at home."""
        return self.folder / "landing"

    @property
    def archive(self) -> Path:
        """Files of the archive, under the same names as at home."""
        return self.folder / "archive"

    @property
    def erasures(self) -> Path:
        """The journal of erasures."""
        return self.folder / "erasures"

    @property
    def certificates(self) -> Path:
        """The certificates of erasures."""
        return self.folder / "certificates"

    @property
    def publishes(self) -> Path:
        """Checksums of published tables, one file a publish."""
        return self.folder / "publishes"

    @property
    def drills(self) -> Path:
        """What the drills found, one file each."""
        return self.folder / "drills"

    @property
    def left(self) -> Path:
        """Base backups of a time that a restore has gone back behind."""
        return self.folder / "left"

    @property
    def system(self) -> Path:
        """The identifier of the database whose backups these are."""
        return self.folder / "system"

    @property
    def kept(self) -> Path:
        """Touched whenever everything up to now is kept."""
        return self.folder / "kept"

    @property
    def last_publish(self) -> Path:
        """The number of the last publish."""
        return self.folder / "last-publish"

    @property
    def audit_head(self) -> Path:
        """A copy of what the audit log's last entry is."""
        return self.folder / "audit-head.json"


def backup_places(settings: Settings) -> Places:
    """The folders that the settings name. Raises :class:`BackupProblem` where there is nothing to back up to, or the
    keys would lie beside what they decrypt."""
    if settings.backup is None or settings.backup_keys is None:
        raise BackupProblem("set HUB_BACKUP to the folder for backups and HUB_BACKUP_KEYS to another for their keys")
    named = {"HUB_HOME": settings.home, "HUB_BACKUP": settings.backup, "HUB_BACKUP_KEYS": settings.backup_keys}
    for name, path in named.items():
        for other, beside in named.items():
            if name != other and path.resolve().is_relative_to(beside.resolve()):
                raise BackupProblem(f"{name} is inside {other}; the three folders must be apart")
    return Places(settings.backup, settings.backup_keys)


def places_of_own_server(settings: Settings) -> Places:
    """The folders, where the database is the hub's own server. Raises :class:`BackupProblem`."""
    if settings.warehouse_url:
        raise BackupProblem(OWN_BACKUPS)
    return backup_places(settings)


def as_name(instant: datetime) -> str:
    """An instant as the beginning of a file's name; names sort as instants do."""
    return instant.astimezone(UTC).strftime(INSTANT)


def as_instant(name: str) -> datetime:
    """The instant that a name says."""
    return datetime.strptime(name, INSTANT).replace(tzinfo=UTC)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path to write to; the file is on disk and at ``path`` when the block ends well. Raises
    :class:`~hub.vault.full_disk.DiskFull`."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    with writing_to(path.parent), _removed(unfinished):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished.touch(mode=0o600)
        yield unfinished
        sync(unfinished)
        unfinished.replace(path)
        sync(path.parent)


@contextmanager
def _removed(unfinished: Path) -> Iterator[None]:
    try:
        yield
    finally:
        unfinished.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a small file, whole or not at all."""
    with written_whole(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
