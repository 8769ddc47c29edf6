"""The DAG that watches the deliveries."""

from airflow.sdk import DAG, task

from hub.orchestration.failures import RETRIES, retry_policy
from hub.settings import Settings

DOCUMENTATION = """
### Watch deliveries

Every five minutes: files dropped outside the folders of the feeds are kept and refused; `ledger.incidents` is brought
up to date with feeds that are due, late or silent, numbers missing in a sender's sequence, control totals that
disagree, deliveries that are held or refused, senders whose rows stopped being as their own past, and contracts that
cannot be used. One open incident a cause, with the
feed's owner; it is closed when its cause is over. `hub status` shows the open ones.

**To run it again**: trigger it at any time; a second run with nothing changed changes nothing.
"""


def watch_dag(settings: Settings) -> DAG:
    """``watch_deliveries``: one task, by the clock, because what it looks for is what did not happen."""
    with DAG(
        dag_id="watch_deliveries",
        description="Due, late and silent feeds, gaps, totals that disagree: incidents with their owners",
        schedule="*/5 * * * *",
        catchup=False,
        max_active_runs=1,
        default_args={"owner": "hub", **RETRIES},
        tags=["watch"],
        doc_md=DOCUMENTATION,
    ) as dag:

        @task
        @retry_policy
        def watch() -> dict[str, int]:
            from hub.orchestration import steps  # noqa: PLC0415

            return steps.watch(settings)

        watch()
    return dag
