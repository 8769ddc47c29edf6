"""The health check of a container says what Airflow's API says."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from conftest import free_port
from hub.local.health import status_of
from local.answering import Quiet, answering


class _Airflow(Quiet, BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/v2/monitor/health" else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"scheduler": {"status": "healthy"}, "triggerer": {"status": None}}).encode())


@pytest.fixture
def url() -> Iterator[str]:
    with answering(_Airflow) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(("part", "status"), [("scheduler", "healthy"), ("triggerer", "None"), ("worker", "None")])
def test_a_part_is_healthy_only_when_the_api_says_so(part: str, status: str, url: str) -> None:
    assert status_of(part, url) == status


def test_an_api_that_does_not_answer_is_not_healthy() -> None:
    assert status_of("scheduler", f"http://127.0.0.1:{free_port()}").startswith("no answer")
