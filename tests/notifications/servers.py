"""A mail server and a webhook on the loopback address that fail as they are told to."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections import Counter, deque
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller

SILENCE_SECONDS = 1.5
"""Longer than the tests' senders wait for an answer."""
NOT_TAKEN = ("421", "451", "550", "silent", "dropped")
NOT_TAKEN_BY_WEB = ("302", "400", "404", "429", "500", "503", "silent", "dropped")
NOBODY_LISTENS = "refused"
TAKEN_WITHOUT_A_WORD = ("taken silent", "taken dropped", "killed")
"""The receiver has the message, and the sender cannot know: after these a repeat is right."""


class Receiver:
    """What came, by the message's own id, and what goes wrong with the next ones."""

    def __init__(self) -> None:
        self.faults: deque[str] = deque()
        self.met: Counter[str] = Counter()
        self.came: Counter[str] = Counter()
        self.texts: dict[str, set[str]] = {}
        self.sender_pid: int | None = None
        self.address, self.port = "", 0

    def next_fault(self) -> str:
        fault = self.faults.popleft() if self.faults else ""
        self.met[fault] += 1
        return fault

    def take(self, message_id: str, text: str) -> None:
        self.came[message_id] += 1
        self.texts.setdefault(message_id, set()).add(text)

    def kill_sender(self) -> None:
        assert self.sender_pid is not None
        os.kill(self.sender_pid, signal.SIGKILL)


class MailServer(Receiver):
    """An SMTP server of aiosmtpd."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.fault, self.mails = "", list[Any]()
        self.controller = Controller(self, hostname="127.0.0.1", port=port)
        self.address, self.port = f"smtp+plain://127.0.0.1:{port}", port

    async def handle_MAIL(self, _: Any, __: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        self.fault = self.next_fault()
        if self.fault == "421":
            return "421 closing"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, _: Any, envelope: Any) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=default)
        if self.fault.isdigit():
            return f"{self.fault} not now, {envelope.rcpt_tos[0]}"
        if self.fault not in NOT_TAKEN:
            self.mails.append(mail)
            self.take(str(mail["Message-ID"]).strip("<>").split("@")[0], mail.get_content())
        if self.fault == "killed":
            self.kill_sender()
        if self.fault.endswith("silent"):
            await asyncio.sleep(SILENCE_SECONDS)
        if self.fault:
            server.transport.abort()
        return "250 queued as 17"

    def __enter__(self) -> "MailServer":
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()


class Webhook(Receiver):
    """An HTTP server that takes JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = list[dict[str, Any]]()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.address = f"json://127.0.0.1:{self.port}/hook"

    def __enter__(self) -> "Webhook":
        Thread(target=self.server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def _handler(webhook: Webhook) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fault = webhook.next_fault()
            if fault not in NOT_TAKEN_BY_WEB:
                webhook.requests.append(sent)
                webhook.take(self.headers["Idempotency-Key"], f"{sent['title']}\n{sent['message']}")
            if fault == "killed":
                webhook.kill_sender()
            if fault.endswith("silent"):
                time.sleep(SILENCE_SECONDS)
            if fault.endswith(("silent", "dropped")) or fault == "killed":
                self.close_connection = True
                return
            with contextlib.suppress(OSError):
                self.send_response(int(fault or 204))
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def do_GET(self) -> None:
            """Where a redirect leads: a page that says nothing of messages."""
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the tests' own output."""

    return Handler
