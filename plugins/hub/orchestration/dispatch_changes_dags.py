"""The DAGs in which a person takes back or sends again one dispatch, or lets nothing go to a recipient for now."""

from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task

from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.form_fields import UUID_PATTERN, reason
from hub.orchestration.quarantine_dag import WAITING_SIDE_BY_SIDE
from hub.orchestration.second_person import Asked, SecondPersonOperator, answer_of_this_run
from hub.settings import Settings

WITHDRAW, KEEP = "Withdraw", "Keep"
PAUSE, RESUME = "Pause", "Resume"
NOBODY = "a run that nobody started"
DISPATCH = Param(type="string", pattern=UUID_PATTERN, title="Dispatch", description="Its dispatch_id")
OWNER = "hub-allocation-desk"

OF_WITHDRAWING = """
### Take a dispatch back

Give the id of a dispatch (the hub's page shows it, under *Dispatches*) and why it no longer holds; its recipient is
told the reason. The run waits for a second person, because the one who asks may not answer: **Withdraw** takes it back,
**Keep** leaves it. A recipient that has it gets the withdrawal in the same run.

**To run it again**: clear the failed task; what was withdrawn stays so.
"""

OF_SENDING_AGAIN = """
### Send a dispatch again

Give the id of a dispatch of which a document was given up, when its recipient is ready. It goes out under the same id,
so who has had it knows it again.

**To run it again**: trigger it; where nothing was given up it says so and ends.
"""

OF_PAUSING = """
### Send nothing to a recipient for now

Give the recipient's code (the hub's page shows it, under *Dispatches*). **Pause** lets all that is due to it wait, from
the next document on; its answers are still taken, urgent dispatches still tell their owner, and an alert stays open.
**Resume** sends what has waited, at once. One person decides, because a leak cannot wait for a second.

**To run it again**: trigger it; a recipient that is paused already stays so.
"""


def withdraw_dispatch_dag(settings: Settings) -> DAG:
    """``withdraw_dispatch``: describe, wait for a person, withdraw and tell the recipient."""
    with DAG(
        dag_id="withdraw_dispatch",
        description="A person approves that a dispatch is taken back",
        schedule=None,
        catchup=False,
        max_active_runs=WAITING_SIDE_BY_SIDE,
        default_args={"owner": OWNER, **RETRIES},
        tags=["dispatch", "people"],
        params={"dispatch_id": DISPATCH, "because": reason("Why it no longer holds; the recipient is told")},
        doc_md=OF_WITHDRAWING,
    ) as dag:

        def ask() -> Asked:
            from hub.orchestration import dispatching  # noqa: PLC0415

            params = get_current_context()["params"]
            return Asked(*dispatching.describe_withdrawal(settings, params["dispatch_id"], params["because"]))

        decide = SecondPersonOperator(
            settings=settings,
            ask=ask,
            task_id="decide",
            subject="Take this dispatch back?",
            options=[WITHDRAW, KEEP],
        )

        @task
        @retry_policy
        def carry_out() -> dict[str, Any]:
            from hub.orchestration import dispatching  # noqa: PLC0415

            answer = answer_of_this_run(settings)
            if answer.chosen != WITHDRAW:
                return {}
            return dispatching.withdraw(settings, **answer.question.about, decided_by=answer.answered_by)

        decide >> carry_out()
    return dag


def send_again_dag(settings: Settings) -> DAG:
    """``send_dispatch_again``: what was given up of a dispatch has its turn again."""
    with DAG(
        dag_id="send_dispatch_again",
        description="What was given up of a dispatch is sent again",
        schedule=None,
        catchup=False,
        max_active_runs=WAITING_SIDE_BY_SIDE,
        default_args={"owner": OWNER, **RETRIES},
        tags=["dispatch"],
        params={"dispatch_id": DISPATCH},
        doc_md=OF_SENDING_AGAIN,
    ) as dag:

        @task
        @retry_policy
        def send_again() -> dict[str, Any]:
            from hub.orchestration import dispatching  # noqa: PLC0415

            return dispatching.send_again(settings, get_current_context()["params"]["dispatch_id"])

        send_again()
    return dag


def pause_dag(settings: Settings) -> DAG:
    """``pause_recipient``: nothing is sent to a recipient, or it is sent to again."""
    with DAG(
        dag_id="pause_recipient",
        description="Nothing is sent to a recipient for now, or it is sent to again",
        schedule=None,
        catchup=False,
        max_active_runs=WAITING_SIDE_BY_SIDE,
        default_args={"owner": OWNER, **RETRIES},
        tags=["dispatch"],
        params={
            "recipient": Param(type="string", minLength=1, title="Recipient", description="Its code"),
            "change": Param(PAUSE, type="string", enum=[PAUSE, RESUME], title="What to do"),
            "because": reason("Why"),
        },
        doc_md=OF_PAUSING,
    ) as dag:

        @task
        @retry_policy
        def change() -> dict[str, Any]:
            from hub.orchestration import dispatching  # noqa: PLC0415

            context = get_current_context()
            params, who = context["params"], context["dag_run"].triggering_user_name or NOBODY
            if params["change"] == RESUME:
                return dispatching.resume(settings, params["recipient"], decided_by=who)
            return dispatching.pause(settings, params["recipient"], because=params["because"], decided_by=who)

        change()
    return dag
