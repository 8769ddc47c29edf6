"""What the recipients know: each document that came to them, and each answer that they gave."""

import hashlib
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

PACKAGE, WITHDRAWAL = "package", "withdrawal"


@dataclass(frozen=True)
class Arrival:
    """A document as a recipient had it in hand; ``place`` is its place among all arrivals."""

    place: int
    turn: int
    recipient: str
    dispatch_id: str
    document: str
    text: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.recipient, self.dispatch_id, self.document

    @property
    def package(self) -> dict[str, Any]:
        return dict(json.loads(self.text))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass
class Said:
    """An answer of a recipient. ``references`` are those that it has counted itself, ``delivery_ids`` the receipts of
    the exchange; ``way`` is exchange, folder, file, or why it was never said; ``loaded_in`` is the turn in which
    the hub had ingested it."""

    recipient: str
    dispatch_id: str
    kind: str
    fields: dict[str, str | None]
    due: int
    way: str
    is_said: bool = False
    loaded_in: int | None = None
    references: set[str] = field(default_factory=set)
    delivery_ids: set[str] = field(default_factory=set)


class Record:
    """All recipients write here, from their own threads; ``wrong`` is what no recipient should ever see."""

    def __init__(self) -> None:
        self.turn = 0
        self.arrivals: list[Arrival] = []
        self.said: list[Said] = []
        self.wrong: list[str] = []
        self.met: Counter[str] = Counter()
        self._dirty: Counter[tuple[str, int]] = Counter()
        self._known: set[tuple[str, str, str]] = set()
        self._new: list[Arrival] = []
        self._lock = threading.Lock()

    def came(self, recipient: str, name: str, text: str) -> bool:
        """Note a document under the name by which the transport calls it; True if the recipient has to act on it: by
        docs/dispatch.md, who has acted on an id need not act again."""
        with self._lock:
            said = json.loads(text)
            document = said["document"]
            dispatch_id = said["dispatch"]["dispatch_id"] if document == PACKAGE else said["dispatch_id"]
            if name != (dispatch_id if document == PACKAGE else f"{dispatch_id}.{document}"):
                self.wrong.append(f"{recipient} got {document} of {dispatch_id} under the name {name}")
            arrival = Arrival(len(self.arrivals), self.turn, recipient, dispatch_id, document, text)
            self.arrivals.append(arrival)
            is_new = arrival.key not in self._known
            self._known.add(arrival.key)
            if is_new:
                self._new.append(arrival)
            return is_new

    def note_wrong(self, words: str) -> None:
        with self._lock:
            self.wrong.append(words)

    def met_fault(self, kind: str, recipient: str, count: int = 1) -> None:
        """A fault that may have kept the hub from hearing what became of one document to a recipient."""
        with self._lock:
            self.met[kind] += 1
            self._dirty[recipient, self.turn] += count

    def unheard(self, recipient: str, turn: int) -> int:
        """How many documents to a recipient may have been taken in a turn without the hub's knowing."""
        return self._dirty[recipient, turn]

    def newly_acted_on(self) -> list[Arrival]:
        """What recipients have to act on since they were last asked."""
        with self._lock:
            found, self._new = self._new, []
            return found
