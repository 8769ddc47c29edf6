"""Starting a hub: databases, Airflow's components under the supervisor, and the wait until all of them are healthy."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from hub.contracts.model import Catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.local.airflow_api import AirflowApi
from hub.local.airflow_metadata import migrate_metadata
from hub.local.components import Component, Executor, celery_environment, components, log_file, program_folder
from hub.local.logged_runs import tail
from hub.local.outcome import Outcome, RunProblem
from hub.local.preflight import HOST, check_machine, check_redis
from hub.local.processes import processes_of
from hub.local.progress import Steps
from hub.local.run_folder import RunFolder
from hub.local.stop import stop_components
from hub.local.supervision import SupervisorProblem, component_states, start_supervisor
from hub.orchestration.airflow_environment import airflow_environment
from hub.settings import Settings, callers_environment
from hub.warehouse.embedded_postgres import PostgresProblem
from hub.warehouse.engine import WarehouseProblem, open_warehouse, server_address, set_up_roles
from hub.warehouse.roles import Role

HEALTHY_SECONDS = 180
POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Prepared:
    """What a start needs: an engine that only looks on, and the whole environment of a component (it holds secrets)."""

    engine: sa.Engine
    environment: Mapping[str, str]


def prepare_hub(
    settings: Settings, folder: RunFolder, executor: Executor, steps: Steps, catalogue: Catalogue, *, runs_already: bool
) -> Prepared:
    """Check the machine and make what must exist before the components start. Raises :class:`RunProblem`."""
    if not runs_already:
        check_machine(settings)
        if executor is Executor.CELERY:
            check_redis()
    with steps.step("Open the warehouse"):
        engine = open_and_prepare(settings, catalogue)
        return Prepared(engine, process_environment(settings, folder, executor))


def open_and_prepare(settings: Settings, catalogue: Catalogue) -> sa.Engine:
    """An engine that looks on, with every role and table in place. Raises :class:`RunProblem`."""
    try:
        if server_address(settings).username is not None:
            set_up_roles(settings)
        prepare_warehouse(open_warehouse(settings, Role.OWNER), catalogue.contracts.values())
        for feed in catalogue.contracts:
            for folder in (settings.drop, settings.sandbox):
                (folder / feed).mkdir(parents=True, exist_ok=True)
        return open_warehouse(settings, Role.AUDITOR)
    except (WarehouseProblem, PostgresProblem) as problem:
        raise RunProblem(Outcome.NO_WAREHOUSE, str(problem)) from problem


def start_components(
    settings: Settings, folder: RunFolder, prepared: Prepared, executor: Executor, workers: int, steps: Steps
) -> None:
    """Start all components and wait until they are healthy. Raises :class:`RunProblem`; they are then stopped again."""
    with steps.step("Prepare Airflow's database"):
        migrate_metadata(settings, folder, prepared.environment)
    try:
        with steps.step("Start the components"):
            _start(settings, folder, components(settings, folder, executor, workers), prepared.environment)
        wait_until_healthy(settings, folder, steps)
    except RunProblem:
        stop_components(folder, steps.say)
        raise


def clear_leftovers(folder: RunFolder, steps: Steps) -> None:
    """Stop what an earlier start left running without a supervisor."""
    if processes_of(folder):
        steps.say("Parts of an earlier run are left over; stopping them first.")
        stop_components(folder, steps.say)


def process_environment(settings: Settings, folder: RunFolder, executor: Executor) -> dict[str, str]:
    """The whole environment of a component: the caller's own, Airflow's, and Celery's where that runs the tasks."""
    try:
        environment = callers_environment() | airflow_environment(settings, executor=executor)
    except (WarehouseProblem, PostgresProblem) as problem:
        raise RunProblem(Outcome.NO_WAREHOUSE, str(problem)) from problem
    environment["PATH"] = os.pathsep.join(filter(None, (program_folder(), environment.get("PATH"))))
    environment.setdefault("HOME", str(settings.home))
    environment["PYTHONUNBUFFERED"] = "1"
    if executor is Executor.CELERY:
        environment |= celery_environment(folder)
    return environment


def wait_until_healthy(settings: Settings, folder: RunFolder, steps: Steps) -> None:
    """Return when Airflow says that all of its parts are well; a part that dies is a :class:`RunProblem`."""
    airflow = AirflowApi(HOST, settings.ui_port)
    with steps.step("Wait until Airflow is healthy") as note:

        def unhealthy() -> tuple[str, ...]:
            _raise_for_dead(settings, folder)
            missing = airflow.unhealthy()
            if missing:
                note(f"waiting for {', '.join(missing)}")
            return missing

        looks = Retrying(
            retry=retry_if_result(bool), stop=stop_after_delay(HEALTHY_SECONDS), wait=wait_fixed(POLL_SECONDS)
        )
        try:
            looks(unhealthy)
        except RetryError as given_up:
            raise RunProblem(
                Outcome.TOO_SLOW,
                f"not healthy after {HEALTHY_SECONDS} s: {', '.join(given_up.last_attempt.result())}; "
                f"the logs are in {settings.logs}",
            ) from None


def _raise_for_dead(settings: Settings, folder: RunFolder) -> None:
    try:
        dead = [state for state in component_states(folder) if state.has_died]
    except SupervisorProblem as problem:
        raise RunProblem(Outcome.COMPONENT_DIED, str(problem)) from problem
    if dead:
        log = log_file(settings, dead[0].name)
        raise RunProblem(
            Outcome.COMPONENT_DIED, f"{dead[0].name} died ({dead[0].detail}); the end of {log}:\n{tail(log)}"
        )


def _start(settings: Settings, folder: RunFolder, parts: Iterable[Component], environment: Mapping[str, str]) -> None:
    try:
        start_supervisor(settings, folder, parts, environment)
    except SupervisorProblem as problem:
        raise RunProblem(Outcome.COMPONENT_DIED, str(problem)) from problem
