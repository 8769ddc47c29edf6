"""A webhook on the loopback address that checks signatures, acts on each id once, and fails as it is told to."""

import contextlib
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from standardwebhooks.webhooks import Webhook as Signer
from standardwebhooks.webhooks import WebhookVerificationError

from notifications.servers import SILENCE_SECONDS, Receiver

SECRET = "whsec_" + "bm8gcmVhbCBzZWNyZXQsIGZvciB0ZXN0cyBvbmx5ISE="
NOT_TAKEN = ("302", "404", "408", "429", "500", "503", "silent", "dropped", "422")
TAKEN_WITHOUT_A_WORD = ("taken silent", "taken dropped", "taken half")
"""The receiver has the document, and the sender does not hear that it has."""


class WebhookReceiver(Receiver):
    """What came, by id, with each text; ``acted`` is what a receiver does that looks at the id."""

    def __init__(self) -> None:
        super().__init__()
        self.acted: list[str] = []
        self.count_forged = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.address = f"http://127.0.0.1:{self.port}/dispatches"

    def act(self, message_id: str, text: str) -> None:
        if message_id not in self.came:
            self.acted.append(message_id)
        self.take(message_id, text)

    def __enter__(self) -> "WebhookReceiver":
        Thread(target=self.server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def _handler(receiver: WebhookReceiver) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            try:
                Signer(SECRET).verify(text, dict(self.headers.items()))
            except WebhookVerificationError:
                receiver.count_forged += 1
                self._answer(401)
                return
            fault = receiver.next_fault()
            if fault not in NOT_TAKEN:
                receiver.act(self.headers["webhook-id"], text)
            if fault.endswith("silent"):
                time.sleep(SILENCE_SECONDS)
            if fault.endswith(("silent", "dropped")):
                self.close_connection = True
            elif fault == "taken half":
                with contextlib.suppress(OSError):
                    self.wfile.write(b"HTTP/1.1 2")
                self.close_connection = True
            else:
                self._answer(int(fault or 204))

        def _answer(self, code: int) -> None:
            with contextlib.suppress(OSError):
                self.send_response(code)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the tests' own output."""

    return Handler
