"""A zip file that holds one CSV file in parts, as one stream: the header of the first, then the lines of all.

Parts come in the order in which they lie in it; each begins with the same header. A part can be a zip file of further
parts, as registers pack a day. Rows and lines are counted through all parts, without the headers of the later ones.
"""

import io
import itertools
import struct
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import IO, cast

from hub.deliveries import DeliveryRefused

MOST_PARTS = 10_000
LONGEST_HEADER = 1024 * 1024
MOST_OF_HEADERS = 64 * 1024 * 1024
MOST_OF_DIRECTORY = 64 * 1024 * 1024
"""Of a zip file inside the zip file: that of the outer one is as large as it was sent, this one was unpacked."""
MARK = b"\xef\xbb\xbf"
BEGINS_OF_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
END_OF_ZIP = struct.Struct("<4s6xHL4xH")
"""At the end of a zip file: a mark, how many files its directory names, how large that is, the length of a comment."""
LEAST_HEADER = 30
"""Of bytes before those of a file."""
END_MARK, UNKNOWN_COUNT = b"PK\x05\x06", 0xFFFF
OTHER_BYTES = "the zip file, or one inside it, has other bytes before or after it"
KNOWN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def members_of(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files in a zip file, in the order in which they lie in it: a zip file inside a packed one can be read onward
    alone. Raises :class:`DeliveryRefused` where one cannot be read."""
    members = [member for member in archive.infolist() if not member.is_dir() or member.file_size]
    for member in members:
        _refuse_unreadable(member)
    members.sort(key=lambda member: member.header_offset)
    for one, after in itertools.pairwise(members):
        if after.header_offset < one.header_offset + LEAST_HEADER + one.compress_size:
            raise DeliveryRefused("files inside the zip file share their bytes")
    return members


def refuse_other_bytes(packed: IO[bytes], archive: zipfile.ZipFile) -> None:
    """A zip file is read from its end: of two that were put together only the last is found, and of a damaged directory
    what can be read. Raises :class:`DeliveryRefused` for both."""
    begins_at = min((member.header_offset for member in archive.infolist()), default=0)
    mark, count, _, _ = _end_of(packed, len(archive.comment))
    if begins_at or mark != END_MARK:
        raise DeliveryRefused(OTHER_BYTES)
    if count not in (UNKNOWN_COUNT, len(archive.infolist())):
        raise DeliveryRefused("the packed file is damaged: it names more or fewer files than it counts")


def _end_of(packed: IO[bytes], count_comment: int) -> tuple[bytes, int, int, int]:
    packed.seek(-END_OF_ZIP.size - count_comment, io.SEEK_END)
    mark, count, size, comment = END_OF_ZIP.unpack(packed.read(END_OF_ZIP.size))
    return mark, count, size, comment


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
    """Reads all parts in these members of an archive, one after the other. ``most_bytes`` is how large the zip files
    among them may be together. ``header`` is the first part's, once it was read, without a mark or line end;
    ``count_parts``, ``bytes_of_headers`` and ``bytes_inside`` (of zip files) are what was read so far."""

    def __init__(self, archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], most_bytes: int) -> None:
        self.header: bytes | None = None
        self.count_parts = self.bytes_of_headers = self.bytes_inside = 0
        self._parts = self._opened(archive, members, most_bytes)
        self._part: IO[bytes] | None = None
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
        self.count_parts += 1
        if self.count_parts > MOST_PARTS:
            raise DeliveryRefused(f"the zip file holds more than {MOST_PARTS} parts")
        header = self._part.readline(LONGEST_HEADER)
        self.bytes_of_headers += len(header)
        if self.bytes_of_headers > MOST_OF_HEADERS:
            raise DeliveryRefused(f"the headers of the parts are larger than {MOST_OF_HEADERS} bytes")
        if len(header) == LONGEST_HEADER:
            raise DeliveryRefused(f"the first line of part {self.count_parts} of the zip file is no header row")
        if self.header is None:
            self.header = _plain(header)
            self._waiting = header
        elif _plain(header) != self.header:
            raise DeliveryRefused(f"part {self.count_parts} of the zip file begins with another header than the first")
        elif not self._ends_line:
            self._waiting = b"\n"
        return True

    def _opened(
        self, archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], most_bytes: int
    ) -> Iterator[IO[bytes]]:
        for member in members:
            with ExitStack() as stack:
                part = stack.enter_context(archive.open(member))
                if not cast("zipfile.ZipExtFile", part).peek(len(END_MARK)).startswith(BEGINS_OF_ZIP):
                    yield part
                    continue
                self.bytes_inside += member.file_size
                if self.bytes_inside > most_bytes:
                    raise DeliveryRefused(f"the zip files inside the zip file are larger than {most_bytes} bytes")
                mark, _, size, comment = _end_of(part, 0)
                if mark != END_MARK or comment:
                    raise DeliveryRefused(OTHER_BYTES)
                if size > MOST_OF_DIRECTORY:
                    raise DeliveryRefused(f"a directory inside the zip file is larger than {MOST_OF_DIRECTORY} bytes")
                inner = stack.enter_context(zipfile.ZipFile(part))
                refuse_other_bytes(part, inner)
                for one in members_of(inner):
                    yield stack.enter_context(inner.open(one))


def _plain(header: bytes) -> bytes:
    return header.removeprefix(MARK).rstrip(b"\r\n")
