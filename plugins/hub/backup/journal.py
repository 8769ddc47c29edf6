"""The journal of erasures, beside the backups: what a restored database, which may be older, must be told to erase.

It holds ids of records, tokens and names of columns, never a value. An erasure is written down before it is carried
out: killed in between, a restore carries it out.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

from hub.backup import landing_copy
from hub.backup.packed import pack, unpack
from hub.backup.places import Places, backup_places
from hub.backup.wal import keep_beside
from hub.settings import Settings


@dataclass(frozen=True)
class ErasureEntry:
    """One erasure: who decided what and why, the subjects that became unreadable (feed, delivery, row, subject), the
    landed files with what lies in the place of each, the deliveries whose files got another name, the ledger's rows of
    those landed files' deliveries, and where others' texts name the person. The subject ``quarantined`` is the whole
    text of a row that is kept out."""

    erasure_id: str
    at: str
    asked_for: str
    because: str
    decided_by: str
    subjects: list[tuple[str, str, int, str]]
    instead: dict[str, str] = field(default_factory=dict)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    mentions: list[list[Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Of its file: it sorts by time."""
        return f"{self.at}_{self.erasure_id}.json"

    @property
    def comparable_value(self) -> dict[str, str]:
        """The request: whom to erase, why, and who decided it."""
        return {"asked_for": self.asked_for, "because": self.because, "decided_by": self.decided_by}


@dataclass(frozen=True)
class MaskingEntry:
    """What was decided of an erasure's mentions in others' texts, by their numbers; and the landed files as above."""

    erasure_id: str
    at: str
    decided_by: str
    masked: list[int]
    left: list[int]
    instead: dict[str, str] = field(default_factory=dict)
    deliveries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Of its file: it sorts by time."""
        return f"{self.at}_{self.erasure_id}.masking.json"


type Entry = ErasureEntry | MaskingEntry


@contextmanager
def written_down(settings: Settings, entry: Entry, is_done: Callable[[], bool]) -> Iterator[None]:
    """Keep an entry in the journal while it is carried out and from then on; it is struck out again where that fails
    and the database, asked anew by ``is_done``, does not know it. In doubt it stays: a restore must bring nobody back.
    The files that lie in the place of others are kept first. Without backups there is nothing to write down."""
    if settings.backup is None:
        yield
        return
    places = backup_places(settings)
    keep_beside(settings, places)
    path = places.erasures / entry.name
    pack(settings, path, [json.dumps(asdict(entry)).encode()])
    try:
        yield
    except Exception as problem:
        # The server can still be at a commit whose answer was lost.
        is_lost = isinstance(problem, sa.exc.DBAPIError) and problem.connection_invalidated
        with suppress(Exception):
            if not is_lost and not is_done():
                path.unlink()
        raise


def entries(settings: Settings, places: Places) -> list[Entry]:
    """All erasures and maskings, the first one first."""
    texts = [b"".join(unpack(settings, path)) for path in sorted(places.erasures.glob("[0-9]*.json"))]
    kept = [json.loads(text) for text in texts]
    return [
        MaskingEntry(**one)
        if "masked" in one
        else ErasureEntry(**{**one, "subjects": [tuple(place) for place in one["subjects"]]})
        for one in kept
    ]


def destroyed_names(journal: list[Entry]) -> set[tuple[str, str]]:
    """Feed and hash of all delivered bytes that an erasure took away; they never come back, whatever the day."""
    return {(name.split("/")[0], name.split("/")[-1]) for entry in journal for name in entry.instead}


def forget_copies(settings: Settings, names: list[str]) -> None:
    """Remove the copies of landed files that an erasure took away."""
    if settings.backup is not None:
        landing_copy.forget(backup_places(settings).landing, names)
