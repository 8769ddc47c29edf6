"""The DAG in which a person releases or rejects what was not accepted."""

from typing import Any, cast

from airflow.sdk import DAG, AssetAlias, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from hub.orchestration.assets import raw_asset
from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.form_fields import UUID_PATTERN
from hub.orchestration.second_person import Asked, SecondPersonOperator, answer_of_this_run
from hub.orchestration.turns import ONE_AT_A_TIME
from hub.settings import Settings

RELEASE, REJECT = "Release", "Reject"
WAITING_SIDE_BY_SIDE = 32

DOCUMENTATION = """
### Release or reject what was not accepted

The hub's page starts it for rows that are ticked there. Or give the ids of quarantined rows, or of one held delivery;
`hub quarantine list` and `hub status` show them. The run
tells what they are, without values, and waits for a second person, because the one who asks may not answer: **Release**
takes them in after all, **Reject** leaves them out for good. Both names are kept with the decision. A row whose values
have the wrong type cannot be released as it is: correct it on the hub's page, or with `hub quarantine release --set`
where the column is personal or free text. A correction goes in with **Release**; one after which the row still breaks a
rule is not carried out, and the row stays where it is.

**To run it again**: clear the failed task; what was decided before stays decided. Each run waits for its own answer, so
several can wait side by side.
"""


def quarantine_dag(settings: Settings) -> DAG:
    """``release_quarantine``: describe, wait for a person, carry out what was decided."""
    released = AssetAlias(name="accepted.released", group="raw")

    with DAG(
        dag_id="release_quarantine",
        description="A person releases or rejects quarantined rows or a held delivery",
        schedule=None,
        catchup=False,
        max_active_runs=WAITING_SIDE_BY_SIDE,
        default_args={"owner": "hub", **RETRIES},
        tags=["quarantine", "people"],
        params={
            "quarantine_ids": Param(
                [],
                type="array",
                items={"type": "string", "pattern": UUID_PATTERN},
                title="Quarantined rows",
                description="One quarantine_id a line",
            ),
            "delivery_id": Param(
                None,
                type=["null", "string"],
                pattern=UUID_PATTERN,
                title="Held delivery",
                description="Its delivery_id",
            ),
            "wish": Param(
                None,
                type=["null", "string"],
                enum=[None, RELEASE.lower(), REJECT.lower()],
                title="What is asked for",
                description="The second person reads it and decides",
            ),
            "corrections": Param(
                {},
                type="object",
                propertyNames={"pattern": UUID_PATTERN},
                additionalProperties={"type": "object", "additionalProperties": {"type": ["string", "null"]}},
                title="Corrections of rows to release",
                description="By quarantine_id and column. Kept for good: no personal values and no free text",
            ),
        },
        doc_md=DOCUMENTATION,
    ) as dag:

        def ask() -> Asked:
            from hub.orchestration import answers  # noqa: PLC0415

            context = get_current_context()
            params = context["params"]
            about = {name: params[name] for name in ("quarantine_ids", "delivery_id", "wish", "corrections")}
            asked_by = context["dag_run"].triggering_user_name or ""
            return Asked(about, answers.describe(settings, **about, asked_by=asked_by))

        decide = SecondPersonOperator(
            settings=settings,
            ask=ask,
            task_id="decide",
            subject="Release or reject what was not accepted?",
            options=[RELEASE, REJECT],
        )

        @task(outlets=[released], max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def carry_out() -> dict[str, Any]:
            from hub.orchestration import answers  # noqa: PLC0415

            answer = answer_of_this_run(settings)
            about = answer.question.about
            outcome = answers.carry_out(
                settings,
                about["quarantine_ids"],
                about["delivery_id"],
                about.get("corrections"),  # none in a question of an earlier version
                is_release=answer.chosen == RELEASE,
                decided_by=answer.answered_by,
            )
            for feed, count in outcome.rows_taken_in.items():
                extra: dict[str, Any] = {"feed": feed, "rows_released": count}
                get_current_context()["outlet_events"][released].add(raw_asset(feed), extra=extra)
            return outcome.as_json()

        # Apart from carrying out: a failed task has no asset events, and what was released must reach the build.
        @task
        def confirm(outcome: dict[str, Any]) -> None:
            if outcome["not_carried_out"]:
                failures = "; ".join(f"{one}: {reason}" for one, reason in outcome["not_carried_out"].items())
                raise AirflowFailException(f"could not be carried out: {failures}")

        done = carry_out()
        decide >> done
        # A reference to a task's result stands for the result; the hints do not know that.
        confirm(cast("dict[str, Any]", done))
    return dag
