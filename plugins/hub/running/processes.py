"""Finding and ending the processes of one hub, also those whose supervisor was killed.

A process belongs to the hub when it carries the hub's mark in its environment, or is in the session that the last start
made while standing in the hub's run folder (some of Airflow's processes overwrite the memory that holds their
environment), or descends from such a process. The kernel's ``/proc`` is read directly: nothing is matched by name.
"""

import json
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hub.running.run_folder import RunFolder

MARK = "HUB_RUN_FOLDER"
PROC = Path("/proc")
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Process:
    """A live process. ``started`` is in clock ticks since boot: with it a reused id is told from the old one."""

    pid: int
    parent: int
    session: int
    started: int
    name: str


def remember_session(folder: RunFolder, session: int) -> None:
    """Keep the session id of a start."""
    folder.session_file.write_text(json.dumps({"session": session, "boot": _boot()}))


def processes_of(folder: RunFolder) -> list[Process]:
    """Live processes of the hub with this run folder; never the caller or those above it."""
    everyone = {process.pid: process for process in map(_read, _pids()) if process is not None}
    session = _remembered_session(folder)
    ours = {pid for pid, process in everyone.items() if _belongs(process, folder, session)}
    grown = True
    while grown:
        children = {pid for pid, process in everyone.items() if process.parent in ours} - ours
        ours |= children
        grown = bool(children)
    return [everyone[pid] for pid in sorted(ours - _caller_and_above(everyone))]


def is_alive(process: Process) -> bool:
    """Whether this very process still lives: not another with its id, nor a dead one that waits for its parent."""
    now = _read(process.pid)
    return now is not None and now.started == process.started


def end(processes: Iterable[Process], *, wait_seconds: float) -> list[Process]:
    """Ask processes to end, kill those that have not after ``wait_seconds``, and return those that were killed."""
    asked = list(processes)
    _signal(asked, signal.SIGTERM)
    stubborn = _wait(asked, wait_seconds)
    _signal(stubborn, signal.SIGKILL)
    _wait(stubborn, 5)
    return stubborn


def _wait(processes: list[Process], seconds: float) -> list[Process]:
    deadline = time.monotonic() + seconds
    alive = [process for process in processes if is_alive(process)]
    while alive and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        alive = [process for process in alive if is_alive(process)]
    return alive


def _signal(processes: Iterable[Process], number: signal.Signals) -> None:
    for process in processes:
        if is_alive(process):
            try:
                os.kill(process.pid, number)
            except ProcessLookupError:
                continue


def _pids() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def _read(pid: int) -> Process | None:
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # "pid (name) state parent group session … started …": the name may hold blanks and brackets.
    name = text[text.index("(") + 1 : text.rindex(")")]
    fields = text[text.rindex(")") + 2 :].split()
    if fields[0] in ("Z", "X"):
        return None
    return Process(pid, int(fields[1]), int(fields[3]), int(fields[19]), name)


def _belongs(process: Process, folder: RunFolder, session: int | None) -> bool:
    try:
        environment = (PROC / str(process.pid) / "environ").read_bytes().split(b"\0")
        if f"{MARK}={folder.path}".encode() in environment:
            return True
        return process.session == session and (PROC / str(process.pid) / "cwd").readlink() == folder.path
    except OSError:  # another account's process, or one that has just ended
        return False


def _caller_and_above(everyone: dict[int, Process]) -> set[int]:
    above = {os.getpid()}
    process = everyone.get(os.getpid())
    while process is not None and process.parent not in above:
        above.add(process.parent)
        process = everyone.get(process.parent)
    return above


def _remembered_session(folder: RunFolder) -> int | None:
    try:
        kept = json.loads(folder.session_file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return int(kept["session"]) if kept.get("boot") == _boot() else None


def _boot() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()
