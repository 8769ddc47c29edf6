"""What a file says beside its rows: names, comments and fields of an archive, bytes of one that belong to none of its
files, and comments and instructions of XML."""

import contextlib
import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, BinaryIO

from lxml import etree

from hub.ingest.readers.unpack import DAMAGE

LONGEST_HEADER = 4_096 + 65_536
"""Of a gzip file, so many bytes are looked at: the longest field and as much as a name and a comment need."""
BLOCK_BYTES = 1024 * 1024
_HEADER = struct.Struct("<4s22xHH")
_LOCAL, _END_OF_ZIP = b"PK\x03\x04", b"PK\x05\x06"
_CHECKED = 5
"""Bytes of a version and a sum before the name or the comment that a field repeats."""


def words_beside(packed: BinaryIO, most_bytes: int) -> str:
    """What a file says beside its rows, packed or not."""
    packed.seek(0)
    head = packed.read(LONGEST_HEADER)
    with ExitStack() as stack:
        if head.startswith(b"\x1f\x8b"):
            packed.seek(0)
            inner = stack.enter_context(gzip.open(packed))
            return "\n".join([words_of_gzip(head), _words_of_xml(inner)])
        if head.startswith(_LOCAL):
            archive = stack.enter_context(zipfile.ZipFile(packed))
            members = archive.infolist()
            words = [_said(archive.comment), *map(words_of_member, members)]
            words += map(_said, hidden_in_zip(packed, archive, most_bytes))
            words += [_words_of_xml(stack.enter_context(archive.open(one))) for one in members if not one.is_dir()]
            return "\n".join(words)
        packed.seek(0)
        return _words_of_xml(packed)


def words_of_gzip(head: bytes) -> str:
    """What the header of a gzip file says: the name of the file that was packed, a comment, and fields."""
    flags, start, fields = head[3], 10, list[str]()
    if flags & 4:
        end = start + 2 + int.from_bytes(head[start : start + 2], "little")
        fields, start = _fields(head[start + 2 : end]), end
    texts = head[start:LONGEST_HEADER].split(b"\0")
    return "\n".join([_said(b"\n".join(texts[: bool(flags & 8) + bool(flags & 16)])), *fields])


def words_of_member(member: zipfile.ZipInfo) -> str:
    """What a zip file says of one of its files."""
    return "\n".join([member.filename, _said(member.comment), *_fields(member.extra)])


def hidden_in_zip(packed: BinaryIO, archive: zipfile.ZipFile, most_bytes: int) -> list[bytes]:
    """What is in a zip file and in none of the files that its directory names: bytes before, between and after them,
    and files that nobody took out when their names were; these unpacked."""
    hidden, at = [], 0
    for member in sorted(archive.infolist(), key=lambda one: one.header_offset):
        hidden.append(_read(packed, at, member.header_offset))
        head = _read(packed, member.header_offset, member.header_offset + _HEADER.size)
        name, extra = _HEADER.unpack(head)[1:] if len(head) == _HEADER.size else (0, 0)
        begin = member.header_offset + _HEADER.size
        own_fields = _read(packed, begin + name, begin + name + extra)
        hidden += [_read(packed, begin, begin + name), *(one.encode() for one in _fields(own_fields))]
        at = begin + name + extra + member.compress_size
    hidden.append(_read(packed, at, archive.start_dir))
    end = packed.seek(0, io.SEEK_END)
    hidden += _read(packed, archive.start_dir, end).split(_END_OF_ZIP)[1:]
    return [part for one in hidden if one for part in (one, *_left_behind(one, most_bytes))]


def _left_behind(data: bytes, most_bytes: int) -> Iterator[bytes]:
    """What unpacks behind a header that no directory names, ``most_bytes`` of all together."""
    at, view = data.find(_LOCAL), memoryview(data)
    while 0 <= at <= len(data) - _HEADER.size and most_bytes > 0:
        begin = at + _HEADER.size + sum(_HEADER.unpack_from(data, at)[1:])
        unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
        with contextlib.suppress(zlib.error):  # what lies there as it is, is looked through so
            part = unpacking.decompress(view[begin:], most_bytes)
            most_bytes -= len(part)
            yield part
        at = data.find(_LOCAL, at + 1)


def _read(packed: BinaryIO, start: int, end: int) -> bytes:
    packed.seek(start)
    return packed.read(max(0, end - start))


def _fields(extra: bytes) -> list[str]:
    """What the extra fields of a header hold; of one that repeats a name, also without what comes before that."""
    found, at = [], 0
    while at + 4 <= len(extra):
        field = extra[at + 4 : at + 4 + int.from_bytes(extra[at + 2 : at + 4], "little")]
        found += [_said(field), _said(field[_CHECKED:])]
        at += 4 + len(field)
    return [*found, _said(extra[at:])]


class _Comments:
    """Takes from a parser what is neither an element nor a text."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def comment(self, text: str) -> None:
        self.said.append(text)

    def pi(self, target: str, data: str | None = None) -> None:
        self.said.append(f"{target} {data or ''}")

    def close(self) -> list[str]:
        return self.said


def _words_of_xml(stream: IO[bytes] | gzip.GzipFile) -> str:
    """The comments and instructions of XML, as far as it can be read; nothing of other bytes."""
    found = _Comments()
    parser = etree.XMLParser(  # type: ignore[call-overload]  # a target needs no method that it does not want
        target=found, resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        block = stream.read(BLOCK_BYTES)
        if not block.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
            return ""
        while block:
            parser.feed(block)
            block = stream.read(BLOCK_BYTES)
        parser.close()
    except (etree.XMLSyntaxError, *DAMAGE):
        pass
    return "\n".join(found.said)


def _said(data: bytes) -> str:
    return data.decode("utf-8", "replace")
