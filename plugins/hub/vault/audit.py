"""The audit log: who did what with people's values, when and what for.

Entries are only ever added. Each holds the hash of the one before it, under a key of the hub's own, so that whoever can
write to the database but has not the key cannot change, remove or reorder one unseen. Entries at the end could still be
cut off; the last one is therefore noted in a file, too.
"""

import fcntl
import getpass
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from hub.settings import Settings
from hub.vault.hub_keys import KeyRing, Purpose, read_ring
from hub.warehouse.tables import AUDIT_LOG

AUDIT_LOCK = 4_207_020
BEGINNING = "0" * 64
ROWS_A_FETCH = 5_000


@dataclass(frozen=True)
class Entry:
    """What is told: ``who`` (an account or a person), what they did, what for, and counts or ids of what it was done
    to (never a value)."""

    who: str
    action: str
    purpose: str
    details: Mapping[str, Any] = field(default_factory=dict)


def account() -> str:
    """The account of this process."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a number that no account has
        return f"uid {os.getuid()}"


def append(settings: Settings, engine: sa.Engine, entry: Entry) -> int:
    """Add an entry, in a transaction of its own that is committed when this returns. Returns the entry's number."""
    ring = read_ring(settings, Purpose.AUDIT)
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(AUDIT_LOCK)))
        columns = AUDIT_LOG.c
        last = connection.execute(
            sa.select(columns.entry_id, columns.entry_hash).order_by(columns.entry_id.desc()).limit(1)
        ).one_or_none()
        entry_id: int = (last.entry_id if last else 0) + 1
        row: dict[str, Any] = {
            "entry_id": entry_id,
            "at": datetime.now(UTC),
            "who": entry.who,
            "action": entry.action,
            "purpose": entry.purpose,
            "details": dict(entry.details),
            "key_version": ring.newest,
            "previous_hash": last.entry_hash if last else BEGINNING,
        }
        row["entry_hash"] = _hash(ring, row)
        connection.execute(sa.insert(AUDIT_LOG).values(row))
    _note_head(settings, entry_id, row["entry_hash"])
    return entry_id


def newest(engine: sa.Engine, limit: int) -> list[sa.Row[Any]]:
    """Entries, the newest first."""
    with engine.connect() as connection:
        return list(connection.execute(sa.select(AUDIT_LOG).order_by(AUDIT_LOG.c.entry_id.desc()).limit(limit)))


def verify(settings: Settings, engine: sa.Engine) -> tuple[int, list[str]]:
    """Read the whole log. Returns the number of entries and what is wrong with it; nothing when it is whole."""
    ring = read_ring(settings, Purpose.AUDIT)
    head_id, head_hash = _head(settings)
    problems: list[str] = []
    count, previous_id, previous_hash, seen_head = 0, 0, BEGINNING, BEGINNING if head_id == 0 else None
    with engine.connect() as connection:
        query = sa.select(AUDIT_LOG).order_by(AUDIT_LOG.c.entry_id).execution_options(yield_per=ROWS_A_FETCH)
        for row in connection.execute(query).mappings():
            count += 1
            if row["entry_id"] != previous_id + 1:
                problems.append(f"entries {previous_id + 1} to {row['entry_id'] - 1} are missing")
            elif row["previous_hash"] != previous_hash:
                problems.append(f"entry {row['entry_id']} does not follow the one before it")
            if not hmac.compare_digest(row["entry_hash"], _hash(ring, dict(row))):
                problems.append(f"entry {row['entry_id']} was changed")
            previous_id, previous_hash = int(row["entry_id"]), str(row["entry_hash"])
            if previous_id == head_id:
                seen_head = previous_hash
    if previous_id < head_id:
        problems.append(f"the log ends with entry {previous_id}; entry {head_id} had been written")
    elif seen_head != head_hash:
        problems.append(f"entry {head_id} is another than was written")
    return count, problems


def _hash(ring: KeyRing, row: Mapping[str, Any]) -> str:
    told = [
        row["entry_id"],
        row["at"].astimezone(UTC).isoformat(),
        *(row[name] for name in ("who", "action", "purpose", "details", "key_version", "previous_hash")),
    ]
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    key = dict(ring.versions).get(int(row["key_version"]), b"")
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()


def _note_head(settings: Settings, entry_id: int, entry_hash: str) -> None:
    path = settings.home / "audit" / "head.json"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (path.parent / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Whoever committed first may come here last.
        if entry_id > _head(settings)[0]:
            unfinished = path.with_suffix(".part")
            unfinished.write_text(json.dumps({"entry_id": entry_id, "entry_hash": entry_hash}))
            unfinished.replace(path)


def _head(settings: Settings) -> tuple[int, str]:
    try:
        told = json.loads((settings.home / "audit" / "head.json").read_text())
    except FileNotFoundError:
        return 0, BEGINNING
    return int(told["entry_id"]), str(told["entry_hash"])
