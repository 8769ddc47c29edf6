"""A stranger's attack on the exchange as a process of its own, over sockets: requests that break off, senders who are
slow, and a process that is killed."""

import contextlib
import functools
import itertools
import os
import random
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from conftest import free_port
from dispatch.conftest import FORCE
from exchange.conftest import OTHER_FORCE, Exchange
from exchange.outside import ingested, problem, waiting_files
from exchange.test_files_by_another_hand import FEED, GOOD, HAND_IN, sender
from hub.dispatch.answers import follow

__all__ = ["sender"]
MEBIBYTE = 1024**2
ROUNDS, IN_A_ROUND = 5, 6
PATIENCE = 60.0


@dataclass
class Server:
    """The exchange in a process of its own; its log goes on in one file."""

    exchange: Exchange
    log: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        hub = self.exchange.hub.settings
        own = {
            "HUB_HOME": hub.home,
            "HUB_DROP": hub.drop,
            "HUB_SANDBOX": hub.sandbox,
            "HUB_PROJECT": hub.project,
            "HUB_WAREHOUSE_URL": hub.warehouse_url,
            "HUB_EXCHANGE_PORT": self.port,
        }
        environment = os.environ | {name: str(value) for name, value in own.items()}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hub.exchange.server"], env=environment, stdout=log, stderr=log
            )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            with contextlib.suppress(httpx2.HTTPError):
                if httpx2.get(f"{self.address}/v1/openapi.json").status_code == 200:
                    return
            time.sleep(0.2)
        raise TimeoutError

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def head(self, token: str, path: str, *more: str) -> bytes:
        """The first lines of a POST."""
        lines = (f"POST {path} HTTP/1.1", "Host: exchange", f"Authorization: Bearer {token}")
        return "\r\n".join([*lines, "Content-Type: application/octet-stream", *more, "", ""]).encode()

    def raw(self, sent: bytes, *, half_closed: bool = False) -> bytes:
        """What comes back when these bytes are all that is sent, or when the sender is gone after them."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(sent)
                if half_closed:
                    return b""
                connection.shutdown(socket.SHUT_WR)
            got = b""
            with contextlib.suppress(ConnectionError):
                while part := connection.recv(65_536):
                    got += part
            return got


@pytest.fixture
def server(sender: Exchange, tmp_path: Path) -> Iterator[Server]:
    """A server over the hub of ``sender``. No token may stand in what it writes."""
    made = Server(sender, tmp_path / "exchange.log", free_port())
    made.start()
    yield made
    made.kill()
    written = made.log.read_text()
    assert written
    assert not [token for token in sender.told if token[:16] in written]
    assert "Traceback" not in written


def receipts(server: Server) -> int:
    with server.exchange.hub.engine.connect() as connection:
        return int(connection.execute(sa.text("select count(*) from ledger.exchange_receipts")).scalar_one())


def nothing_came(server: Server) -> bool:
    """Whether the service has got rid of what it had of a request."""
    end = time.monotonic() + PATIENCE
    while waiting_files(server.exchange.hub) and time.monotonic() < end:
        time.sleep(0.1)
    return not waiting_files(server.exchange.hub) and not receipts(server)


@pytest.mark.long
def test_of_a_request_that_breaks_off_nothing_is_kept(server: Server) -> None:
    token = server.exchange.token().token
    size = f"Content-Length: {len(GOOD)}"
    chunk = b"%x\r\n%s\r\n" % (len(GOOD), GOOD)
    cut = [
        server.head(token, HAND_IN, size) + GOOD[:100],
        server.head(token, HAND_IN, f"Content-Length: {len(GOOD) + 1}") + GOOD,
        server.head(token, HAND_IN, "Transfer-Encoding: chunked") + chunk,
        server.head(token, HAND_IN, "Transfer-Encoding: chunked") + chunk[:100],
        server.head(token, HAND_IN, "Transfer-Encoding: chunked") + chunk + b"zz\r\n",
        server.head(token, HAND_IN, "Content-Length: -1") + GOOD,
        server.head(token, HAND_IN, "Content-Length: x") + GOOD,
        server.head(token, HAND_IN, size, f"Content-Length: {len(GOOD) - 1}") + GOOD,
        server.head(token, HAND_IN, f"Content-Length: {256 * MEBIBYTE + 1}") + GOOD,
        server.head(token, HAND_IN, f"Content-Length: {'9' * 40}") + GOOD,
        server.head(token, HAND_IN, "Transfer-Encoding: gzip, chunked") + chunk[:100],
    ]
    for sent, is_gone in itertools.product(cut, (False, True)):
        answer = server.raw(sent, half_closed=is_gone)
        assert not answer or answer.split()[1][:1] == b"4", (sent[:200], answer)
        assert nothing_came(server), sent[:200]
    assert server.raw(cut[8]).split()[1] == b"413"


@pytest.mark.long
def test_a_body_without_length_is_taken_whole_up_to_the_limit(server: Server) -> None:
    token = server.exchange.token().token
    headers = {"Authorization": f"Bearer {token}"}
    part = random.Random(1).randbytes(MEBIBYTE)
    for count, path in ((16, f"/v1/checks/{FEED}"), (256, HAND_IN)):
        body = itertools.chain(itertools.repeat(part, count), [b"x"])
        with contextlib.suppress(httpx2.WriteError, httpx2.RemoteProtocolError, httpx2.ReadError):
            beyond = httpx2.post(f"{server.address}{path}", content=body, headers=headers, timeout=PATIENCE * 5)
            assert beyond.status_code == 413
            problem(beyond)
        assert nothing_came(server)
    parts = (GOOD[start : start + 7] for start in range(0, len(GOOD), 7))
    taken = httpx2.post(f"{server.address}{HAND_IN}", content=parts, headers=headers)
    assert (taken.status_code, taken.json()["bytes"]) == (202, len(GOOD))
    assert [path.read_bytes() for path in waiting_files(server.exchange.hub)] == [GOOD]


@pytest.mark.long
@pytest.mark.parametrize("begun", [b"", b"GET /v1/dispatches HTTP/1.1\r\nHost: x\r\nX-", b"POST"])
def test_slow_senders_do_not_keep_others_out(server: Server, begun: bytes) -> None:
    token = server.exchange.token(OTHER_FORCE).token
    slow_token = server.exchange.token().token
    sent = server.head(slow_token, HAND_IN, "Content-Length: 1000") if begun == b"POST" else begun
    with contextlib.ExitStack() as held:
        for _ in range(150):
            slow = held.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            with contextlib.suppress(ConnectionError):
                slow.sendall(sent)
        end, served = time.monotonic() + PATIENCE, False
        while not served and time.monotonic() < end:
            with contextlib.suppress(httpx2.HTTPError):
                answer = httpx2.get(
                    f"{server.address}/v1/dispatches", headers={"Authorization": f"Bearer {token}"}, timeout=5
                )
                served = answer.status_code == 200
            time.sleep(0 if served else 1)
        assert served
    assert nothing_came(server)


@pytest.mark.long
def test_one_token_over_its_limit_slows_nobody_else(server: Server) -> None:
    many, few = (server.exchange.token(code).token for code in (FORCE, OTHER_FORCE))
    with httpx2.Client(base_url=server.address) as client:
        headers = {"Authorization": f"Bearer {many}"}
        # Side by side, so that more come in a minute than are allowed on a busy machine, too.
        with ThreadPoolExecutor(max_workers=8) as pool:
            paths = [f"/v1/deliveries/{uuid.uuid4()}" for _ in range(900)]
            answers = list(pool.map(functools.partial(client.get, headers=headers), paths))
        count = Counter(one.status_code for one in answers)
        assert count[404] >= 600
        assert count[429] == len(answers) - count[404] > 0
        refused = next(one for one in reversed(answers) if one.status_code == 429)
        assert int(refused.headers["Retry-After"]) in range(1, 61)
        problem(refused)
        assert client.get("/v1/dispatches", headers={"Authorization": f"Bearer {few}"}).status_code == 200


@pytest.mark.long
def test_half_a_file_is_gone_when_the_process_that_took_it_was_killed(server: Server) -> None:
    hub = server.exchange.hub
    token = server.exchange.token().token
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(server.head(token, HAND_IN, f"Content-Length: {MEBIBYTE}") + GOOD)
        while not waiting_files(hub):
            time.sleep(0.1)
        server.kill()
    others = hub.settings.drop / FEED / ".of_another_sender.part"
    others.write_bytes(GOOD)
    server.start()
    assert (waiting_files(hub), receipts(server)) == ([others], 0)


@pytest.mark.long
def test_a_process_that_is_killed_loses_nothing_and_doubles_nothing(server: Server) -> None:
    """Files and answers are on their way when it is killed. A receipt that was given holds, and what is sent again
    leaves each file once."""
    exchange, chance = server.exchange, random.Random(7)
    token = exchange.token().token
    dispatches = [exchange.offered() for _ in range(ROUNDS * IN_A_ROUND)]
    told: dict[str, bytes] = {}

    def say(number: int) -> None:
        said = {"kind": "acknowledged", "happened_at": f"2026-03-03T09:30:{number:02d}+00:00"}
        headers = {"Authorization": f"Bearer {token}"}
        file = GOOD.replace(b"01/0000", b"%02d/0000" % number)
        for path, body in (
            (f"/v1/dispatches/{dispatches[number]}/answers", {"json": said}),
            (HAND_IN, {"content": file}),
        ):
            with contextlib.suppress(httpx2.HTTPError):
                answer = httpx2.post(f"{server.address}{path}", headers=headers, timeout=PATIENCE, **body)
                assert answer.status_code in {200, 202}
                assert told.setdefault(f"{path} {number}", answer.content) == answer.content

    for number in range(ROUNDS):
        ours = range(number * IN_A_ROUND, (number + 1) * IN_A_ROUND)
        with ThreadPoolExecutor(IN_A_ROUND) as callers:
            done = [callers.submit(say, one) for one in ours]
            timer = threading.Timer(chance.uniform(0.02, 0.4), server.kill)
            timer.start()
            for asked in done:
                asked.result()
            timer.join()
        files = {path for path in waiting_files(exchange.hub) if not path.name.startswith(".")}
        assert len(files) >= receipts(server)
        server.start()
        for one in ours:
            say(one)
    assert len(told) == receipts(server) == 2 * ROUNDS * IN_A_ROUND
    assert len(waiting_files(exchange.hub)) == len(told)
    for feed in ("force_responses", FEED):
        results = ingested(exchange.hub, feed)
        assert len(results) == ROUNDS * IN_A_ROUND
        assert all(one.rows_accepted and one.rows_quarantined == 0 for one in results)
    with exchange.hub.engine.begin() as connection:
        assert follow(connection, exchange.hub.now()) == len(dispatches)
