"""Talking to supervisord: start it, ask how its components are, shut it down."""

import http.client
import re
import subprocess
import xmlrpc.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import psutil
from supervisor.xmlrpc import SupervisorTransport
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from hub.local.components import Component, log_file, program, supervisor_configuration
from hub.local.processes import MARK, remember_session
from hub.local.run_folder import RunFolder, make_run_folder
from hub.settings import Settings

ANSWER_SECONDS = 15
POLL_SECONDS = 0.1
UP = ("STARTING", "RUNNING")
DOWN = ("BACKOFF", "EXITED", "FATAL")
NO_ANSWER = (OSError, http.client.HTTPException, xmlrpc.client.Error)


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
    output = log_file(settings, f"{folder.supervisor}-start")
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
    looks = Retrying(
        retry=retry_if_result(lambda answers: not answers and child.poll() is None),
        stop=stop_after_delay(ANSWER_SECONDS),
        wait=wait_fixed(POLL_SECONDS),
        retry_error_callback=lambda _: False,
    )
    if not looks(supervisor_answers, folder):
        # An error in its configuration makes supervisord print its whole environment, secrets and all.
        output_text = re.sub(r"\{.*\}", "{…}", output.read_text(errors="replace"), flags=re.DOTALL)
        raise SupervisorProblem(f"the supervisor did not start: {output_text[-600:].strip()}")


def supervisor_answers(folder: RunFolder) -> bool:
    """Whether the hub's supervisor runs and answers."""
    try:
        _ask(folder, "getState")
    except NO_ANSWER:
        return False
    return True


def component_states(folder: RunFolder) -> list[ComponentState]:
    """How every component is. Raises :class:`SupervisorProblem` when the supervisor does not answer."""
    try:
        rows = cast("list[dict[str, Any]]", _ask(folder, "getAllProcessInfo"))
    except NO_ANSWER as error:
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
        _ask(folder, "shutdown")
    except NO_ANSWER:
        return False
    return True


def supervisor_process(folder: RunFolder, processes: Iterable[psutil.Process]) -> psutil.Process | None:
    """The supervisor among the hub's processes."""
    try:
        pid = int(folder.pid_file.read_text())
    except (OSError, ValueError):
        return None
    return next((process for process in processes if process.pid == pid), None)


def _ask(folder: RunFolder, method: str) -> Any:
    transport = SupervisorTransport(serverurl=f"unix://{folder.supervisor_socket}")
    with xmlrpc.client.ServerProxy("http://localhost", transport=transport) as server:
        return getattr(server.supervisor, method)()
