"""The DAGs that tell people who reported what became of it."""

from typing import Any

from airflow.sdk import DAG, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from hub.orchestration.assets import PUBLISHED
from hub.orchestration.by_the_clock import by_the_clock
from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.form_fields import reason_in_answer
from hub.orchestration.quarantine_dag import WAITING_SIDE_BY_SIDE
from hub.orchestration.second_person import Asked, SecondPersonOperator, answer_of_this_run
from hub.settings import Settings

SEND, DROP, LEAVE = "Send", "Drop", "Leave"

OF_TELLING = """
### Tell people who reported what became of it

When something was published: writes down what each reporter is due (received, passed on, not for the police, outcome),
as `updates.yaml` in the hub's home asks for, and sends what needs no person. For the rest the run waits: **Send** lets
these messages go, **Drop** never sends them, with a reason, **Leave** lets them wait for `hub updates approve`. A run
asks only about what no run has asked about; one that a person starts asks about all that waits, and another person
answers.
A message goes only where the report agrees to it at that moment, and to nobody who was marked by `hub updates stop`.

**To run it again**: trigger it; the same publish gives nothing new, and what was sent is not sent again.
"""

OF_SENDING = """
### Send what was put off

Every quarter of an hour: messages to reporters that the mail server did not take, or whose report was just changing.

**To run it again**: trigger it at any time.
"""


def tell_dag(settings: Settings) -> DAG:
    """``tell_reporters``: prepare and send, wait for a person where no rule approves, send what may go."""
    with DAG(
        dag_id="tell_reporters",
        description="People who reported are told what became of it; a person approves where no rule does",
        schedule=PUBLISHED,
        catchup=False,
        max_active_runs=WAITING_SIDE_BY_SIDE,
        default_args={"owner": "hub-victim-support", **RETRIES},
        tags=["reporters", "people"],
        doc_md=OF_TELLING,
    ) as dag:

        @task
        @retry_policy
        def send() -> dict[str, Any]:
            from hub.orchestration import updating  # noqa: PLC0415

            return updating.prepare_and_send(settings)

        def ask() -> Asked:
            from hub.orchestration import updating  # noqa: PLC0415

            try:
                is_manual = get_current_context()["dag_run"].run_type == "manual"
                return Asked(*updating.describe(settings, asks_again=is_manual))
            except updating.NothingToDecide as nothing:
                raise AirflowSkipException(str(nothing)) from None

        decide = SecondPersonOperator(
            settings=settings,
            ask=ask,
            task_id="decide",
            subject="Send these messages to the people who reported?",
            options=[SEND, DROP, LEAVE],
            params={"because": reason_in_answer("Why they are dropped; nobody is told")},
        )

        @task
        @retry_policy
        def carry_out() -> dict[str, Any]:
            from hub.orchestration import updating  # noqa: PLC0415

            answer = answer_of_this_run(settings)
            if answer.chosen == LEAVE:
                return {}
            return updating.carry_out(
                settings,
                **answer.question.about,
                is_approved=answer.chosen == SEND,
                because=answer.inputs["because"],
                decided_by=answer.answered_by,
            )

        send() >> decide >> carry_out()
    return dag


def send_dag(settings: Settings) -> DAG:
    """``send_updates``: by the clock, because mail servers come back when they do."""

    def send() -> dict[str, Any]:
        from hub.orchestration import updating  # noqa: PLC0415

        return updating.send(settings)

    description = "Messages to reporters that were put off"
    return by_the_clock(
        "send_updates", "*/15 * * * *", "reporters", send, description=description, documentation=OF_SENDING
    )
