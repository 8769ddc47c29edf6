"""CSV, read in blocks of whole lines.

Nearly all lines are plain and go through Arrow's parser together. The lines that are not (bytes that are no text, a
quote that does not close on its line or is inside a cell) are taken out first and read one by one, so that each
becomes a record that spans lines, or a broken row with its number; the rest of the block is not slowed down by them.
A line break inside a cell is kept as a line feed, whatever the file's line ends are.
"""

import csv
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from hub.contracts.model import Contract
from hub.deliveries import BrokenRow, Chunk, DeliveryRefused
from hub.ingest.readers.assemble import MAX_ROW_BYTES, broken_row, chunk_of, pick_columns
from hub.ingest.readers.header_hints import LINES_LOOKED_AT, explain_header
from hub.ingest.readers.headers import HeaderMap, map_headers
from hub.ingest.readers.lines import Block, blocks_of_lines

MAX_LINES_A_RECORD = 8_192
"""More than the longest text of the contracts has characters, so that none that is right is cut."""

# The csv module's own limit is a setting of the process: a cell may be as long as a record.
csv.field_size_limit(MAX_ROW_BYTES)


@dataclass
class _Found:
    """What a block holds, by the position of a record's first line in the block."""

    cells: list[list[str]] = field(default_factory=list)
    cell_positions: list[int] = field(default_factory=list)
    broken: list[tuple[int, str, str]] = field(default_factory=list)
    """First line, rule, and text, which is for the vault only."""
    odd: frozenset[int] = frozenset()


class RunsOn(DeliveryRefused):
    """A record that begins in a file goes on in the next one, or may."""


def read_csv(contract: Contract, stream: BinaryIO, chunk_bytes: int, *, goes_on: bool = False) -> Iterator[Chunk]:
    """Chunks of a CSV file. Raises :class:`DeliveryRefused` for a header row that does not fit the contract. With
    ``goes_on`` the file is the first of several that are one: raises :class:`RunsOn` where its last lines can only be
    read with those after them."""
    headers: HeaderMap | None = None
    count_records = 0
    unfinished = b""
    first_line = 1
    for block in blocks_of_lines(stream, chunk_bytes):
        lines = Block.of(unfinished + block.data, first_line, block.is_last and not goes_on)
        if headers is None:
            headers, lines = _take_header(contract, lines)
        reader = _BlockReader(contract, lines, headers.width)
        chunk, unfinished = reader.read(headers, count_records)
        first_line = lines.first_line + reader.count_lines_used
        count_records += chunk.count_rows
        if chunk.count_rows:
            yield chunk
    if headers is None:
        raise DeliveryRefused("the file is empty")
    if unfinished:
        raise RunsOn("a record goes on in the next part")


