"""Zip files of parts made to cost time or memory; and what one of them costs, in a process with limits of its own:
``heavy_parts.py FILE`` reads it and prints what came of it."""

import io
import itertools
import json
import random
import resource
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hub.deliveries import DeliveryRefused
from hub.ingest.readers import read_chunks
from ingest.hostile_parts import in_reverse
from ingest.zips_in_parts import HEADER, PARTS, SETTINGS, zip_of

MEBIBYTE = 1 << 20
GIBIBYTE = 1 << 30
SECONDS = 60
MOST_MEMORY = GIBIBYTE
ROWS = b"Quill,1\n" * (MEBIBYTE // 8)
TINY = HEADER + b"\nQuill,1\n"


def one_of(pieces: Iterable[bytes], name: str = "Quill.csv", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of one file, made of pieces without holding them all."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive, archive.open(name, "w", force_zip64=True) as member:
        for piece in pieces:
            member.write(piece)
    return target.getvalue()


def repeated(piece: bytes, times: int) -> Iterator[bytes]:
    return itertools.repeat(piece, times)


def long_part() -> Iterator[bytes]:
    yield HEADER + b"\n"
    yield from repeated(ROWS, 400)


def packed_around(first: bytes, filler: bytes, times: int, last: bytes) -> tuple[bytes, int, int]:
    """Deflated bytes, size and checksum of a file with the same filler many times in it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = packer.compress(first) + packer.flush(zlib.Z_FULL_FLUSH)
    middle = packer.compress(filler) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = start + middle * times + packer.compress(last) + packer.flush()
    checksum = zlib.crc32(first)
    for _ in range(times):
        checksum = zlib.crc32(filler, checksum)
    return packed, len(first) + len(filler) * times + len(last), zlib.crc32(last, checksum)


def under_many_names(file: tuple[bytes, int, int], entries: int, *, is_shared: bool) -> bytes:
    """A zip file with so many entries that hold this packed file: each a copy, or all the same bytes."""
    packed, size, checksum = file
    about = (8, 0, 33, checksum, len(packed), size)
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, *about, 5, 0) + b"Quill" + packed
    data = local if is_shared else local * entries
    directory = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, *about, 5, 0, 0, 0, 0, 0, place) + b"Quill"
        for place in (0 if is_shared else number * len(local) for number in range(entries))
    )
    return data + directory + ended(entries, len(directory), len(data))


def ended(entries: int, length: int, place: int) -> bytes:
    """The end of a zip file whose directory is so long and lies there, in the form that holds any size."""
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, length, place)
    last = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return wide + struct.pack("<4sIQI", b"PK\x06\x07", 0, place + length, 1) + last


def directory_of(entries: int, note: int) -> Iterator[bytes]:
    """A zip file of so many tiny parts whose directory has long notes on each."""
    checksum, size = zlib.crc32(TINY), len(TINY)
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 0, 0, 33, checksum, size, size, 1, 0) + b"x" + TINY
    yield from repeated(local, entries)
    text = bytes(note)
    for number in range(entries):
        fields = (20, 20, 0, 0, 0, 33, checksum, size, size, 1, 0, note, 0, 0, 0, number * len(local))
        yield struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", *fields) + b"x" + text
    yield ended(entries, entries * (47 + note), entries * len(local))


def with_gap_of(mebibytes: int) -> tuple[bytes, int, int]:
    """A zip file of one tiny part with so many empty bytes before its directory, packed once more."""
    data = zip_of(TINY)
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    place = start + (mebibytes << 20)
    last = data[start:end] + ended(1, end - start, place)
    return packed_around(data[:start], bytes(MEBIBYTE), mebibytes, last)


def words(mebibytes: int) -> Iterator[bytes]:
    """Rows that hardly get smaller."""
    chance = random.Random(1)
    yield HEADER + b"\n"
    for _ in range(mebibytes):
        yield b"".join(b"Quill,%s\n" % chance.randbytes(32).hex().encode() for _ in range(14_500))


def headers_alone(entries: int) -> bytes:
    """Parts that hold nothing but a header of nearly a mebibyte."""
    return under_many_names(packed_around(b"place,note,", b"x" * 1_000_000, 1, b"\n"), entries, is_shared=False)


def nested_bombs() -> bytes:
    inner = one_of(long_part())
    return zip_of(*(inner for _ in range(50)))


LONG = packed_around(HEADER + b"\n", ROWS, 10, b"")
HEAVY: dict[str, tuple[Callable[[], bytes], int | None, bool]] = {
    "one huge part": (lambda: one_of(long_part()), None, True),
    "one huge part inside": (lambda: one_of([one_of(long_part())], "Quill.zip"), None, True),
    "bombs inside": (nested_bombs, None, True),
    "one file under many names": (lambda: under_many_names(LONG, 5_000, is_shared=True), None, True),
    "one file under many names inside": (lambda: zip_of(under_many_names(LONG, 5_000, is_shared=True)), None, True),
    "60,000 tiny parts": (lambda: zip_of(*repeated(TINY, 60_000)), None, True),
    "60,000 tiny parts inside": (lambda: zip_of(zip_of(*repeated(TINY, 60_000))), None, True),
    "9,000 tiny parts inside in reverse": (lambda: zip_of(in_reverse(zip_of(*repeated(TINY, 9_000)))), 9_000, False),
    "9,000 zip files of a tiny part": (lambda: zip_of(*repeated(zip_of(TINY), 9_000)), 9_000, False),
    "parts of headers alone": (lambda: zip_of(headers_alone(9_000)), None, True),
    "a gap of 3.8 GiB inside": (lambda: under_many_names(with_gap_of(3_900), 1, is_shared=True), 1, True),
    "gaps of 60 MiB inside": (lambda: under_many_names(with_gap_of(60), 100, is_shared=False), 100, True),
    "one gap of 60 MiB under many names": (lambda: under_many_names(with_gap_of(60), 100, is_shared=True), 100, True),
    "a directory of half a GiB inside": (lambda: one_of(directory_of(9_000, 60_000), "Quill.zip"), 9_000, True),
    "60 MiB packed twice": (lambda: zip_of(one_of(words(60))), 870_000, False),
    "ten zip files of 6 MiB packed twice": (lambda: zip_of(*repeated(one_of(words(6)), 10)), 870_000, False),
}
"""Each with its rows, or None where it must not be read, and whether it may be refused."""


def read_it(path: Path) -> dict[str, object]:
    """What came of a file, in how much time and memory."""
    started, rows = time.monotonic(), 0
    with path.open("rb") as landed:
        try:
            for chunk in read_chunks(SETTINGS, PARTS, landed, []):
                rows += chunk.count_rows
            reason = None
        except DeliveryRefused as refused:
            reason = str(refused)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"reason": reason, "rows": rows, "seconds": time.monotonic() - started, "memory": memory}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_DATA, (2 * MOST_MEMORY, 2 * MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 30, SECONDS + 30))
    print(json.dumps(read_it(Path(sys.argv[1]))))
