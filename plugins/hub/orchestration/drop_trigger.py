"""The trigger that starts a feed's ingest run when files are ready in its drop folder."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from hub.ingest.dropped_files import is_ready

POLL_SECONDS = 1.0
FIRST_REMINDER_SECONDS = 60.0
LONGEST_REMINDER_SECONDS = 3600.0

CLAIMS = ".claimed"
"""Where a run takes files aside, inside the drop folder (``hub.ingest.collect``, which is too heavy to import here)."""

ABANDONED_SECONDS = 60.0
"""A file that lies aside for so long was left by a run that was killed, or is one that takes long to copy."""

FileState = tuple[str, int, int]
"""A file's name, size and time of its last change: a file that is written to again is another one."""


class Announcements:
    """Which files have been announced, and when those that are still there are due to be named again.

    A run takes the files that were announced to it. One that stays (the run failed, or may not remove it) is announced
    again after a minute, then after twice as long each time, up to an hour: it is not forgotten, and it does not start
    a run every second. Nothing is kept across a restart of the triggerer: all files that lie there are announced then,
    and a run that finds nothing is cheap.
    """

    def __init__(self) -> None:
        self._next_at: dict[FileState, float] = {}
        self._wait: dict[FileState, float] = {}

    def due(self, ready: Iterable[FileState], now: float) -> list[FileState]:
        """The ready files that are to be announced at ``now`` (seconds of a monotonic clock); files that have gone are
        forgotten."""
        present = set(ready)
        for gone in self._next_at.keys() - present:
            del self._next_at[gone], self._wait[gone]
        due = sorted(state for state in present if now >= self._next_at.get(state, now))
        for state in due:
            wait = min(self._wait.get(state, FIRST_REMINDER_SECONDS / 2) * 2, LONGEST_REMINDER_SECONDS)
            self._wait[state], self._next_at[state] = wait, now + wait
        return due


class DropTrigger(BaseEventTrigger):
    """Watches one drop folder and fires when files in it are ready that were not announced yet.

    ``folder`` need not exist, and is made where it does not. The event says how many files; their names are the
    sender's and stay out of it.
    """

    def __init__(self, folder: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's bases have no hints here
        self.folder = folder

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments from which the triggerer makes this trigger again."""
        return (f"{type(self).__module__}.{type(self).__qualname__}", {"folder": self.folder})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Never returns: a trigger that ends or raises would leave its feed unwatched."""
        announcements = Announcements()
        was_readable = True
        while True:
            try:
                # A network folder can hang; the event loop is shared with the other feeds' triggers.
                ready = await asyncio.to_thread(ready_files, Path(self.folder))
            except OSError as error:
                if was_readable:
                    self.log.warning("%s cannot be read (%s); trying again", self.folder, error.strerror)
                was_readable, ready = False, []
            else:
                was_readable = True
                if due := announcements.due(ready, time.monotonic()):
                    yield TriggerEvent({"count_files": len(due)})  # type: ignore[no-untyped-call]
            await asyncio.sleep(POLL_SECONDS)


def ready_files(folder: Path) -> list[FileState]:
    """The files that a run would take now, with those that a run took aside and, being killed, did not finish. Raises
    OSError when the folder cannot be read; one that is missing in the drop folder is made."""
    try:
        entries = list(folder.iterdir())
    except FileNotFoundError:
        # A feed that was added while the hub runs: its sender needs a place for the first file.
        if folder.parent.is_dir():
            folder.mkdir(exist_ok=True)
        return []
    found = [state for path in entries if (state := _state(path)) is not None]
    now = time.time_ns()
    for claim in (folder / CLAIMS).glob("*/*"):
        state = _state(claim)
        if state is not None and now - state[2] > ABANDONED_SECONDS * 1_000_000_000:
            found.append(state)
    return found


def _state(path: Path) -> FileState | None:
    try:
        if not is_ready(path):
            return None
        status = path.lstat()
    except FileNotFoundError:  # a run took it just now
        return None
    return path.name, status.st_size, status.st_ctime_ns
