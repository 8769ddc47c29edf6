"""Finding and ending the processes of one hub, also those whose supervisor was killed.

A process belongs to the hub when it carries the hub's mark in its environment, or is in the session of the last start
and works in the hub's run folder (some of Airflow's processes overwrite the memory that holds their environment), or
descends from such a process. Nothing is matched by name.
"""

import json
import os
from collections.abc import Iterable

import psutil

from hub.local.run_folder import RunFolder

MARK = "HUB_RUN_FOLDER"
KILL_SECONDS = 5
CLOCK_SECONDS = 60
"""The time of a boot is reckoned back from the clock, so it moves when the clock is set right."""


def remember_session(folder: RunFolder, session: int) -> None:
    """Keep the session id of a start."""
    folder.session_file.write_text(json.dumps({"session": session, "booted_at": psutil.boot_time()}))


def processes_of(folder: RunFolder) -> list[psutil.Process]:
    """Live processes of the hub with this run folder; never the caller or its ancestors."""
    session = _remembered_session(folder)
    ours = {process for process in psutil.process_iter() if _belongs(process, folder, session)}
    for process in list(ours):
        try:
            ours.update(process.children(recursive=True))
        except psutil.NoSuchProcess:
            continue
    caller = psutil.Process()
    found = ours - {caller, *caller.parents()}
    return sorted((process for process in found if is_alive(process)), key=lambda process: process.pid)


def is_alive(process: psutil.Process) -> bool:
    """Whether this very process still lives: not another with its id, nor a dead one that waits for its parent."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def name_of(process: psutil.Process) -> str:
    """The program's name, or a remark that the process has ended meanwhile."""
    try:
        return str(process.name())
    except psutil.Error:
        return "ended"


def end(processes: Iterable[psutil.Process], *, wait_seconds: float) -> list[psutil.Process]:
    """Ask processes to end, kill those that have not after ``wait_seconds``, and return those that were killed."""
    asked = list(processes)
    for process in asked:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(asked, timeout=wait_seconds)
    stubborn = [process for process in asked if is_alive(process)]
    for process in stubborn:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(stubborn, timeout=KILL_SECONDS)
    return stubborn


def _belongs(process: psutil.Process, folder: RunFolder, session: int | None) -> bool:
    try:
        if process.environ().get(MARK) == str(folder.path):
            return True
        return os.getsid(process.pid) == session and process.cwd() == str(folder.path)
    except (psutil.Error, OSError):  # another account's process, or one that has just ended
        return False


def _remembered_session(folder: RunFolder) -> int | None:
    try:
        kept = json.loads(folder.session_file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    is_of_this_boot = abs(kept.get("booted_at", 0) - psutil.boot_time()) < CLOCK_SECONDS
    return int(kept["session"]) if is_of_this_boot else None
