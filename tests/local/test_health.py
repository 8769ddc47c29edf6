"""The health check of a container says what Airflow's API says."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from conftest import free_port
from hub.local.health import status_of


class _Airflow(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/v2/monitor/health" else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"scheduler": {"status": "healthy"}, "triggerer": {"status": None}}).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  named so in the standard library
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Airflow)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("part", "status"), [("scheduler", "healthy"), ("triggerer", "None"), ("worker", "None")])
def test_a_part_is_healthy_only_when_the_api_says_so(part: str, status: str, url: str) -> None:
    assert status_of(part, url) == status


def test_an_api_that_does_not_answer_is_not_healthy() -> None:
    assert status_of("scheduler", f"http://127.0.0.1:{free_port()}").startswith("no answer")
