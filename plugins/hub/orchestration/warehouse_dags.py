"""The DAGs after the raw tables: build the warehouse, publish it."""

from typing import Any

from airflow.sdk import DAG, Asset, AssetAny, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from hub.orchestration.assets import BUILT, FORECAST, MARTS, PUBLISHED, mart_assets, raw_assets
from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.turns import ONE_AT_A_TIME, RUNS_AT_ONCE
from hub.settings import Settings

OWNER = "hub"

BUILD_DOCUMENTATION = """
### Build the warehouse

Runs the dbt project over the raw tables: staging, intermediate, marts, with every test. Starts when rows were accepted
for any feed, waits a moment for deliveries that are on their way, so that files dropped together make one build, and is
skipped when an earlier build covered all there is.

**To run it again**: trigger it; a run that is triggered by hand always builds. `full_refresh` rebuilds incremental
models from the start: after an erasure, or a change to their logic.
**When it fails**: a failed test or model is not retried, and nothing is published: readers keep what they have. The log
names the models; `hub build` shows the same outside Airflow.
"""

PUBLISH_DOCUMENTATION = """
### Publish

Checks the marts and switches all published views to them in one transaction. Starts when the marts were built, when
hotspots were forecast, and when a person decided about them.

**To run it again**: trigger it; it publishes the marts as they stand.
**When it fails**: a check that fails is not retried, and yesterday's views stay. `hub publish` shows the same outside
Airflow.
"""


def build_dag(settings: Settings) -> DAG:
    """``build_warehouse``: one task runs dbt; an event for each mart."""
    marts = mart_assets(settings.dbt_project)
    with DAG(
        dag_id="build_warehouse",
        description="Raw tables to marts, with every test",
        schedule=_any_of(raw_assets(settings.expectations)),
        catchup=False,
        max_active_runs=RUNS_AT_ONCE,
        default_args={"owner": OWNER, **RETRIES},
        tags=["warehouse"],
        params={"full_refresh": Param(False, type="boolean", title="Rebuild incremental models from the start")},
        doc_md=BUILD_DOCUMENTATION,
    ) as dag:

        @task(inlets=[BUILT], outlets=[BUILT, *marts], max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def build() -> dict[str, dict[str, Any]]:
            from hub.orchestration import steps  # noqa: PLC0415

            context = get_current_context()
            steps.wait_until_settled(settings)
            loaded = steps.what_is_loaded(settings)
            is_by_hand = context["dag_run"].run_type == "manual"
            last = list(context["inlet_events"][BUILT].ascending(False).limit(1))
            if not is_by_hand and any((event.extra or {}).get("covers") == loaded for event in last):
                raise AirflowSkipException("an earlier build covered all that is loaded")
            result = steps.build(settings, full_refresh=bool(context["params"]["full_refresh"]))
            report: dict[str, dict[str, Any]] = {
                model.name: {"status": model.status, "seconds": model.seconds} for model in result.models
            }
            events = context["outlet_events"]
            events[BUILT].extra = {"build_id": result.build_id, "seconds": round(result.seconds, 3), "covers": loaded}
            for mart in marts:
                events[mart].extra = {"build_id": result.build_id, **report.get(mart.name.removeprefix(MARTS), {})}
            return report

        build()
    return dag


def publish_dag(settings: Settings) -> DAG:
    """``publish_intelligence``: one task switches the published views."""
    with DAG(
        dag_id="publish_intelligence",
        description="Marts to published views, in one switch",
        schedule=_any_of([*mart_assets(settings.dbt_project), FORECAST]),
        catchup=False,
        max_active_runs=RUNS_AT_ONCE,
        default_args={"owner": OWNER, **RETRIES},
        tags=["publish"],
        doc_md=PUBLISH_DOCUMENTATION,
    ) as dag:

        @task(outlets=[PUBLISHED], max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def publish() -> dict[str, Any]:
            from hub.orchestration import steps  # noqa: PLC0415

            result = steps.publish(settings)
            published: dict[str, Any] = {
                "publish_id": result.publish_id,
                "is_new": result.is_new,
                "published_at": result.published_at.isoformat(),
                "row_counts": dict(result.row_counts),
            }
            get_current_context()["outlet_events"][PUBLISHED].extra = published
            return published

        publish()
    return dag


def _any_of(assets: list[Asset]) -> AssetAny | None:
    """A schedule on any of the assets; none where there is nothing to wait for (then the DAG runs by hand only)."""
    return AssetAny(*assets) if assets else None
