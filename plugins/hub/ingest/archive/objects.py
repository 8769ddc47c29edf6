"""Encrypted Parquet files of archived rows, in the store: ``feed/delivery/day/sender/hash.parquet``.

A file is of one delivery, day and sender, and named by the hash of its rows: written again by a load that was killed
before, or by two at once, it is the same file. ``ledger.archive_files`` says which of them count.
"""

import hashlib
import io
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hub.ingest.encrypted_files import open_decrypted, remove_from, rewrap_in
from hub.settings import MEBIBYTE, Settings
from hub.store import archive_files
from hub.store.workplace import clear, clear_unless_used, unfinished_file
from hub.vault.encrypted_file import EncryptedWriter
from hub.vault.full_disk import writing_to
from hub.vault.hub_keys import KeyRing

ROW_NUMBER = "_row_number"
MOST_WAITING_BYTES = 48 * MEBIBYTE
"""Rows that wait for their files; the largest go out until a third of this waits."""
BLOCK_BYTES = MEBIBYTE
LONGEST_SENDER = 60


@dataclass(frozen=True)
class ArchiveFile:
    """A file of the archive, as the ledger lists it."""

    name: str
    delivery_id: uuid.UUID
    sender: str
    on_day: date
    count_rows: int
    columns: list[str]


@dataclass
class ArchiveWriter:
    """Writes rows of one delivery into files by sender and day, each as soon as enough of its rows have come. Memory
    does not grow with the delivery."""

    settings: Settings
    master: KeyRing
    feed: str
    delivery_id: uuid.UUID
    files: list[ArchiveFile] = field(default_factory=list, init=False)
    _waiting: dict[tuple[str, str], list[pa.Table]] = field(default_factory=dict, init=False)
    _bytes: dict[tuple[str, str], int] = field(default_factory=dict, init=False)

    def add(self, rows: pa.Table, senders: pa.ChunkedArray, days: pa.ChunkedArray) -> None:
        """Take rows, with the sender and the day of each."""
        for partition, positions in _partitions(senders, days):
            # A copy: a slice would keep all rows of the chunk in memory.
            own = rows.take(pa.array(positions)).combine_chunks()
            self._waiting.setdefault(partition, []).append(own)
            self._bytes[partition] = self._bytes.get(partition, 0) + own.nbytes
        if sum(self._bytes.values()) > MOST_WAITING_BYTES:
            for partition in sorted(self._bytes, key=lambda one: (-self._bytes[one], one)):
                self._write(partition)
                if sum(self._bytes.values()) <= MOST_WAITING_BYTES // 3:
                    break

    def finish(self) -> None:
        """Write what still waits."""
        for partition in sorted(self._waiting):
            self._write(partition)

    def _write(self, partition: tuple[str, str]) -> None:
        sender, day = partition
        rows = pa.concat_tables(self._waiting.pop(partition)).combine_chunks()
        del self._bytes[partition]
        target = io.BytesIO()
        pq.write_table(rows, target, compression="zstd", store_schema=False)
        data = target.getbuffer()
        name = f"{self.feed}/{self.delivery_id}/{day}/{_plain(sender)}/{hashlib.sha256(data).hexdigest()}.parquet"
        _put(self.settings, self.master, name, data)
        given = [one for one in rows.column_names if rows.column(one).null_count < rows.num_rows and one != ROW_NUMBER]
        on_day = date.fromisoformat(day)
        self.files.append(ArchiveFile(name, self.delivery_id, sender, on_day, rows.num_rows, given))


def read_file(settings: Settings, name: str) -> pa.Table:
    """The rows of a file. Raises FileNotFoundError, and :class:`~hub.vault.encrypted_file.FileDamaged`."""
    with open_file(settings, name) as file:
        return pq.read_table(file)


def open_file(settings: Settings, name: str) -> BinaryIO:
    """A file as Parquet, seekable. Raises as :func:`read_file`."""
    return open_decrypted(settings, archive_files(settings), name)


def names_of(settings: Settings, feed: str = "", delivery_id: uuid.UUID | None = None) -> Iterator[str]:
    """The names of all files in the store, of a feed or of a delivery."""
    folder = feed if delivery_id is None else f"{feed}/{delivery_id}"
    return (file.name for file in archive_files(settings).files(folder))


def remove_files(settings: Settings, names: Iterable[str]) -> None:
    """Remove files for good, where they are there."""
    remove_from(archive_files(settings), names)


def remove_unfinished(settings: Settings) -> None:
    """Remove what killed loads were writing on this machine; those that go on are waited for."""
    clear(archive_files(settings).workplace)


def rewrap_file(settings: Settings, ring: KeyRing, name: str) -> bool:
    """Wrap the key of a file by the newest master key; returns whether there was anything to do."""
    return rewrap_in(archive_files(settings), ring, name)


def _put(settings: Settings, master: KeyRing, name: str, data: memoryview) -> None:
    store = archive_files(settings)
    with writing_to(store.workplace.parent):
        clear_unless_used(store.workplace)
        with unfinished_file(store.workplace) as (path, target):
            encrypted = EncryptedWriter(target, master)
            for start in range(0, len(data), BLOCK_BYTES):
                encrypted.write(bytes(data[start : start + BLOCK_BYTES]))
            encrypted.finish()
            target.flush()
            store.keep(name, path)


def _partitions(senders: pa.ChunkedArray, days: pa.ChunkedArray) -> Iterator[tuple[tuple[str, str], np.ndarray]]:
    """The positions of the rows of each sender and day, in the order of the rows."""
    seen = pc.binary_join_element_wise(days, senders, "\0").combine_chunks().dictionary_encode()
    of_rows = seen.indices.to_numpy()
    order = np.argsort(of_rows, kind="stable")
    ends = np.cumsum(np.bincount(of_rows, minlength=len(seen.dictionary)))
    for text, start, end in zip(seen.dictionary.to_pylist(), [0, *ends], ends, strict=False):
        day, _, sender = text.partition("\0")
        yield (sender, day), order[start:end]


def _plain(sender: str) -> str:
    """A sender as a part of a name; which one it is, the ledger and the rows say."""
    return re.sub(r"[^a-z0-9]+", "-", sender.lower()).strip("-")[:LONGEST_SENDER].strip("-") or "other"
