"""Blocks of whole lines, and questions about all lines of a block at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import BinaryIO

import numpy as np

from hub.ingest.readers.assemble import MAX_ROW_BYTES

NEWLINE = ord("\n")
RETURN = ord("\r")
QUOTE = ord('"')
MAX_ASCII = 127
LINES_A_BLOCK = 65_536
"""What a reader makes of a line takes more memory than a short line itself, so a block has no more of them."""


@dataclass(frozen=True)
class Block:
    """Some whole lines of a file. ``first_line`` is the number in the file of the first one, from 1; every line ends
    with a newline (one is added to the file's last line where it has none)."""

    data: bytes
    first_line: int
    is_last: bool

    @classmethod
    def of(cls, data: bytes, first_line: int, is_last: bool) -> "Block":
        """A block of lines that begins at ``first_line``."""
        return cls(data, first_line, is_last)

    def at(self, first_line: int) -> "Block":
        """The same lines, numbered from ``first_line``."""
        return replace(self, first_line=first_line)

    @cached_property
    def _bytes(self) -> np.ndarray:
        return np.frombuffer(self.data, dtype=np.uint8)

    @cached_property
    def ends(self) -> np.ndarray:
        """Offset of each line's newline."""
        return np.flatnonzero(self._bytes == NEWLINE)

    @cached_property
    def starts(self) -> np.ndarray:
        """Offset of each line's first byte."""
        return np.concatenate([[0], self.ends[:-1] + 1]) if len(self.ends) else self.ends

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self.ends)

    def line(self, index: int) -> bytes:
        """One line without its line end."""
        return self.data[self.starts[index] : self.ends[index]].removesuffix(b"\r")

    def after(self, count: int) -> "Block":
        """The lines that follow the first ``count``."""
        offset = len(self.data) if count >= self.count else int(self.starts[count])
        return Block(self.data[offset:], self.first_line + count, self.is_last)

    def only(self, chosen: np.ndarray) -> bytes:
        """The bytes of the chosen lines (a boolean for each line)."""
        if chosen.all():
            return self.data
        edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8)))
        runs = edges.reshape(-1, 2)
        return b"".join(self.data[self.starts[first] : self.ends[last - 1] + 1] for first, last in runs)

    @cached_property
    def blank(self) -> np.ndarray:
        """Indexes of lines with nothing on them: they are no records."""
        lengths = self.ends - self.starts
        is_return = np.zeros(self.count, dtype=bool)
        single = lengths == 1
        is_return[single] = self._bytes[self.starts[single]] == RETURN
        return np.flatnonzero((lengths == 0) | is_return)

    def holding_nul(self) -> np.ndarray:
        """Indexes of the lines that hold a NUL."""
        return self._lines_of(np.flatnonzero(self._bytes == 0)) if b"\0" in self.data else np.empty(0, dtype=np.int64)

    def holding_return(self) -> np.ndarray:
        """Indexes of the lines that hold a carriage return other than at their end."""
        if b"\r" not in self.data or self.data.count(b"\r") == self.data.count(b"\r\n"):
            return np.empty(0, dtype=np.int64)
        positions = np.flatnonzero(self._bytes == RETURN)
        return self._lines_of(positions[self._bytes[positions + 1] != NEWLINE])

    def misquoted(self, delimiter: int) -> np.ndarray:
        """Indexes of the lines whose quotes do more than enclose whole cells: by turns they must open a cell at its
        beginning and close it at its end, but for a pair of them that stands for one."""
        if b'"' not in self.data:
            return np.empty(0, dtype=np.int64)
        positions = np.flatnonzero(self._bytes == QUOTE)
        lines = np.searchsorted(self.ends, positions)
        is_first = np.concatenate([[True], lines[1:] != lines[:-1]])
        count = np.arange(len(positions))
        opens = (count - np.maximum.accumulate(np.where(is_first, count, 0))) % 2 == 0
        # Every line ends with a newline, so the place before the first byte is like one, and there is a byte after.
        neighbour = self._bytes[np.where(opens, positions - 1, positions + 1)]
        neighbour[(positions == 0) & opens] = NEWLINE
        is_right = np.isin(neighbour, (delimiter, NEWLINE, QUOTE)) | ((neighbour == RETURN) & ~opens)
        stays_open = opens & np.concatenate([is_first[1:], [True]])
        return np.unique(lines[~is_right | stays_open])

    def _lines_of(self, positions: np.ndarray) -> np.ndarray:
        return np.unique(np.searchsorted(self.ends, positions))

    def longer_than(self, limit: int) -> np.ndarray:
        """Indexes of the lines of more than ``limit`` bytes."""
        return np.flatnonzero(self.ends - self.starts > limit)

    def not_decodable(self, encoding: str) -> np.ndarray:
        """Indexes of the lines that are not text in ``encoding`` (one in which ASCII is ASCII)."""
        if self.data.isascii():
            return np.empty(0, dtype=np.int64)
        lines = self._lines_of(np.flatnonzero(self._bytes > MAX_ASCII))
        return np.array([line for line in lines if not _is_text(self.line(line), encoding)], dtype=np.int64)


def _is_text(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def blocks_of_lines(stream: BinaryIO, block_bytes: int) -> Iterator[Block]:
    """Cut a stream into blocks of whole lines of about ``block_bytes``, at most ``LINES_A_BLOCK`` lines each. A line
    that does not end is cut down to just over the row limit, so that its reader can name it and memory stays bounded.
    ``first_line`` is not counted here."""
    rest = b""
    skipping = False
    while data := stream.read(block_bytes):
        if skipping:
            end = data.find(b"\n")
            if end < 0:
                continue
            yield Block(rest + b"\n", 1, False)
            rest, data, skipping = b"", data[end + 1 :], False
        cut = data.rfind(b"\n") + 1
        if cut:
            for few in _few_lines(b"".join((rest, memoryview(data)[:cut]))):
                yield Block(few, 1, False)
            rest = data[cut:]
        else:
            rest += data
        if len(rest) > MAX_ROW_BYTES + 1:
            rest, skipping = rest[: MAX_ROW_BYTES + 1], True
    yield Block(rest + b"\n" if rest else b"", 1, True)


def _few_lines(data: bytes) -> Iterator[bytes]:
    if data.count(b"\n") <= LINES_A_BLOCK:
        yield data
        return
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == NEWLINE) + 1
    start = 0
    for end in dict.fromkeys([*ends[LINES_A_BLOCK - 1 :: LINES_A_BLOCK].tolist(), len(data)]):
        yield data[start:end]
        start = end
