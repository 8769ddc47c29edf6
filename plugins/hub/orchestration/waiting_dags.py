"""DAGs that after each publish send what may go, and let a person decide about what waits for one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from airflow.sdk import DAG, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from hub.orchestration.assets import PUBLISHED
from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.form_fields import reason_in_answer
from hub.orchestration.quarantine_dag import WAITING_SIDE_BY_SIDE
from hub.orchestration.second_person import Asked, SecondPersonOperator, answer_of_this_run, leave_room
from hub.settings import Settings

LEAVE = "Leave"
BEFORE_OTHERS = 100
"""What somebody waits for goes before the extracts, briefing and catalogue of the same publish."""


@dataclass(frozen=True)
class Waiting:
    """What such a DAG decides about: ``subject`` is the question, ``go`` and ``stop`` are its answers beside *Leave*,
    and ``stop_reason`` asks why for the second."""

    subject: str
    go: str
    stop: str
    stop_reason: str


def decide_what_waits(
    settings: Settings,
    waiting: Waiting,
    *,
    dag_id: str,
    description: str,
    owner: str,
    tags: Sequence[str],
    documentation: str,
    work: Callable[[], ModuleType],
) -> DAG:
    """``work`` imports and returns the module with ``prepare_and_send``, ``describe``, ``carry_out`` and
    ``NothingToDecide``; it is called inside tasks only."""
    with DAG(
        dag_id=dag_id,
        description=description,
        schedule=PUBLISHED,
        catchup=False,
        max_active_runs=WAITING_SIDE_BY_SIDE,
        default_args={"owner": owner, **RETRIES},
        tags=tags,
        doc_md=documentation,
    ) as dag:

        @task(priority_weight=BEFORE_OTHERS)
        @retry_policy
        def send() -> dict[str, Any]:
            return dict(work().prepare_and_send(settings))

        def ask() -> Asked:
            module, run = work(), get_current_context()["dag_run"]
            leave_room(settings, run, WAITING_SIDE_BY_SIDE)
            try:
                return Asked(*module.describe(settings, asks_again=run.run_type == "manual", run_id=run.run_id))
            except module.NothingToDecide as nothing:
                raise AirflowSkipException(str(nothing)) from None

        decide = SecondPersonOperator(
            settings=settings,
            ask=ask,
            task_id="decide",
            subject=waiting.subject,
            options=[waiting.go, waiting.stop, LEAVE],
            params={"because": reason_in_answer(waiting.stop_reason)},
        )

        @task
        @retry_policy
        def carry_out() -> dict[str, Any]:
            answer = answer_of_this_run(settings)
            if answer.chosen == LEAVE:
                return {}
            done = work().carry_out(
                settings,
                **answer.question.about,
                is_approved=answer.chosen == waiting.go,
                because=answer.inputs["because"],
                decided_by=answer.answered_by,
            )
            return dict(done)

        send() >> decide >> carry_out()
    return dag
