"""What comes of a message whatever Notify and its network do: a stranger's proof of docs/updates.md, by what came to a
server that keeps every byte."""

import json
import logging
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.reporters.carriers import ByNotify, Letter, NotTaken
from reporters.govuk_notify import KEY, SECRET, TEMPLATE, Notify
from reporters.odd_notify import Handler, Server

EMAIL, WORDS, SUBJECT = "robin.sample@example.org", "words-of-the-message", "subject-of-the-message"
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
LONGEST_SECONDS = 25
"""Until then each answer has ended that never would; the processes below have three seconds for one."""


def letter(update_id: uuid.UUID | None = None) -> Letter:
    return Letter(update_id or uuid.uuid4(), EMAIL, SUBJECT, WORDS, NOW)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        yield made


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "notify"
    path.write_text(KEY + "\n")
    return path


@pytest.fixture(autouse=True)
def nothing_personal_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """By whatever logger, at whatever level; nor the key."""
    with caplog.at_level(logging.DEBUG):
        for name in list(logging.root.manager.loggerDict):
            if isinstance(logger := logging.getLogger(name), logging.Logger):
                caplog.set_level(logging.DEBUG, logger.name)
        yield
    told = "\n".join(f"{one.getMessage()} {one.__dict__}" for one in caplog.get_records("call"))
    assert not [secret for secret in (EMAIL, SECRET, WORDS, SUBJECT) if secret in told]


def untold(problem: BaseException | None) -> str:
    """Why, over all its causes, as ``ledger.reporter_updates.problem`` and the log could have it."""
    said = ""
    while problem is not None:
        said += f"{problem} {problem!r} "
        problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
    assert not [secret for secret in (EMAIL, SECRET, KEY, WORDS, SUBJECT) if secret in said]
    return said


