"""The DAG after the publication: the weekly briefing."""

from typing import Any

from airflow.sdk import DAG, task

from hub.orchestration.assets import PUBLISHED
from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.turns import ONE_AT_A_TIME, RUNS_AT_ONCE
from hub.settings import Settings

DOCUMENTATION = """
### Write the briefing

Writes page, PDF and pictures from the published views alone, into `briefings/<week>` in the hub's home. Starts when
something was published; a later publish of the same week replaces what an earlier one has written.

**To run it again**: trigger it; the same publish gives the same briefing. `hub briefing` shows the same outside
Airflow, and takes a boundary file for maps with true shapes.
"""


def briefing_dag(settings: Settings) -> DAG:
    """``write_briefing``: one task."""
    with DAG(
        dag_id="write_briefing",
        description="The weekly briefing, from published views alone",
        schedule=PUBLISHED,
        catchup=False,
        max_active_runs=RUNS_AT_ONCE,
        default_args={"owner": "hub", **RETRIES},
        tags=["publish"],
        doc_md=DOCUMENTATION,
    ) as dag:

        @task(max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def write() -> dict[str, Any]:
            from hub.orchestration import steps  # noqa: PLC0415

            return steps.write_briefing(settings)

        write()
    return dag
