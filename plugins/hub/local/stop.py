"""Stopping a hub, whatever state it is in, and leaving no process behind."""

import fcntl
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from hub.local import processes
from hub.local.components import STOP_SECONDS
from hub.local.outcome import Outcome, RunProblem
from hub.local.run_folder import DASHBOARDS, HUB, RunFolder, run_folder
from hub.local.supervision import ask_to_shut_down, supervisor_process
from hub.settings import Settings
from hub.warehouse import embedded_postgres

LEFTOVER_SECONDS = 5
SHUTDOWN_SECONDS = 2 * STOP_SECONDS + 10
"""Two layers stop one after the other, each killed after STOP_SECONDS."""

Say = Callable[[str], None]


def stop_hub(settings: Settings, say: Say) -> None:
    """Stop everything that a start of this hub left running; tell each thing that was done through ``say``.

    Raises :class:`RunProblem` when a process is still alive in the end.
    """
    folders = [run_folder(settings, name) for name in (DASHBOARDS, HUB)]
    stopped = [stop_components(folder, say) for folder in folders if folder.path.exists()]
    done = any(stopped)
    if settings.warehouse_url is None:
        done = _stop_postgres(settings, say) or done
    if not done:
        say("Nothing was running.")
    left = [process for folder in folders for process in processes.processes_of(folder)]
    if left:
        names = ", ".join(f"{processes.name_of(process)} ({process.pid})" for process in left)
        raise RunProblem(Outcome.STILL_ALIVE, f"still alive: {names}; end them by hand")


def stop_components(folder: RunFolder, say: Say) -> bool:
    """Stop the supervisor with its components, then whatever outlived or lost its supervisor. False: nothing ran."""
    running = processes.processes_of(folder)
    supervisor = supervisor_process(folder, running)
    if supervisor is not None:
        if ask_to_shut_down(folder):
            say("Stopping the components; this takes some seconds.")
            psutil.wait_procs([supervisor], timeout=SHUTDOWN_SECONDS)
        if processes.is_alive(supervisor):
            say(f"The supervisor ({supervisor.pid}) did not end by itself.")
    left = processes.processes_of(folder)
    if left:
        # The supervisor goes first, or it would start again what is ended here.
        if supervisor is not None and supervisor in left:
            processes.end([supervisor], wait_seconds=0)
        killed = processes.end(processes.processes_of(folder), wait_seconds=LEFTOVER_SECONDS)
        say(f"Ended {len(left)} processes without a supervisor, {len(killed)} of them by a kill.")
    folder.pid_file.unlink(missing_ok=True)
    folder.supervisor_socket.unlink(missing_ok=True)
    if running:
        say(f"Stopped {len(running)} processes.")
    return bool(running)


@contextmanager
def alone(folder: RunFolder) -> Iterator[None]:
    """Hold the hub for one start or stop. Raises :class:`RunProblem` when another is going on."""
    with folder.start_lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunProblem(Outcome.BUSY, "another `hub run` of the same HUB_HOME is going on; wait for it") from error
        yield


def _stop_postgres(settings: Settings, say: Say) -> bool:
    server = embedded_postgres.embedded_postgres(settings)
    postmaster = embedded_postgres.postmaster(server)
    if postmaster is None:
        return False
    try:
        embedded_postgres.stop(server)
    except embedded_postgres.PostgresProblem as problem:
        say(f"PostgreSQL did not stop when asked: {problem}")
    # A server that hangs is made to crash; it recovers from its log at the next start.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if not processes.is_alive(postmaster):
            break
        postmaster.send_signal(number)
        psutil.wait_procs([postmaster], timeout=LEFTOVER_SECONDS)
    if processes.is_alive(postmaster):
        raise RunProblem(Outcome.STILL_ALIVE, f"PostgreSQL ({postmaster.pid}) could not be ended")
    say("Stopped PostgreSQL.")
    return True
