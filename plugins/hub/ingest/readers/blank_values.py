"""A landed file with some of its values blank or masked: the same rows at the same positions, in the form that the
feed's reader reads.

What nobody asked to change stays byte for byte in CSV and JSON Lines, and element for element in XML, whose comments
and processing instructions go.
"""

import csv
import gzip
import io
import itertools
import json
import re
import shutil
import zipfile
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from lxml import etree

from hub.contracts.model import Contract
from hub.contracts.values import Compression, FileFormat
from hub.ingest.readers.headers import map_headers
from hub.ingest.readers.unpack import is_parquet, unpacked
from hub.ingest.readers.zip_parts import members_of

_MARKED = re.compile(r'"\\u0000([^"]*)"')
ERASED = "erased"
"""Stands for a row that could not be read, and cannot be read now; in CSV each of its bytes has another there."""


@dataclass(frozen=True)
class Blanks:
    """What to change: by row number the columns with their new texts, empty where nothing is to be left; None where the
    row as a whole goes, which could not be split. ``lines`` are the first lines of all rows in rising order, and
    ``line_of`` says that of each row to change; both are empty where the form has no lines."""

    columns: Mapping[int, Mapping[str, str] | None]
    line_of: Mapping[int, int]
    lines: Sequence[int]


class CannotBlank(Exception):
    """A form in which values cannot be blanked."""


def blanked(contract: Contract, landed: BinaryIO, blanks: Blanks, most_bytes: int) -> Iterator[bytes]:
    """The bytes of a landed file with these changes, packed as it was, but its parts as one and without their names.
    Raises :class:`CannotBlank`."""
    if is_parquet(landed):
        raise CannotBlank("no feed with personal values delivers Parquet")
    with unpacked(landed, contract.form.compression, most_bytes, has_parts=contract.form.has_parts) as stream:
        if FileFormat.XML in contract.form.formats:
            blocks: Iterator[bytes] = iter([_blank_xml(contract, stream, blanks)])
        else:
            blocks = _blank_lines(contract, stream, blanks)
        if contract.form.compression is Compression.NONE:
            yield from blocks
        else:
            yield _packed(landed, contract.form.compression, blocks)


def _packed(landed: BinaryIO, compression: Compression, blocks: Iterator[bytes]) -> bytes:
    target = io.BytesIO()
    if compression is Compression.GZIP:
        with gzip.GzipFile(fileobj=target, mode="wb", mtime=0) as packed:
            packed.writelines(blocks)
        return target.getvalue()
    whole = io.BytesIO(b"".join(blocks))
    position = landed.tell()
    with zipfile.ZipFile(landed) as archive:
        member = members_of(archive)[0]
    landed.seek(position)
    info = zipfile.ZipInfo(ERASED, member.date_time)  # its name can be a person's
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed_zip, packed_zip.open(info, "w") as inside:
        shutil.copyfileobj(whole, inside)
    return target.getvalue()


def _blank_lines(contract: Contract, stream: BinaryIO, blanks: Blanks) -> Iterator[bytes]:
    """Lines as they are, but for those of rows to blank; a row that takes fewer lines then is followed by empty ones,
    so that every other row keeps its line."""
    rows = {line: blanks.columns[number] for number, line in blanks.line_of.items()}
    blank = _CsvBlanker(contract) if FileFormat.CSV in contract.form.formats else _JsonBlanker(contract)
    number = 0
    while line := stream.readline():
        number += 1
        blank.note(line, number)
        if number not in rows:
            yield line
            continue
        position = bisect_right(blanks.lines, number)
        count = blanks.lines[position] - number if position < len(blanks.lines) else None
        of_row = [line, *itertools.islice(stream, None if count is None else count - 1)]
        columns, end = rows[number], b"\r\n" if line.endswith(b"\r\n") else b"\n"
        number += len(of_row) - 1
        text = blank.gone(of_row) if columns is None else blank.changed(of_row, columns, end)
        yield text + end * (len(of_row) - text.count(b"\n"))


