"""The DAG in which a person asks that a delivery be withdrawn, and another one approves it."""

from typing import Any

from airflow.sdk import DAG, AssetAlias, Param, get_current_context, task

from hub.orchestration.assets import raw_asset
from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.form_fields import UUID_PATTERN, reason
from hub.orchestration.quarantine_dag import WAITING_SIDE_BY_SIDE
from hub.orchestration.second_person import Asked, SecondPersonOperator, answer_of_this_run
from hub.orchestration.turns import ONE_AT_A_TIME
from hub.settings import Settings

WITHDRAW, KEEP = "Withdraw", "Keep"

DOCUMENTATION = """
### Take a delivery out of the warehouse

Give the id of a loaded delivery (`hub delivery list` shows it) and why it must go. The run says what it is and waits
for a second person, because the one who asks may not answer: **Withdraw** takes its rows out, **Keep** leaves them. The
next build starts from nothing and leaves what a hub would hold that never had the delivery; the ledger keeps who
withdrew it and why.

**To run it again**: clear the failed task; what was withdrawn stays so. `hub delivery restore` takes it in again.
"""


def withdrawal_dag(settings: Settings) -> DAG:
    """``withdraw_delivery``: describe, wait for a person, withdraw."""
    changed = AssetAlias(name="accepted.withdrawn", group="raw")

    with DAG(
        dag_id="withdraw_delivery",
        description="A person approves that a loaded delivery is withdrawn",
        schedule=None,
        catchup=False,
        max_active_runs=WAITING_SIDE_BY_SIDE,
        default_args={"owner": "hub", **RETRIES},
        tags=["deliveries", "people"],
        params={
            "delivery_id": Param(type="string", pattern=UUID_PATTERN, title="Delivery", description="Its delivery_id"),
            "because": reason("Why it must go; the ledger keeps it"),
        },
        doc_md=DOCUMENTATION,
    ) as dag:

        def ask() -> Asked:
            from hub.orchestration import withdrawals  # noqa: PLC0415

            params = get_current_context()["params"]
            about, text = withdrawals.describe(settings, params["delivery_id"], params["because"])
            return Asked(about, text)

        decide = SecondPersonOperator(
            settings=settings,
            ask=ask,
            task_id="decide",
            subject="Withdraw this delivery?",
            options=[WITHDRAW, KEEP],
        )

        @task(outlets=[changed], max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def carry_out() -> dict[str, Any] | None:
            from hub.orchestration import withdrawals  # noqa: PLC0415

            answer = answer_of_this_run(settings)
            if answer.chosen != WITHDRAW:
                return None
            done = withdrawals.carry_out(settings, **answer.question.about, decided_by=answer.answered_by)
            extra = {"feed": done["feed"], "rows_withdrawn": done["records_gone"]}
            get_current_context()["outlet_events"][changed].add(raw_asset(done["feed"]), extra=extra)
            return done

        decide >> carry_out()
    return dag
