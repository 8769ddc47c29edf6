"""A question that a second person answers: whoever started the run may not.

Airflow lets only the assigned users answer, in its UI and its API alike. The answer that Airflow recorded is checked
once more and written to ``ledger.approvals``, from which the next task reads it: an XCom can be written by anybody who
may trigger a run.
"""

from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException

from hub.orchestration import approvals
from hub.orchestration.approvals import Approval
from hub.orchestration.failures import retry_policy
from hub.orchestration.ui_users import UI_USERS
from hub.settings import Settings

MAY_ANSWER = tuple(user for user, role in UI_USERS.items() if role != "viewer")


class SecondPersonOperator(HITLOperator):
    """Asks a person, and accepts the answer of anyone who may answer but the one who started the run.

    Raises AirflowFailException where the same person has answered all the same; nothing is then decided.
    """

    def __init__(self, *, settings: Settings, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.settings = settings

    def execute(self, context: Any) -> None:
        """Put the question, open to everybody but the one who asks."""
        asker = context["dag_run"].triggering_user_name
        if asker is not None:
            self.assigned_users = [{"id": user, "name": user} for user in MAY_ANSWER if user != asker]
        super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> None:
        """Check the answer and write it down."""
        answer = super().execute_complete(context, event)
        run = context["dag_run"]
        user = answer["responded_by_user"]
        if user is None:
            raise AirflowFailException("nobody's answer is recorded; clear this task to ask again")
        if run.triggering_user_name in (user["id"], user["name"]):
            raise AirflowFailException(
                f"{run.triggering_user_name} asked and answered; another person has to decide. "
                "Clear this task to ask again"
            )
        _keep(
            self.settings,
            Approval(
                dag_id=run.dag_id,
                run_id=run.run_id,
                asked_by=run.triggering_user_name,
                answered_by=str(user["name"] or user["id"]),
                answered_at=answer["responded_at"],
                chosen=answer["chosen_options"][0],
                inputs=answer["params_input"],
            ),
        )


def answer_of_this_run(settings: Settings) -> Approval:
    """What was answered in the run of the current task. Raises LookupError where nobody has answered."""
    from hub.warehouse.engine import open_warehouse  # noqa: PLC0415
    from hub.warehouse.roles import Role  # noqa: PLC0415

    run = get_current_context()["dag_run"]
    with open_warehouse(settings, Role.LOADER).connect() as connection:
        return approvals.of_run(connection, run.dag_id, run.run_id)


@retry_policy
def _keep(settings: Settings, approval: Approval) -> None:
    from hub.warehouse.engine import begin, open_warehouse  # noqa: PLC0415
    from hub.warehouse.roles import Role  # noqa: PLC0415

    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        approvals.keep(connection, approval)
