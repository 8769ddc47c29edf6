"""Base backups: the whole database server as it was at one moment, in one file. With the write-ahead log from its
beginning on, any later moment can be restored from it."""

import json
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

import sqlalchemy as sa

from hub.backup.packed import Unpacked, blocks_of, pack
from hub.backup.places import BackupProblem, Places, as_instant, as_name
from hub.backup.wal import PARTIAL
from hub.settings import Settings
from hub.warehouse import embedded_postgres

SUFFIX = ".tar"
MANIFEST = "backup_manifest"
LEAST_KEPT = 2
"""Base backups that stay however old they are."""
FIRST_OF_NAME, NAME_OF_SEGMENT = 8, 24
"""A segment's name begins with its timeline, which says nothing about its age."""


@dataclass(frozen=True, order=True)
class Base:
    """A base backup: when it was complete, and the first segment of the log that it needs."""

    taken_at: datetime
    first_segment: str
    path: Path


def take(settings: Settings, places: Places, administrator: sa.Engine) -> Base:
    """Take a base backup of the running server, and return when the log that it needs is kept, too."""
    first = _check_archiving(places, administrator)
    unfinished = places.base / f".{first}{SUFFIX}"
    server = embedded_postgres.embedded_postgres(settings)
    arguments = ("--pgdata=-", "--format=tar", "--wal-method=none", "--checkpoint=fast", "--no-password")
    with embedded_postgres.output_of(server, "pg_basebackup", *arguments) as output:
        pack(settings, unfinished, blocks_of(output))
    taken_at = datetime.now(UTC)
    path = places.base / f"{as_name(taken_at)}_{first}{SUFFIX}"
    unfinished.rename(path)
    return Base(taken_at, first, path)


def bases(places: Places) -> list[Base]:
    """All base backups, the oldest first."""
    return sorted(_as_base(path) for path in places.base.glob(f"[0-9]*{SUFFIX}"))


def newest_before(places: Places, instant: datetime | None) -> Base:
    """The base backup from which this instant is reached soonest; None: the end of the log. Raises
    :class:`BackupProblem` where there is none."""
    fitting = [one for one in bases(places) if instant is None or one.taken_at <= instant]
    if not fitting:
        before = f" that was complete by {instant:%Y-%m-%d %H:%M:%S} UTC" if instant else ""
        raise BackupProblem(f"{places.base} has no base backup{before}")
    return fitting[-1]


def unpack_base(settings: Settings, base: Base, folder: Path) -> None:
    """Write a base backup's files into an empty folder. Each chunk of it is authenticated; that none is missing is
    checked against the backup's own list. Raises :class:`BackupProblem`."""
    folder.mkdir(parents=True, mode=0o700)
    with tarfile.open(fileobj=cast("BinaryIO", Unpacked(settings, base.path)), mode="r|") as archive:
        archive.extractall(folder, filter=_for_the_owner)  # noqa: S202 - its filter checks
    _check_files(folder)


def forget_old(places: Places, keep_days: int, now: datetime) -> list[Base]:
    """Remove base backups that are older than so many days, all but the last two, and the log that only they need.
    Returns those that went."""
    every = bases(places)
    limit = now - timedelta(days=keep_days)
    old = [one for one in every[:-LEAST_KEPT] if one.taken_at < limit]
    for one in old:
        one.path.unlink()
    for path in places.left.glob(f"*{SUFFIX}"):
        if _as_base(path).taken_at < limit:
            path.unlink()
    kept = every[len(old) :]
    if kept:
        needed = min(one.first_segment[FIRST_OF_NAME:] for one in kept)
        for path in places.wal.iterdir() if places.wal.is_dir() else []:
            name = path.name.removesuffix(PARTIAL)
            if len(name) == NAME_OF_SEGMENT and name[FIRST_OF_NAME:] < needed:
                path.unlink()
    return old


def set_aside_later_bases(places: Places, instant: datetime) -> None:
    """Set those base backups aside that are of a later time than the hub was restored to: its log has gone another way
    since."""
    for one in bases(places):
        if one.taken_at > instant:
            places.left.mkdir(exist_ok=True, mode=0o700)
            one.path.rename(places.left / one.path.name)


def _as_base(path: Path) -> Base:
    taken_at, _, first = path.name.removesuffix(SUFFIX).partition("_")
    return Base(as_instant(taken_at), first, path)


ARCHIVING = """
    select current_setting('archive_mode') as mode, pg_walfile_name(pg_current_wal_lsn()) as segment,
           (select cast(system_identifier as text) from pg_control_system()) as system,
           coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) as is_failing
    from pg_stat_archiver
"""


def _check_archiving(places: Places, administrator: sa.Engine) -> str:
    """The segment that is being written. Raises :class:`BackupProblem` where the server does not hand its log on: the
    backup would wait for that without an end."""
    with administrator.connect() as connection:
        row = connection.execute(sa.text(ARCHIVING)).one()
    if row.mode != "on":
        raise BackupProblem("the hub was started before HUB_BACKUP was set; stop it and start it again")
    if row.is_failing:
        raise BackupProblem("PostgreSQL cannot hand on its log; the end of postgres/postgres.log says why")
    if places.system.exists() and places.system.read_text(encoding="utf-8") != row.system:
        raise BackupProblem(f"{places.folder} has the backups of another hub; set HUB_BACKUP to a folder of its own")
    return str(row.segment)


def _check_files(folder: Path) -> None:
    listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["Files"]
    for one in listed:
        path = folder / one["Path"]
        if not path.is_file() or path.stat().st_size != one["Size"]:
            raise BackupProblem(f"the base backup is not whole: {one['Path']} is missing or has another size")


def _for_the_owner(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo:
    """Checked as :func:`tarfile.data_filter` does, but for the modes: PostgreSQL asks that nobody else can read."""
    checked = tarfile.data_filter(member, folder)
    return checked.replace(mode=0o700 if member.isdir() else 0o600, deep=False)
