"""Where delivered bytes are kept, encrypted, under ``<feed>/<day>/<sha256 of the bytes>``: by default in the folder
``landing``. An erasure puts other bytes, under their own hash, in their place (docs/decisions/0074)."""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from hub.ingest.dropped_files import delivered_bytes
from hub.ingest.encrypted_files import open_decrypted, remove_from, rewrap_in
from hub.settings import Settings
from hub.store import landing_files
from hub.store.workplace import clear, clear_unless_used, unfinished_file
from hub.vault.encrypted_file import EncryptedWriter
from hub.vault.full_disk import writing_to
from hub.vault.hub_keys import KeyRing, Purpose, read_ring


@dataclass(frozen=True)
class Landed:
    """A file's bytes in the landing store; ``modified_ns`` is when its sender last wrote it."""

    name: str
    sha256: str
    size: int
    modified_ns: int


def land(settings: Settings, feed: str, source: Path) -> Landed:
    """Copy a file's bytes into the landing store, encrypted. The name of the file plays no part in where they go.
    Raises what :func:`~hub.ingest.dropped_files.delivered_bytes` raises."""
    with delivered_bytes(source, settings.max_file_bytes) as (blocks, modified_ns):
        return _write(settings, _day(feed), blocks, modified_ns)


def landed_as(settings: Settings, feed: str, source: Path) -> Landed:
    """What :func:`land` would return for a file, of which no copy is made. Raises what it raises."""
    digest = hashlib.sha256()
    size = 0
    with delivered_bytes(source, settings.max_file_bytes) as (blocks, modified_ns):
        for block in blocks:
            digest.update(block)
            size += len(block)
    return Landed(f"{_day(feed)}/{digest.hexdigest()}", digest.hexdigest(), size, modified_ns)


def land_instead(settings: Settings, name: str, blocks: Iterable[bytes]) -> str:
    """Put bytes in the place of a landed file's: beside it, under their own hash. The file itself is left alone.
    Returns the name of what lies there now."""
    return _write(settings, name.rpartition("/")[0], blocks, 0).name


def open_landed(settings: Settings, name: str) -> BinaryIO:
    """A landed file as it was delivered, seekable. Raises
    :class:`~hub.vault.encrypted_file.FileDamaged` when it is not."""
    return open_decrypted(settings, landing_files(settings), name)


def landed_names(settings: Settings) -> Iterator[str]:
    """The names of all landed files: feed, day and hash."""
    return (file.name for file in landing_files(settings).files())


def is_kept(settings: Settings, name: str) -> bool:
    """Whether these bytes are kept."""
    return landing_files(settings).holds(name)


def feed_of(name: str) -> str:
    """The feed of a landed file."""
    return name.split("/", maxsplit=1)[0]


def remove_landed(settings: Settings, names: Iterable[str]) -> None:
    """Remove landed files for good, where they are there."""
    remove_from(landing_files(settings), names)


def remove_unfinished(settings: Settings) -> None:
    """Remove what landings left on this machine that were killed; those that go on are waited for."""
    clear(landing_files(settings).workplace)
    for folder in settings.landing.glob("*/.incoming"):  # where earlier versions wrote
        shutil.rmtree(folder)


def rewrap_landed(settings: Settings, ring: KeyRing, name: str) -> bool:
    """Wrap the key of a landed file by the newest master key; returns whether there was anything to do."""
    return rewrap_in(landing_files(settings), ring, name)


def _day(feed: str) -> str:
    return f"{feed}/{datetime.now(UTC):%Y-%m-%d}"


def _write(settings: Settings, day: str, blocks: Iterable[bytes], modified_ns: int) -> Landed:
    store = landing_files(settings)
    with writing_to(store.workplace.parent):
        clear_unless_used(store.workplace)
        digest = hashlib.sha256()
        size = 0
        with unfinished_file(store.workplace) as (path, target):
            encrypted = EncryptedWriter(target, read_ring(settings, Purpose.MASTER))
            for block in blocks:
                digest.update(block)
                encrypted.write(block)
                size += len(block)
            encrypted.finish()
            target.flush()
            landed = Landed(f"{day}/{digest.hexdigest()}", digest.hexdigest(), size, modified_ns)
            store.keep(landed.name, path)
    return landed
