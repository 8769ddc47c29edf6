"""Zip files of parts that no honest sender makes, small ones: each with the rows that it holds, or with none where it
must be refused, or with both where either is right."""

import gzip
import io
import struct
import zipfile
from collections.abc import Callable

from ingest.zips_in_parts import HEADER, zip_of

VALUE = "Quill"
"""Stands in every name and cell; no reason may hold it."""
ONE = HEADER + b"\nQuill,1\nQuill,2\n"
TWO = HEADER + b"\nQuill,3\n"
ALL = ("1", "2", "3")
"""Notes of the rows of both."""
PLACE = 42
"""Where an entry of the directory says where its file lies; from the entry's beginning."""
ENTRY, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"
NAME = "Quill-{number}"


def pair(**how: int) -> bytes:
    return zip_of(ONE, TWO, name=NAME, **how)  # type: ignore[arg-type]


def spoiled(data: bytes, signature: bytes, offset: int, form: str, value: int, nth: int = 0) -> bytes:
    """Another number in the nth record with this signature."""
    place = -1
    for _ in range(nth + 1):
        place = data.index(signature, place + 1)
    changed = bytearray(data)
    struct.pack_into(form, changed, place + offset, value)
    return bytes(changed)


def with_names(*members: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data)
    return target.getvalue()


def without_entry(data: bytes, nth: int, *, is_counted: bool) -> bytes:
    """A directory that no longer names a file, whether or not its end still counts that."""
    parts = data.split(ENTRY)
    last, end = parts[-1].split(END)
    entries = [*parts[1:-1], last]
    del entries[nth]
    directory = b"".join(ENTRY + one for one in entries)
    count = len(entries) + is_counted
    sizes = struct.pack("<HHHHII", 0, 0, count, count, len(directory), len(parts[0]))
    return parts[0] + directory + END + sizes + end[16:]


def with_entry_again(data: bytes) -> bytes:
    """The directory names the same file twice."""
    start, end = data.index(ENTRY), data.index(END)
    directory = data[start:end] * 2
    return data[:start] + directory + END + struct.pack("<HHHHIIH", 0, 0, 2, 2, len(directory), start, 0)


def in_reverse(data: bytes) -> bytes:
    """The directory names the files from the last to the first."""
    first, *entries = data.split(ENTRY)
    last, end = entries[-1].split(END)
    return first + b"".join(ENTRY + one for one in [last, *reversed(entries[:-1])]) + END + end


def with_gap(data: bytes, size: int) -> bytes:
    """Bytes between the files and the directory that belong to neither."""
    start = data.index(ENTRY)
    end = data.index(END)
    moved = spoiled(data, END, 16, "<I", start + size)
    return moved[:start] + bytes(size) + moved[start:end] + moved[end:]


def inside(inner: bytes) -> bytes:
    """This zip file among other parts."""
    return with_names(("Quill.csv", ONE), ("Quill.zip", inner), ("Quill-2.csv", TWO))


