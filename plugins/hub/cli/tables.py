"""Tables that fit a terminal of 80 columns."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

LOOK: dict[str, Any] = {"title_justify": "left", "box": SIMPLE_HEAD, "pad_edge": False, "padding": (0, 1, 0, 0)}


def print_entries(headings: tuple[str, str], entries: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Print entries of an id and some lines about it. The id is for copying, so it is never cut; the lines wrap."""
    table = Table(**LOOK)
    table.add_column(headings[0], no_wrap=True)
    table.add_column(headings[1])
    for name, lines in entries:
        table.add_row(Text(name), Text("\n".join(filter(None, lines))))
    Console().print(table)
