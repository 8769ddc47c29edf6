"""Processes of the hub, forked from one that has imported what they need, so that one of them costs no start-up."""

import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Self

import psutil

type Target = Callable[..., Any]


@dataclass(frozen=True)
class End:
    """How a process ended, and what its function has given if it came to its end."""

    exit_code: int | None
    given: Any


class Nursery:
    """Starts processes that have these modules, and waits for them; who wants to kill one has its id."""

    def __init__(self, *modules: str) -> None:
        self._here, there = multiprocessing.get_context("spawn").Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=_tend, args=(there, modules))
        self._process.start()
        there.close()
        self._lock = threading.Lock()

    def start(self, target: Target, *arguments: Any) -> int:
        """Begin a process; returns its id."""
        return int(self._ask(("start", target, arguments)))

    def wait(self, pid: int) -> End:
        """Until it has ended."""
        end: End = self._ask(("wait", pid))
        return end

    def kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _ask(self, request: tuple[Any, ...]) -> Any:
        with self._lock:
            self._here.send(request)
            return self._here.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """All that is left ends at once, also where a test was broken off."""
        assert self._process.pid is not None
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(self._process.pid)
            for one in (first, *first.children(recursive=True)):
                one.kill()
        self._process.join()
        self._here.close()


def _tend(there: Connection, modules: tuple[str, ...]) -> None:
    """What the process does that the others are forked from, until it is killed."""
    for one in modules:
        importlib.import_module(one)
    forked = multiprocessing.get_context("fork")
    children: dict[int, tuple[Any, Connection]] = {}
    while True:
        what, *said = there.recv()
        if what == "start":
            target, arguments = said
            mine, theirs = forked.Pipe(duplex=False)
            child = forked.Process(target=_give, args=(theirs, target, arguments))
            child.start()
            theirs.close()
            assert child.pid is not None
            children[child.pid] = (child, mine)
            there.send(child.pid)
        else:
            child, mine = children.pop(said[0])
            given = None
            with suppress(EOFError):
                given = mine.recv()
            child.join()
            mine.close()
            there.send(End(child.exitcode, given))


def _give(there: Connection, target: Target, arguments: tuple[Any, ...]) -> None:
    there.send(target(*arguments))
