"""What is wrong with files in the drop folder: each function finds one kind of cause. Nothing here writes."""

import itertools
import os
import stat
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from hub.contracts.file_names import holds_contact, shown_name
from hub.contracts.model import Catalogue
from hub.monitoring.watch.causes import HUB_OWNER, UNATTENDED_AFTER, Cause

NAMES_SHOWN = 5
LONGEST_NAME = 120
MOST_FILES_LOOKED_AT = 1_000


def refused_contracts(catalogue: Catalogue, drop: Path) -> Iterator[Cause]:
    """Feeds whose contract cannot be used, and their files, which wait until it can."""
    for feed, reason in catalogue.refusals.items():
        yield Cause(f"refused_contract:{feed}", "refused_contract", HUB_OWNER, reason, feed)
        if waiting := len(_entries(drop / feed)):
            detail = f"{waiting} file(s) in the drop folder wait until the contract is right"
            yield Cause(f"waiting:{feed}", "waiting_for_contract", HUB_OWNER, detail, feed)


def files_that_nobody_takes(catalogue: Catalogue, drop: Path, now: datetime) -> Iterator[Cause]:
    """Files in folders that belong to no feed, and files that a feed's runs should have taken by now."""
    known = catalogue.contracts.keys() | catalogue.refusals.keys()
    entries = sorted(drop.iterdir()) if drop.is_dir() else []
    for folder in entries:
        if folder.is_dir() and folder.name not in known and (waiting := len(_entries(folder))):
            name = ascii(shown_name(folder.name))[1:-1][:80]
            detail = f"{waiting} file(s) in the drop folder {name}, which belongs to no feed"
            # Folders whose names are not shown are told apart by their places on the disk.
            key = f"folder {folder.stat().st_ino}" if holds_contact(folder.name) else name
            yield Cause(f"unknown_folder:{key}", "unknown_folder", HUB_OWNER, detail)
    for feed, contract in sorted(catalogue.contracts.items()):
        # Unfinished transfers and hidden files count: no run ever takes them, and nobody else would say so.
        every = [*_entries(drop / feed), *(drop / feed).glob(".*")]
        entries = [path for path in every if not _is_folder(path)]
        if lain := [path for path in entries if _age(path, now) > UNATTENDED_AFTER]:
            detail = f"{len(lain)} file(s) lie in the drop folder for over {UNATTENDED_AFTER}: {_names(lain, drop)}"
            yield Cause(f"unattended:{feed}", "unattended", contract.owner, detail, feed)


def files_that_cannot_be_taken(catalogue: Catalogue, drop: Path, largest: int) -> Iterator[Cause]:
    """What a feed's runs pass over: folders within its drop folder, files that the hub may not read, and files of more
    than ``largest`` bytes. The others are taken, so nobody would miss these."""
    for feed, contract in sorted(catalogue.contracts.items()):
        entries = sorted(_entries(drop / feed))
        if folders := [path for path in entries if _is_folder(path)]:
            files = list(
                itertools.islice((path for one in folders for path in _files_within(one)), MOST_FILES_LOOKED_AT)
            )
            said = (
                f"{len(folders)} folder(s) with {len(files)} file(s) lie in the drop folder; only files beside them are"
            )
            detail = f"{said} taken: {_names(files or folders, drop)}"
            yield Cause(f"subfolder:{feed}", "subfolder", contract.owner, detail, feed)
        if closed := [path for path in entries if not _is_folder(path) and not _can_be_read(path)]:
            detail = f"the hub may not read {len(closed)} file(s) in the drop folder: {_names(closed, drop)}"
            yield Cause(f"unreadable:{feed}", "unreadable", contract.owner, detail, feed)
        if large := [path for path in entries if _is_larger(path, largest)]:
            detail = f"{len(large)} file(s) in the drop folder are larger than {largest} bytes: {_names(large, drop)}"
            yield Cause(f"too_large:{feed}", "too_large", contract.owner, detail, feed)


def _entries(folder: Path) -> list[Path]:
    """What lies in a drop folder, but for hidden files; also what a killed run left aside in a hidden folder."""
    try:
        entries = list(folder.iterdir())
    except OSError:  # there is none, or its feed's run says that it cannot be read
        return []
    return [path for path in entries if not path.name.startswith(".")] + list(folder.glob(".*/*/*"))


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _files_within(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not _is_folder(path))


def _can_be_read(path: Path) -> bool:
    """Whether a file can be opened; what is no plain file is refused without a look at it."""
    try:
        if stat.S_ISREG(path.lstat().st_mode):
            os.close(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK))
    except FileNotFoundError:  # a run took it just now
        return True
    except OSError:
        return False
    return True


def _is_larger(path: Path, largest: int) -> bool:
    try:
        status = path.lstat()
    except OSError:  # a run took it just now, or it cannot be looked at, which is another cause
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size > largest


def _names(paths: Sequence[Path], drop: Path) -> str:
    """Where the first few lie in the drop folder, made safe to print."""
    shown = [_shown(path.relative_to(drop)) for path in paths[:NAMES_SHOWN]]
    return ", ".join(shown) + (f" and {len(paths) - NAMES_SHOWN} more" if len(paths) > NAMES_SHOWN else "")


def _shown(path: Path) -> str:
    return ascii(str(Path(*map(shown_name, path.parts))))[1:-1][:LONGEST_NAME]


def _age(path: Path, now: datetime) -> timedelta:
    """Since the file came or was last written to; its own modification time can be years old when it is copied."""
    try:
        status = path.lstat()
    except OSError:  # a run took it just now
        return timedelta(0)
    return timedelta(seconds=now.timestamp() - status.st_ctime)