SPOILED: dict[str, Callable[[], bytes]] = {
    "cut in half": lambda: pair()[: len(pair()) // 2],
    "cut at its end": lambda: pair()[:-1],
    "encrypted": lambda: spoiled(spoiled(pair(), LOCAL, 6, "<H", 1), ENTRY, 8, "<H", 1),
    "encrypted as its last part says": lambda: spoiled(pair(), ENTRY, 8, "<H", 1, 1),
    "strongly encrypted": lambda: spoiled(spoiled(pair(), LOCAL, 6, "<H", 0x41), ENTRY, 8, "<H", 0x41),
    "bzip2": lambda: pair(method=zipfile.ZIP_BZIP2),
    "lzma": lambda: pair(method=zipfile.ZIP_LZMA),
    "an unknown method": lambda: spoiled(spoiled(pair(), LOCAL, 8, "<H", 98, 1), ENTRY, 10, "<H", 98, 1),
    "a shorter size": lambda: spoiled(pair(), ENTRY, 24, "<I", 20),
    "a size of zero": lambda: spoiled(pair(), ENTRY, 24, "<I", 0),
    "more packed bytes": lambda: spoiled(pair(), ENTRY, 20, "<I", 4_000, 1),
    "fewer packed bytes": lambda: spoiled(pair(), ENTRY, 20, "<I", 12),
    "no packed bytes": lambda: spoiled(pair(), ENTRY, 20, "<I", 0),
    "all packed bytes there are": lambda: spoiled(pair(), ENTRY, 20, "<I", 0xFFFFFFFF),
    "a place far away": lambda: spoiled(pair(), ENTRY, PLACE, "<I", 0x7FFFFFFF, 1),
    "a place without a file": lambda: spoiled(pair(), ENTRY, PLACE, "<I", 3),
    "two entries for one file": lambda: spoiled(pair(), ENTRY, PLACE, "<I", 0, 1),
    "a wrong checksum": lambda: spoiled(pair(), ENTRY, 16, "<I", 7, 1),
    "a directory that is too long": lambda: spoiled(pair(), END, 12, "<I", 0x7FFFFFFF),
    "a directory at another place": lambda: spoiled(pair(), END, 16, "<I", 7),
    "an entry less than counted": lambda: without_entry(pair(), 1, is_counted=True),
    "a first entry less than counted": lambda: without_entry(pair(), 0, is_counted=True),
    "a name that leads up": lambda: with_names(("a.csv", ONE), ("../Quill.csv", TWO)),
    "a name that leads up inside": lambda: with_names(("a/../../Quill.csv", ONE)),
    "an absolute name": lambda: with_names(("a.csv", ONE), ("/etc/Quill.csv", TWO)),
    "a drive": lambda: with_names(("a.csv", ONE), ("C:\\Quill.csv", TWO)),
    "a name that leads up as in Windows": lambda: with_names(("a.csv", ONE), ("..\\Quill.csv", TWO)),
    "bytes after it": lambda: pair() + ONE,
    "another after it": lambda: pair() + pair(),
    "a gzip": lambda: with_names(("a.csv", ONE), ("Quill.csv.gz", gzip.compress(TWO, mtime=0))),
    "a part that is cut in its header": lambda: zip_of(ONE, b"place,no"),
    "a part without a header": lambda: zip_of(ONE, b"Quill,3\n"),
    "a part with another header": lambda: zip_of(ONE, b"place,note,Quill\nQuill,3,\n"),
    "an empty part": lambda: zip_of(ONE, b"", TWO),
    "zips in zips in zips": lambda: zip_of(ONE, zip_of(zip_of(TWO))),
}
RIGHT: dict[str, Callable[[], bytes]] = {
    "entries in reverse": lambda: in_reverse(pair()),
    "names in reverse": lambda: with_names(("Quill-2.csv", ONE), ("Quill-1.csv", TWO)),
    "folders": lambda: with_names(("Quill/", b""), ("Quill/1.csv", ONE), ("z/", b""), ("z/2.csv", TWO)),
    "dates that are none": lambda: spoiled(pair(), ENTRY, 12, "<I", 0xFFFFFFFF),
    "names of zip files": lambda: with_names(("Quill.zip", ONE), ("Quill-2.zip", TWO)),
    "sizes behind the data": lambda: zip_of(ONE, TWO, is_streamed=True),
    "sizes of ZIP64": lambda: zip_of(ONE, TWO, is_large=True),
}
"""They hold both parts in this order."""
UNSAID: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "a longer size": (lambda: spoiled(pair(), ENTRY, 24, "<I", 4_000), ALL),
    "a stored file with a longer size": (lambda: spoiled(pair(method=0), ENTRY, 24, "<I", 4_000, 1), ALL),
    "another disk": (lambda: spoiled(pair(), END, 4, "<H", 3), ALL),
    "a gap": (lambda: with_gap(pair(), 1_000), ALL),
    "names twice": (lambda: with_names(("Quill.csv", ONE), ("Quill.csv", TWO)), ALL),
    "names without letters": (lambda: with_names(("\x01", ONE), ("\x7f", TWO)), ALL),
    "a very long name": (lambda: with_names(("Quill" * 13_000 + "1", ONE), ("2", TWO)), ALL),
    "an entry less than files": (lambda: without_entry(pair(), 1, is_counted=False), ("1", "2")),
    "a first entry less than files": (lambda: without_entry(pair(), 0, is_counted=False), ("3",)),
    "an entry twice": (lambda: with_entry_again(zip_of(ONE)), ("1", "2", "1", "2")),
    "no file": (zip_of, ()),
    "only folders": (lambda: with_names(("Quill/", b"")), ()),
}
"""Either refused or read with the rows of these notes."""
