"""The DAG in which a person asks that a delivery be withdrawn, and another one approves it."""

from typing import Any

from airflow.sdk import DAG, AssetAlias, Param, get_current_context, task

from hub.orchestration.assets import raw_asset
from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.quarantine_dag import UUID_PATTERN, WAITING_SIDE_BY_SIDE
from hub.orchestration.second_person import SecondPersonOperator, answer_of_this_run
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
            "because": Param(type="string", minLength=1, title="Why", description="The ledger keeps it"),
        },
        doc_md=DOCUMENTATION,
    ) as dag:

        @task
        @retry_policy
        def describe() -> str:
            from hub.orchestration import withdrawals  # noqa: PLC0415

            params = get_current_context()["params"]
            return withdrawals.describe(settings, params["delivery_id"], params["because"])

        decide = SecondPersonOperator(
            settings=settings,
            task_id="decide",
            subject="Withdraw this delivery?",
            body="{{ ti.xcom_pull(task_ids='describe') }}",
            options=[WITHDRAW, KEEP],
        )

        @task(outlets=[changed])
        @retry_policy
        def carry_out() -> dict[str, Any] | None:
            from hub.orchestration import withdrawals  # noqa: PLC0415

            answer, params = answer_of_this_run(settings), get_current_context()["params"]
            if answer.chosen != WITHDRAW:
                return None
            done = withdrawals.carry_out(
                settings, params["delivery_id"], because=params["because"], decided_by=answer.answered_by
            )
            extra = {"feed": done["feed"], "rows_withdrawn": done["records_gone"]}
            get_current_context()["outlet_events"][changed].add(raw_asset(done["feed"]), extra=extra)
            return done

        describe() >> decide >> carry_out()
    return dag
