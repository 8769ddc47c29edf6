"""The DAG in which a person asks that readers see another publish, and another one approves it."""

from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task

from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.form_fields import reason
from hub.orchestration.quarantine_dag import WAITING_SIDE_BY_SIDE
from hub.orchestration.second_person import Asked, SecondPersonOperator, answer_of_this_run
from hub.settings import Settings

SWITCH, KEEP = "Switch", "Keep"

DOCUMENTATION = """
### Let readers see an earlier publish again, or a later one

Give the number of a publish that is kept (the hub's page lists them) and why. The run says what readers see now and
would see then, and waits for a second person, because the one who asks may not answer: **Switch** points all views at
it in one transaction, **Keep** leaves them. It stays until there is something new to publish; no manifest is changed.

**To run it again**: clear the failed task; what was switched stays so.
"""


def switch_dag(settings: Settings) -> DAG:
    """``switch_publish``: describe, wait for a person, switch."""
    with DAG(
        dag_id="switch_publish",
        description="A person approves that readers see another publish",
        schedule=None,
        catchup=False,
        max_active_runs=WAITING_SIDE_BY_SIDE,
        default_args={"owner": "hub", **RETRIES},
        tags=["publish", "people"],
        params={
            "publish_id": Param(type="integer", minimum=1, title="Publish", description="Its number"),
            "because": reason("Why readers are to see it; kept with the switch"),
        },
        doc_md=DOCUMENTATION,
    ) as dag:

        def ask() -> Asked:
            from hub.orchestration import switches  # noqa: PLC0415

            params = get_current_context()["params"]
            about, text = switches.describe(settings, params["publish_id"], params["because"])
            return Asked(about, text)

        decide = SecondPersonOperator(
            settings=settings,
            ask=ask,
            task_id="decide",
            subject="Let readers see this publish?",
            options=[SWITCH, KEEP],
        )

        @task
        @retry_policy
        def carry_out() -> dict[str, Any] | None:
            from hub.orchestration import switches  # noqa: PLC0415

            answer = answer_of_this_run(settings)
            if answer.chosen != SWITCH:
                return None
            return switches.carry_out(settings, **answer.question.about, decided_by=answer.answered_by)

        decide >> carry_out()
    return dag
