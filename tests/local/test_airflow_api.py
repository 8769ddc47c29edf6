"""What is told of a task that failed comes from its own log."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

import pytest

from hub.local.airflow_api import AirflowApi, DagRun, last_error
from local.answering import Quiet, answering

RUN = DagRun("ingest_tips", "asset_triggered__1", "failed", datetime(2026, 3, 2, tzinfo=UTC))
TASKS = f"/api/v2/dags/{RUN.dag_id}/dagRuns/{RUN.run_id}/taskInstances"
FAILURE = {"event": "Task failed with exception", "level": "error", "error_detail": [{"exc_value": "no space left"}]}
WARNING = {"event": "a file was large", "level": "warning"}
LOGS: dict[str, list[object]] = {
    "0": [WARNING, {"event": "an earlier one", "level": "error"}, FAILURE, {"event": "Task finished", "level": "info"}],
    "1": [WARNING, {"event": "Killed from outside", "level": "critical"}],
    "2": ["a line that is no message"],
}


def _task(map_index: int, state: str) -> dict[str, object]:
    return {"task_id": "ingest", "map_index": map_index, "try_number": 1, "state": state}


class _Airflow(Quiet, BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        map_index = query.removeprefix("map_index=")
        answer: dict[str, object] | None = None
        if path == TASKS:
            tasks = [_task(-1, "success"), *(_task(index, "failed") for index in range(4))]
            answer = {"task_instances": tasks}
        elif path == f"{TASKS}/ingest/logs/1" and map_index in LOGS:
            answer = {"content": LOGS[map_index]}
        self.send_response(200 if answer else 404)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())


@pytest.fixture
def airflow() -> Iterator[AirflowApi]:
    with answering(_Airflow) as port:
        yield AirflowApi("127.0.0.1", port)


def test_a_failed_task_is_named_with_the_last_error_in_its_log(airflow: AirflowApi) -> None:
    assert airflow.failed_tasks(RUN) == ["ingest: no space left", "ingest: Killed from outside", "ingest", "ingest"]


@pytest.mark.parametrize("value", ["", None])
def test_an_exception_without_words_is_told_by_its_kind(value: str | None) -> None:
    detail = [{"exc_type": "KeyError", "exc_value": value}]
    assert last_error([{"level": "error", "event": "Task failed", "error_detail": detail}]) == "KeyError"


class _ManyDags(Quiet, BaseHTTPRequestHandler):
    """As Airflow: no more than a hundred a page."""

    def do_GET(self) -> None:
        asked = {name: int(one) for name, [one] in parse_qs(self.path.partition("?")[2]).items() if one.isdigit()}
        dags = [{"dag_id": f"dag_{number}", "is_paused": number == 130} for number in range(131)]
        self.send_response(200)
        self.end_headers()
        page = dags[asked.get("offset", 0) :][: min(asked["limit"], 100)]
        self.wfile.write(json.dumps({"dags": page}).encode())


def test_every_dag_is_listed_however_many_there_are() -> None:
    with answering(_ManyDags) as port:
        paused = AirflowApi("127.0.0.1", port).paused_by_dag()
    assert len(paused) == 131
    assert [dag_id for dag_id, is_paused in paused.items() if is_paused] == ["dag_130"]
