"""Stands before a server that speaks S3's protocol, and fails as such servers and the ways to them do.

Which request is answered badly, and how, follows from a seed, the request and how often it came before: also where
several workers ask at once, the same seed gives the same request the same fate.
"""

import contextlib
import http.client
import random
import re
import socket
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "HUBTESTKEY00000001"
SECRET = "a-secret-that-nobody-may-print"
OF_ANOTHER_SECRET = "HUBTESTKEY00000002"
"""A key that the server knows, and whose secret the client does not."""
UPLOAD_IDS, BUCKETS = re.compile(r"uploadId=[^&]+"), re.compile(r"hub-landing-\d+")


class Fault(StrEnum):
    """What goes wrong with a request. After ``LATE`` ones it was carried out all the same."""

    SLOW = "answered slowly"
    BUSY = "503 SlowDown"
    BROKEN = "500 InternalError"
    TOO_MANY = "429"
    CONFLICT = "409 ConditionalRequestConflict"
    CUT_BEFORE = "cut before it was carried out"
    CUT_AFTER = "cut after it was carried out"
    BROKEN_AFTER = "500 after it was carried out"
    BREAKS_OFF = "answer breaks off half-way"
    SHORT = "answer of half its bytes, with a length that says so"
    SHORT_RANGE = "a smaller range than was asked for"
    EMPTY = "empty answer"
    ERROR_IN_200 = "200 with an error in it"


NOT_CARRIED_OUT = {
    Fault.BUSY: (503, "SlowDown"),
    Fault.BROKEN: (500, "InternalError"),
    Fault.TOO_MANY: (429, "TooManyRequests"),
    Fault.CONFLICT: (409, "ConditionalRequestConflict"),
    Fault.ERROR_IN_200: (200, "InternalError"),
}
WITH_A_BODY = (Fault.SHORT, Fault.SHORT_RANGE)
EVERY = tuple(Fault)
QUICK = (Fault.SLOW, Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.CONFLICT, Fault.SHORT, Fault.SHORT_RANGE, Fault.EMPTY)
"""For tests that are to take little time: after most of them the library does not wait and try again."""


@dataclass(frozen=True)
class Request:
    """What a client asked for; ``condition`` is what must be true for a write to be carried out."""

    method: str
    target: str
    condition: str | None
    key: str | None

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def is_write_of_object(self) -> bool:
        """Whether an object stands under its name once it is carried out."""
        query = self.target.partition("?")[2]
        return (self.method == "PUT" and "partNumber" not in query) or (self.method == "POST" and "uploadId" in query)


@dataclass(frozen=True)
class Seen:
    """A request and what became of it; ``status`` is the server's own, None where it never had the request."""

    request: Request
    fault: Fault | None
    status: int | None


Chosen = Callable[[Request], bool]


@dataclass
class Plan:
    """What is to go wrong: a share of all requests that ``on`` chooses, by one of ``kinds``, ``most`` times."""

    rate: float = 0.0
    kinds: tuple[Fault, ...] = EVERY
    seed: int = 0
    most: int | None = None
    on: Chosen = lambda _: True
    slow_seconds: float = 0.3


