"""A question that a second person answers: the person who started the run may not.

Airflow lets only the assigned users answer, in its UI and its API alike. The question and what it is about are written
to ``ledger.questions`` before it is shown; the answer that Airflow recorded is checked once more and written to
``ledger.approvals``. The next task reads both there and nothing else: an XCom can be written by anybody who may trigger
a run, and a run that was deleted can be started again under the same id with other parameters.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, ParamValidationError

from hub.orchestration import approvals
from hub.orchestration.approvals import Approval, Question
from hub.orchestration.failures import retry_policy
from hub.orchestration.ui_users import UI_USERS
from hub.settings import Settings

MAY_ANSWER = tuple(user for user, role in UI_USERS.items() if role != "viewer")


@dataclass(frozen=True)
class Asked:
    """What a run asks: the ids and reasons that are decided about, and the text that the person reads (Markdown)."""

    about: Mapping[str, Any]
    text: str


class SecondPersonOperator(HITLOperator):
    """Asks a person what ``ask`` says, and accepts the answer of anyone who may answer but the one who started the run.

    Raises AirflowFailException where the same person has answered all the same, or the form is not filled in; then
    nothing is decided.
    """

    def __init__(
        self, *, settings: Settings, ask: Callable[[], Asked], needs: Sequence[str] = (), **arguments: Any
    ) -> None:
        """``needs`` are the fields of the form that no answer may leave empty."""
        super().__init__(**arguments)
        self.settings = settings
        self.ask = ask
        self.needs = needs

    def execute(self, context: Any) -> None:
        """Put the question, open to everybody but the one who asks."""
        run = context["dag_run"]
        asked = retry_policy(self.ask)()
        self.body = asked.text
        if run.triggering_user_name is not None:
            others = [user for user in MAY_ANSWER if user != run.triggering_user_name]
            self.assigned_users = [{"id": user, "name": user} for user in others]
        _write_down(
            self.settings,
            approvals.keep_question,
            Question(_question_id(context), run.dag_id, run.run_id, run.triggering_user_name, asked.about),
        )
        super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> None:
        """Check the answer and write it down."""
        answer = self._valid(context, event)
        user = answer["responded_by_user"]
        if user is None:
            raise AirflowFailException("nobody's answer is recorded; clear this task to ask again")
        question = _question(self.settings, _question_id(context))
        asker = question.asked_by
        if asker is not None and asker in (user["id"], user["name"]):
            raise AirflowFailException(
                f"{asker} asked and answered; another person has to decide. Clear this task to ask again"
            )
        approval = Approval(
            question,
            answered_by=str(user["name"] or user["id"]),
            answered_at=answer["responded_at"],
            chosen=answer["chosen_options"][0],
            inputs=answer["params_input"],
        )
        _write_down(self.settings, approvals.keep, approval)

    def _valid(self, context: Any, event: dict[str, Any]) -> Any:
        """The answer, with what the form was left without as the form had it. Airflow's own message would show what was
        typed."""
        form = {name: self.params.get_param(name).value for name in self.params}
        given = form | (event.get("params_input") or {})
        try:
            if any(given.get(name) is None for name in self.needs):
                raise ValueError
            return super().execute_complete(context, event | {"params_input": given})
        except (ParamValidationError, ValueError):
            raise AirflowFailException(
                f"the answer's form is not filled in as it asks ({', '.join(form)}); clear this task to ask again"
            ) from None


def leave_room(settings: Settings, run: Any, places: int) -> None:
    """Put no question where runs that wait for an answer have half of the DAG's ``places``: without a place, the next
    run can do nothing that needs no person either. A run that a person has started asks all the same."""
    from hub.warehouse.engine import open_warehouse  # noqa: PLC0415
    from hub.warehouse.roles import Role  # noqa: PLC0415

    if run.run_type == "manual":
        return
    with open_warehouse(settings, Role.LOADER).connect() as connection:
        count = approvals.count_waiting_runs(connection, run.dag_id, but_for=run.run_id)
    if count >= places // 2:
        raise AirflowSkipException(f"{count} questions of {run.dag_id} wait already; answer one, and a later run asks")


def answer_of_this_run(settings: Settings) -> Approval:
    """The answer in the run of the current task, and its question. Raises NotAnswered where nobody has answered."""
    from hub.warehouse.engine import open_warehouse  # noqa: PLC0415
    from hub.warehouse.roles import Role  # noqa: PLC0415

    run = get_current_context()["dag_run"]
    with open_warehouse(settings, Role.LOADER).connect() as connection:
        return approvals.of_run(connection, run.dag_id, run.run_id)


def _question_id(context: Any) -> uuid.UUID:
    return approvals.question_id_of(context["ti"].id, context["ti"].try_number)


@retry_policy
def _question(settings: Settings, question_id: uuid.UUID) -> Question:
    from hub.warehouse.engine import open_warehouse  # noqa: PLC0415
    from hub.warehouse.roles import Role  # noqa: PLC0415

    with open_warehouse(settings, Role.LOADER).connect() as connection:
        return approvals.question(connection, question_id)


@retry_policy
def _write_down(settings: Settings, keep: Callable[..., None], what: Question | Approval) -> None:
    from hub.warehouse.engine import begin, open_warehouse  # noqa: PLC0415
    from hub.warehouse.roles import Role  # noqa: PLC0415

    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        keep(connection, what)
