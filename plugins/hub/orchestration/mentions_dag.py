"""The DAG in which a person asks that an erased person be masked in what others wrote, and another one approves it."""

from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task

from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.form_fields import UUID_PATTERN
from hub.orchestration.quarantine_dag import WAITING_SIDE_BY_SIDE
from hub.orchestration.second_person import Asked, SecondPersonOperator, answer_of_this_run
from hub.settings import Settings

MASK, LEAVE = "Mask", "Leave all"

DOCUMENTATION = """
### Mask an erased person in what others wrote

An erasure lists the texts of other people's reports that name the person; its certificate and the log of `erase_person`
say how many wait. Give the id of the erasure. The run lists each text by feed, delivery, row, column and kind of
detail, never the text itself, and waits for a second person: **Mask** replaces the words with stars, except in the
texts whose numbers are given because they name somebody else; **Leave all** changes nothing. `hub person mentions` on
the hub's machine shows the words; the audit log says who read them. The reports stay, the next build builds all again,
and the certificate is written again.

**To run it again**: clear the failed task; what was decided stays so.
"""


def mentions_dag(settings: Settings) -> DAG:
    """``mask_mentions``: describe, wait for a person, mask."""
    with DAG(
        dag_id="mask_mentions",
        description="A second person approves that an erased person is masked in others' texts",
        schedule=None,
        catchup=False,
        max_active_runs=WAITING_SIDE_BY_SIDE,
        default_args={"owner": "hub", **RETRIES},
        tags=["erasure", "people"],
        params={
            "erasure_id": Param(
                type="string", pattern=UUID_PATTERN, title="Erasure", description="Its id: the name of the certificate"
            )
        },
        doc_md=DOCUMENTATION,
    ) as dag:

        def ask() -> Asked:
            from hub.orchestration import mentions  # noqa: PLC0415

            return Asked(*mentions.describe(settings, get_current_context()["params"]["erasure_id"]))

        decide = SecondPersonOperator(
            settings=settings,
            ask=ask,
            task_id="decide",
            subject="Mask the erased person in these texts?",
            options=[MASK, LEAVE],
            params={
                "leave": Param(
                    [],
                    type="array",
                    items={"type": "string", "pattern": "^[0-9]{1,6}$"},
                    title="Do not mask",
                    description="One number a line: texts that name somebody else",
                )
            },
        )

        @task(max_active_tis_per_dag=1)
        @retry_policy
        def carry_out() -> dict[str, Any]:
            from hub.orchestration import mentions  # noqa: PLC0415

            answer = answer_of_this_run(settings)
            about = answer.question.about
            leave = map(int, answer.inputs["leave"]) if answer.chosen == MASK else about["numbers"]
            return mentions.carry_out(settings, **about, leave=list(leave), decided_by=answer.answered_by)

        decide >> carry_out()
    return dag
