"""A chunk's accepted rows on their way into raw, vault and archive, and what became of them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hub.deliveries import Chunk, Rejection
from hub.ingest.archive.load import ArchivedRows

UNIQUE_REASON = "the contract says that no two records of a delivery share it"


@dataclass(frozen=True)
class Prepared:
    """A chunk ready to be loaded, its dates as ISO text: the positions of its accepted rows and their hashes; which of
    these stand before in the chunk and which may stand in an earlier one (booleans), and the order in which they go in
    (None: the file's); the columns of all its rows as raw holds them, and what the vault holds of the accepted ones:
    records and their keys (None where the feed has none); and which of them go to the archive (None: none of the feed
    does)."""

    chunk: Chunk
    positions: np.ndarray
    hashes: np.ndarray
    is_repeated: np.ndarray
    maybe_seen: np.ndarray
    order: np.ndarray | None
    raw: pa.Table
    encrypted: tuple[pa.Table, pa.Table] | None
    archived: ArchivedRows | None = None

    @property
    def is_archived(self) -> np.ndarray:
        """A boolean for each accepted row: it goes to the archive."""
        return np.zeros(len(self.positions), dtype=bool) if self.archived is None else self.archived.is_archived

    def reject(self, position: int, column: str) -> Rejection:
        """The rejection of a row whose value of a unique column has been there before."""
        number, line = self.chunk.row_numbers[position].as_py(), self.chunk.line_numbers[position].as_py()
        return Rejection(number, line, f"{column}.unique", UNIQUE_REASON, column)


@dataclass(frozen=True)
class Loaded:
    """What became of a chunk's accepted rows: the positions of those that went in, and of those that state a record
    again, and which repeat the value of a unique column."""

    positions: np.ndarray
    restated: np.ndarray
    repeated: tuple[Rejection, ...] = ()

    @property
    def count_accepted(self) -> int:
        """How many went in."""
        return len(self.positions)

    @property
    def count_duplicate(self) -> int:
        """How many had been there."""
        return len(self.restated)
