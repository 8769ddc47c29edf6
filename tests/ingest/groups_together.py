"""Groups of parts, each read as a file of its own and put together again, and lines that are hard to cut between."""

import io
import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from hub.contracts.model import Contract
from hub.deliveries import BrokenRow, Chunk, DeliveryRefused
from hub.ingest.readers import part_groups, read_chunks
from hub.ingest.readers.part_groups import GroupEnd, are_one_file, groups_of, read_group
from hub.settings import Settings
from ingest.small_feeds import Seen
from ingest.zips_in_parts import HEADER, LINES, MARK, PARTS, SETTINGS

HARD = (
    *LINES,
    MARK + b"Ham,b",
    b"Bow,a\r",
    b"\r",
    b'"Ham\r',
    b'"never closed,a',
    b'Bow,"',
    b'","',
    b'"a","b","c"',
    b'"a\nBow,a\n"',
    b"\0",
    b"\x1a",
    b"Ham," + b"y" * 70_000,
)
PLAIN = (b"Bow,a", b"Ham,b", b'"Ham, East","x ""y"" z"', b",", b"", "Łódź,żółw 🐢".encode())
"""They end on their own line, and nothing after them can change that."""


class Together:
    """What came of the groups of a file; ``seen`` is None where it has to be read in order, ``ends`` are those of the
    groups then, as far as they were read."""

    def __init__(self, data: bytes, settings: Settings = SETTINGS, contract: Contract = PARTS) -> None:
        self.seen: Seen | None = None
        self.ends: list[GroupEnd] = []
        self.groups = groups_of(settings, io.BytesIO(data))
        chunks: list[list[Chunk]] = []
        try:
            for place, group in enumerate(self.groups):
                chunks.append(self._read(data, settings, contract, group, is_last=place == len(self.groups) - 1))
        except DeliveryRefused:
            return
        if len(self.groups) > 1 and are_one_file(settings, io.BytesIO(data), self.ends):
            self.seen = Seen(self._numbered(chunks))

    def _read(self, data: bytes, settings: Settings, contract: Contract, group: range, *, is_last: bool) -> list[Chunk]:
        *chunks, end = read_group(settings, contract, io.BytesIO(data), group, is_last=is_last)
        assert isinstance(end, GroupEnd)
        self.ends.append(end)
        found = [one for one in chunks if isinstance(one, Chunk)]
        assert len(found) == len(chunks)
        assert sum(one.count_rows for one in found) == end.count_rows
        return found

    def _numbered(self, chunks: list[list[Chunk]]) -> Iterator[Chunk]:
        """The header of a group is a line of its own, but one reader sees only that of the first."""
        rows = lines = 0
        for of_group, end in zip(chunks, self.ends, strict=True):
            for chunk in of_group:
                yield moved(chunk, rows, lines)
            rows += end.count_rows
            lines += end.count_lines - 1


def moved(chunk: Chunk, rows: int, lines: int) -> Chunk:
    """The same chunk with so many rows and lines before it."""
    broken = []
    for one in chunk.broken:
        said = one.rejection
        line = None if said.line_number is None else said.line_number + lines
        broken.append(BrokenRow(replace(said, row_number=said.row_number + rows, line_number=line), one.raw_text))
    numbers = [pc.add(one, pa.scalar(by)) for one, by in ((chunk.row_numbers, rows), (chunk.line_numbers, lines))]
    return Chunk(chunk.rows, numbers[0], numbers[1], tuple(broken))


def in_order(data: bytes, settings: Settings = SETTINGS, contract: Contract = PARTS) -> Seen | str:
    """What one reader finds in all parts, or why it refuses them."""
    try:
        return Seen(read_chunks(settings, contract, io.BytesIO(data), []))
    except DeliveryRefused as refused:
        return str(refused)


def assert_is_what_is_read_in_order(data: bytes, settings: Settings = SETTINGS, contract: Contract = PARTS) -> Together:
    """Side by side every row, number, line, rule and text is that of one reader, or the file goes to that reader."""
    found, one = Together(data, settings, contract), in_order(data, settings, contract)
    if found.seen is not None:
        assert not isinstance(one, str), f"read side by side, though refused in order: {one}"
        assert found.seen.rows == one.rows
        assert sorted(found.seen.broken) == sorted(one.broken)
        assert found.seen.texts == one.texts
    return found


def assert_is_read_side_by_side(data: bytes, settings: Settings = SETTINGS, contract: Contract = PARTS) -> Seen:
    """As in order, and truly in groups."""
    found = assert_is_what_is_read_in_order(data, settings, contract)
    assert len(found.groups) > 1
    assert found.seen is not None, f"{len(found.groups)} groups are read in order"
    return found.seen


def least_group(patch: pytest.MonkeyPatch, size: int) -> None:
    """Let groups be at least so large."""
    patch.setattr(part_groups, "GROUP_BYTES", size)


def hard_body(chance: random.Random, most_lines: int) -> bytes:
    """Lines of every kind that is hard to cut after, with line ends of any kind."""
    share = chance.choice((0.02, 0.1, 0.5, 1.0))
    ends = chance.choice(((b"\n",), (b"\r\n",), (b"\n", b"\r\n", b"\n\n", b"\r\r\n")))
    lines = [chance.choice(HARD if chance.random() < share else PLAIN) for _ in range(chance.randint(1, most_lines))]
    return b"".join(line + chance.choice(ends) for line in lines)


def cut_anywhere(chance: random.Random, rows: bytes) -> list[bytes]:
    """Parts with a header each, cut after any byte: also within a line, a character or a line end."""
    places = [0, *sorted(chance.choices(range(len(rows) + 1), k=chance.randint(1, 6))), len(rows)]
    return [header(chance) + rows[start:stop] for start, stop in pairwise(places)]


def cut_after_lines(chance: random.Random, lines: list[bytes], end: bytes) -> list[bytes]:
    """Parts with a header each; the last line of each may lack its end."""
    places = [0, *sorted(chance.choices(range(len(lines) + 1), k=chance.randint(1, 6))), len(lines)]
    parts = []
    for start, stop in pairwise(places):
        text = b"".join(line + end for line in lines[start:stop])
        is_cut = stop > start and lines[stop - 1] != b"" and chance.random() < 0.4
        parts.append(header(chance) + (text.removesuffix(end) if is_cut else text))
    return parts


def header(chance: random.Random) -> bytes:
    """The header as a part may have it, with a mark or without."""
    return chance.choice((b"", MARK)) + HEADER + chance.choice((b"\n", b"\r\n"))
