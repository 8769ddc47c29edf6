"""The DAG that tells people in time."""

from typing import Any

from airflow.sdk import DAG, task

from hub.orchestration.assets import OUTBOX, PUBLISHED
from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.turns import ONE_AT_A_TIME, RUNS_AT_ONCE
from hub.settings import Settings

DOCUMENTATION = """
### Send notifications

Tells the owners of alerts, of held and refused deliveries, of rows in quarantine, of failed builds and DAGs, of
approvals that wait and of overdue allocations: one message a cause, by the channels that `notifications.yaml` in the
hub's home names. Starts within seconds when there is something to tell or to try again, and when something was
published. A message counts as sent when its channel has said that it took it; until then it waits, and is tried again
after 30 seconds, then after twice as long each time, up to ten minutes.

**To run it again**: trigger it at any time; what was sent is not sent again. `hub notify list` shows what waits and
why, and `hub notify send` does the same outside Airflow, without waiting for the next try.
"""


def notifications_dag(settings: Settings) -> DAG:
    """``send_notifications``: one task."""
    with DAG(
        dag_id="send_notifications",
        description="Messages to the owners of what needs somebody, by mail and other services",
        schedule=(OUTBOX | PUBLISHED),
        catchup=False,
        max_active_runs=RUNS_AT_ONCE,
        default_args={"owner": "hub", **RETRIES},
        tags=["notifications"],
        doc_md=DOCUMENTATION,
    ) as dag:

        @task(max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def send() -> dict[str, Any]:
            from hub.orchestration import steps  # noqa: PLC0415

            return steps.send_notifications(settings)

        send()
    return dag
