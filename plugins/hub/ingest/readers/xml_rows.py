"""XML: one element a row, read as a stream. A document type declaration is refused, and with it every entity trick."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import numpy as np
import pyarrow as pa
from lxml import etree

from hub.contracts.model import Contract
from hub.deliveries import BrokenRow, Chunk, ControlTotal, DeliveryRefused
from hub.ingest.readers.assemble import MAX_KEPT_CHARACTERS, MAX_ROW_BYTES, broken_row, chunk_of

ROWS_A_CHUNK = 50_000
CHARACTERS_A_CHUNK = 8 * 1024 * 1024
MOST_PARTS_WRITTEN = 10_000
MOST_ATTRIBUTES = 1_000_000
"""The parser keeps half a kilobyte for each attribute of an element, and gives the event after the last one."""
MOST_BYTES_A_ROW = 10_000_000
"""The parser's own limit for a single text, here for all of a row: its elements are in memory until it ends."""

PROLOGUE_BYTES = 64 * 1024
MAX_COUNT_DIGITS = 18
ROOT_START = re.compile(rb"<[A-Za-z_:]")
ENCODING = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml\b[^>]*?\sencoding\s*=\s*[\"']([^\"']*)")
PLAIN_CHARACTERS = bytes(range(32, 127))
ATTRIBUTE = re.compile(rb"=\s*[\"']")
LAST_SURE_LINE = 65_534
"""libxml2 keeps an element's line in 16 bits and finds a later one through the text after it; where there is none it
says 65,535. No line is better than a wrong one."""


class _Unusable(ValueError):
    """A row element that holds something else than each of the contract's fields at most once; has the rule's name."""


class _Source:
    """Passes a stream on to the parser after checking its beginning for a document type declaration and its encoding.
    Stops at very many attributes without an event of the parser: ``has_event`` is set at each event, and
    ``count_bytes`` is how much the parser has been given."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count_bytes = 0
        self.has_event = True
        self._count_attributes = 0
        self._head = stream.read(PROLOGUE_BYTES)
        if not self._head.strip():
            raise DeliveryRefused("the file is empty")
        root = ROOT_START.search(self._head)
        prologue = self._head if root is None else self._head[: root.start()]
        if root is None or b"<!DOCTYPE" in prologue.upper():
            raise DeliveryRefused("the file is not plain XML: it has no root element, or a document type declaration")
        declared = ENCODING.search(prologue)
        if b"\0" in self._head or (declared is not None and not _is_like_ascii(declared[1])):
            raise DeliveryRefused("the file is in an encoding that the hub does not read; send UTF-8")

    def read(self, size: int = -1) -> bytes:
        """The next bytes, the seen ones first."""
        given, self._head = self._head or self._stream.read(size), b""
        self.count_bytes += len(given)
        self._count_attributes = 0 if self.has_event else self._count_attributes + len(ATTRIBUTE.findall(given))
        if self._count_attributes > MOST_ATTRIBUTES:
            raise DeliveryRefused(f"an element has more than {MOST_ATTRIBUTES} attributes")
        self.has_event = False
        return given


def _is_like_ascii(encoding: bytes) -> bool:
    """Whether markup has the same bytes in it as in ASCII: this reader checks markup before the parser decodes it."""
    try:
        return PLAIN_CHARACTERS.decode(encoding.decode()) == PLAIN_CHARACTERS.decode()
    except (LookupError, ValueError):
        return False


def read_xml(contract: Contract, stream: BinaryIO, stated: list[ControlTotal]) -> Iterator[Chunk]:
    """Chunks of an XML file. The count that the root states, where the contract names its attribute, is appended to
    ``stated``. Raises :class:`DeliveryRefused` when the file is not well-formed, or its root holds more than rows."""
    collector = _Collector(contract)
    try:
        for _, element in _events(stream, contract, stated):
            collector.take(element)
            _forget(element)
            if collector.is_full:
                yield collector.chunk()
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            # The parser's own limits keep one text from filling the memory; a row of up to 10 MB is quarantined alone.
            reason = "the file holds a text of more than 10 MB, or elements far too deep within each other"
            raise DeliveryRefused(f"{reason} (line {error.lineno})") from error
        raise DeliveryRefused(f"the file is not well-formed XML (line {error.lineno})") from error
    if collector.count_in_chunk:
        yield collector.chunk()


def _events(stream: BinaryIO, contract: Contract, stated: list[ControlTotal]) -> Iterator[tuple[str, etree._Element]]:
    source = _Source(stream)
    context = etree.iterparse(
        source,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    row_tag = contract.form.row_path
    depth = row_began_at = 0
    for event, element in context:
        source.has_event = True
        if event == "start":
            depth += 1
            if depth == 1:
                # The prologue was looked at as bytes; in an exotic encoding they look like something else.
                if element.getroottree().docinfo.internalDTD is not None:
                    raise DeliveryRefused("the file holds a document type declaration")
                _take_stated_count(contract, element, stated)
            elif depth == 2:
                row_began_at = source.count_bytes
                if element.tag != row_tag:
                    said = f"the root holds an element other than <{row_tag}>"
                    raise DeliveryRefused(f"{said} (line {element.sourceline})")
            elif source.count_bytes - row_began_at > MOST_BYTES_A_ROW:
                raise DeliveryRefused(f"a row is longer than {MOST_BYTES_A_ROW} bytes (line {element.sourceline})")
            continue
        depth -= 1
        if depth == 1:
            _refuse_text_before(element)
            yield event, element
        elif depth == 0:
            _refuse_text(element[-1].tail if len(element) else element.text, element)


def _take_stated_count(contract: Contract, root: etree._Element, stated: list[ControlTotal]) -> None:
    name = contract.form.count_attribute
    text = None if name is None else root.get(name)
    if text is not None:
        is_count = text.isascii() and text.isdigit() and len(text) <= MAX_COUNT_DIGITS
        stated.append(ControlTotal(int(text) if is_count else None))


def _refuse_text_before(row: etree._Element) -> None:
    """Text after a row is known only once the next one has been read."""
    before, root = row.getprevious(), row.getparent()
    if before is not None:
        _refuse_text(before.tail, row)
    elif root is not None:
        _refuse_text(root.text, row)


def _refuse_text(text: str | None, after: etree._Element) -> None:
    if text and text.strip():
        raise DeliveryRefused(f"there is text outside the rows, before the element of line {after.sourceline}")


def _forget(element: etree._Element) -> None:
    """Free the row and what came before it, so that memory does not grow with the file. What follows the row is looked
    at with the next."""
    element.clear(keep_tail=True)
    while (previous := element.getprevious()) is not None:
        parent = previous.getparent()
        if parent is None:
            return
        parent.remove(previous)


class _Collector:
    """Rows since the last chunk."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._known = {column.headers[0]: index for index, column in enumerate(contract.columns)}
        self._count = 0
        self._start()

    def _start(self) -> None:
        self._records: list[list[str | None]] = []
        self._numbers: list[int] = []
        self._lines: list[int | None] = []
        self._broken: list[BrokenRow] = []
        self._count_characters = 0
        self.count_in_chunk = 0

    @property
    def is_full(self) -> bool:
        """Whether enough was taken for a chunk."""
        return self.count_in_chunk >= ROWS_A_CHUNK or self._count_characters >= CHARACTERS_A_CHUNK

    def take(self, element: etree._Element) -> None:
        """One row element."""
        self._count += 1
        self.count_in_chunk += 1
        line = element.sourceline if (element.sourceline or 0) <= LAST_SURE_LINE else None
        try:
            record = _record(element, self._known)
        except _Unusable as problem:
            self._broken.append(broken_row(str(problem), self._count, line, _text(element)))
            self._count_characters += len(self._broken[-1].raw_text)
            return
        self._records.append(record)
        self._count_characters += sum(len(value) for value in record if value)
        self._numbers.append(self._count)
        self._lines.append(line)

    def chunk(self) -> Chunk:
        """Rows since the last chunk."""
        columns = list(zip(*self._records, strict=True)) if self._records else [()] * len(self._known)
        arrays = [pa.array(column, pa.string()) for column in columns]
        rows = pa.table(arrays, names=[column.name for column in self._contract.columns])
        chunk = chunk_of(rows, np.array(self._numbers, np.int64), self._lines, self._broken)
        self._start()
        return chunk


