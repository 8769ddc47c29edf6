"""The hub's keys and passwords, in a folder of their own, apart from what they decrypt."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from hub.backup.places import BackupProblem, written_whole
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, key_path, read_keys


def export_keys(settings: Settings, folder: Path) -> int:
    """Copy every key and password that differs there; returns how many. Earlier versions of keys are in the same
    files, so what was encrypted before can still be read. A master key that is kept outside of the hub is not
    copied."""
    read_keys(settings)
    count = 0
    for path in _files(settings.secrets):
        copy = folder / path.relative_to(settings.secrets)
        if not copy.exists() or copy.read_bytes() != path.read_bytes():
            with written_whole(copy) as unfinished:
                shutil.copyfile(path, unfinished)
            count += 1
    return count


def import_keys(settings: Settings, folder: Path) -> None:
    """Copy keys and passwords into a home that has none, for the owner alone. Raises
    :class:`~hub.backup.places.BackupProblem`, and copies nothing, where the backup key is not among them."""
    key = key_path(settings, Purpose.BACKUP)
    if not (folder / key.relative_to(settings.secrets)).exists():
        raise BackupProblem(f"{folder} does not hold the hub's keys: {key.name} is missing")
    for path in _files(folder):
        with written_whole(settings.secrets / path.relative_to(folder)) as unfinished:
            shutil.copyfile(path, unfinished)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
