"""The last entry of the audit log, noted outside of the database: entries cut off at its end are so noticed.

``$HUB_HOME/audit/head.json`` has the last one. ``HUB_AUDIT_HEAD_COPY`` names a file outside of the hub's home to which
a line is added for each head that was found whole; a storage that only allows adding keeps it from the hub itself.
``$HUB_HOME/audit/verified`` is as old as the last look that found the log whole.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hub.settings import Settings

BEGINNING = "0" * 64
_LINE = re.compile(r"([1-9][0-9]*) ([0-9a-f]{64})")


class HeadDamaged(Exception):
    """The file of the head is there and says no number and hash; the message says why."""


def note_head(settings: Settings, entry_id: int, entry_hash: str) -> None:
    """Note an entry as the last one, unless a later one is noted already. A head that is damaged, or is missing though
    it cannot be the first, is left so: another in its place would hide that entries may have been cut off."""
    with _alone(settings):
        try:
            head = noted_head(settings)
        except HeadDamaged:
            return
        # Of two writers, the one that committed first may come here last.
        if entry_id == 1 if head is None else entry_id > head[0]:
            _write(_path(settings), entry_id, entry_hash)


def note_head_anew(settings: Settings, entry_id: int, entry_hash: str) -> None:
    """Note an entry as the last one, whatever is noted or damaged."""
    with _alone(settings):
        _write(_path(settings), entry_id, entry_hash)


def noted_head(settings: Settings) -> tuple[int, str] | None:
    """Number and hash of the last entry; None where none is noted. Raises :class:`HeadDamaged`."""
    try:
        head = json.loads(_path(settings).read_text())
        return int(head["entry_id"]), str(head["entry_hash"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HeadDamaged(f"the head of the log cannot be read: {type(error).__name__}") from None


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    folder = _path(settings).parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, entry_id: int, entry_hash: str) -> None:
    unfinished = path.with_suffix(".part")
    with unfinished.open("w") as file:
        json.dump({"entry_id": entry_id, "entry_hash": entry_hash}, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def note_verified(settings: Settings) -> None:
    """Note that the whole log was read just now, and nothing was wrong with it."""
    path = _verified(settings)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)


def verified_at(settings: Settings) -> datetime | None:
    """When the log was last found whole; None before the first time."""
    try:
        return datetime.fromtimestamp(_verified(settings).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def copy_head(settings: Settings, entry_id: int, entry_hash: str) -> None:
    """Add a head to the copy outside of the hub, where one is asked for and does not have it. Raises OSError."""
    if settings.audit_head_copy is None or entry_id in {0, *copied_heads(settings)[0]}:
        return
    with settings.audit_head_copy.open("a") as file:
        file.write(f"{entry_id} {entry_hash}\n")
        file.flush()
        os.fsync(file.fileno())


def copied_heads(settings: Settings) -> tuple[Mapping[int, str], list[str]]:
    """Hash by number of the heads in the copy outside of the hub, and what is wrong with the copy itself."""
    try:
        lines = settings.audit_head_copy.read_text().splitlines() if settings.audit_head_copy else []
    except FileNotFoundError:
        return {}, []  # nothing was copied yet
    except (OSError, UnicodeDecodeError) as error:
        return {}, [f"the copy of the heads cannot be read: {type(error).__name__}"]
    heads: dict[int, str] = {}
    problems = []
    for number, line in enumerate(lines, start=1):
        if found := _LINE.fullmatch(line):
            heads[int(found[1])] = found[2]
        else:
            problems.append(f"line {number} of the copy of the heads is no number and hash")
    return heads, problems


def _path(settings: Settings) -> Path:
    return settings.home / "audit" / "head.json"


def _verified(settings: Settings) -> Path:
    return settings.home / "audit" / "verified"
