"""What a task asks or forecasts when it is tried again, after a worker died or a person cleared it."""

import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG

from dispatch.conftest import FORCE, Hub, hub
from hub.orchestration import approvals, dispatching, forecast_dag, tasking, waiting_dags
from hub.orchestration.approvals import Question
from hub.orchestration.dispatch_dags import dispatch_dag
from hub.orchestration.failures import RetryableError
from hub.settings import Settings
from hub.warehouse.engine import WarehouseProblem, open_warehouse
from hub.warehouse.roles import Role

__all__ = ["hub"]


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
        try:
            asked_in(waiting, dag, monkeypatch, f"run {number}", 1)
        except Exception as skipped:  # noqa: BLE001
            assert "Skip" in type(skipped).__name__
        else:
            asked += 1
    assert asked < dag.max_active_runs


def test_a_forecast_that_was_written_before_its_task_was_cut_short_is_put_to_a_person(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    due, run_id = ["local_authority"], uuid.uuid4()

    def forecast(_: Settings, panels: list[str]) -> list[Any]:
        """As it is: the runs are committed, then dbt builds the views over them."""
        is_first = bool(due)
        due.clear()
        if is_first:
            raise WarehouseProblem("the database was restarted")
        return [SimpleNamespace(run_id=run_id, panel=panel, withheld_because=None, count_slots=3) for panel in panels]

    monkeypatch.setattr(tasking, "due_panels", lambda _: list(due))
    monkeypatch.setattr(tasking, "forecast", forecast)
    task: Any = forecast_dag.forecast_dag(settings).get_task("forecast")
    for try_number in (1, 2):
        context = {
            "dag_run": SimpleNamespace(
                dag_id="forecast_hotspots", run_id="a run", run_type="asset_triggered", triggering_user_name=None
            ),
            "ti": SimpleNamespace(id=uuid.uuid4(), try_number=try_number),
            "outlet_events": {forecast_dag.FORECAST: SimpleNamespace(extra=None)},
        }
        monkeypatch.setattr(forecast_dag, "get_current_context", lambda context=context: context)
        if try_number == 1:
            with pytest.raises(RetryableError):
                task.python_callable()
        else:
            assert task.python_callable() == [str(run_id)]
