"""Showing how far a start has come: a live line on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

QUIET_SECONDS = 15
"""Without a terminal, a long step says so about this often."""

Note = Callable[[str], None]


class Steps:
    """The steps of a start, each shown while it goes on and kept with its seconds when it is done."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, title: str) -> Iterator[Note]:
        """Show one step; what it yields takes a short note on how far the step has come, in which no markup
        is read."""
        started = time.monotonic()
        if self._console.is_terminal:
            with self._live(title) as note:
                yield note
        else:
            yield self._spoken(title)
        self.say(f"[green]done[/]  {title} [dim]({time.monotonic() - started:.1f} s)[/]")

    def say(self, text: str) -> None:
        """A line that stays; it may hold Rich's markup."""
        self._console.print(text, highlight=False, soft_wrap=True)

    @contextmanager
    def _live(self, title: str) -> Iterator[Note]:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as display:
            line = display.add_task(title, total=None)
            yield lambda text: display.update(line, description=f"{title} [dim]{escape(text)}[/]")

    def _spoken(self, title: str) -> Note:
        spoken_at = time.monotonic()

        def note(text: str) -> None:
            nonlocal spoken_at
            if time.monotonic() - spoken_at >= QUIET_SECONDS:
                spoken_at = time.monotonic()
                self.say(f"      {title}: {escape(text)}")

        return note
