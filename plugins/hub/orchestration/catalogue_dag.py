"""The DAG that writes the data catalogue when the warehouse is made by other code than before, and Data Docs of what
came."""

from airflow.sdk import DAG, task

from hub.orchestration.assets import PUBLISHED
from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.turns import ONE_AT_A_TIME, RUNS_AT_ONCE
from hub.settings import Settings

DOCUMENTATION = """
### Write the data catalogue

After a publish whose models are other than those of the present catalogue: dbt's page of all models, and from which
columns of delivered files each published column comes, under `$HUB_HOME/catalogue/` and on the hub's page. A killed run
leaves the catalogue before, or none for a moment. After every publish: a page of Great Expectations' Data Docs for each
delivery that has none, in `$HUB_HOME/data_docs/` and linked from the delivery's page.

**To run it again**: trigger it. `hub catalogue write` does the same outside Airflow.
"""


def catalogue_dag(settings: Settings) -> DAG:
    """``write_catalogue``: after each publish, the catalogue and the pages of deliveries."""
    with DAG(
        dag_id="write_catalogue",
        description="What is in the warehouse, and where it comes from",
        schedule=[PUBLISHED],
        catchup=False,
        max_active_runs=RUNS_AT_ONCE,
        default_args={"owner": "hub", **RETRIES},
        tags=["publish"],
        doc_md=DOCUMENTATION,
    ) as dag:

        @task(max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def write() -> bool:
            from hub.data_catalogue import write_data_catalogue  # noqa: PLC0415

            return write_data_catalogue(settings)

        @task(max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def write_pages_of_deliveries() -> int:
            from hub.contracts.model import read_catalogue  # noqa: PLC0415
            from hub.ingest.data_docs import write_data_docs  # noqa: PLC0415

            return write_data_docs(settings, read_catalogue(settings.expectations).contracts)

        write()
        write_pages_of_deliveries()
    return dag
