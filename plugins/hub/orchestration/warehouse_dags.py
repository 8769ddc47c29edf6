"""The DAGs after the raw tables: build the warehouse, publish it."""

from typing import Any

from airflow.sdk import DAG, Asset, AssetAny, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from hub.orchestration.assets import FORECAST, MARTS, PUBLISHED, mart_assets, raw_assets
from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.turns import ANYWHERE, ONE_AT_A_TIME, RUNS_AT_ONCE
from hub.settings import Settings

OWNER = "hub"

BUILD_DOCUMENTATION = """
### Build the warehouse

`stage` runs dbt up to what linkage reads, `link_incidents` finds reports about one incident, `link_people` mentions of
one person, `build_marts` runs dbt over the rest with every test, and `check_disclosure` decides which public counts may
be shown. Starts when rows were accepted for any feed, waits up to two minutes for deliveries that are on their way,
so that files dropped together make one build, and is skipped when an earlier build covered all there is.

**To run it again**: trigger it; a run that is triggered by hand always builds. `full_refresh` rebuilds incremental
models from the start: after an erasure, or a change to their logic.
**When it fails**: a failed test or model is not retried, and nothing is published: readers keep what they have. The
task's log has a line for each model and test. Clear the failed task when the cause is mended: the build goes on from
there, unless a later one has begun. `hub build` does the same outside Airflow.
"""

PUBLISH_DOCUMENTATION = """
### Publish

Checks the marts and switches all published views to them in one transaction. Starts when the marts were built, when
hotspots were forecast, and when a person decided about them.

**To run it again**: trigger it; it publishes the marts as they are.
**When it fails**: a check that fails is not retried, and yesterday's views stay. `hub publish` shows the same outside
Airflow.
"""


def build_dag(settings: Settings) -> DAG:
    """``build_warehouse``: a task for each step of a build; an event for each mart when the last one has ended."""
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
        # One at a time over all runs: a second run waits for the steps of the first, see hub.build.builds.
        @task(max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def stage() -> dict[str, Any]:
            from hub.orchestration import steps  # noqa: PLC0415

            context = get_current_context()
            steps.wait_until_settled(settings)
            # A run that a person has started always builds.
            is_by_hand = context["dag_run"].run_type == "manual"
            full_refresh = bool(context["params"]["full_refresh"])
            built = steps.begin_build(settings, only_if_new=not is_by_hand, full_refresh=full_refresh)
            if built is None:
                raise AirflowSkipException("an earlier build covered all that is loaded")
            return built.as_json()

        @task(queue=ANYWHERE, max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def link_incidents(built: dict[str, Any]) -> dict[str, Any]:
            return _take_step(settings, built, "link_incidents")

        @task(max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def link_people(built: dict[str, Any]) -> dict[str, Any]:
            return _take_step(settings, built, "link_people")

        @task(max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def build_marts(built: dict[str, Any]) -> dict[str, Any]:
            return _take_step(settings, built, "build_marts")

        @task(outlets=marts, max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def check_disclosure(built: dict[str, Any]) -> dict[str, Any]:
            done = _take_step(settings, built, "check_disclosure")
            build_id, events = done["build"]["build_id"], get_current_context()["outlet_events"]
            for mart in marts:
                model = done["models"].get(mart.name.removeprefix(MARTS), {})
                events[mart].extra = {"build_id": build_id, **model}
            return done

        built: Any = stage()
        for step in (link_incidents, link_people, build_marts, check_disclosure):
            built = step(built)
    return dag


def _take_step(settings: Settings, built: dict[str, Any], step: str) -> dict[str, Any]:
    from hub.build.builds import BuildSuperseded  # noqa: PLC0415
    from hub.orchestration import steps  # noqa: PLC0415

    try:
        return steps.continue_build(settings, steps.Built.from_json(built), step).as_json()
    except BuildSuperseded as later:
        raise AirflowSkipException(str(later)) from None


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
