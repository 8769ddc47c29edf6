"""DAGs that fail and questions that wait are alerts, as Airflow's own database has them."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from hub.monitoring.watch import Cause, open_alerts
from hub.orchestration import airflow_causes as causes_module
from hub.orchestration import approvals
from hub.orchestration.airflow_causes import airflow_causes
from hub.orchestration.approvals import Approval, Question
from hub.orchestration.tables import QUESTIONS
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import BUILDS

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
TABLES = (
    "create table dag (dag_id text, owners text)",
    "create table dag_run (dag_id text, state text, end_date timestamptz)",
    "create table task_instance (id uuid, try_number int, state text)",
    "create table hitl_detail (ti_id uuid, responded_at timestamptz)",
    "insert into dag values ('back_up', 'hub'), ('ingest_one', 'one-team'), ('build_warehouse', 'hub')",
)


@pytest.fixture
def airflow(
    administration: sa.Engine, make_settings: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> Iterator[sa.Engine]:
    """A database with some tables as Airflow has them, which the hub takes for its own Airflow's."""
    name = make_url(str(make_settings().warehouse_url)).database
    engine = sa.create_engine(administration.url.set(database=name), poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in TABLES:
            connection.execute(sa.text(statement))
    monkeypatch.setattr(causes_module, "open_metadata", lambda _: engine)
    yield engine
    engine.dispose()


def ran(airflow: sa.Engine, dag_id: str, *runs: tuple[str, float]) -> None:
    """Runs of a DAG: how each ended, and how many hours ago."""
    with airflow.begin() as connection:
        for state, hours_ago in runs:
            run = {"dag_id": dag_id, "state": state, "end_date": NOW - timedelta(hours=hours_ago)}
            connection.execute(sa.text("insert into dag_run values (:dag_id, :state, :end_date)"), run)


def found(settings: Settings, now: datetime = NOW) -> list[Cause]:
    with open_warehouse(settings, Role.LOADER).connect() as connection:
        return airflow_causes(settings, connection, now)


def test_a_dag_is_failing_from_its_first_failed_run_until_a_good_one(settings: Settings, airflow: sa.Engine) -> None:
    ran(airflow, "back_up", ("success", 9), ("failed", 3), ("failed", 2), ("running", 1))
    ran(airflow, "ingest_one", ("failed", 5), ("success", 4))
    (cause,) = found(settings)
    assert (cause.key, cause.kind, cause.owner) == ("failed_run:back_up", "failed_run", "hub")
    assert cause.detail == "2 run(s) of back_up have failed since 2026-11-28 09:00 UTC, and none was good"
    assert found(settings, NOW + timedelta(days=7)) == []
    ran(airflow, "back_up", ("success", 0))
    assert found(settings) == []


def test_a_failed_build_is_told_by_the_build_and_not_by_its_run_again(settings: Settings, airflow: sa.Engine) -> None:
    ran(airflow, "build_warehouse", ("failed", 1))
    assert [one.key for one in found(settings)] == ["failed_run:build_warehouse"]
    with open_warehouse(settings, Role.TRANSFORMER).begin() as connection:
        connection.execute(sa.insert(BUILDS).values(status="failed", code_sha256="", seeds_sha256=""))
    assert found(settings) == []


def test_a_question_waits_until_it_is_answered_or_its_run_has_ended(settings: Settings, airflow: sa.Engine) -> None:
    task = uuid.uuid4()
    question = Question(approvals.question_id_of(task, 1), "erase_person", "Ada Lovelace's", "operator", {})
    loader = open_warehouse(settings, Role.LOADER)
    with loader.begin() as connection:
        approvals.keep_question(connection, question)
    with loader.connect() as connection:
        (alert,) = open_alerts(connection)
        (asked,) = connection.execute(sa.select(QUESTIONS)).all()
    assert (alert.cause.kind, alert.cause.detail) == ("approval", "a run of erase_person waits for an answer")
    soon, later = asked.asked_at + timedelta(minutes=9), asked.asked_at + timedelta(hours=1)
    assert [one.kind for one in found(settings, soon)] == ["approval"]
    assert found(settings, later) == []
    with airflow.begin() as connection:
        values = {"id": task}
        connection.execute(sa.text("insert into task_instance values (:id, 1, 'awaiting_input')"), values)
        connection.execute(sa.text("insert into hitl_detail values (:id, null)"), values)
    assert [one.key for one in found(settings, later)] == [f"approval:{question.question_id}"]
    with loader.begin() as connection:
        approvals.keep(connection, Approval(question, "admin", later, "Yes", {}))
        assert open_alerts(connection) == []
    assert found(settings, later) == []


def test_a_hub_without_airflow_has_none_of_them(settings: Settings) -> None:
    assert found(settings) == []
