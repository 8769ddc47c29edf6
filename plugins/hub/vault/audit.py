"""The audit log: who did what with people's values, when and what for.

Entries are only ever added, by two functions of the database that give number, time and the hash of the entry before;
the hash of the entry itself is made here, under a key that the database does not have. So nobody who can write to the
database but lacks the key changes, removes or reorders an entry unseen. Entries at the end could still be cut off; the
last one is therefore noted in a file, too, and in a copy of it outside of the hub (``audit_head``).
"""

import getpass
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from hub.settings import Settings
from hub.vault.audit_head import (
    BEGINNING,
    HeadDamaged,
    copied_heads,
    copy_head,
    note_head,
    note_head_anew,
    note_verified,
    noted_head,
)
from hub.vault.hub_keys import KeyRing, Purpose, read_ring
from hub.vault.tables import AUDIT_LOG
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

ROWS_A_FETCH = 5_000


ADD_ENTRY = sa.text(
    "select audit.add_entry(:who, :action, :purpose, :details, cast(:key_version as smallint), :entry_hash)"
).bindparams(sa.bindparam("details", type_=JSONB))


@dataclass(frozen=True)
class Entry:
    """One entry of the log: ``who`` (an account or a person), what they did, what for, and counts or ids of what it
    was done to (never a value)."""

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


def append(settings: Settings, entry: Entry) -> int:
    """Add an entry, in a transaction of its own that is committed when this returns. Returns the entry's number.

    Call this before a decision is committed: where the hub dies between the two, the log names a thing that did not
    happen, and never the other way round. A decision that is then made again is logged again.
    """
    ring = read_ring(settings, Purpose.AUDIT)
    with open_warehouse(settings, Role.RECORDER).begin() as connection:
        given = connection.execute(sa.text("select entry_id, at, previous_hash from audit.next_entry()")).one()
        values = {
            "who": entry.who,
            "action": entry.action,
            "purpose": entry.purpose,
            "details": dict(entry.details),
            "key_version": ring.newest,
        }
        entry_hash = _hash(ring, {**values, **given._mapping})
        connection.execute(ADD_ENTRY, {**values, "entry_hash": entry_hash})
    note_head(settings, given.entry_id, entry_hash)
    return int(given.entry_id)


def newest(engine: sa.Engine, limit: int) -> list[sa.Row[Any]]:
    """Entries, the newest first."""
    with engine.connect() as connection:
        return list(connection.execute(sa.select(AUDIT_LOG).order_by(AUDIT_LOG.c.entry_id.desc()).limit(limit)))


def begin_with(settings: Settings, engine: sa.Engine) -> None:
    """Take the log as it is for whole: note its newest entry as the head, in the place of one that is lost or damaged,
    or that a log which was restored to an earlier moment does not reach."""
    for entry in newest(engine, 1):
        note_head_anew(settings, entry.entry_id, entry.entry_hash)


def verify(settings: Settings, engine: sa.Engine) -> tuple[int, list[str]]:
    """Read the whole log. Returns the number of entries and what is wrong with it; nothing when it is whole. The head
    of a whole log is copied outside of the hub where ``HUB_AUDIT_HEAD_COPY`` says so."""
    ring = read_ring(settings, Purpose.AUDIT)
    copied, problems = copied_heads(settings)
    head, damage = _head(settings)
    problems += damage
    head_id, head_hash = head or (0, BEGINNING)
    count, previous_id, previous_hash = 0, 0, BEGINNING
    with engine.connect() as connection:
        query = sa.select(AUDIT_LOG).order_by(AUDIT_LOG.c.entry_id).execution_options(yield_per=ROWS_A_FETCH)
        for row in connection.execute(query).mappings():
            count += 1
            if row["entry_id"] != previous_id + 1:
                problems.append(f"entries {previous_id + 1} to {row['entry_id'] - 1} are missing")
            elif row["previous_hash"] != previous_hash:
                problems.append(f"entry {row['entry_id']} does not follow the one before it")
            if fault := _fault(ring, dict(row)):
                problems.append(f"entry {row['entry_id']} {fault}")
            previous_id, previous_hash = int(row["entry_id"]), str(row["entry_hash"])
            if previous_id == head_id and previous_hash != head_hash:
                problems.append(f"entry {head_id} is another than was written")
            if copied.get(previous_id, previous_hash) != previous_hash:
                problems.append(f"entry {previous_id} is another than in the copy outside of the hub")
    if previous_id < (written := max(head_id, *copied, 0)):
        problems.append(f"the log ends with entry {previous_id}; entry {written} had been written")
    elif count and not (head or damage):
        problems.append("the head of the log is not noted: entries at its end could have been cut off")
    return count, problems or _note_whole(settings, head_id, head_hash)


def _note_whole(settings: Settings, head_id: int, head_hash: str) -> list[str]:
    try:
        copy_head(settings, head_id, head_hash)
        note_verified(settings)
    except OSError as error:
        return [f"the log is whole, but that cannot be noted: {error.strerror}"]
    return []


def _head(settings: Settings) -> tuple[tuple[int, str] | None, list[str]]:
    """The noted head, and what is wrong with it."""
    try:
        return noted_head(settings), []
    except HeadDamaged as damage:
        return None, [str(damage)]


def _fault(ring: KeyRing, row: Mapping[str, Any]) -> str | None:
    """Faults of an entry by itself."""
    if row["key_version"] not in dict(ring.versions):
        return f"is under version {row['key_version']} of the {ring.purpose} key, which is not there"
    return None if hmac.compare_digest(row["entry_hash"], _hash(ring, row)) else "was changed"


def _hash(ring: KeyRing, row: Mapping[str, Any]) -> str:
    hashed = [
        row["entry_id"],
        row["at"].astimezone(UTC).isoformat(),
        *(row[name] for name in ("who", "action", "purpose", "details", "key_version", "previous_hash")),
    ]
    text = json.dumps(hashed, sort_keys=True, separators=(",", ":"))
    return hmac.digest(dict(ring.versions)[int(row["key_version"])], text.encode(), hashlib.sha256).hex()
