"""How a measurement is printed: the figure, and its ratio to a peer or limit beside the limit."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One figure; with a ``limit`` its ``ratio`` is held against it."""

    what: str
    figure: float
    unit: str
    ratio: float | None = None
    limit: float | None = None
    of: str = ""

    @property
    def is_kept(self) -> bool:
        return self.limit is None or self.ratio is None or self.ratio <= self.limit


def print_lines(lines: Sequence[Line]) -> bool:
    """Print the lines; returns whether every limit is kept."""
    for line in lines:
        text = f"  {line.what:<42} {line.figure:>9.2f} {line.unit}"
        if line.limit is not None and line.ratio is not None:
            verdict = "kept" if line.is_kept else "NOT KEPT"
            text += f"   {line.ratio:.2f} {line.of} (limit {line.limit:g}: {verdict})"
        print(text, flush=True)
    return all(line.is_kept for line in lines)


def free_port() -> int:
    """A port on the loopback address that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
