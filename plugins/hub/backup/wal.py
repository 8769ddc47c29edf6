"""The database's write-ahead log, into a backup and out of it: ``python -m hub.backup.wal keep|fetch``.

PostgreSQL calls ``keep`` for each segment that is full, and ``fetch`` for each that a restore needs. The segment that
is being written is copied again and again beside them (``hub.backup.keeper``). What has landed is copied after the log
was read and before it is kept: so a backup never refers to a file that it has not got.
"""

import io
import shutil
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from hub.backup import landing_copy
from hub.backup.packed import blocks_of, pack, unpack
from hub.backup.places import BackupProblem, Places, write_text, written_whole
from hub.settings import Settings, read_settings
from hub.store import StoreProblem
from hub.vault.encrypted_file import FileDamaged
from hub.vault.hub_keys import KeyProblem

PARTIAL = ".unfinished"
SEGMENT_BYTES = 16 * 1024 * 1024
HEADER = struct.Struct("=8xQ8xQ")
"""At the beginning of a segment: its place in the log, and the identifier of the database."""
NOT_THERE, BROKEN = 1, 255
"""PostgreSQL takes 1 for the end of the log, and gives up the whole recovery at more than 128."""


def keep(settings: Settings, places: Places, path: Path, name: str) -> None:
    """Keep a full segment. The same one again is kept already; another of the same name is refused."""
    _check_system(places, path)
    keep_beside(settings, places)
    kept = places.wal / name
    if kept.exists():
        if b"".join(unpack(settings, kept)) != path.read_bytes():
            raise BackupProblem(f"{kept} is there already with other content")
    else:
        _pack(settings, kept, path)
    (places.wal / (name + PARTIAL)).unlink(missing_ok=True)


def keep_partial(settings: Settings, places: Places, path: Path, content: bytes) -> None:
    """Keep what was read of a segment that is being written, in the place of what was kept of it before. What lies
    beside it must have been kept since it was read."""
    _check_system(places, path)
    if not (places.wal / path.name).exists():
        pack(settings, places.wal / (path.name + PARTIAL), blocks_of(io.BytesIO(content)))


def keep_histories(settings: Settings, places: Places, folder: Path) -> None:
    """Keep what says where the log went another way: a restored hub goes on from there."""
    for path in folder.glob("*.history"):
        if not (places.wal / path.name).exists():
            _pack(settings, places.wal / path.name, path)


def keep_beside(settings: Settings, places: Places) -> None:
    """What must be kept before the log that speaks of it: landed files, the archive and certificates."""
    landing_copy.copy_new(settings, places.landing)
    landing_copy.copy_new_archive(settings, places.archive)
    for path in (settings.home / "erasures").glob("*.json"):
        kept = places.certificates / path.name
        # A certificate is written again when mentions in others' texts are decided about.
        if not kept.exists() or kept.stat().st_mtime < path.stat().st_mtime:
            _pack(settings, kept, path)


def read_audit_head(settings: Settings) -> bytes | None:
    """What the last entry of the audit log is; None before the first."""
    head = settings.home / "audit" / "head.json"
    return head.read_bytes() if head.exists() else None


def keep_audit_head(places: Places, head: bytes) -> None:
    """Keep what was the last entry of the audit log before the log was read: the log that is kept must have it."""
    with written_whole(places.audit_head) as unfinished:
        unfinished.write_bytes(head)


def put_back_certificates(settings: Settings, places: Places) -> None:
    """Write the certificates of erasures into a restored home."""
    for path in places.certificates.glob("[0-9a-f]*.json"):
        with written_whole(settings.home / "erasures" / path.name) as unfinished:
            unfinished.write_bytes(b"".join(unpack(settings, path)))


def put_back_audit_head(settings: Settings, places: Places) -> None:
    """Write what the last entry of the audit log is into a restored home, where it was kept."""
    if places.audit_head.exists():
        with written_whole(settings.home / "audit" / "head.json") as unfinished:
            shutil.copyfile(places.audit_head, unfinished)


def fetch(settings: Settings, wal: Path, name: str, path: Path) -> bool:
    """Put a kept segment at ``path``; False where there is none. Raises
    :class:`~hub.vault.encrypted_file.FileDamaged`."""
    kept = next((one for one in (wal / name, wal / (name + PARTIAL)) if one.exists()), None)
    if kept is None:
        return False
    with path.open("wb") as target:
        for block in unpack(settings, kept):
            target.write(block)
        if kept.name.endswith(PARTIAL):
            target.truncate(SEGMENT_BYTES)
    return True


def is_in_use(path: Path) -> bool:
    """Whether a segment holds what its name says. One that waits to be used again still has the place of its past."""
    place = int(path.name[8:16], 16) * 2**32 + int(path.name[16:], 16) * SEGMENT_BYTES
    header = _header(path)
    return header is not None and header[0] == place


def _header(path: Path) -> tuple[int, int] | None:
    with path.open("rb") as segment:
        data = segment.read(HEADER.size)
    return HEADER.unpack(data) if len(data) == HEADER.size else None


def _pack(settings: Settings, kept: Path, path: Path) -> None:
    def blocks() -> Iterator[bytes]:
        with path.open("rb") as source:
            yield from blocks_of(source)

    pack(settings, kept, blocks())


def _check_system(places: Places, path: Path) -> None:
    """Another hub's log must not get among this one's. A file of the log that is no segment says nothing."""
    header = _header(path)
    if header is None or "." in path.name:
        return
    system = str(header[1])
    if not places.system.exists():
        write_text(places.system, system)
    if places.system.read_text(encoding="utf-8") != system:
        raise BackupProblem(f"{places.folder} has the backups of another hub; set HUB_BACKUP to a folder of its own")


def main() -> int:
    """``keep PATH NAME`` or ``fetch NAME PATH``, under ``HUB_HOME`` and ``HUB_BACKUP``; says why it could not."""
    verb, first, second = sys.argv[1:4]
    settings = read_settings()
    if settings.backup is None:
        raise BackupProblem("HUB_BACKUP is not set")
    places = Places(settings.backup, settings.backup)
    try:
        if verb == "keep":
            keep(settings, places, Path(first), second)
            return 0
        return 0 if fetch(settings, places.wal, first, Path(second)) else NOT_THERE
    except (BackupProblem, FileDamaged, KeyProblem, StoreProblem, OSError) as problem:
        print(f"hub backup: {problem}", file=sys.stderr, flush=True)
        return NOT_THERE if verb == "keep" else BROKEN


if __name__ == "__main__":
    sys.exit(main())