def refused(server: Server, key: Path) -> str:
    with pytest.raises(NotTaken) as problem:
        ByNotify(TEMPLATE, key, server.address).take(letter())
    untold(problem.value)
    assert str(problem.value).isprintable()
    assert len(str(problem.value)) < 200
    return str(problem.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_redirect_takes_no_address_and_no_key_anywhere_else(
    server: Server, key: Path, method: str, status: int
) -> None:
    with Server() as elsewhere:
        # A name of its own, so that it is another host.
        place = elsewhere.address.replace("127.0.0.1", "localhost")
        setattr(server, method, lambda handler: handler.say(status, b"{}", Location=f"{place}/v2/notifications/email"))
        refused(server, key)
        assert elsewhere.came == []
        assert len(server.posts) == (method == "post")


SHAPES = ["[]", "null", '"yes"', "1", "{}", '{"notifications": null}', '{"notifications": {}}', '{"notifications": 1}',
          '{"notifications": [null]}', '{"notifications": [{}]}', '{"notifications": ["x"]}', "", "<html>", "\x00",
          "NaN", "[" * 5000]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
def test_where_it_cannot_be_known_whether_notify_has_it_nothing_is_handed_over_and_nothing_counts_as_sent(
    server: Server, key: Path, shape: str
) -> None:
    server.get = lambda handler: handler.say(200, shape.encode())
    refused(server, key)
    assert server.posts == []


def test_what_notify_has_of_others_is_not_this_message(server: Server, key: Path) -> None:
    """As a proxy would answer that knows nothing of queries."""
    other = json.dumps({"notifications": [{"id": "1", "reference": str(uuid.uuid4())}]}).encode()
    server.get = lambda handler: handler.say(200, other)
    try:
        ByNotify(TEMPLATE, key, server.address).take(letter())
    except NotTaken:
        return
    assert len(server.posts) == 1, "not sent, and counted as sent: lost"


@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
def test_an_odd_answer_to_what_was_handed_over_is_asked_about_before_it_goes_again(
    server: Server, key: Path, shape: str
) -> None:
    update, carrier = letter(), ByNotify(TEMPLATE, key, server.address)
    server.post = lambda handler: handler.say(201, shape.encode())
    try:
        carrier.take(update)
    except NotTaken as problem:
        untold(problem)
    has = json.dumps({"notifications": [{"id": "1", "reference": str(update.update_id)}], "links": {}}).encode()
    server.get = lambda handler: handler.say(200, has)
    carrier.take(update)
    assert len(server.posts) == 1


def endless_body(handler: Handler) -> None:
    handler.drip(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", pause=0.3)


def huge_body(handler: Handler) -> None:
    handler.drip(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", pause=0, piece=b" " * 1_000_000)


def silent(_: Handler) -> None:
    time.sleep(LONGEST_SECONDS * 2)


TAKES = """
import resource, sys, uuid
from datetime import UTC, datetime
from pathlib import Path
from hub.reporters import carriers
template, key, address = sys.argv[1:]
carriers.PATIENCE_SECONDS = 3.0
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    message = carriers.Letter(uuid.uuid4(), "robin.sample@example.org", "s", "w", datetime.now(UTC))
    carriers.ByNotify(template, Path(key), address).take(message)
except carriers.NotTaken as problem:
    print("not taken:", problem)
print("MB", (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_no_answer_however_slow_or_long_holds_a_round_up_for_long_or_fills_the_memory(key: Path) -> None:
    """All at once, each in a process of its own: answers to the question, and to the hand-over."""
    servers, children = list[Server](), list[tuple[str, subprocess.Popen[str]]]()
    try:
        for answer in (endless_body, huge_body, silent):
            for method in ("get", "post"):
                servers.append(Server().__enter__())
                setattr(servers[-1], method, answer)
                command = [sys.executable, "-c", TAKES, TEMPLATE, str(key), servers[-1].address]
                child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                children.append((f"{answer.__name__} {method}", child))
        end, problems = time.monotonic() + LONGEST_SECONDS, list[str]()
        for name, child in children:
            try:
                said, _ = child.communicate(timeout=max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                problems.append(f"{name}: does not end")
                continue
            if not said.startswith("not taken:") or int(said.split()[-1]) > 60:
                problems.append(f"{name}: {said[-300:]}")
        assert problems == []
    finally:
        for _, child in children:
            child.kill()
            child.communicate()
        for one in servers:
            one.__exit__()


@pytest.mark.parametrize("status", [200, 202, 204, 400, 403, 404, 410, 413, 418, 429, 500, 502, 503, 504])
def test_only_what_notify_says_it_has_taken_is_taken(server: Server, key: Path, status: int) -> None:
    body = json.dumps({"errors": [{"error": "BadRequestError", "message": f"{EMAIL} {SECRET} {WORDS}"}]}).encode()
    server.post = lambda handler: handler.say(status, b"" if status == 204 else body)
    refused(server, key)
    assert len(server.posts) == 1


def _take(key: Path, address: str, update: Letter) -> None:
    ByNotify(TEMPLATE, key, address).take(update)


def test_a_process_that_dies_between_taking_and_noting_hands_over_once(key: Path) -> None:
    context, update = multiprocessing.get_context("spawn"), letter()
    with Notify() as notify:
        child = context.Process(target=_take, args=(key, notify.address, update))

        class Kills(list[dict[str, Any]]):
            def append(self, said: dict[str, Any]) -> None:
                super().append(said)
                assert child.pid is not None
                os.kill(child.pid, signal.SIGKILL)

        notify.sent = Kills()
        child.start()
        child.join()
        assert child.exitcode == -signal.SIGKILL
        for _ in range(2):
            ByNotify(TEMPLATE, key, notify.address).take(update)
        assert [one["reference"] for one in notify.sent] == [str(update.update_id)]


def reset(handler: Handler) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    handler.connection.close()
    handler.close_connection = True


def half(handler: Handler) -> None:
    handler.wfile.write(b'HTTP/1.1 201 CREATED\r\nContent-Length: 900\r\n\r\n{"id"')
    handler.close_connection = True


def garbage(handler: Handler) -> None:
    handler.wfile.write(b"220 mail.example ESMTP\r\n" * 3)
    handler.close_connection = True


@pytest.mark.parametrize("fault", [reset, half, garbage], ids=lambda one: one.__name__)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_broken_connection_is_no_reason_to_hand_over_twice(
    server: Server, key: Path, method: str, fault: Callable[[Handler], None]
) -> None:
    """By a client of its own accord, that is: what was posted may be there."""
    setattr(server, method, fault)
    refused(server, key)
    assert len(server.posts) == (method == "post")
