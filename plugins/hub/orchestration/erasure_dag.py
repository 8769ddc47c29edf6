"""The DAG in which a person asks that somebody be erased, and another one approves it."""

import logging
from typing import Any, cast

from airflow.sdk import DAG, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.form_fields import PERSON_PATTERN, reason
from hub.orchestration.quarantine_dag import WAITING_SIDE_BY_SIDE
from hub.orchestration.second_person import Asked, SecondPersonOperator, answer_of_this_run
from hub.settings import Settings

ERASE, KEEP = "Erase", "Keep"
log = logging.getLogger(__name__)

DOCUMENTATION = """
### Erase a person

Give the person's id, the token of a value, or a quarantined row and which part of it (its id, a colon, `reporter`), and
why; **no name, e-mail address or telephone number**: what is typed here stays in Airflow's own database. `hub person
find` on the hub's machine tells ids and rows from what the person says of themselves. The run shows how many records of
each feed are about the person and waits for a second person, because the one who asks may not answer: **Erase** makes
all that the hub keeps of them unreadable, **Keep** leaves it. The log names the certificate, which says of each store
how it was searched and what was found, done and left. Texts of others that name the person are left until
`mask_mentions` is started for them.

**To run it again**: clear the failed task; who was erased stays so, and an erasure that was cut short goes on.
"""


def erasure_dag(settings: Settings) -> DAG:
    """``erase_person``: count, wait for a person, erase, and say whether anything is left."""
    with DAG(
        dag_id="erase_person",
        description="A second person approves that somebody is erased",
        schedule=None,
        catchup=False,
        max_active_runs=WAITING_SIDE_BY_SIDE,
        default_args={"owner": "hub", **RETRIES},
        tags=["erasure", "people"],
        params={
            "person": Param(
                type="string",
                pattern=PERSON_PATTERN,
                title="Person",
                description="A person id, a token, or a quarantined row with a colon and a subject (reporter), never a"
                " name; `hub person find` on the hub's machine tells them",
            ),
            "because": reason("Why"),
        },
        doc_md=DOCUMENTATION,
    ) as dag:

        def ask() -> Asked:
            from hub.orchestration import erasures  # noqa: PLC0415

            params = get_current_context()["params"]
            about = {"person": params["person"], "because": params["because"]}
            return Asked(about, erasures.describe(settings, **about))

        decide = SecondPersonOperator(
            settings=settings,
            ask=ask,
            task_id="decide",
            subject="Erase this person for good?",
            options=[ERASE, KEEP],
        )

        # One at a time: an erasure reads every landed file.
        @task(max_active_tis_per_dag=1)
        @retry_policy
        def carry_out() -> dict[str, Any]:
            from hub.orchestration import erasures  # noqa: PLC0415

            answer = answer_of_this_run(settings)
            if answer.chosen != ERASE:
                raise AirflowSkipException(f"{answer.answered_by} decided to keep")
            done = erasures.carry_out(settings, **answer.question.about, decided_by=answer.answered_by)
            log.info("erased under the name of %s; the certificate is %s", answer.answered_by, done["certificate"])
            return done

        @task
        def confirm(done: dict[str, Any]) -> None:
            if done["texts_waiting"]:
                log.warning(
                    "%d texts of others name the person: start mask_mentions with the erasure %s",
                    done["texts_waiting"],
                    done["erasure_id"],
                )
            if not (done["nothing_else_is_left"] and done["counts_are_kept"]):
                raise AirflowFailException(
                    f"something is left, or could not be searched, or a count has changed: see {done['certificate']}"
                )

        done = carry_out()
        decide >> done
        # A reference to a task's result stands for the result; the hints do not know that.
        confirm(cast("dict[str, Any]", done))
    return dag
