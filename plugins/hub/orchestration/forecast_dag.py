"""The DAG that forecasts once a week, and in which a person approves the areas that are proposed for tasking."""

from airflow.sdk import DAG, AssetAll, AssetAny, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from hub.orchestration.assets import FORECAST, PUBLISHED, mart_assets
from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.form_fields import reason_in_answer
from hub.orchestration.second_person import Asked, SecondPersonOperator, answer_of_this_run, leave_room
from hub.orchestration.turns import ANYWHERE
from hub.settings import Settings

APPROVE, DECLINE = "Approve", "Decline"
WAITING_SIDE_BY_SIDE = 8

DOCUMENTATION = """
### Forecast hotspots, and ask a person whom to task

Starts when the marts were built and published, and forecasts what has no forecast yet at its latest Monday, or for the
month after the last published counts; else it is skipped. A forecast that is not surely better than every
baseline is withheld, with the reason, and proposes nothing. While four runs wait for an answer, no further one asks by
itself; a run that starts once one was answered asks about the latest forecast.

The areas that are proposed wait for a person: **Approve** takes them all but those that are named under *declined*
(`local_authority/3`), **Decline** takes none. The decision is kept with the name of the person who answered, and the
next publication shows what was approved. `hub tasking` does the same, and takes how it ended.

**To run it again**: trigger it; the same cut-off and data give the same run, which is written once, and what was
decided stays decided.
"""


def forecast_dag(settings: Settings) -> DAG:
    """``forecast_hotspots``: forecast, describe, wait for a person, carry out what was decided."""
    with DAG(
        dag_id="forecast_hotspots",
        description="Weekly forecasts of reports by area; a person approves what is tasked",
        schedule=AssetAll(AssetAny(*mart_assets(settings.dbt_project)), PUBLISHED),
        catchup=False,
        max_active_runs=WAITING_SIDE_BY_SIDE,
        default_args={"owner": "hub", **RETRIES},
        tags=["forecast", "people"],
        doc_md=DOCUMENTATION,
    ) as dag:

        @task(outlets=[FORECAST], queue=ANYWHERE)
        @retry_policy
        def forecast() -> list[str]:
            from hub.forecast.hotspot_forecasts import PANELS  # noqa: PLC0415
            from hub.orchestration import tasking  # noqa: PLC0415

            context = get_current_context()
            run, is_again = context["dag_run"], context["ti"].try_number > 1
            # What came late changes no proposal that a person has before them: only who triggers it asks again.
            is_manual = run.run_type == "manual"
            panels = PANELS if is_manual else tasking.due_panels(settings)
            left = [] if is_manual else tasking.never_asked(settings, run.run_id)
            # An earlier try may have written all that was due, and have been cut short before the views were built.
            if not (panels or left or is_again):
                raise AirflowSkipException("the latest Monday and the latest month have been forecast")
            made = tasking.forecast(settings, panels)
            context["outlet_events"][FORECAST].extra = {
                run.panel: run.withheld_because or f"{run.count_slots} slots" for run in made
            }
            return [*left, *(str(run.run_id) for run in made)]

        def ask() -> Asked:
            from hub.orchestration import tasking  # noqa: PLC0415

            context = get_current_context()
            leave_room(settings, context["dag_run"], WAITING_SIDE_BY_SIDE)
            run_ids = list(context["ti"].xcom_pull(task_ids="forecast"))
            try:
                return Asked({"run_ids": run_ids}, tasking.describe(settings, run_ids))
            except tasking.NothingToDecide as nothing:
                raise AirflowSkipException(str(nothing)) from None

        decide = SecondPersonOperator(
            settings=settings,
            ask=ask,
            task_id="decide",
            subject="Task these areas for prevention and engagement?",
            options=[APPROVE, DECLINE],
            params={
                "declined": Param(
                    [],
                    type="array",
                    items={"type": "string", "pattern": "^[a-z_]+/[0-9]+$"},
                    title="Declined, though the others are approved",
                    description="One slot a line, as in the list",
                ),
                "because": reason_in_answer("Why they are declined"),
            },
        )

        @task(outlets=[FORECAST])
        @retry_policy
        def carry_out() -> dict[str, int]:
            from hub.orchestration import tasking  # noqa: PLC0415

            answer = answer_of_this_run(settings)
            counts = tasking.carry_out(
                settings,
                **answer.question.about,
                is_approved=answer.chosen == APPROVE,
                declined=answer.inputs["declined"],
                because=answer.inputs["because"],
                decided_by=answer.answered_by,
            )
            get_current_context()["outlet_events"][FORECAST].extra = dict(counts)
            return counts

        forecast() >> decide >> carry_out()
    return dag
