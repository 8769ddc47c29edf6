"""A recipient's webhook over HTTPS, which checks Standard Webhooks' signatures by itself and fails as it is told to."""

import base64
import binascii
import contextlib
import hashlib
import hmac
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from proofs.dispatch_world.record import Record

NOT_TAKEN = ("302", "404", "408", "429", "500", "503", "422", "silent", "dropped")
TAKEN_UNHEARD = ("taken silent", "taken dropped", "taken half", "taken 500")
WEB_FAULTS = (*NOT_TAKEN, *TAKEN_UNHEARD)
OLDEST_SECONDS = 300


def new_secret(value: bytes) -> str:
    return "whsec_" + base64.b64encode(value).decode()


class WebDesk:
    """Takes what is signed by ``secret`` alone; a fault is for one request, after as many as stand before it."""

    def __init__(self, recipient: str, record: Record, tls: ssl.SSLContext, secret: str, silence: float) -> None:
        self.recipient, self.record, self.secret, self.silence = recipient, record, secret, silence
        self.faults: deque[str] = deque()
        self._lock = threading.Lock()
        self.server = _Server(("127.0.0.1", 0), _handler(self))
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_port

    def fault_of(self, headers: dict[str, str], body: bytes) -> str:
        """Take a request, or not; returns what to answer: nothing where all is well."""
        with self._lock:
            if not self._is_signed(headers, body):
                # Each step of a change of secrets leaves one that both have.
                self.record.note_wrong(f"{self.recipient} is sent what is not signed by its secret")
                return "401"
            fault = self.faults.popleft() if self.faults else ""
            if fault not in NOT_TAKEN:
                self.record.came(self.recipient, headers["webhook-id"], body.decode())
            if fault == "422":
                self.record.met[f"web {fault}"] += 1
            elif fault:
                self.record.met_fault(f"web {fault}", self.recipient)
            return fault

    def _is_signed(self, headers: dict[str, str], body: bytes) -> bool:
        """By the letter of the standard, without its library."""
        try:
            key = base64.b64decode(self.secret.removeprefix("whsec_"))
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
            is_of_now = abs(time.time() - int(headers["webhook-timestamp"])) < OLDEST_SECONDS
        except (KeyError, ValueError, binascii.Error):
            return False
        right = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        said = headers.get("webhook-signature", "").split(" ")
        return is_of_now and any(hmac.compare_digest(right, one) for one in said)

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, daemon=True, kwargs={"poll_interval": 0.1}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A sender that is gone is no error of the recipient's."""


def _handler(desk: WebDesk) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                self.close_connection = True
                return
            fault = desk.fault_of({name.lower(): value for name, value in self.headers.items()}, body)
            if fault.endswith("silent"):
                time.sleep(desk.silence)
            if fault.endswith(("silent", "dropped")):
                self.close_connection = True
            elif fault == "taken half":
                with contextlib.suppress(OSError):
                    self.wfile.write(b"HTTP/1.1 2")
                self.close_connection = True
            else:
                self._answer(int(fault.removeprefix("taken ") or 204))

        def _answer(self, code: int) -> None:
            with contextlib.suppress(OSError):
                self.send_response(code)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the tests' own output."""

    return Handler