@dataclass
class Answer:
    """The server's own."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class FaultyProxy:
    """Passes requests on to ``upstream``, but for those that the plan spoils."""

    upstream: tuple[str, int]
    plan: Plan = field(default_factory=Plan)
    seen: list[Seen] = field(default_factory=list)
    injected: Counter[Fault] = field(default_factory=Counter)
    _times: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _of_path: defaultdict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))
    _server: ThreadingHTTPServer = field(init=False)

    def start(self) -> None:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def answer(self) -> None:
                proxy.serve(self)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = _QuietServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextlib.contextmanager
    def failing(self, plan: Plan) -> Iterator["FaultyProxy"]:
        """Follow a plan for a while."""
        before, self.plan = self.plan, plan
        self._times.clear()
        self.injected.clear()
        try:
            yield self
        finally:
            self.plan = before

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request, or fail to."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        credential = re.search(r"Credential=([^/]+)/", handler.headers.get("Authorization") or "")
        conditions = (
            f"{one}: {handler.headers[one]}" for one in ("If-None-Match", "If-Match") if one in handler.headers
        )
        condition = next(conditions, None)
        request = Request(handler.command, handler.path, condition, credential[1] if credential else None)
        if request.key != KEY:
            code = "SignatureDoesNotMatch" if request.key == OF_ANOTHER_SECRET else "InvalidAccessKeyId"
            return _send(handler, _error(403, code))
        fault = self._fault(request)
        if fault is Fault.SLOW:
            time.sleep(self.plan.slow_seconds)
        if fault in NOT_CARRIED_OUT or fault is Fault.CUT_BEFORE:
            self._note(request, fault, None)
            return _cut(handler) if fault not in NOT_CARRIED_OUT else _send(handler, _error(*NOT_CARRIED_OUT[fault]))
        # The server in the tests looks and writes in two steps; a real one does both at once.
        with self._of_path[request.path] if request.method != "GET" else contextlib.nullcontext():
            answer = self._ask(handler, body)
        if fault in WITH_A_BODY and not answer.body:
            fault = Fault.CUT_AFTER
        self._note(request, fault, answer.status)
        return _spoil(handler, answer, fault)

    def _fault(self, request: Request) -> Fault | None:
        plan = self.plan
        if not plan.rate or not plan.on(request):
            return None
        with self._lock:
            if plan.most is not None and self.injected.total() >= plan.most:
                return None
            # Not by the bucket: how many there were before hangs on the tests that ran before.
            target = BUCKETS.sub("bucket", UPLOAD_IDS.sub("uploadId", request.target))
            known_as = f"{request.method} {target}"
            self._times[known_as] += 1
            rng = random.Random(f"{plan.seed} {known_as} {self._times[known_as]}")
            kinds = [one for one in plan.kinds if can_happen(one, request)]
            if not kinds or rng.random() >= plan.rate:
                return None
            fault = rng.choice(kinds)
            self.injected[fault] += 1
            return fault

    def _note(self, request: Request, fault: Fault | None, status: int | None) -> None:
        with self._lock:
            self.seen.append(Seen(request, fault, status))

    def _ask(self, handler: BaseHTTPRequestHandler, body: bytes) -> Answer:
        upstream = http.client.HTTPConnection(*self.upstream, timeout=60)
        try:
            headers = {name: value for name, value in handler.headers.items() if name.lower() != "connection"}
            upstream.request(handler.command, handler.path, body or None, {**headers, "Connection": "close"})
            answer = upstream.getresponse()
            kept = [one for one in answer.getheaders() if one[0].lower() not in ("connection", "transfer-encoding")]
            return Answer(answer.status, answer.reason, kept, answer.read())
        finally:
            upstream.close()


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is killed in the middle of a request is what tests are about."""


def can_happen(fault: Fault, request: Request) -> bool:
    match fault:
        case Fault.CONFLICT:
            return request.is_write_of_object and request.condition is not None
        case Fault.ERROR_IN_200:
            return request.method == "POST"
        case Fault.SHORT | Fault.SHORT_RANGE | Fault.BREAKS_OFF:
            return request.method == "GET"
        case Fault.EMPTY:
            return request.method != "DELETE"  # that is how a removal is answered
    return True


def _error(status: int, code: str) -> Answer:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{code}</Message></Error>'
    return Answer(status, code, [("Content-Type", "application/xml")], text.encode())


def _spoil(handler: BaseHTTPRequestHandler, answer: Answer, fault: Fault | None) -> None:
    half = len(answer.body) // 2
    match fault:
        case Fault.CUT_AFTER:
            _cut(handler)
        case Fault.BROKEN_AFTER:
            _send(handler, _error(500, "InternalError"))
        case Fault.BREAKS_OFF:
            _send(handler, answer, most=half)
            _cut(handler)
        case Fault.SHORT:
            _send(handler, Answer(answer.status, answer.reason, _without_length(answer), answer.body[:half]))
        case Fault.SHORT_RANGE:
            headers = [(name, _smaller(value, half)) for name, value in _without_length(answer)]
            _send(handler, Answer(answer.status, answer.reason, headers, answer.body[:half]))
        case Fault.EMPTY:
            _send(handler, Answer(answer.status, answer.reason, [], b""))
        case _:
            _send(handler, answer)


def _smaller(value: str, count: int) -> str:
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", value)
    return f"bytes {found[1]}-{max(int(found[1]) + count - 1, 0)}/{found[2]}" if found else value


def _without_length(answer: Answer) -> list[tuple[str, str]]:
    return [one for one in answer.headers if one[0].lower() != "content-length"]


def _send(handler: BaseHTTPRequestHandler, answer: Answer, most: int | None = None) -> None:
    handler.send_response_only(answer.status, answer.reason)
    of_head = handler.command == "HEAD"
    for name, value in answer.headers if of_head else _without_length(answer):
        handler.send_header(name, value)
    if not of_head and answer.status != 204:
        handler.send_header("Content-Length", str(len(answer.body)))
    handler.end_headers()
    if not of_head:
        handler.wfile.write(answer.body[:most])


def _cut(handler: BaseHTTPRequestHandler) -> None:
    """End the connection as a machine does that goes away: without a goodbye."""
    handler.close_connection = True
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
