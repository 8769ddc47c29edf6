"""From landed bytes to a stream of unpacked bytes, within limits: a bomb is refused before it fills memory or disk."""

import errno
import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, BinaryIO, cast

from hub.contracts.values import Compression
from hub.deliveries import DeliveryRefused
from hub.ingest.readers.other_forms import HEAD_BYTES, form_found
from hub.ingest.readers.zip_parts import PartsStream, members_of, only_member, refuse_other_bytes

PARQUET_MAGIC = b"PAR1"
BUFFER_BYTES = 1024 * 1024
MAX_RATIO = 500
RATIO_FREE_BYTES = 64 * 1024 * 1024
"""Text compresses at most some 100 times; a small file may do better by chance, so the ratio counts from here on."""


MAGIC = {Compression.GZIP: b"\x1f\x8b", Compression.ZIP: b"PK"}

DAMAGE = (zipfile.BadZipFile, EOFError, zlib.error, struct.error, RuntimeError, ValueError, OSError)
"""What ``zipfile`` and ``gzip`` raise for a file that is not whole (ValueError: a name or an offset that cannot be)."""


class LimitedStream(io.RawIOBase):
    """Reads through to ``source``, and counts the bytes that have come out. Refuses the delivery once there are more
    than ``limit``, more than ``MAX_RATIO`` times the ``packed_bytes`` that went in, or when the packed bytes turn out
    to be damaged."""

    def __init__(self, source: IO[bytes], limit: int, packed_bytes: int) -> None:
        self._source = source
        self._limit = most_unpacked(limit, packed_bytes)
        self.count_bytes = 0

    def readable(self) -> bool:
        """Always: it is there to be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names the protocol privately
        """Fill ``buffer`` as far as the source gives bytes; 0 at its end."""
        try:
            data = self._source.read(len(buffer))
        except DAMAGE as error:
            raise_failure_of_disk(error)
            raise DeliveryRefused("the packed file is damaged") from error
        self.count_bytes += len(data)
        if self.count_bytes > self._limit:
            raise DeliveryRefused(f"the unpacked content is larger than {self._limit} bytes")
        buffer[: len(data)] = data
        return len(data)


def raise_failure_of_disk(error: BaseException | None) -> None:
    """Raises the error of the system that led to this one, if any: the hub's disk says nothing about the file. A place
    that cannot be (EINVAL) is the file's own."""
    while error is not None:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise error
        error = error.__context__


def most_unpacked(limit: int, packed_bytes: int) -> int:
    """How many bytes may come out of so many packed ones."""
    return min(limit, max(RATIO_FREE_BYTES, packed_bytes * MAX_RATIO))


def most_inside(packed_bytes: int) -> int:
    """How large zip files inside a zip file of so many bytes may be together: what is packed already shrinks no more,
    so they are about as large as that one."""
    return max(RATIO_FREE_BYTES, 2 * packed_bytes)


@contextmanager
def unpacked(
    landed: BinaryIO, compression: Compression, max_unpacked_bytes: int, *, has_parts: bool = False
) -> Iterator[BinaryIO]:
    """A landed file, unpacked; with ``has_parts`` the parts in a zip file are one file. Raises
    :class:`DeliveryRefused` when it is not what the contract says: not a zip or gzip file, damaged, encrypted, more
    than one member where there are no parts, a member with a path in its name, or a bomb."""
    size = landed.seek(0, io.SEEK_END)
    landed.seek(0)
    if compression is Compression.NONE:
        yield landed
        return
    refuse_other_packing(landed.read(HEAD_BYTES), compression)
    landed.seek(0)
    with ExitStack() as stack:
        source = _open_packed(stack, landed, compression, most_inside(size) if has_parts else None)
        stream = LimitedStream(source, max_unpacked_bytes, size)
        yield cast("BinaryIO", io.BufferedReader(stream, buffer_size=BUFFER_BYTES))


def refuse_other_packing(head: bytes, compression: Compression) -> None:
    """Raises :class:`DeliveryRefused` where a file that begins so is packed otherwise, or is a workbook."""
    found = form_found(head)
    if not head.startswith(MAGIC[compression]) or found == "an Excel workbook":
        raise DeliveryRefused(f"this is {found or 'a file that is not packed'}; this feed sends a {compression} file")


def _open_packed(stack: ExitStack, packed: BinaryIO, compression: Compression, most: int | None) -> IO[bytes]:
    try:
        if compression is Compression.GZIP:
            return cast("IO[bytes]", stack.enter_context(gzip.open(packed)))
        archive = stack.enter_context(zipfile.ZipFile(packed))
        refuse_other_bytes(packed, archive)
        if most is not None:
            return cast("IO[bytes]", stack.enter_context(PartsStream(archive, members_of(archive), most)))
        return stack.enter_context(archive.open(only_member(archive)))
    except DAMAGE as error:
        raise_failure_of_disk(error)
        raise DeliveryRefused(f"not a whole {compression} file") from error


def is_parquet(landed: BinaryIO) -> bool:
    """Whether the file begins as Parquet does."""
    landed.seek(0)
    begin = landed.read(len(PARQUET_MAGIC))
    landed.seek(0)
    return begin == PARQUET_MAGIC
