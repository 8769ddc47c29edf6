"""A zip file that holds one CSV file in parts, as one stream: the header of the first, then the lines of all.

Parts come in the order in which they lie in it; each begins with the same header. A part can be a zip file of further
parts, as registers pack a day. Rows and lines are counted through all parts, without the headers of the later ones.
"""

import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, cast

from hub.deliveries import DeliveryRefused

MOST_PARTS = 10_000
LONGEST_HEADER = 1024 * 1024
MARK = b"\xef\xbb\xbf"
ZIP_MAGIC = b"PK\x03\x04"
KNOWN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def members_of(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files in a zip file, in the order in which they lie in it: a zip file inside a packed one can be read onward
    alone. Raises :class:`DeliveryRefused` where one cannot be read."""
    members = [member for member in archive.infolist() if not member.is_dir() or member.file_size]
    for member in members:
        _refuse_unreadable(member)
    return sorted(members, key=lambda member: member.header_offset)


def only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one file in a zip file. Raises :class:`DeliveryRefused` where there is not one, or it cannot be read."""
    members = members_of(archive)
    if len(members) != 1:
        raise DeliveryRefused(f"the zip file holds {len(members)} files; it must hold exactly one")
    return members[0]


def _refuse_unreadable(member: zipfile.ZipInfo) -> None:
    name = member.orig_filename.replace("\\", "/")
    if name.startswith("/") or ":" in name or ".." in name.split("/") or "\0" in name:
        raise DeliveryRefused("a file inside the zip file has a path in its name that leads elsewhere")
    if member.flag_bits & 0x1:
        raise DeliveryRefused("a file inside the zip file is encrypted")
    if member.compress_type not in KNOWN_METHODS:
        raise DeliveryRefused("a file inside the zip file is packed in another way than deflate")


class PartsStream(io.RawIOBase):
    """Reads all parts one after the other. ``most_bytes`` is how large the zip files among them may be together."""

    def __init__(self, archive: zipfile.ZipFile, most_bytes: int) -> None:
        self._parts = self._opened(archive, most_bytes)
        self._part: IO[bytes] | None = None
        self._number = 0
        self._header: bytes | None = None
        self._waiting = b""
        self._ends_line = True

    def readable(self) -> bool:
        """Always: it is there to be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names the protocol privately
        """Fill ``buffer`` as far as the present part goes; 0 after the last one. Raises :class:`DeliveryRefused`."""
        while not self._waiting:
            data = self._part.read(len(buffer)) if self._part is not None else b""
            if data:
                self._waiting = data
            elif not self._next_part():
                return 0
        count = min(len(buffer), len(self._waiting))
        buffer[:count] = self._waiting[:count]
        self._ends_line = self._waiting[count - 1 : count] == b"\n"
        self._waiting = self._waiting[count:]
        return count

    def _next_part(self) -> bool:
        """Go to the next part, past its header where that was given before; False where there is none."""
        self._part = next(self._parts, None)
        if self._part is None:
            return False
        self._number += 1
        if self._number > MOST_PARTS:
            raise DeliveryRefused(f"the zip file holds more than {MOST_PARTS} parts")
        header = self._part.readline(LONGEST_HEADER)
        if len(header) == LONGEST_HEADER:
            raise DeliveryRefused(f"the first line of part {self._number} of the zip file is no header row")
        if self._header is None:
            self._header = _plain(header)
            self._waiting = header
        elif _plain(header) != self._header:
            raise DeliveryRefused(f"part {self._number} of the zip file begins with another header than the first")
        elif not self._ends_line:
            self._waiting = b"\n"
        return True

    def _opened(self, archive: zipfile.ZipFile, most_bytes: int) -> Iterator[IO[bytes]]:
        count_bytes = 0
        for member in members_of(archive):
            with ExitStack() as stack:
                part = stack.enter_context(archive.open(member))
                if cast("zipfile.ZipExtFile", part).peek(len(ZIP_MAGIC))[: len(ZIP_MAGIC)] != ZIP_MAGIC:
                    yield part
                    continue
                count_bytes += member.file_size
                if count_bytes > most_bytes:
                    raise DeliveryRefused(f"the zip files inside the zip file are larger than {most_bytes} bytes")
                inner = stack.enter_context(zipfile.ZipFile(part))
                for one in members_of(inner):
                    yield stack.enter_context(inner.open(one))


def _plain(header: bytes) -> bytes:
    return header.removeprefix(MARK).rstrip(b"\r\n")