def _record(element: etree._Element, known: dict[str, int]) -> list[str | None]:
    record: list[str | None] = [None] * len(known)
    seen: set[str] = set()
    if not len(element) and (element.text or "").strip():
        raise _Unusable("row.unknown_key")
    # One by one: a row can hold millions of them.
    for name, value in _fields(element, "", len(known)):
        if name not in known or name in seen:
            raise _Unusable("row.unknown_key")
        seen.add(name)
        record[known[name]] = value.strip() or None
    if sum(len(value) for value in record if value) > MAX_ROW_BYTES:
        raise _Unusable("row.too_long")
    return record


def _text(element: etree._Element) -> str:
    """A row as text; of one of very many parts, which takes many times its own size to write, the words at its
    beginning: as much as is kept of a row."""
    count = 0
    for part in element.iter():
        count += 1 + len(part.attrib)
        if count > MOST_PARTS_WRITTEN:
            return _words(element)
    return etree.tostring(element, encoding="unicode", with_tail=False)


def _words(element: etree._Element) -> str:
    words, length = list[str](), 0
    for event, part in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            # Each value is looked up from the first attribute on: of a million that takes an hour.
            names = islice(part.attrib, MOST_PARTS_WRITTEN)
            attributes = (f"{name!s}={part.get(name)!s}" for name in names)
            said = [f"<{part.tag!s}>", *attributes, part.text or ""]
        else:
            said = [(part.tail or "") if part is not element else ""]
        words += said
        length += sum(map(len, said))
        if length > MAX_KEPT_CHARACTERS:
            break
    return " ".join(words)


def _fields(element: etree._Element, prefix: str, most_attributes: int) -> Iterator[tuple[str, str]]:
    """The name and text of each attribute and childless element in a row; raises _Unusable for text beside elements."""
    if (len(element) and (element.text or "").strip()) or len(element.attrib) > most_attributes:
        raise _Unusable("row.unknown_key")
    for attribute, text in element.attrib.items():
        yield f"{prefix}@{attribute}", str(text)
    for child in element:
        name = f"{prefix}{child.tag!s}"
        if (child.tail or "").strip():
            raise _Unusable("row.unknown_key")
        if len(child) or child.attrib:
            yield from _fields(child, f"{name}/", most_attributes)
        if not len(child):
            yield name, child.text or ""
