"""The rejected rows of one delivery while it is read: counted, and written to quarantine a few at a time.

A delivery with more of them than the contract's ``rejectedRows.mostRows`` is refused at once: a file of millions of
wrong rows would fill memory and quarantine, and nobody could look through them. Its sender gets the first reasons.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.deliveries import Chunk, DeliveryRefused, Rejection
from hub.ingest.quarantine import RejectedRow, quarantine_rows, rejected_rows
from hub.ingest.validation import too_many_rejected
from hub.vault.store import Encryptor

FIRST_REASONS = 100
"""So many are kept for the sender of a refused delivery."""
WAITING_CHARACTERS = 1024 * 1024
"""So much of rejected rows waits to be written together: each time, the database's session waits for their keys."""


@dataclass
class RejectedSoFar:
    """What a delivery's rejected rows are so far: how many break which rule first, and the reasons of the first."""

    contract: Contract
    by_rule: Counter[str] = field(default_factory=Counter, init=False)
    first: list[Rejection] = field(default_factory=list, init=False)
    _waiting: list[RejectedRow] = field(default_factory=list, init=False)
    _waiting_characters: int = field(default=0, init=False)

    def count_or_refuse(self, rejections: Sequence[Rejection], rows_read: int) -> None:
        """Count further rejections, of a delivery of which so many rows are read. Raises :class:`DeliveryRefused` when
        there are more than the contract allows."""
        self.by_rule.update(one.rule for one in rejections)
        self.first += rejections[: FIRST_REASONS - len(self.first)]
        if reason := too_many_rejected(self.contract, rows_read, self.by_rule):
            raise DeliveryRefused(reason)

    def keep(
        self,
        connection: sa.Connection,
        encryptor: Encryptor,
        chunk: Chunk,
        rejections: Sequence[Rejection],
        other_rules: Mapping[int, tuple[str, ...]],
        key_hashes: Mapping[int, uuid.UUID | None],
    ) -> None:
        """Quarantine rows of a chunk; the last ones wait for more, or for :meth:`write`."""
        for batch in rejected_rows(chunk, rejections, other_rules, key_hashes):
            self._waiting += batch
            self._waiting_characters += sum(len(row.text) for row in batch)
            if self._waiting_characters > WAITING_CHARACTERS:
                self.write(connection, encryptor)

    def write(self, connection: sa.Connection, encryptor: Encryptor) -> None:
        """Write those that wait."""
        quarantine_rows(connection, encryptor, self.contract, self._waiting)
        self._waiting, self._waiting_characters = [], 0
