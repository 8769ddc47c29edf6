"""The DAG in which a person decides whose data is kept on and whose is erased."""

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import DAG, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.form_fields import reason_in_answer
from hub.orchestration.second_person import Asked, SecondPersonOperator, answer_of_this_run
from hub.settings import Settings

KEEP, ERASE = "Keep", "Erase"

DOCUMENTATION = """
### Review what has been kept for long

Once a month: persons whose review is due by the retention groups of the Police Information and Records Management Code
(seed `retention_rules`), the longest overdue first, at most fifty at once. The run shows ids, groups and days, no
values, and waits for a person: **Keep** writes down the reason and the day of the next review, **Erase** erases each
and leaves a certificate under `erasures`. Nobody under a legal hold (`hub person hold`) is asked about. To
decide about one person alone, use `hub person erase`.

**To run it again**: clear the failed task; a person who was decided about is no longer due.
"""


def retention_dag(settings: Settings) -> DAG:
    """``review_retention``: find who is due, wait for a person, keep or erase."""
    with DAG(
        dag_id="review_retention",
        description="A person decides whose data is kept on and whose is erased",
        schedule="0 7 1 * *",
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        default_args={"owner": "hub", **RETRIES},
        tags=["retention", "people"],
        doc_md=DOCUMENTATION,
    ) as dag:

        def ask() -> Asked:
            from hub.orchestration import reviews  # noqa: PLC0415

            due = reviews.find_due(settings)
            if not due:
                raise AirflowSkipException("nobody's review is due")
            return Asked({"person_ids": due}, reviews.describe(settings, due))

        decide = SecondPersonOperator(
            settings=settings,
            ask=ask,
            task_id="decide",
            subject="Keep or erase what has been kept for long?",
            options=[KEEP, ERASE],
            params={"because": reason_in_answer("Why")},
            needs=["because"],
        )

        @task
        @retry_policy
        def carry_out() -> dict[str, Any]:
            from hub.orchestration import reviews  # noqa: PLC0415

            answer = answer_of_this_run(settings)
            done = reviews.carry_out(
                settings,
                **answer.question.about,
                is_keep=answer.chosen == KEEP,
                because=answer.inputs["because"],
                decided_by=answer.answered_by,
            )
            if done.not_carried_out:
                failures = "; ".join(f"{one}: {reason}" for one, reason in done.not_carried_out.items())
                raise AirflowFailException(f"could not be carried out: {failures}")
            return done.as_json()

        decide >> carry_out()
    return dag
