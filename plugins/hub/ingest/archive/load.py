"""Accepted rows that are not followed → sums, keys and Parquet files, in the caller's transaction.

Files are put into the store before the transaction ends. Killed in between, nobody lists them, and the next load of the
delivery writes the same again.
"""

import uuid
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.contracts.followed import Followed
from hub.contracts.model import Contract
from hub.ingest.archive import queries
from hub.ingest.archive.objects import ROW_NUMBER, ArchiveWriter
from hub.ingest.archive.sums import LENGTH_OF_DAY, Sums
from hub.settings import Settings
from hub.vault.hub_keys import KeyRing


@dataclass(frozen=True)
class ArchivedRows:
    """Which accepted rows of a chunk go to the archive (booleans), and the key of each accepted row."""

    is_archived: np.ndarray
    keys: np.ndarray


@dataclass
class ArchiveLoad:
    """What of one delivery goes to the archive. The caller holds the feed. Of a file that is only tried nothing goes to
    the store (``keeps_files``)."""

    connection: sa.Connection
    contract: Contract
    followed: Followed
    settings: Settings
    master: KeyRing
    delivery_id: uuid.UUID
    keeps_files: bool = True
    _has_records: bool = field(init=False)

    def __post_init__(self) -> None:
        queries.make_asked(self.connection)
        self._has_records = queries.has_records(self.connection)
        self._sums = Sums(self.connection, self.followed, self.delivery_id)
        self._writer = ArchiveWriter(self.settings, self.master, self.contract.feed, self.delivery_id)

    def known(self, rows: ArchivedRows, hashes: np.ndarray, maybe_seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Booleans for accepted rows: those whose record is archived already, and those of whose key another is."""
        same, other = np.zeros(len(hashes), dtype=bool), np.zeros(len(hashes), dtype=bool)
        asked = np.arange(len(hashes)) if self._has_records else np.flatnonzero(maybe_seen)
        if len(asked):
            positions = queries.known(self.connection, asked, rows.keys[asked], hashes[asked])
            same[positions[0]], other[positions[1]] = True, True
        return same, other

    def is_own_key(self, keys: np.ndarray) -> np.ndarray:
        """A boolean for each key: this delivery has archived a record of it."""
        return queries.archived_keys(self.connection, self.delivery_id, keys)

    def add(
        self, raw: pa.Table, numbers: np.ndarray, hashes: np.ndarray, keys: np.ndarray, is_other: np.ndarray
    ) -> None:
        """Archive these rows, in the order of the file. ``raw``: as raw would hold them."""
        if not raw.num_rows:
            return
        sum_ids = self._sums.add(raw)
        queries.copy_records(self.connection, keys, hashes, numbers, sum_ids, is_other)
        if not self.keeps_files:
            return
        days = pc.utf8_slice_codeunits(raw.column(self.followed.day), 0, LENGTH_OF_DAY)
        # Columns of tokens are empty: a row that has one stays in raw.
        kept = raw.select([column.name for column in self.contract.columns if not column.is_personal])
        kept = kept.append_column(ROW_NUMBER, pa.array(numbers))
        self._writer.add(kept, raw.column(self.followed.sender), days)

    def finish(self) -> None:
        """Write what waits: before a transaction that archived something ends."""
        self._writer.finish()
        self._sums.write()
        queries.list_files(self.connection, self._writer.files)
