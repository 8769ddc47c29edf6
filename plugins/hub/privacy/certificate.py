"""The certificate of an erasure: what was done, store by store, and what it does not reach. It names no value."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hub.backup.places import write_text
from hub.settings import Settings
from hub.vault import audit

NOT_REACHED = (
    "wrapped keys and names of delivered files in the database's write-ahead log until it is recycled, and in backups"
    " for as long as they are kept; a restore erases again",
    "Airflow's logs outside the hub's folder; in its own database what it encrypts (connections, variables, triggers),"
    " and what rows said before they were masked: in their space until it is used again, and in the write-ahead log"
    " until it is recycled",
    "a name alone, without date of birth, postcode or contact: in names of delivered files, in broken rows, refused"
    " files and other text",
    "handles and codes where text is searched rather than columns",
    "what other people wrote about the person by other words than a full name, a contact or a handle",
    "rows that linkage gives to others with the same e-mail address, and rows with the same telephone number"
    " that give another name or date of birth, or no name where somebody of another name gives it too",
    "rows that give an initial in the place of the person's given name, or another spelling of it, beside the same date"
    " of birth or postcode and no contact: they can be somebody else's (a twin's)",
    "files that wait in the drop folder or the sandbox, and deliveries that were loaded while the erasure ran",
    "what forces were told in packages that named the person: the next round of dispatching tells them to delete it",
    "what is written in a code other than references, percent signs and escapes (base64, quoted-printable), and a first"
    " and a last name that a hyphen joins, but for names of delivered files",
)
"""What no erasure looks through."""
AIRFLOW = "Airflow's own database"
AIRFLOW_NOT_REACHED = f"{AIRFLOW}: it could not be reached from where the erasure ran"

NOTHING_SEARCHED = "everything: what the person is known by is kept no more, so that nothing could be searched again"


@dataclass(frozen=True)
class Store:
    """One store that was looked through: how, how many things (rows, files), in how many the person was found, from how
    many removed and by what, in how many the person still is, and what could not be searched."""

    store: str
    looked_at: int
    found: int
    removed: int
    left: int
    how: str = ""
    done: str = ""
    not_searched: list[str] = field(default_factory=list)
    left_in: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Certificate:
    """What an erasure did. ``nothing_is_left`` is true only where every one of ``stores`` was searched to the end and
    the person is in none; ``not_reached`` says what is no part of that."""

    erasure_id: str
    asked_for: str
    because: str
    decided_by: str
    erased_at: str
    subjects: dict[str, int]
    stores: list[Store]
    nothing_is_left: bool
    counts_are_kept: bool
    not_reached: list[str] = field(default_factory=list)


def read_certificate(path: Path) -> Certificate:
    """A certificate that was written before."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Certificate(**{**kept, "stores": [Store(**one) for one in kept["stores"]]})


def _not_searched(stores: list[Store]) -> list[str]:
    if not stores:
        return [NOTHING_SEARCHED]
    return [] if any(one.store == AIRFLOW for one in stores) else [AIRFLOW_NOT_REACHED]


def write_certificate(
    settings: Settings, done: sa.Row[Any], stores: list[Store], path: Path, *, counts_are_kept: bool
) -> Certificate:
    """Write the certificate of an erasure, and its hash into the audit log. One that cannot be searched again, since a
    restore for example, has no stores to speak for it."""
    certificate = Certificate(
        erasure_id=str(done.erasure_id),
        asked_for=done.asked_for,
        because=done.because,
        decided_by=done.decided_by,
        erased_at=done.erased_at.astimezone(UTC).isoformat(),
        subjects=dict(done.subjects),
        stores=stores,
        nothing_is_left=bool(stores) and not any(store.left or store.not_searched for store in stores),
        counts_are_kept=counts_are_kept,
        not_reached=[*NOT_REACHED, *_not_searched(stores)],
    )
    text = json.dumps(asdict(certificate), indent=2)
    write_text(path, text)
    details = {"erasure_id": certificate.erasure_id, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    audit.append(settings, audit.Entry(done.decided_by, "erasure", done.because, details))
    return certificate
