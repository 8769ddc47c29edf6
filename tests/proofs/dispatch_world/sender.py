"""A round of the hub in a process of its own, which can be killed before any of its steps: a file opened or
renamed, a statement or commit at the database, a request to an SFTP server, bytes to or from any other."""

import dataclasses
import os
import resource
import signal
import smtplib
import socket
import ssl
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncssh
import sqlalchemy as sa

from hub.dispatch.rounds import prepare_dispatches, send_due, utc_now
from hub.dispatch.transports.sftp import Sftp
from hub.dispatch.transports.webhook import Webhook
from hub.exchange.server import configured
from hub.mail.server import MailServer
from hub.settings import Settings
from proofs.dispatch_world.apart import End, Nursery

WATCHED = frozenset({"open", "os.mkdir", "os.rename", "os.remove", "socket.connect"})
REQUESTS: tuple[tuple[type, str], ...] = (
    *((asyncssh.SFTPClient, name) for name in ("open", "posix_rename", "lexists", "isdir", "mkdir", "remove")),
    *((asyncssh.SFTPClientFile, name) for name in ("write", "fsync", "close", "read")),
    *((ssl.SSLSocket, name) for name in ("sendall", "recv", "recv_into")),
    *((ssl.SSLObject, name) for name in ("write", "read")),
    *((smtplib.SMTP, name) for name in ("putcmd", "getreply")),
    (socket.socket, "sendall"),
)


@dataclasses.dataclass(frozen=True)
class Orders:
    """What a process of the hub is to do, and what happens to it. ``ahead`` is by how much its clock is wrong."""

    what: tuple[str, ...]
    trusted: Path
    patience: float
    ahead: timedelta = timedelta()
    at_once: bool = True
    killed_at: int | None = None
    largest_file: int | None = None


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of it; nothing but ``was_killed`` is known of a process that was killed."""

    was_killed: bool = False
    steps: int = 0
    problems: dict[str, str] = dataclasses.field(default_factory=dict)
    error: str = ""


class Steps:
    """Counts steps, and kills the process before one of them."""

    def __init__(self, killed_at: int | None) -> None:
        self.killed_at, self.count = killed_at, 0

    def watch(self) -> None:
        sys.addaudithook(lambda event, _: self.step() if event in WATCHED else None)
        for event in ("before_cursor_execute", "commit"):
            sa.event.listen(sa.Engine, event, lambda *_: self.step())
        for owner, name in REQUESTS:
            setattr(owner, name, self._counted(getattr(owner, name)))

    def step(self) -> None:
        if self.count == self.killed_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1

    def _counted(self, request: Callable[..., Any]) -> Callable[..., Any]:
        def before_and_after(*arguments: Any, **named: Any) -> Any:
            self.step()
            done = request(*arguments, **named)
            self.step()
            return done

        return before_and_after


def outcome(end: End) -> Outcome:
    """What came of a process that was to obey orders."""
    if end.exit_code == -signal.SIGKILL:
        return Outcome(was_killed=True)
    assert isinstance(end.given, Outcome), f"the hub's process has ended with {end.exit_code}"
    return end.given


def obey(settings: Settings, orders: Orders) -> Outcome:
    """Do it; runs in the process of its own."""
    os.environ["SSL_CERT_FILE"] = str(orders.trusted)
    make_hasty(orders.patience)
    if orders.largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (orders.largest_file, resource.RLIM_INFINITY))
    steps = Steps(orders.killed_at)
    steps.watch()
    problems: dict[str, str] = {}
    error = ""

    def clock() -> datetime:
        return utc_now() + orders.ahead

    try:
        for one in orders.what:
            if one == "prepare urgent":
                prepare_dispatches(settings, clock=clock, urgent_only=True)
            elif one == "prepare":
                prepare_dispatches(settings, clock=clock)
            else:
                is_urgent = one == "send urgent"
                problems |= send_due(settings, clock=clock, at_once=orders.at_once, urgent_only=is_urgent).problems
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"[:2000]
    return Outcome(steps=steps.count, problems=problems, error=error)


def make_hasty(patience: float) -> None:
    """Let senders wait for so many seconds only: their own patience is an argument with a default."""
    for function, name in ((Webhook.__init__, "__defaults__"), (MailServer.at.__func__, "__defaults__")):  # type: ignore[attr-defined]
        setattr(function, name, (patience,))
    known: dict[str, Any] = dict(vars(Sftp)["__init__"].__kwdefaults__)
    vars(Sftp)["__init__"].__kwdefaults__ = known | {"patience": patience}


class ExchangeServer:
    """The exchange in a process of its own, on one port for good."""

    def __init__(self, nursery: Nursery, settings: Settings, log: Path) -> None:
        assert settings.exchange_port is not None
        self.nursery, self.settings, self.log, self.port = nursery, settings, log, settings.exchange_port
        self._pid: int | None = None

    def start(self) -> None:
        self._pid = self.nursery.start(serve, self.settings, self.log)

    def kill(self) -> None:
        """At once; any thread may."""
        if self._pid is not None:
            self.nursery.kill(self._pid)

    def kill_and_wait(self) -> None:
        self.kill()
        if self._pid is not None:
            self.nursery.wait(self._pid)
            self._pid = None


def serve(settings: Settings, log: Path) -> None:
    """Serve, until killed; runs in the process of its own."""
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    configured(settings).run()
