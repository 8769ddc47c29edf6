"""The frozen values that packages hand on to each other.

A delivery is one file from one sender. It is received once, read into chunks of text rows, validated row by row, and
is loaded, held, refused or a duplicate then; a person may release, or take out again, what was held or loaded.
``rows_read = rows_accepted + rows_quarantined + rows_duplicate`` always.
"""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

import pyarrow as pa

HUB_NAMESPACE = uuid.UUID("6f1c2f0a-6a56-5d0e-9c5c-0d6f1b2e7a11")


class DeliveryStatus(StrEnum):
    """How far a delivery has come; all but ``RECEIVED`` are ends. A person can release a ``HELD`` one, and take a
    loaded one out again (``WITHDRAWN``). A newer issue of the whole table replaces a loaded one (``SUPERSEDED``)."""

    RECEIVED = "received"
    LOADED = "loaded"
    HELD = "held"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class RowState(StrEnum):
    """What became of a quarantined row."""

    OPEN = "open"
    CORRECTED = "corrected"
    RELEASED = "released"
    REJECTED = "rejected"


class DeliveryRefused(Exception):
    """The delivery as a whole cannot be read; the message is for the sender and holds no value from the file."""


class DeliveryHeld(Exception):
    """The delivery can be read but is not plausible as a whole; a person releases or rejects it."""


@dataclass(frozen=True)
class ControlTotal:
    """How many rows a sender states that a file has; ``rows`` is None where the statement cannot be read."""

    rows: int | None


@dataclass(frozen=True)
class Receipt:
    """The ledger's receipt for a file: what came, from where, and where its bytes are kept.

    ``landed_name`` is that of its bytes in the landing store. ``is_first`` is false when the same bytes had been
    received before; ``delivery_id`` is then that of the first receipt.
    """

    delivery_id: uuid.UUID
    feed: str
    file_name: str
    sha256: str
    bytes: int
    landed_name: str
    status: DeliveryStatus
    received_at: datetime
    is_first: bool


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why one row was not accepted. ``row_number`` counts records from 1, ``line_number`` physical lines from 1
    (None where the format has no lines). Neither ``rule`` nor ``because`` holds a value of the row."""

    row_number: int
    line_number: int | None
    rule: str
    because: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that could not even be split into its columns; ``raw_text`` goes to the vault only."""

    rejection: Rejection
    raw_text: str


@dataclass(frozen=True)
class Chunk:
    """Some rows of a delivery as text.

    ``rows`` has one string column for each column of the contract (null where the cell was empty), in contract order.
    ``row_numbers`` and ``line_numbers`` are int64 arrays of the same length. ``broken`` rows are not in ``rows``.
    """

    rows: pa.Table
    row_numbers: pa.Int64Array
    line_numbers: pa.Int64Array
    broken: tuple[BrokenRow, ...] = ()

    @property
    def count_rows(self) -> int:
        return int(self.rows.num_rows) + len(self.broken)


@dataclass(frozen=True)
class RuleTally:
    """How a rule went in one chunk: how many rows it looked at and how many failed."""

    rule: str
    looked_at: int
    failed: int


@dataclass(frozen=True)
class Verdict:
    """What the contract says of a chunk: the first rejection of each bad row, by row number in rising order, all
    rules it broke, and the tallies of all rules. Rows that are not named are accepted."""

    rejections: tuple[Rejection, ...]
    other_rules: dict[int, tuple[str, ...]] = field(default_factory=dict)
    tallies: tuple[RuleTally, ...] = ()


@dataclass(frozen=True)
class DeliveryResult:
    """The result of a delivery; also the JSON line that ``hub ingest`` prints. The counts of records are of a snapshot:
    what it changes against the issue before it. ``is_new`` is false where it had come to its end before."""

    delivery_id: uuid.UUID
    feed: str
    file_name: str
    status: DeliveryStatus
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_duplicate: int
    seconds: float
    reason: str | None = None
    first_event_on: date | None = None
    last_event_on: date | None = None
    records_new: int | None = None
    records_changed: int | None = None
    records_withdrawn: int | None = None
    records_unchanged: int | None = None
    is_new: bool = True


def delivery_id_of(feed: str, sha256: str) -> uuid.UUID:
    """The same bytes for the same feed always have the same id, so a repeated run gives the same tables."""
    return uuid.uuid5(HUB_NAMESPACE, f"{feed}/{sha256}")


def repeat_id_of(feed: str, sha256: str, file_name: str, modified_ns: int) -> uuid.UUID:
    """Id of a further arrival of bytes that were received before; the same physical file gives the same id."""
    return uuid.uuid5(HUB_NAMESPACE, f"{feed}/{sha256}/{file_name}/{modified_ns}")


def quarantine_id_of(delivery_id: uuid.UUID, row_number: int) -> uuid.UUID:
    """Id of a quarantined row."""
    return uuid.uuid5(HUB_NAMESPACE, f"{delivery_id}/{row_number}")