def _take_header(contract: Contract, lines: Block) -> tuple[HeaderMap, Block]:
    if lines.count == 0:
        raise DeliveryRefused("the file is empty")
    try:
        text = lines.line(0).decode(contract.form.encoding)
        names = next(csv.reader([text.removeprefix("\ufeff")], delimiter=contract.form.delimiter), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise DeliveryRefused(f"the first line is not a header row in {contract.form.encoding}") from error
    try:
        return map_headers(contract, names), lines.after(1)
    except DeliveryRefused as refusal:
        first = [lines.line(index) for index in range(min(lines.count, LINES_LOOKED_AT))]
        explained = explain_header(contract, [line.decode(contract.form.encoding, "replace") for line in first])
        raise DeliveryRefused(explained or str(refusal)) from refusal


class _RecordTexts:
    """The lines of one record for the csv module, which asks for the next one only while a quote is open. They end
    where the record could not be one any more; ``ran_out`` says that the block ended first."""

    def __init__(self, lines: Block, start: int, as_text: Callable[[bytes], str | None]) -> None:
        self._lines = lines
        self._start = start
        self._as_text = as_text
        self._bytes = 0
        self.count = 0
        self.ran_out = False

    def __iter__(self) -> "_RecordTexts":
        return self

    def __next__(self) -> str:
        index = self._start + self.count
        if index == self._lines.count:
            self.ran_out = True
            raise StopIteration
        raw = self._lines.line(index)
        text = self._as_text(raw)
        self._bytes += len(raw)
        if text is None or self.count == MAX_LINES_A_RECORD or self._bytes > MAX_ROW_BYTES:
            raise StopIteration
        self.count += 1
        return f"{text}\n"


class _BlockReader:
    """Reads one block of whole lines."""

    def __init__(self, contract: Contract, lines: Block, width: int) -> None:
        self._contract = contract
        self._lines = lines
        self._width = width
        self._encoding = contract.form.encoding
        self._delimiter = contract.form.delimiter
        self.count_lines_used = lines.count
        self._passed_over = range(0)
        """Lines after an open quote that neither are a record nor close it."""

    def read(self, headers: HeaderMap, count_before: int) -> tuple[Chunk, bytes]:
        """The block's chunk, and the bytes at its end that belong to a record which goes on in the next block."""
        odd = self._odd_lines()
        found = _Found(odd=frozenset(odd.tolist()))
        plain = np.ones(self._lines.count, dtype=bool)
        plain[self._lines.blank] = False
        index = 0
        for start in odd:
            if start < index:
                continue
            index = self._read_odd(int(start), found)
            if index < 0:
                self.count_lines_used = int(start)
                plain[start:] = False
                break
            plain[start:index] = False
        table = self._read_plain(plain, found)
        chunk = self._number(table, plain, found, headers, count_before)
        return chunk, self._lines.after(self.count_lines_used).data

    def _odd_lines(self) -> np.ndarray:
        """Lines that Arrow must not see: not text, with a NUL or a lone carriage return, too long, or with a quote
        that stays open or is inside a cell. On all others it and the csv module agree."""
        suspects = [
            self._lines.misquoted(ord(self._delimiter)),
            self._lines.holding_nul(),
            self._lines.holding_return(),
        ]
        suspects.append(self._lines.longer_than(MAX_ROW_BYTES))
        suspects.append(self._lines.not_decodable(self._encoding))
        return np.unique(np.concatenate(suspects))

    def _read_odd(self, start: int, found: _Found) -> int:
        """Read the record that begins at line ``start``; returns the line after it, or -1 where it goes on beyond the
        block. A record of several lines whose cells do not come out right is one broken row."""
        if len(self._lines.line(start)) > MAX_ROW_BYTES:
            return self._break(start, 1, "row.too_long", found)
        cells, texts = self._cells(start)
        if cells is None and texts.ran_out and not self._lines.is_last:
            return -1
        if cells is not None and len(cells) == self._width:
            found.cells.append(cells)
            found.cell_positions.append(start)
            return start + texts.count
        is_open = cells is None and (texts.count > 1 or self._closes_quote(start))
        count = self._open_lines(start, found.odd) if is_open else self._whole_lines(start, texts.count, found.odd)
        if count < 0:
            return -1
        if any(self._text(self._lines.line(index)) is None for index in range(start, start + count)):
            return self._break(start, count, "row.encoding", found)
        return self._break(start, count, "row.quoting" if cells is None or count < texts.count else "row.cells", found)

    def _break(self, start: int, count: int, rule: str, found: _Found) -> int:
        raw = b"\n".join(self._lines.line(index) for index in range(start, start + count))
        found.broken.append((start, rule, raw.decode("utf-8", "replace")))
        return start + count

    def _cells(self, start: int) -> tuple[list[str] | None, _RecordTexts]:
        """The cells of the record that begins at a line, None where its quotes are not right, and its lines."""
        texts = _RecordTexts(self._lines, start, self._text)
        try:
            return next(csv.reader(texts, delimiter=self._delimiter, strict=True), None), texts
        except csv.Error:
            return None, texts

    def _closes_quote(self, index: int) -> bool:
        """Whether a line has an odd number of quotes: it opens one for the lines after it, or closes one."""
        return self._lines.line(index).count(b'"') % 2 == 1

    def _whole_lines(self, start: int, count: int, odd: frozenset[int]) -> int:
        """How many of the ``count`` lines, between quotes that match, are one broken record: all of them, unless one
        after the first is a record by itself, and the quote of the first was a stray one. -1 where the block ends
        before that is known."""
        for index in range(start + 1, start + count):
            is_record = self._is_record(index, odd)
            if is_record is None or is_record:
                return -1 if is_record is None else 1
        return max(count, 1)

    def _open_lines(self, start: int, odd: frozenset[int]) -> int:
        """How many lines belong to a broken record whose first line leaves a quote open: those up to the one that
        closes it. Just the first where a record by itself comes before, or nothing closes it; -1 where the block ends
        before that is known."""
        # Lines that an earlier record passed over are not looked at again: it would be thousands of times.
        if start + 1 not in self._passed_over:
            self._passed_over = range(start + 1, start + 1)
        for index in range(self._passed_over.stop, start + MAX_LINES_A_RECORD):
            if index >= self._lines.count:
                return 1 if self._lines.is_last else -1
            is_record = self._is_record(index, odd)
            if is_record is None:
                return -1
            if self._lines.ends[index] - self._lines.starts[start] > MAX_ROW_BYTES or is_record:
                return 1
            if self._closes_quote(index):
                return index - start + 1
            self._passed_over = range(self._passed_over.start, index + 1)
        return 1

    def _is_record(self, index: int, odd: frozenset[int]) -> bool | None:
        """Whether a line by itself is a record, or begins one of several lines that is right; None where the block ends
        before that is known."""
        cells, texts = self._cells(index)
        if cells is None and texts.ran_out and not self._lines.is_last:
            return None
        return cells is not None and len(cells) == self._width and (index not in odd or texts.count > 1)

    def _text(self, raw: bytes) -> str | None:
        try:
            text = raw.decode(self._encoding)
        except UnicodeDecodeError:
            return None
        return None if "\0" in text else text

    def _read_plain(self, plain: np.ndarray, found: _Found) -> pa.Table:
        """All plain lines at once. ``plain`` is narrowed to the lines that became rows."""
        data = self._lines.only(plain)
        if data.startswith(BOM_UTF8):  # Arrow takes the first mark for the file's; this one is of a cell
            data = BOM_UTF8 + data
        positions = np.flatnonzero(plain)
        ragged: list[tuple[int, str]] = []

        def skip(row: pa_csv.InvalidRow) -> str:
            ragged.append((int(row.number) - 1, row.text))
            return "skip"

        table = _parse(data, self._width, self._delimiter, self._encoding, skip) if data else _no_rows(self._width)
        if table.num_rows + len(ragged) != len(positions):
            raise RuntimeError(f"{len(positions)} plain lines were read as {table.num_rows + len(ragged)} records")
        for row, text in ragged:
            found.broken.append((int(positions[row]), "row.cells", text))
            plain[positions[row]] = False
        return table

    def _number(
        self, table: pa.Table, plain: np.ndarray, found: _Found, headers: HeaderMap, count_before: int
    ) -> Chunk:
        """Number the records in the order of their first lines."""
        plain_positions = np.flatnonzero(plain)
        positions = np.concatenate([plain_positions, np.array(found.cell_positions, dtype=np.int64)])
        every = np.concatenate([positions, np.array([position for position, _, _ in found.broken], dtype=np.int64)])
        numbers = np.empty(len(every), dtype=np.int64)
        numbers[np.argsort(every, kind="stable")] = np.arange(count_before + 1, count_before + len(every) + 1)
        lines = every + self._lines.first_line
        rows = pick_columns(self._contract, headers, _with_cells(table, found.cells))
        row_numbers, line_numbers = numbers[: len(positions)], lines[: len(positions)]
        if found.cells:
            order = np.argsort(row_numbers)
            rows, row_numbers, line_numbers = rows.take(pa.array(order)), row_numbers[order], line_numbers[order]
        broken: list[BrokenRow] = [
            broken_row(rule, int(number), int(line), text)
            for (_, rule, text), number, line in zip(
                found.broken, numbers[len(positions) :], lines[len(positions) :], strict=True
            )
        ]
        return chunk_of(rows, row_numbers, line_numbers, broken)


def _parse(data: bytes, width: int, delimiter: str, encoding: str, skip: object) -> pa.Table:
    names = [str(index) for index in range(width)]
    return pa_csv.read_csv(
        pa.BufferReader(data),
        read_options=pa_csv.ReadOptions(
            column_names=names, use_threads=False, block_size=len(data) + 1, encoding=encoding
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skip
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
            check_utf8=False,
        ),
    )


def _no_rows(width: int) -> pa.Table:
    return pa.table([pa.array([], pa.string())] * width, names=[str(index) for index in range(width)])


def _with_cells(table: pa.Table, cells: Sequence[Sequence[str]]) -> pa.Table:
    if not cells:
        return table
    columns = [pa.array([cell or None for cell in column], pa.string()) for column in zip(*cells, strict=True)]
    return pa.concat_tables([table, pa.table(columns, names=table.column_names)])
