"""The line between the hub and a recipient's server: it refuses, stays silent, or is cut after so many bytes."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from conftest import free_port

REFUSED, SILENT, CUT_UP, CUT_DOWN = "refused", "silent", "cut on the way out", "cut on the way back"
LINE_FAULTS = (REFUSED, SILENT, CUT_UP, CUT_DOWN)
PART = 4096


@dataclass(frozen=True)
class LineFault:
    """What the line does, and after how many bytes."""

    kind: str
    after: int = 0


class Line:
    """Passes connections on to a port of this machine; ``on_fault`` hears of each fault that has happened."""

    def __init__(self, to_port: int, on_fault: Callable[[str], None]) -> None:
        self.to_port, self.on_fault = to_port, on_fault
        self.port = free_port()
        self._fault: LineFault | None = None
        self._left = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)

    @contextlib.contextmanager
    def with_fault(self, fault: LineFault) -> Iterator[None]:
        """Let it go wrong for a while: at each connection, but a cut once."""
        with self._lock:
            self._fault, self._left = fault, fault.after
        try:
            yield
        finally:
            with self._lock:
                self._fault = None
            self.hang_up()

    def hang_up(self) -> None:
        """End every connection."""
        for one in list(self._open):
            self._end(one)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.hang_up()

    def _accept(self) -> None:
        while True:
            try:
                came, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(came)
            kind = self._fault.kind if self._fault else ""
            if kind in (REFUSED, SILENT):
                self.on_fault(kind)
            if kind == REFUSED:
                self._end(came)
            elif kind != SILENT:
                self._pass_on(came)

    def _pass_on(self, came: socket.socket) -> None:
        try:
            there = socket.create_connection(("127.0.0.1", self.to_port))
        except OSError:
            self._end(came)
            return
        self._open.add(there)
        for source, target, kind in ((came, there, CUT_UP), (there, came, CUT_DOWN)):
            threading.Thread(target=self._pump, args=(source, target, kind), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, kind: str) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(PART):
                cut = self._cut_within(len(part), kind)
                target.sendall(part if cut is None else part[:cut])
                if cut is not None:
                    self.on_fault(kind)
                    break
        self._end(source)
        self._end(target)

    def _cut_within(self, count: int, kind: str) -> int | None:
        """After how many of the next bytes the line is cut, if it is."""
        with self._lock:
            if self._fault is None or self._fault.kind != kind:
                return None
            self._left -= count
            if self._left > 0:
                return None
            self._fault = None
            return max(0, count + self._left)

    def _end(self, one: socket.socket) -> None:
        self._open.discard(one)
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
