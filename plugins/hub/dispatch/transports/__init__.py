"""How documents reach a recipient. A transport hands one over and says what it has for proof; it keeps no state of its
own that the ledger needs."""

import hashlib
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class TransientFault(Exception):
    """The recipient did not take a document, and may later; why, in a few words that hold no secret."""


class PermanentFault(Exception):
    """The recipient will never take this document as it is; why, in a few words that hold no secret."""


class AnswersLeft(TransientFault):
    """Files with answers were left where they are; why, and how many others were collected."""

    def __init__(self, why: str, count_collected: int) -> None:
        super().__init__(why)
        self.count_collected = count_collected


@dataclass(frozen=True)
class Parcel:
    """A document that is handed over: ``name`` is the same for the same document, in every attempt; ``supersedes`` is
    that of the package whose place it takes, ``earlier`` those of all before that. ``kept`` is what the ledger has of a
    document that names persons."""

    dispatch_id: uuid.UUID
    document: str
    text: str
    supersedes: str | None = None
    kept: str | None = None
    earlier: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The dispatch's id; that it is withdrawn is a document of its own."""
        return str(self.dispatch_id) if self.document == "package" else f"{self.dispatch_id}.{self.document}"

    @property
    def sha256(self) -> str:
        """Over what the ledger keeps: nobody can try names against it."""
        return hashlib.sha256((self.text if self.kept is None else self.kept).encode()).hexdigest()


@dataclass(frozen=True)
class Receipt:
    """What proves that a document was taken; ``is_delivered``: by the recipient itself."""

    proof: str
    is_delivered: bool


class Transport(Protocol):
    """One way to one recipient."""

    def send(self, parcel: Parcel) -> Receipt:
        """Hand a document over. Raises :class:`TransientFault` or :class:`PermanentFault`. After a fault, or where this
        process dies, it is called again with the same document."""

    def deliveries(self, sent: Collection[uuid.UUID], /) -> Mapping[uuid.UUID, str]:
        """Which of these sent packages the recipient is known to have by now, each with its proof."""

    def collect_answers(self, drop: Path, /) -> int:
        """Move whole files with answers into the drop folder of their feed; return how many. Raises
        :class:`AnswersLeft`, and :class:`TransientFault`, as looking for deliveries does."""

    def close(self) -> None:
        """Close the connection; the transport is not used again."""
