"""A question is answered by a second person, and what is carried out is what that person saw."""

import uuid
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from airflow.sdk.exceptions import AirflowFailException, TaskAwaitingInput

from hub.orchestration import second_person
from hub.orchestration.form_fields import reason_in_answer
from hub.orchestration.second_person import Asked, SecondPersonOperator, answer_of_this_run
from hub.settings import Settings

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


class Run:
    """A run of the DAG ``a_dag`` that ``asker`` started, with the doors to Airflow that a task has."""

    def __init__(self, settings: Settings, asker: str | None, *, run_id: str = "a run") -> None:
        self.settings = settings
        self.dag_run = SimpleNamespace(dag_id="a_dag", run_id=run_id, triggering_user_name=asker)
        self.context: dict[str, Any] = {"dag_run": self.dag_run, "ti": SimpleNamespace(id=uuid.uuid4(), try_number=1)}
        self.context["task_instance"] = self.context["ti"]
        self.operator: Any = None

    def ask(self, **about: object) -> None:
        """Put the question, up to where the task waits."""
        self.operator = SecondPersonOperator(
            settings=self.settings,
            ask=lambda: Asked(about, f"about {about}"),
            task_id="decide",
            subject="Do it?",
            options=["Yes", "No"],
            params={"because": reason_in_answer("Why")},
            needs=["because"],
        )
        with pytest.raises(TaskAwaitingInput):
            self.operator.execute(self.context)

    def answered(self, user: str | None, **inputs: object) -> None:
        """What Airflow hands on when somebody has answered in its API."""
        self.operator.execute_complete(
            self.context,
            {
                "chosen_options": ["Yes"],
                "params_input": {"because": "it is wrong"} | inputs,
                "responded_at": NOON,
                "responded_by_user": None if user is None else {"id": user, "name": user},
                "timedout": False,
            },
        )


@pytest.fixture(autouse=True)
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What Airflow was told to show, question by question."""
    questions: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "airflow.providers.standard.operators.hitl.upsert_hitl_detail", lambda **question: questions.append(question)
    )
    return questions


def decided(run: Run, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the next task of the run reads."""
    monkeypatch.setattr(second_person, "get_current_context", lambda: {"dag_run": run.dag_run})
    return answer_of_this_run(run.settings)


def approvals(engine: sa.Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        query = sa.text("select asked_by, answered_by, chosen, inputs ->> 'because' from ledger.approvals")
        return [tuple(row) for row in connection.execute(query)]


def test_everybody_who_may_answer_is_asked_but_the_one_who_asks(
    settings: Settings, shown: list[dict[str, Any]]
) -> None:
    Run(settings, "operator").ask(row=1)
    Run(settings, None, run_id="by the clock").ask(row=2)
    assert [user["id"] for user in shown[0]["assigned_users"]] == ["admin"]
    assert shown[0]["body"] == "about {'row': 1}"
    assert shown[1]["assigned_users"] is None


def test_what_is_carried_out_is_what_was_shown_under_the_name_of_who_answered(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(settings, "operator")
    run.ask(row=1)
    run.answered("admin")
    answer = decided(run, monkeypatch)
    assert (answer.question.about, answer.chosen, answer.answered_by) == ({"row": 1}, "Yes", "admin")
    assert approvals(engine) == [("operator", "admin", "Yes", "it is wrong")]


def test_the_one_who_asked_decides_nothing_even_if_airflow_took_the_answer(
    settings: Settings, engine: sa.Engine
) -> None:
    run = Run(settings, "operator")
    run.ask(row=1)
    with pytest.raises(AirflowFailException, match="another person has to decide"):
        run.answered("operator")
    with pytest.raises(AirflowFailException, match="nobody's answer"):
        run.answered(None)
    assert approvals(engine) == []


def test_an_answer_to_an_earlier_question_of_the_run_decides_no_later_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Run(settings, "operator")
    first.ask(row=1)
    first.answered("admin")
    again = Run(settings, "operator")  # the run was deleted, and started under the same id with another row
    again.ask(row=2)
    with pytest.raises(LookupError, match="nobody has answered"):
        decided(again, monkeypatch)


def test_a_question_that_is_marked_as_done_instead_of_put_decides_nothing_new(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_put = Run(settings, "operator", run_id="another run")
    with pytest.raises(LookupError, match="nobody has answered"):
        decided(never_put, monkeypatch)
    first = Run(settings, "operator")
    first.ask(row=1)
    first.answered("admin")
    under_its_id = Run(settings, "operator")
    assert decided(under_its_id, monkeypatch).question.about == {"row": 1}


def test_a_task_that_is_tried_again_asks_again_and_decides_about_what_it_asks_now(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(settings, "operator")
    run.ask(row=1)
    run.ask(row=1)
    with pytest.raises(AirflowFailException, match="has changed meanwhile"):
        run.ask(row=2)
    run.context["ti"].try_number = 2
    run.ask(row=2)
    run.answered("admin")
    assert decided(run, monkeypatch).question.about == {"row": 2}
    assert len(approvals(engine)) == 1


def test_an_answer_to_a_question_that_the_hub_never_put_decides_nothing(settings: Settings, engine: sa.Engine) -> None:
    run = Run(settings, "operator")
    run.ask(row=1)
    run.context["ti"] = SimpleNamespace(id=uuid.uuid4(), try_number=1)
    with pytest.raises(AirflowFailException, match="clear its task"):
        run.answered("admin")
    assert approvals(engine) == []


@pytest.mark.parametrize(
    "because", ["", "short", "asked by ada@example.org", "call 07700 900123 back", "call +44 7700 900123", None, 3]
)
def test_a_reason_that_is_none_or_holds_a_contact_is_refused_without_being_repeated(
    because: object, settings: Settings, engine: sa.Engine
) -> None:
    run = Run(settings, "operator")
    run.ask(row=1)
    with pytest.raises(AirflowFailException, match="form is not filled in") as refused:
        run.answered("admin", because=because)
    if because:
        assert str(because) not in str(refused.value)
    assert refused.value.__cause__ is None
    assert approvals(engine) == []


def test_a_field_that_the_answer_leaves_out_is_as_the_form_had_it(settings: Settings, engine: sa.Engine) -> None:
    run = Run(settings, "operator")
    run.ask(row=1)
    event = {"chosen_options": ["Yes"], "params_input": {}, "responded_at": NOON, "timedout": False}
    with pytest.raises(AirflowFailException, match="form is not filled in"):
        run.operator.execute_complete(run.context, event | {"responded_by_user": {"id": "admin", "name": "admin"}})
    assert approvals(engine) == []
