"""The DAGs that send allocations to their recipients, and follow what comes back."""

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

SEND, WITHDRAW, LEAVE = "Send", "Withdraw", "Leave"

OF_SENDING = """
### Send allocations to their recipients

When something was published: makes a dispatch of each allocation that nobody has answered and that has a recipient
(`recipients/<code>/recipient.yaml`), withdraws what no longer holds, and hands over what is due, urgent ones first.
Where the recipient's contract asks for a person, the run then waits for one: **Send** lets these dispatches go,
**Withdraw** takes them back with a reason, **Leave** lets them wait for `hub dispatch approve`. A run asks only about
what no run has asked about; one that a person starts asks about all that waits, and another person answers.

**To run it again**: trigger it; the same publish gives nothing new, and what was taken is not sent again.
"""

OF_ANSWERS = """
### Collect answers

Every five minutes: looks for receipts, hands files with answers to the feeds `force_responses` and
`provider_responses`, moves dispatches as accepted answers say, and tries again what was not taken.

**To run it again**: trigger it at any time; an answer changes nothing the second time.
"""


def dispatch_dag(settings: Settings) -> DAG:
    """``dispatch_allocations``: prepare and send, wait for a person where a contract asks for one, send what may go."""
    with DAG(
        dag_id="dispatch_allocations",
        description="Allocations of the newest publish go to their recipients; a person approves where asked",
        schedule=PUBLISHED,
        catchup=False,
        max_active_runs=WAITING_SIDE_BY_SIDE,
        default_args={"owner": "hub-allocation-desk", **RETRIES},
        tags=["dispatch", "people"],
        doc_md=OF_SENDING,
    ) as dag:

        @task
        @retry_policy
        def send() -> dict[str, Any]:
            from hub.orchestration import dispatching  # noqa: PLC0415

            return dispatching.send(settings)

        def ask() -> Asked:
            from hub.orchestration import dispatching  # noqa: PLC0415

            try:
                is_manual = get_current_context()["dag_run"].run_type == "manual"
                return Asked(*dispatching.describe(settings, asks_again=is_manual))
            except dispatching.NothingToDecide as nothing:
                raise AirflowSkipException(str(nothing)) from None

        decide = SecondPersonOperator(
            settings=settings,
            ask=ask,
            task_id="decide",
            subject="Send these dispatches?",
            options=[SEND, WITHDRAW, LEAVE],
            params={"because": reason_in_answer("Why they are withdrawn; their recipients are not told")},
        )

        @task
        @retry_policy
        def carry_out() -> dict[str, Any]:
            from hub.orchestration import dispatching  # noqa: PLC0415

            answer = answer_of_this_run(settings)
            if answer.chosen == LEAVE:
                return {}
            return dispatching.carry_out(
                settings,
                **answer.question.about,
                is_approved=answer.chosen == SEND,
                because=answer.inputs["because"],
                decided_by=answer.answered_by,
            )

        send() >> decide >> carry_out()
    return dag


def answers_dag(settings: Settings) -> DAG:
    """``collect_answers``: by the clock, because recipients answer when they do."""

    def collect() -> dict[str, Any]:
        from hub.orchestration import dispatching  # noqa: PLC0415

        return dispatching.follow(settings)

    description = "Receipts and answers of recipients; what was not taken is tried again"
    return by_the_clock(
        "collect_answers", "*/5 * * * *", "dispatch", collect, description=description, documentation=OF_ANSWERS
    )
