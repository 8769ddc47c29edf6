"""A server that begins an answer and says a little more of it now and then, for longer than anybody should wait."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PAUSE_SECONDS, COUNT = 0.2, 30


@contextmanager
def dripping(begin: bytes, more: bytes) -> Iterator[int]:
    """The port of such a server."""

    def answer() -> None:
        with suppress(OSError):
            connection, _ = server.accept()
            with connection:
                connection.sendall(begin)
                for _ in range(COUNT):
                    connection.sendall(more)
                    time.sleep(PAUSE_SECONDS)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]
