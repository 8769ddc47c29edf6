"""Blocks of whole lines, and questions about all lines of a block at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import BinaryIO

import numpy as np

from hub.stages.read.assemble import MAX_ROW_BYTES

NEWLINE = ord("\n")
RETURN = ord("\r")
MAX_ASCII = 127


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

    def lines_holding(self, byte: int, *, only_odd: bool) -> np.ndarray:
        """Indexes of the lines that hold ``byte``, or hold it an odd number of times."""
        if bytes([byte]) not in self.data:
            return np.empty(0, dtype=np.int64)
        places = np.flatnonzero(self._bytes == byte)
        lines, counts = np.unique(np.searchsorted(self.ends, places), return_counts=True)
        return lines[counts % 2 == 1] if only_odd else lines

    def longer_than(self, limit: int) -> np.ndarray:
        """Indexes of the lines of more than ``limit`` bytes."""
        return np.flatnonzero(self.ends - self.starts > limit)

    def not_decodable(self, encoding: str) -> np.ndarray:
        """Indexes of the lines that are not text in ``encoding`` (one in which ASCII is ASCII)."""
        if self.data.isascii():
            return np.empty(0, dtype=np.int64)
        lines = np.unique(np.searchsorted(self.ends, np.flatnonzero(self._bytes > MAX_ASCII)))
        return np.array([line for line in lines if not _is_text(self.line(line), encoding)], dtype=np.int64)


def _is_text(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def blocks_of_lines(stream: BinaryIO, block_bytes: int) -> Iterator[Block]:
    """Cut a stream into blocks of whole lines of about ``block_bytes``. A line that does not end is cut down to just
    over the row limit, so that its reader can name it and memory stays bounded. ``first_line`` is not counted here."""
    rest = b""
    skipping = False
    while data := stream.read(block_bytes):
        if skipping:
            end = data.find(b"\n")
            if end < 0:
                continue
            rest, data, skipping = rest + data[end : end + 1], data[end + 1 :], False
        cut = data.rfind(b"\n") + 1
        if cut:
            yield Block(rest + data[:cut], 1, False)
            rest = data[cut:]
        else:
            rest += data
        if len(rest) > MAX_ROW_BYTES + 1:
            rest, skipping = rest[: MAX_ROW_BYTES + 1], True
    yield Block(rest + b"\n" if rest else b"", 1, True)
