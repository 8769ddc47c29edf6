"""What a task asks or forecasts when it is tried again, after a worker died or a person cleared it."""

import uuid
from contextlib import suppress
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowSkipException

from dispatch.conftest import FORCE, Hub, hub
from hub.build import FORECASTS
from hub.forecast.store import write_run
from hub.monitoring.watch import close_alert, open_alerts
from hub.orchestration import approvals, dispatching, forecast_dag, tasking, waiting_dags
from hub.orchestration.approvals import Question
from hub.orchestration.assets import FORECAST
from hub.orchestration.dispatch_dags import dispatch_dag
from hub.orchestration.failures import RetryableError
from hub.settings import Settings
from hub.warehouse.engine import WarehouseProblem, open_warehouse
from hub.warehouse.roles import Role

__all__ = ["hub"]

MONDAY, WRITTEN = date(2026, 11, 30), uuid.UUID(int=7)
SLOT = {
    "slot": 1, "area_code": "E09000001", "rank": 1, "why": "", "expected_reports": 3.0, "p05": 1, "p95": 5,
    "strands": ["race"], "action": "engagement", "stability_weeks": 1, "selection": "model", "review_by": MONDAY,
}  # fmt: skip


@pytest.fixture
def waiting(hub: Hub) -> Hub:
    """A dispatch that waits for a person."""
    hub.recipient(FORCE, approval=["transfer"])
    hub.offer(route="transfer")
    dispatching.prepare_and_send(hub.settings)
    return hub


def asked_in(hub: Hub, dag: DAG, monkeypatch: pytest.MonkeyPatch, run_id: str, try_number: int) -> Any:
    """What a run that an asset has started asks in this try, and the hub has written down before Airflow shows it."""
    run = SimpleNamespace(dag_id=dag.dag_id, run_id=run_id, run_type="asset_triggered", triggering_user_name=None)
    context = {"dag_run": run, "ti": SimpleNamespace(id=uuid.UUID(int=1), try_number=try_number)}
    monkeypatch.setattr(waiting_dags, "get_current_context", lambda: context)
    decide: Any = dag.get_task("decide")
    about = decide.ask().about
    with open_warehouse(hub.settings, Role.LOADER).begin() as connection:
        approvals.keep_question(connection, Question(uuid.uuid4(), dag.dag_id, run_id, None, about))
    return about


def test_a_run_whose_question_is_put_again_asks_about_what_it_has_asked_about(
    waiting: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow did not show it, the form was not filled in and the task was cleared as it says, or a worker died."""
    dag = dispatch_dag(waiting.settings)
    first = asked_in(waiting, dag, monkeypatch, "a run", 1)
    assert len(first["dispatch_ids"]) == 1
    assert asked_in(waiting, dag, monkeypatch, "a run", 2) == first


def test_what_needs_no_person_is_sent_however_many_questions_nobody_has_answered(
    waiting: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that waits for its person keeps its place: where all places are taken, nothing is prepared or sent."""
    dag = dispatch_dag(waiting.settings)
    asked = 0
    for number in range(dag.max_active_runs):
        waiting.offer(route="transfer")
        dispatching.prepare_and_send(waiting.settings)
        with suppress(AirflowSkipException):
            asked_in(waiting, dag, monkeypatch, f"run {number}", 1)
            asked += 1
    assert asked < dag.max_active_runs


@pytest.fixture
def interrupted(settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Airflow's task of a forecast that is committed with a proposed area, and cut short before its views are built.
    Called with a run and a try, it returns what that try hands on; ``views`` are what was built meanwhile."""
    due = ["local_authority"]

    def forecast_hotspots(_: Settings, panels: list[str]) -> list[Any]:
        due.clear()
        with engine.begin() as connection:
            run = {"panel": panels[0], "cut_off": MONDAY, "boundary_version": "2021", "model_version": "of a test"}
            run |= {"run_id": WRITTEN, "data_sha256": "", "verdict": "better", "is_withheld": False}
            write_run(connection, run, slots=[SLOT])
        raise WarehouseProblem("the database was restarted")

    monkeypatch.setattr(tasking, "due_panels", lambda _: list(due))
    monkeypatch.setattr(tasking, "cut_offs", lambda _: {"local_authority": MONDAY})
    monkeypatch.setattr(tasking, "forecast_hotspots", forecast_hotspots)
    views: list[str] = []
    monkeypatch.setattr(tasking, "build_warehouse", lambda _, select: views.append(select))
    task: Any = forecast_dag.forecast_dag(settings).get_task("forecast")

    def call(run_id: str, try_number: int) -> list[str]:
        run = SimpleNamespace(dag_id=tasking.DAG_ID, run_id=run_id, run_type="asset_triggered")
        events = {FORECAST: SimpleNamespace(extra=None)}
        context = {"dag_run": run, "ti": SimpleNamespace(try_number=try_number), "outlet_events": events}
        monkeypatch.setattr(forecast_dag, "get_current_context", lambda: context)
        return list(task.python_callable())

    return SimpleNamespace(call=call, views=views)


def test_a_forecast_that_was_written_before_its_task_was_cut_short_is_put_to_a_person(interrupted: Any) -> None:
    with pytest.raises(RetryableError):
        interrupted.call("a run", 1)
    assert interrupted.call("a run", 2) == [str(WRITTEN)]
    assert interrupted.views == [FORECASTS]


def test_a_forecast_that_no_question_names_is_put_by_a_later_run_and_once(settings: Settings, interrupted: Any) -> None:
    with pytest.raises(RetryableError):
        interrupted.call("a run", 1)
    assert interrupted.call("another run", 1) == [str(WRITTEN)]
    question = Question(uuid.uuid4(), tasking.DAG_ID, "another run", None, {"run_ids": [str(WRITTEN)]})
    with open_warehouse(settings, Role.LOADER).begin() as connection:
        approvals.keep_question(connection, question)
    assert interrupted.call("another run", 2) == [str(WRITTEN)]
    with pytest.raises(AirflowSkipException):
        interrupted.call("a third run", 1)


def test_what_a_run_has_asked_that_was_ended_without_an_answer_is_asked_by_the_next_one(
    waiting: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    dag = dispatch_dag(waiting.settings)
    first = asked_in(waiting, dag, monkeypatch, "a run", 1)
    with pytest.raises(AirflowSkipException):
        asked_in(waiting, dag, monkeypatch, "another run", 1)
    with open_warehouse(waiting.settings, Role.LOADER).begin() as connection:
        [alert] = [one for one in open_alerts(connection) if one.cause.kind == "approval"]
        close_alert(connection, alert.cause.key, datetime.now(UTC))
    assert asked_in(waiting, dag, monkeypatch, "another run", 1) == first
