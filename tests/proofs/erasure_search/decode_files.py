"""Reads any file as records: rows with cells where the form is known, else lines; encodings by trial, archives by their
members."""

import csv
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

import pandas as pd

BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
LONGEST_CELL = 10_000_000


@dataclass(frozen=True)
class Record:
    """One row, line or element, with its number in its file. ``cells`` are empty where it has no known columns."""

    place: str
    number: int
    text: str
    cells: Mapping[str, str] = field(default_factory=dict)


def records_of(data: bytes, columns: Collection[str] = ()) -> list[Record]:
    """A file's records in their order. A table counts as one where it has one of ``columns``."""
    return [record for place, part in members_of(data) for record in _records(place, part, columns)]


def lines_of(data: bytes) -> list[Record]:
    """A file's lines in their order, whatever its form."""
    return [record for place, part in members_of(data) for record in _lines(place, text_of(part))]


def members_of(data: bytes, place: str = "") -> Iterator[tuple[str, bytes]]:
    """The bytes themselves, or those of all members of an archive; an archive that cannot be unpacked is its bytes.
    The names of members are a member too."""
    try:
        if data.startswith(b"PK\3\4"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield f"{place}names of members", "\n".join(archive.namelist()).encode()
                parts = [
                    (f"{place}member {number}, ", archive.read(one)) for number, one in enumerate(archive.infolist())
                ]
        elif data.startswith(b"\x1f\x8b"):
            parts = [(f"{place}unpacked, ", gzip.decompress(data))]
        else:
            parts = []
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError, NotImplementedError):
        parts = []
    if not parts:
        yield place, data
    for name, part in parts:
        yield from members_of(part, name)


def text_of(data: bytes) -> str:
    """The text that bytes hold: by their mark, by their zeros, else UTF-8, or Windows-1252 where it is not."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    head = data[:4096]
    if len(head) > 3 and head.count(0) > len(head) // 3:
        return data.decode("utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _records(place: str, data: bytes, columns: Collection[str]) -> Iterator[Record]:
    if data.startswith(b"PAR1"):
        yield from _of_frame(place, pd.read_parquet(io.BytesIO(data)))
        return
    text = text_of(data)
    start = text.lstrip()[:1]
    if start == "<" and (elements := _elements(place, text)):
        yield from elements
    elif start == "{":
        yield from _json_lines(place, text)
    elif set(_first_row(text)) & set(columns):
        yield from _csv(place, text)
    else:
        yield from _lines(place, text)


def _of_frame(place: str, frame: pd.DataFrame) -> Iterator[Record]:
    names = [str(name) for name in frame.columns]
    for number, row in enumerate(frame.astype(object).where(frame.notna(), "").itertuples(index=False), 1):
        cells = {name: str(value) for name, value in zip(names, row, strict=True)}
        yield Record(f"{place}row {number}", number, " | ".join(cells.values()), cells)


def _elements(place: str, text: str) -> list[Record]:
    try:
        root = ElementTree.fromstring(text.encode())
    except ElementTree.ParseError:
        return []
    records = [Record(f"{place}root", 0, " | ".join([*root.attrib.values(), root.text or ""]))]
    for number, element in enumerate(root, 1):
        cells = {one.tag: "".join(one.itertext()) for one in element}
        records.append(Record(f"{place}element {number}", number, " | ".join(element.itertext()), cells))
    return records


def _json_lines(place: str, text: str) -> Iterator[Record]:
    for number, line in enumerate(text.splitlines(), 1):
        cells = json_cells(line)
        yield Record(f"{place}line {number}", number, " | ".join(cells.values()) or line, cells)


def json_cells(text: str) -> dict[str, str]:
    """An object's values as text, by key; empty where the text is no object."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(value, dict):
        return {}
    return {
        key: "" if one is None else one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
        for key, one in value.items()
    }


def _first_row(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text[:65536], newline="")), [])


def _csv(place: str, text: str) -> Iterator[Record]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    for number, row in enumerate(reader, 1):
        cells = dict(zip(header, row, strict=True)) if len(row) == len(header) else {}
        yield Record(f"{place}row {number}", number, " | ".join(row), cells)


def _lines(place: str, text: str) -> Iterator[Record]:
    for number, line in enumerate(text.splitlines(), 1):
        yield Record(f"{place}line {number}", number, line)
