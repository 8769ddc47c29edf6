"""A server in the place of GOV.UK Notify that answers as it is told to, and keeps what came."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Server:
    """``get`` and ``post`` answer for it; each request is kept with its body."""

    def __init__(self) -> None:
        self.came, self.get, self.post = list[tuple[str, str]](), self.found, self.taken
        handler = type("Bound", (Handler,), {"server_of_test": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def found(self, handler: "Handler") -> None:
        handler.say(200, b'{"notifications": [], "links": {}}')

    def taken(self, handler: "Handler") -> None:
        handler.say(201, b'{"id": "1"}')

    @property
    def posts(self) -> list[str]:
        return [body for method, body in self.came if method == "POST"]

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    server_of_test: Server

    def do_GET(self) -> None:
        self.server_of_test.came.append(("GET", self.path))
        self.server_of_test.get(self)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server_of_test.came.append(("POST", body))
        self.server_of_test.post(self)

    def say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self, first: bytes, *, seconds: float = 120, pause: float = 0.5, piece: bytes = b" ") -> None:
        """An answer that is always just about to end."""
        end = time.monotonic() + seconds
        try:
            self.wfile.write(first)
            while time.monotonic() < end:
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(pause)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Nothing."""
