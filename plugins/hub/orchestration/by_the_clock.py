"""DAGs of one task that run by the clock, because nothing that happens in the hub could trigger them."""

from collections.abc import Callable
from typing import Any

from airflow.sdk import DAG, task

from hub.orchestration.failures import RETRIES, retry_policy


def by_the_clock(
    dag_id: str, schedule: str, tag: str, work: Callable[[], dict[str, Any]], *, description: str, documentation: str
) -> DAG:
    """A DAG whose one task, named like ``work``, runs at ``schedule`` (cron); never twice at once, and no missed run is
    made up for."""
    with DAG(
        dag_id=dag_id,
        description=description,
        schedule=schedule,
        catchup=False,
        max_active_runs=1,
        default_args={"owner": "hub", **RETRIES},
        tags=[tag],
        doc_md=documentation,
    ) as dag:
        task(retry_policy(work))()
    return dag
