"""Talking to supervisord: start it, ask how its components are, shut it down."""

import http.client
import os
import re
import socket
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from hub.running.components import Component, log_file, program, supervisor_configuration
from hub.running.processes import MARK, Process, remember_session
from hub.running.run_folder import RunFolder, make_run_folder
from hub.settings import Settings

ANSWER_SECONDS = 15
POLL_SECONDS = 0.1
UP = ("STARTING", "RUNNING")
DOWN = ("BACKOFF", "EXITED", "FATAL")


class SupervisorProblem(RuntimeError):
    """The supervisor did not come up or does not answer; the message says where to look."""


@dataclass(frozen=True)
class ComponentState:
    """How a component is. ``state`` is supervisord's word (``RUNNING``, ``BACKOFF``, …); ``pid`` is 0 while down."""

    name: str
    state: str
    pid: int
    detail: str

    @property
    def is_up(self) -> bool:
        return self.state in UP

    @property
    def has_died(self) -> bool:
        return self.state in DOWN


def start_supervisor(
    settings: Settings, folder: RunFolder, parts: Iterable[Component], environment: Mapping[str, str]
) -> None:
    """Start supervisord with these components and return when it answers.

    It leads a session of its own, so that neither a closed terminal nor an interrupt there reaches it. Raises
    :class:`SupervisorProblem` when it does not answer.
    """
    make_run_folder(folder)
    settings.logs.mkdir(parents=True, exist_ok=True)
    folder.configuration.touch(mode=0o600)
    folder.configuration.write_text(supervisor_configuration(settings, folder, parts))
    output = log_file(settings, "supervisord-start")
    output.unlink(missing_ok=True)
    output.touch(mode=0o600)
    with output.open("wb") as stream:
        child = subprocess.Popen(
            [program("supervisord"), "--configuration", str(folder.configuration)],
            env={**environment, MARK: str(folder.path)},
            cwd=folder.path,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
        )
    remember_session(folder, child.pid)
    deadline = time.monotonic() + ANSWER_SECONDS
    while not supervisor_answers(folder):
        if child.poll() is not None or time.monotonic() > deadline:
            # An error in its configuration makes supervisord print its whole environment, secrets and all.
            told = re.sub(r"\{.*\}", "{…}", output.read_text(errors="replace"), flags=re.DOTALL)
            raise SupervisorProblem(f"the supervisor did not start: {told[-600:].strip()}")
        time.sleep(POLL_SECONDS)


def supervisor_answers(folder: RunFolder) -> bool:
    """Whether the hub's supervisor runs and answers."""
    try:
        _remote(folder).getState()
    except (OSError, http.client.HTTPException):
        return False
    return True


def component_states(folder: RunFolder) -> list[ComponentState]:
    """How every component is. Raises :class:`SupervisorProblem` when the supervisor does not answer."""
    try:
        rows = cast("list[dict[str, Any]]", _remote(folder).getAllProcessInfo())
    except (OSError, http.client.HTTPException) as error:
        raise SupervisorProblem(f"the supervisor does not answer ({error})") from error
    return [
        ComponentState(
            str(row["name"]), str(row["statename"]), int(row["pid"]), str(row["spawnerr"] or row["description"])
        )
        for row in rows
    ]


def ask_to_shut_down(folder: RunFolder) -> bool:
    """Ask the supervisor to stop its components and end; False when it does not answer."""
    try:
        _remote(folder).shutdown()
    except (OSError, http.client.HTTPException):
        return False
    return True


def supervisor_process(folder: RunFolder, processes: Iterable[Process]) -> Process | None:
    """The supervisor among the hub's processes."""
    try:
        pid = int(folder.pid_file.read_text())
    except (OSError, ValueError):
        return None
    return next((process for process in processes if process.pid == pid), None)


def _remote(folder: RunFolder) -> Any:
    transport = _SocketTransport(folder.supervisor_socket)
    return xmlrpc.client.ServerProxy("http://localhost", transport=transport).supervisor


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(os.fspath(self._path))


class _SocketTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:  # noqa: ARG002  the socket stands for the host
        return _SocketConnection(self._path)
