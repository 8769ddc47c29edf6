"""``hub run``: start the hub, and take the first deliveries through to the published tables."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime

import sqlalchemy as sa
from rich.console import Console
from rich.markup import escape

from hub.contracts.model import Catalogue, read_catalogue
from hub.ingest.samples import deliveries_not_simulated
from hub.local.airflow_api import AirflowApi, AirflowRefused
from hub.local.components import Executor, log_file
from hub.local.logged_runs import tail
from hub.local.outcome import Outcome, RunProblem
from hub.local.pipeline import wait_for_dags, wait_until_published
from hub.local.preflight import HOST, make_home
from hub.local.progress import Steps
from hub.local.run_folder import RunFolder, make_run_folder, run_folder
from hub.local.sample_deliveries import (
    DAYS_TO_DROP,
    HISTORY_LOG,
    Samples,
    decide_on_history,
    drop_sample,
    feeds_with_files,
    has_sample_waiting,
    load_history,
    simulate,
)
from hub.local.start import Prepared, clear_leftovers, prepare_hub, start_components, wait_until_healthy
from hub.local.stop import alone
from hub.local.summary import received_by_feed, show_summary
from hub.local.supervision import supervisor_answers
from hub.orchestration.airflow_environment import ui_password
from hub.settings import Settings

UI_USER = "admin"
LOOK_SECONDS = 1.0


def run_hub(
    settings: Settings, executor: Executor, workers: int, console: Console, *, samples: Samples = Samples.DAYS
) -> None:
    """Bring the hub up, deliver a simulated sample of every feed that never delivered, and show what was published.
    Without samples it is brought up, and nothing else. A hub to which anything real was delivered gets none.

    A hub that runs already is left as it is, and what it holds is shown. Raises :class:`RunProblem` with what went
    wrong: when a component does not start, the others are stopped again; when a DAG run fails, the hub is left running.
    """
    make_home(settings)
    folder = run_folder(settings)
    make_run_folder(folder)
    steps = Steps(console)
    with alone(folder):
        started_at = datetime.now(UTC)
        catalogue = read_catalogue(settings.expectations)
        for feed, reason in catalogue.refusals.items():
            steps.say(f"[red]The contract of {feed} is refused, the other feeds go on:[/] {escape(str(reason))}")
        engine = _bring_up(settings, folder, executor, workers, steps, catalogue, samples)
        if samples is Samples.NONE:
            return
        try:
            _follow(settings, engine, catalogue, started_at, steps)
        except AirflowRefused as refusal:
            raise RunProblem(Outcome.RUN_FAILED, str(refusal)) from refusal
        show_summary(console, settings, engine)


def _bring_up(
    settings: Settings,
    folder: RunFolder,
    executor: Executor,
    workers: int,
    steps: Steps,
    catalogue: Catalogue,
    samples: Samples,
) -> sa.Engine:
    """Start what does not run, make the sample meanwhile, and drop it."""
    runs_already = supervisor_answers(folder)
    if not runs_already:
        clear_leftovers(folder, steps)
    prepared = prepare_hub(settings, folder, executor, steps, catalogue, runs_already=runs_already)
    if _holds_real_reports(prepared.engine):
        samples = Samples.NONE
    feeds = feeds_without_delivery(settings, prepared.engine, catalogue) if samples is not Samples.NONE else []
    # The samples need nothing of Airflow, and take about as long as its start.
    with ThreadPoolExecutor(1) as beside:
        sample = beside.submit(_make_sample, settings, prepared, feeds, samples)
        if runs_already:
            steps.say("The hub runs already.")
            wait_until_healthy(settings, folder, steps)
        else:
            start_components(settings, folder, prepared, executor, workers, steps)
        with steps.step("Make sample deliveries, and load all but the last days") as note:
            while wait([sample], LOOK_SECONDS).not_done:
                note(tail(log_file(settings, HISTORY_LOG), 1))
            has_sample = sample.result()
    if has_sample:
        count = drop_sample(settings)
        steps.say(f"      {count} files of the last {DAYS_TO_DROP} days are in {escape(str(settings.drop))}")
    return prepared.engine


def _make_sample(settings: Settings, prepared: Prepared, feeds: Collection[str], samples: Samples) -> bool:
    is_waiting = samples is not Samples.NONE and has_sample_waiting(settings)
    if not is_waiting and feeds:
        simulate(settings, prepared.environment, feeds, samples)
    if is_waiting or feeds:
        load_history(settings, prepared.environment)
        if samples is Samples.HISTORY:
            decide_on_history(settings, prepared.environment)
    return is_waiting or bool(feeds)


def _holds_real_reports(engine: sa.Engine) -> bool:
    """Whether anything came that the hub did not make up: samples must not mix with it."""
    with engine.connect() as connection:
        return bool(deliveries_not_simulated(connection))


def feeds_without_delivery(settings: Settings, engine: sa.Engine, catalogue: Catalogue) -> list[str]:
    """Feeds of which neither the ledger nor the drop folder knows a file."""
    known = {row.feed for row in received_by_feed(engine)} | feeds_with_files(settings)
    return sorted(catalogue.contracts.keys() - known)


def _follow(settings: Settings, engine: sa.Engine, catalogue: Catalogue, started_at: datetime, steps: Steps) -> None:
    airflow = AirflowApi(HOST, settings.ui_port)
    airflow.log_in(UI_USER, ui_password(settings, UI_USER))
    with steps.step("Wait until Airflow has read the DAGs") as note:
        paused = wait_for_dags(airflow, catalogue.contracts, note)
    if paused:
        steps.say(f"Paused, and left so: {', '.join(paused)}. What was dropped is not awaited")
        return
    with steps.step("Take what was dropped through to the published tables") as note:
        # A feed that is new and has no simulated file has nothing to publish.
        awaited = catalogue.contracts.keys() - set(feeds_without_delivery(settings, engine, catalogue))
        wait_until_published(airflow, engine, awaited, started_at, lambda: not feeds_with_files(settings), note)
