"""Parts of a zip file in groups that are read side by side, each as a file of its own. Put together again they are what
one reader finds in all parts one after the other: the same rows under the same numbers.

Where that is not sure, because something is refused, a record goes on in the next group, or the groups together are
more than one file may be, the file is read in order instead.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, BinaryIO, cast

from hub.contracts.model import Contract
from hub.contracts.values import Compression, FileFormat
from hub.deliveries import Chunk, DeliveryRefused
from hub.ingest.readers.csv_rows import read_csv
from hub.ingest.readers.other_forms import HEAD_BYTES, refuse_other_form
from hub.ingest.readers.unforeseen import refusing_the_unforeseen
from hub.ingest.readers.unpack import (
    BUFFER_BYTES,
    DAMAGE,
    LimitedStream,
    most_inside,
    most_unpacked,
    refuse_other_packing,
)
from hub.ingest.readers.zip_parts import MOST_OF_HEADERS, MOST_PARTS, PartsStream, members_of, refuse_other_bytes
from hub.settings import Settings

GROUP_BYTES = 8 * 1024 * 1024
"""Packed bytes of a group at least, where there are so many: each has an overhead of its own."""


@dataclass(frozen=True)
class GroupEnd:
    """What a group was when it was read to its end. ``count_lines`` has its header; ``bytes_inside`` are of zip files
    among its parts."""

    header: bytes | None
    count_rows: int
    count_lines: int
    count_bytes: int
    count_parts: int
    bytes_of_headers: int
    bytes_inside: int


class _CountedStream(LimitedStream):
    """Counts the lines that come out, the last one also where nothing ends it."""

    def __init__(self, source: IO[bytes], limit: int, packed_bytes: int) -> None:
        super().__init__(source, limit, packed_bytes)
        self.count_ends = 0
        self.is_in_line = False

    @property
    def count_lines(self) -> int:
        """How many there are so far."""
        return self.count_ends + self.is_in_line

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names the protocol privately
        """Fill ``buffer``; 0 at the end."""
        count = super().readinto(buffer)
        if count:
            data = bytes(buffer[:count])
            self.count_ends += data.count(b"\n")
            self.is_in_line = not data.endswith(b"\n")
        return count


def groups_of(settings: Settings, landed: BinaryIO) -> list[range]:
    """The members of a landed zip file in groups of neighbours, by their positions in it. Nothing where there are not
    two groups, or the file as a whole is not what it should be."""
    size = _size(landed)
    if not 0 < size <= settings.max_file_bytes:
        return []
    try:
        refuse_other_packing(landed.read(HEAD_BYTES), Compression.ZIP)
        with zipfile.ZipFile(landed) as archive:
            refuse_other_bytes(landed, archive)
            sizes = [member.compress_size for member in members_of(archive)]
    except (DeliveryRefused, *DAMAGE):
        return []
    ends, waiting = [0], 0
    for end, packed_bytes in enumerate(sizes, 1):
        waiting += packed_bytes
        if waiting >= GROUP_BYTES or end == len(sizes):
            ends.append(end)
            waiting = 0
    groups = [range(start, stop) for start, stop in pairwise(ends)]
    return groups if len(groups) > 1 else []


def read_group(
    settings: Settings, contract: Contract, landed: BinaryIO, group: range, *, is_last: bool
) -> Iterator[Chunk | GroupEnd]:
    """The chunks of a group, whose rows and lines are numbered within it, and its end. Raises
    :class:`DeliveryRefused` where the file has to be read in order."""
    size = _size(landed)
    with zipfile.ZipFile(landed) as archive:
        parts = PartsStream(archive, members_of(archive)[group.start : group.stop], most_inside(size))
        with _CountedStream(cast("IO[bytes]", parts), settings.max_unpacked_bytes, size) as unpacked:
            stream = io.BufferedReader(unpacked, buffer_size=BUFFER_BYTES)
            refuse_other_form(stream.peek(HEAD_BYTES)[:HEAD_BYTES], FileFormat.CSV, contract.form.encoding)
            count_rows = 0
            rows = read_csv(contract, stream, settings.chunk_bytes, goes_on=not is_last)
            for chunk in refusing_the_unforeseen(rows):
                count_rows += chunk.count_rows
                yield chunk
            yield GroupEnd(
                header=parts.header,
                count_rows=count_rows,
                count_lines=unpacked.count_lines,
                count_bytes=unpacked.count_bytes,
                count_parts=parts.count_parts,
                bytes_of_headers=parts.bytes_of_headers,
                bytes_inside=parts.bytes_inside,
            )


def are_one_file(settings: Settings, landed: BinaryIO, ends: Sequence[GroupEnd]) -> bool:
    """Whether one reader would read all of these groups, one after the other: their headers are the same, and together
    they are no more than one file may be."""
    size = _size(landed)
    return (
        len({end.header for end in ends}) == 1
        and sum(end.count_bytes for end in ends) <= most_unpacked(settings.max_unpacked_bytes, size)
        and sum(end.count_parts for end in ends) <= MOST_PARTS
        and sum(end.bytes_of_headers for end in ends) <= MOST_OF_HEADERS
        and sum(end.bytes_inside for end in ends) <= most_inside(size)
    )


def _size(landed: BinaryIO) -> int:
    size = landed.seek(0, io.SEEK_END)
    landed.seek(0)
    return size
