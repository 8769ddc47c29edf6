"""The DAG that writes extracts of what was published."""

from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task

from hub.orchestration.assets import PUBLISHED
from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.turns import ONE_AT_A_TIME, RUNS_AT_ONCE
from hub.settings import Settings

PUBLIC_VIEWS = ("public_revisions_v1", "public_statistics_v1")
DOCUMENTATION = """
### Write extracts

After each publish: the public views as CSV and Parquet with a Data Package, code book, checksums and a list of what has
changed, under `$HUB_HOME/extracts/<role>/`. A killed run leaves the extract before, whole.

**To run it again**: trigger it, with other `views` if need be; an extract of the same publish and views that stands
already is left as it is. `hub extract` does the same outside Airflow.
"""


def extract_dag(settings: Settings) -> DAG:
    """``write_extracts``: one task, after each publish."""
    with DAG(
        dag_id="write_extracts",
        description="Published views to files for others, with all that is needed to read them",
        schedule=[PUBLISHED],
        catchup=False,
        max_active_runs=RUNS_AT_ONCE,
        default_args={"owner": "hub", **RETRIES},
        tags=["publish"],
        params={"views": Param(list(PUBLIC_VIEWS), type="array", items={"type": "string"}, title="Published views")},
        doc_md=DOCUMENTATION,
    ) as dag:

        @task(max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def write() -> dict[str, Any]:
            from hub.orchestration import steps  # noqa: PLC0415

            written = steps.extract(settings, list(get_current_context()["params"]["views"]))
            return {"publish_id": written.publish_id, "is_new": written.is_new, "rows": dict(written.rows)}

        write()
    return dag
