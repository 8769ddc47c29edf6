"""A way from a machine to servers on the loopback address of another, which can be cut.

On the machine, something listens on the servers' ports and hands each connection on through a socket in a folder; at
the other end, something takes it from there to the server.
"""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
MOST_BYTES = 65536
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def socket_of(folder: Path, port: int) -> Path:
    return folder / f"{port}.socket"


async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event) -> None:
    """Pass on what comes, and the goodbye, as long as the gate is open."""
    while data := await reader.read(MOST_BYTES):
        await gate.wait()
        writer.write(data)
        await writer.drain()
    await gate.wait()
    with contextlib.suppress(OSError):
        writer.write_eof()


async def join(one: Connection, other: Connection, gate: asyncio.Event) -> None:
    """Pass on what comes from either, until both have said goodbye or one is broken off."""
    ways = [asyncio.create_task(hand_on(a[0], b[1], gate)) for a, b in ((one, other), (other, one))]
    try:
        await asyncio.gather(*ways)
    except (OSError, asyncio.IncompleteReadError):
        await gate.wait()
    finally:
        for way in ways:
            way.cancel()
        for _, writer in (one, other):
            writer.transport.abort()


async def listen_on_machine(folder: Path, ports: Iterable[int]) -> None:
    """The machine's own end."""
    gate = asyncio.Event()
    gate.set()

    def answer(port: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                way = await asyncio.open_unix_connection(socket_of(folder, port))
            except OSError:
                writer.transport.abort()
                return
            await join((reader, writer), way, gate)

        return connect

    for port in ports:
        await asyncio.start_server(answer(port), HOST, port)
    await asyncio.Event().wait()


@dataclass
class Cable:
    """The servers' end of one machine's way to them."""

    folder: Path
    ports: tuple[int, ...]
    passed: int = 0
    _refuses: bool = False
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _gate: asyncio.Event = field(default_factory=asyncio.Event)
    _is_over: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _thread: threading.Thread = field(init=False)

    def start(self) -> None:
        self._gate.set()
        ready = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(ready),), daemon=True)
        self._thread.start()
        assert ready.wait(30)

    async def _serve(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        servers = [
            await asyncio.start_unix_server(self._answer(one), socket_of(self.folder, one)) for one in self.ports
        ]
        ready.set()
        await self._is_over.wait()
        for server in servers:
            server.close()

    def _answer(self, port: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._gate.wait()
            if self._refuses:
                writer.transport.abort()
                return
            try:
                server = await asyncio.open_connection(HOST, port)
            except OSError:
                writer.transport.abort()
                return
            self.passed += 1
            self._open |= {writer, server[1]}
            try:
                await join((reader, writer), server, self._gate)
            finally:
                self._open -= {writer, server[1]}

        return connect

    def cut(self) -> None:
        """Nothing passes any more, and nobody is told: neither a goodbye nor a reset."""
        self._loop.call_soon_threadsafe(self._gate.clear)

    def mend(self) -> None:
        """What waited passes, as after a pause of the network."""
        self._loop.call_soon_threadsafe(self._gate.set)

    def break_off(self, *, refuses: bool = False) -> None:
        """Both ends learn that their connections are no more. With ``refuses`` no new one comes about until the next
        call without."""

        def abort() -> None:
            self._refuses = refuses
            for writer in list(self._open):
                writer.transport.abort()
            self._gate.set()

        self._loop.call_soon_threadsafe(abort)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._is_over.set)
        self._thread.join(30)
