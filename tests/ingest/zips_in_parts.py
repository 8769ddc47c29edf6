"""CSV files of every kind, cut at any line, and zip files that hold them: in one part or many, also packed again."""

import io
import itertools
import random
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from hub.contracts.values import Classification, Compression
from hub.ingest.readers import read_chunks
from hub.settings import read_settings
from ingest.small_feeds import Seen, column, feed

WHOLE = feed(
    column("place", required=True),
    column("note", classification=Classification.PERSONAL),
    name="notes",
    compression=Compression.ZIP,
)
PARTS = replace(WHOLE, form=replace(WHOLE.form, has_parts=True))
HEADER = b"place,note"
MARK = b"\xef\xbb\xbf"
SETTINGS = read_settings({})
LINES = (
    b"Bow,a",
    b"Ham,b",
    b'"Ham, East","x ""y"" z"',
    b'Ely,"opened',
    b'closed"',
    b'both",Kew,"ways',
    b'"',
    b'a"b,c',
    b'"a"b,c',
    b"one",
    b"a,b,c",
    b",",
    b",left out",
    b"",
    b" ",
    b"\xff\xfe,x",
    b"caf\xe9,x",
    b"nul\0,x",
    "Łódź,żółw 🐢".encode(),
    HEADER,
    b"a\rb,c",
    b"PK\x03\x04,x",
    b"x" * 3_000 + b",y",
    b'"' + b"q" * 700,
)
TOO_LONG = b"Bow," + b"x" * (1 << 20)


@dataclass(frozen=True)
class Cut:
    """A whole file, its parts, and whether the parts' bytes are the whole's: not where a part begins with a mark of its
    own or ends its header another way or lacks its last line end."""

    whole: bytes
    parts: tuple[bytes, ...]
    is_as_it_was: bool


class _Stream(io.RawIOBase):
    """A target that cannot be gone back in, as a sender's pipe."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(memoryview(cast(bytes, data)))
        self.written += piece
        return len(piece)


def body(chance: random.Random, most_lines: int, *, has_too_long: bool = False) -> bytes:
    """Lines of every kind, most of them right, with line ends of one kind or of both; the last may have none."""
    ends = chance.choice(((b"\n",), (b"\r\n",), (b"\n", b"\r\n")))
    share = chance.choice((0.0, 0.1, 0.5, 1.0))
    count = chance.randint(0, most_lines)
    lines = [chance.choice(LINES if chance.random() < share else LINES[:3]) for _ in range(count)]
    if chance.random() < 0.2:
        lines.append(chance.randbytes(chance.randint(1, 40)))
    if has_too_long:
        lines.insert(chance.randint(0, len(lines)), TOO_LONG)
    text = b"".join(line + chance.choice(ends) for line in lines)
    return text.rstrip(b"\r\n") if chance.random() < 0.3 else text


def cut(chance: random.Random, rows: bytes, *, is_as_it_was: bool | None = None) -> Cut:
    """The header and these rows, cut after any of their lines (also in the middle of a record), however often."""
    end = chance.choice((b"\n", b"\r\n"))
    ends = [place + 1 for place, byte in enumerate(rows) if byte == 0x0A]
    count = chance.choice((0, 1, 2, 5, len(ends)))
    places = [0, *sorted(chance.choices([0, *ends], k=count)), len(rows)]
    pieces = [rows[start:stop] for start, stop in itertools.pairwise(places)]
    mark = chance.choice((b"", MARK))
    if is_as_it_was is None:
        is_as_it_was = chance.random() < 0.5
    if is_as_it_was:
        return Cut(mark + HEADER + end + rows, tuple(mark + HEADER + end + piece for piece in pieces), True)
    parts = tuple(
        chance.choice((b"", MARK)) + HEADER + (chance.choice((b"\n", b"\r\n")) + piece if piece else b"")
        for piece in (_perhaps_without_end(chance, piece) for piece in pieces)
    )
    return Cut(mark + HEADER + end + rows, parts, False)


def _perhaps_without_end(chance: random.Random, piece: bytes) -> bytes:
    """A part's last line end may be missing, unless its last line is empty: then it would be a line less."""
    bare = piece[:-2] if piece.endswith(b"\r\n") else piece.removesuffix(b"\n")
    is_empty_line = not bare or bare.endswith((b"\n", b"\r"))
    return piece if is_empty_line or chance.random() < 0.5 else bare


def zip_of(
    *members: bytes,
    method: int = zipfile.ZIP_DEFLATED,
    is_streamed: bool = False,
    is_large: bool = False,
    has_folder: bool = False,
    name: str = "part-{order}-{number}",
) -> bytes:
    """A zip file of these files, in this order, whose names are in another. ``is_streamed`` has sizes behind the data,
    ``is_large`` the fields of ZIP64."""
    target = _Stream() if is_streamed else io.BytesIO()
    with zipfile.ZipFile(cast("io.BytesIO", target), "w", method) as archive:
        for number, data in enumerate(members):
            if has_folder and number % 2 == 0:
                archive.writestr(zipfile.ZipInfo(f"folder-{number}/"), b"")
            end = ".csv.zip" if data.startswith(b"PK\x03\x04") else ".csv"
            info = zipfile.ZipInfo(name.format(order=(number * 5 + 3) % 7, number=number) + end)
            info.compress_type = method
            with archive.open(info, "w", force_zip64=is_large) as member:
                member.write(data)
    return bytes(target.written) if isinstance(target, _Stream) else target.getvalue()


def packed(chance: random.Random, parts: Sequence[bytes]) -> bytes:
    """The parts in a zip file, any neighbours of them packed once more, each zip file in a manner of its own."""
    places = [0, *sorted(chance.choices(range(len(parts) + 1), k=chance.choice((0, 1, 3)))), len(parts)]
    members: list[bytes] = []
    for start, stop in itertools.pairwise(places):
        group = parts[start:stop]
        is_nested = chance.random() < 0.5 and len(group) > 0
        members += [_zip_in_any_manner(chance, group)] if is_nested else group
    return _zip_in_any_manner(chance, members)


def _zip_in_any_manner(chance: random.Random, members: Sequence[bytes]) -> bytes:
    return zip_of(
        *members,
        method=chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)),
        is_streamed=chance.random() < 0.3,
        is_large=chance.random() < 0.2,
        has_folder=chance.random() < 0.2,
    )


def told(data: bytes, *, has_parts: bool = True, chunk_bytes: int = 1 << 20) -> Seen:
    """What is read of a zip file."""
    contract = PARTS if has_parts else WHOLE
    return Seen(read_chunks(replace(SETTINGS, chunk_bytes=chunk_bytes), contract, io.BytesIO(data), []))
