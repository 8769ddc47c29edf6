"""Starting a run as the person who is logged in, by the address and with the token that Airflow's own API takes."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from fastapi import HTTPException, Request

from hub.orchestration.starting_runs import start_run
from hub.page import NotStarted

RUN = "manual__2026-11-28T19:13:17.123456+00:00"
GIVEN = {"quarantine_ids": ["one"], "wish": "release"}


@dataclass
class Server:
    """Answers as Airflow's API server would, and takes note of what it is asked."""

    status: int = 200
    asked: list[tuple[str, str | None, Any]] = field(default_factory=list)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    known = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known.asked.append((self.path, self.headers["Authorization"], body))
            self.send_response(known.status)
            self.end_headers()
            self.wfile.write(json.dumps({"dag_run_id": RUN, "detail": "Robin Sample"}).encode())

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        address = f"http://127.0.0.1:{listening.server_port}/below/execution/"
        monkeypatch.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", address)
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield known
        listening.shutdown()


def start(*headers: tuple[str, str]) -> str:
    named = [(name.encode(), value.encode()) for name, value in headers]
    request = Request({"type": "http", "headers": named})
    return asyncio.run(start_run(request, "release_quarantine", GIVEN))


@pytest.mark.parametrize(
    "headers",
    [
        [("cookie", "_token=mine; other=1")],
        [("authorization", "Bearer mine")],
        [("authorization", "bearer mine"), ("cookie", "_token=another")],
        [("authorization", "Basic eA=="), ("cookie", "_token=mine")],
    ],
)
def test_the_run_is_started_with_the_persons_own_token(headers: list[tuple[str, str]], server: Server) -> None:
    assert start(*headers) == RUN
    path = "/below/api/v2/dags/release_quarantine/dagRuns"
    assert server.asked == [(path, "Bearer mine", {"logical_date": None, "conf": GIVEN})]


def test_without_a_token_airflow_is_not_asked(server: Server) -> None:
    with pytest.raises(HTTPException) as refused:
        start()
    assert (refused.value.status_code, server.asked) == (401, [])


@pytest.mark.parametrize("status", [401, 403])
def test_who_may_not_start_runs_is_told_so(status: int, server: Server) -> None:
    server.status = status
    with pytest.raises(HTTPException) as refused:
        start(("cookie", "_token=mine"))
    assert refused.value.status_code == status


@pytest.mark.parametrize(("status", "said"), [(400, "does not take"), (404, "404"), (500, "500"), (302, "302")])
def test_a_run_that_is_not_started_is_said_without_airflows_own_words(status: int, said: str, server: Server) -> None:
    server.status = status
    with pytest.raises(NotStarted, match=said) as problem:
        start(("cookie", "_token=mine"))
    assert "Robin" not in str(problem.value)


def test_an_airflow_that_does_not_answer_is_no_error_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://127.0.0.1:9/execution/")
    with pytest.raises(NotStarted, match="does not answer"):
        start(("cookie", "_token=mine"))