class _CsvBlanker:
    """Changes cells of a record."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._positions: dict[str, int | None] = {}

    def note(self, line: bytes, number: int) -> None:
        """The first line says which cell is which column's."""
        if number == 1:
            text = line.decode(self._contract.form.encoding).removeprefix("\ufeff").rstrip("\r\n")
            headers = next(csv.reader([text], delimiter=self._contract.form.delimiter))
            self._positions = map_headers(self._contract, headers).position

    def gone(self, lines: Sequence[bytes]) -> bytes:
        """Lines that could not be read, with an ``x`` for each byte that says something. Quotes, delimiters and lengths
        stay, and what is no text stays none: a quote that is open before them would else close somewhere else, and
        other rows with it."""
        return b"".join(map(self._without_values, lines))

    def _without_values(self, line: bytes) -> bytes:
        kept = {0, *b'"\r\n', ord(self._contract.form.delimiter)}
        try:
            line.decode(self._contract.form.encoding)
            is_text = True
        except UnicodeDecodeError:
            is_text = False
        left = bytes(byte if byte in kept else ord("x") for byte in line)
        return left if is_text else left.replace(b"x", b"\0", 1)

    def changed(self, lines: Sequence[bytes], columns: Mapping[str, str], end: bytes) -> bytes:
        """A record, which begins with the first of ``lines``, with these texts in its columns. All its cells are
        quoted: a quote that is open before the record could else go on behind it, where it could not before."""
        encoding, delimiter = self._contract.form.encoding, self._contract.form.delimiter
        texts = (f"{line.decode(encoding).rstrip('\r\n')}\n" for line in lines)
        cells = next(csv.reader(texts, delimiter=delimiter, strict=True))
        for name, text in columns.items():
            if (position := self._positions.get(name)) is not None:
                cells[position] = text
        target = io.StringIO()
        csv.writer(target, delimiter=delimiter, lineterminator=end.decode(), quoting=csv.QUOTE_ALL).writerow(cells)
        return target.getvalue().encode(encoding)


class _JsonBlanker:
    """Changes values of an object."""

    def __init__(self, contract: Contract) -> None:
        self._headers = {column.name: column.headers[0] for column in contract.columns}

    def note(self, line: bytes, number: int) -> None:
        """Every object names its own columns."""

    def gone(self, lines: Sequence[bytes]) -> bytes:
        """What stands for lines that could not be read: an object that says no more than that. By lines that are none
        at its beginning a reader takes a file for one of another form."""
        key = ERASED
        while any(f"{header}.".startswith(f"{key}.") for header in self._headers.values()):
            key += "_"
        return json.dumps({key: None}).encode() + lines[0][len(lines[0].rstrip(b"\r\n")) :]

    def changed(self, lines: Sequence[bytes], columns: Mapping[str, str], end: bytes) -> bytes:
        """An object with these texts in its columns."""
        text = lines[0].decode("utf-8").removeprefix("\ufeff")
        # Numbers stay as the sender wrote them. No text that was read begins as they do meanwhile.
        value = json.loads(text, parse_float=_marked, parse_int=_marked)
        _change_keys(value, "", {self._headers[name]: text for name, text in columns.items()})
        return _MARKED.sub(r"\1", json.dumps(value, ensure_ascii=False)).encode("utf-8") + end


def _marked(number: str) -> str:
    return f"\0{number}"


def _change_keys(value: dict[str, Any], prefix: str, texts: Mapping[str, str]) -> None:
    for key, item in value.items():
        name = prefix + key
        if name in texts:
            value[key] = texts[name] or None
        elif isinstance(item, dict):
            _change_keys(item, f"{name}.", texts)


def _blank_xml(contract: Contract, stream: BinaryIO, blanks: Blanks) -> bytes:
    # Without comments and instructions, as it is read: a value can go on after one.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root = etree.fromstring(stream.read(), parser)
    rows = [element for element in root if isinstance(element.tag, str)]
    paths = {column.name: column.headers[0] for column in contract.columns}
    for number, columns in blanks.columns.items():
        row = rows[number - 1]
        if columns is None:
            tail = row.tail
            row.clear()
            row.text, row.tail = ERASED, tail
        for name, text in (columns or {}).items():
            _change_path(row, paths[name].split("/"), text)
    return etree.tostring(root, xml_declaration=True, encoding=root.getroottree().docinfo.encoding or "UTF-8")


def _change_path(element: etree._Element, path: Sequence[str], text: str) -> None:
    step, *rest = path
    if step.startswith("@"):
        if element.attrib.pop(step[1:], None) is not None and text:
            element.set(step[1:], text)
        return
    for child in element.findall(step):
        if rest:
            _change_path(child, rest, text)
        else:
            child.text = text or None
