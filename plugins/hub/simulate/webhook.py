"""The webhook of a made-up recipient, on the loopback address: it takes what is signed, and each document once."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

from standardwebhooks.webhooks import Webhook as Signer
from standardwebhooks.webhooks import WebhookVerificationError

from hub.simulate.receiver import Habit

LONGER_THAN_THE_HUB_WAITS_SECONDS = 25.0
LARGEST_DOCUMENT = 16 * 1024**2
NOT_SIGNED, TAKEN, CAME_AGAIN, NOT_ANSWERED = "not signed", "taken", "came again", "not answered as it should be"


class Inbox:
    """Documents as files in ``folder``, by the id that the hub gave them; ``count`` is what became of each request."""

    def __init__(self, folder: Path, secrets: Collection[str], habits: Collection[Habit], silence: float) -> None:
        self.folder, self.secrets, self.habits, self.silence = folder, secrets, habits, silence
        self.count: Counter[str] = Counter()
        self.failed: set[str] = set()
        self.lock = Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, headers: dict[str, str], text: str) -> tuple[HTTPStatus, float]:
        """Take a document; returns the answer, and how many seconds it is to wait."""
        if not any(_is_signed(secret, headers, text) for secret in self.secrets):
            with self.lock:
                self.count[NOT_SIGNED] += 1
            return HTTPStatus.UNAUTHORIZED, 0.0
        name = next(value for key, value in headers.items() if key.lower() == "webhook-id")
        with self.lock:
            return self._take_signed(name, text)

    def _take_signed(self, name: str, text: str) -> tuple[HTTPStatus, float]:
        path = self.folder / f"{Path(name).name}.json"
        if Habit.FAILING in self.habits and not path.exists() and name not in self.failed:
            self.failed.add(name)
            self.count[NOT_ANSWERED] += 1
            return HTTPStatus.INTERNAL_SERVER_ERROR, 0.0
        if path.exists():
            self.count[CAME_AGAIN] += 1
            return HTTPStatus.NO_CONTENT, 0.0
        path.write_text(text, encoding="utf-8")
        self.count[TAKEN] += 1
        if Habit.SLOWLY in self.habits:
            self.count[NOT_ANSWERED] += 1
            return HTTPStatus.NO_CONTENT, self.silence
        return HTTPStatus.NO_CONTENT, 0.0


@contextmanager
def listening(
    port: int,
    folder: Path,
    secrets: Collection[str],
    habits: Collection[Habit] = (),
    *,
    silence: float = LONGER_THAN_THE_HUB_WAITS_SECONDS,
) -> Iterator[Inbox]:
    """Take documents at a port of the loopback address. Raises OSError where something else listens there."""
    inbox = Inbox(folder, secrets, habits, silence)
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(inbox))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(inbox: Inbox) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            if size > LARGEST_DOCUMENT:
                self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return
            code, seconds = inbox.take(dict(self.headers.items()), self.rfile.read(size).decode(errors="replace"))
            time.sleep(seconds)
            self._answer(code)

        def _answer(self, code: HTTPStatus) -> None:
            with suppress(OSError):  # the hub has waited for long enough
                self.send_response(code)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """The counts say enough."""

    return Handler


def _is_signed(secret: str, headers: dict[str, str], text: str) -> bool:
    try:
        Signer(secret).verify(text, headers, json_parse=False)
    except WebhookVerificationError:
        return False
    return True
