"""Asking Airflow over its REST API; its command line would cost six seconds a call."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

NEEDED_HEALTHY = ("metadatabase", "scheduler", "triggerer", "dag_processor")
ENDED = ("success", "failed")
ERRORS = ("error", "critical")
PAGE = 100
ANSWER_SECONDS = 30
ATTEMPTS = 4


class AirflowRefused(RuntimeError):
    """Airflow answered with an error; the message names the call and the status."""


@dataclass(frozen=True)
class DagRun:
    """One run of a DAG; ``state`` is queued, running, success or failed."""

    dag_id: str
    run_id: str
    state: str
    queued_at: datetime

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED


class AirflowApi:
    """A session with the Airflow that listens on ``port``; :meth:`log_in` comes before all but :meth:`unhealthy`."""

    def __init__(self, host: str, port: int) -> None:
        self._client = httpx.Client(base_url=f"http://{host}:{port}", timeout=ANSWER_SECONDS, trust_env=False)

    def unhealthy(self) -> tuple[str, ...]:
        """Names of the parts that are not healthy yet; all of them while the API itself does not answer."""
        try:
            answer = self._client.get("/api/v2/monitor/health", timeout=5)
        except httpx.HTTPError:
            return ("api_server", *NEEDED_HEALTHY)
        if answer.status_code != httpx.codes.OK:
            return ("api_server", *NEEDED_HEALTHY)
        parts: dict[str, dict[str, Any]] = answer.json()
        return tuple(name for name in NEEDED_HEALTHY if (parts.get(name) or {}).get("status") != "healthy")

    def log_in(self, user: str, password: str) -> None:
        """Take a token for the later calls."""
        answer = self._call("POST", "/auth/token", json={"username": user, "password": password})
        self._client.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def paused_by_dag(self) -> dict[str, bool]:
        """``{dag_id: is_paused}`` of every DAG that Airflow has read."""
        found = self._pages("/api/v2/dags", {"exclude_stale": True, "order_by": "dag_id"}, "dags")
        return {dag["dag_id"]: bool(dag["is_paused"]) for dag in found}

    def import_errors(self) -> dict[str, str]:
        """``{DAG file: last line of the error}`` of the files that Airflow could not read."""
        found = self._pages("/api/v2/importErrors", {}, "import_errors")
        return {error["filename"]: (error["stack_trace"].strip().splitlines() or [""])[-1] for error in found}

    def runs_since(self, moment: datetime) -> list[DagRun]:
        """Runs of any DAG that were to begin at ``moment`` or later, oldest first."""
        return self._runs({"run_after_gte": moment.isoformat()})

    def active_runs(self) -> list[DagRun]:
        """Runs of any DAG that have not ended."""
        return self._runs({"state": ["queued", "running"]})

    def failed_tasks(self, run: DagRun) -> list[str]:
        """The tasks that failed in a run, each with the last error in its log where there is one."""
        return [self._with_its_error(run, task) for task in self._tasks(run) if task["state"] == "failed"]

    def awaits_a_person(self, run: DagRun) -> bool:
        """Whether a task of a run waits until a person answers."""
        return any(task["state"] == "awaiting_input" for task in self._tasks(run))

    def _tasks(self, run: DagRun) -> list[dict[str, Any]]:
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances"
        return list(self._pages(path, {}, "task_instances"))

    def _with_its_error(self, run: DagRun, task: dict[str, Any]) -> str:
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/{task['task_id']}/logs"
        try:
            log = self._call("GET", f"{path}/{task['try_number']}", params={"map_index": task["map_index"]})
        except AirflowRefused:
            return str(task["task_id"])
        error = last_error(log["content"])
        return f"{task['task_id']}: {error}" if error else str(task["task_id"])

    def _runs(self, query: dict[str, Any]) -> list[DagRun]:
        found = self._pages("/api/v2/dags/~/dagRuns", query | {"order_by": "run_after"}, "dag_runs")
        return [_dag_run(run) for run in found]

    def _pages(self, path: str, query: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
        """All that a call lists under this name."""
        count = 0
        while True:
            page = {"limit": PAGE, "offset": count}
            listed: list[dict[str, Any]] = self._call("GET", path, params=query | page)[name]
            yield from listed
            count += len(listed)
            if len(listed) < PAGE:
                return

    def _call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        answer = self._ask(method, path, arguments)
        if answer.is_error:
            raise AirflowRefused(f"Airflow refused {method} {path}: {answer.status_code} {answer.text[:300]}")
        content: dict[str, Any] = answer.json()
        return content

    def _ask(self, method: str, path: str, arguments: dict[str, Any]) -> httpx.Response:
        """Ask again where no answer came, as happens on a machine that has much else to do: nothing is done twice by
        it."""
        attempts = Retrying(
            retry=retry_if_exception_type(httpx.TransportError), stop=stop_after_attempt(ATTEMPTS), reraise=True
        )
        try:
            return attempts(self._client.request, method, path, **arguments)
        except httpx.TransportError as error:
            raise AirflowRefused(f"Airflow did not answer {method} {path}: {type(error).__name__}") from error


def last_error(content: list[dict[str, Any] | str]) -> str | None:
    """The last error among the messages of a task's log, with its exception."""
    errors = [message for message in content if isinstance(message, dict) and message.get("level") in ERRORS]
    if not errors:
        return None
    exception: dict[str, Any] = next(iter(errors[-1].get("error_detail") or []), {})
    return str(exception.get("exc_value") or exception.get("exc_type") or errors[-1]["event"])


def _dag_run(run: dict[str, Any]) -> DagRun:
    return DagRun(
        run["dag_id"], run["dag_run_id"], run["state"], datetime.fromisoformat(run["queued_at"] or run["run_after"])
    )
