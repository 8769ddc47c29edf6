"""Starting a hub: databases, Airflow's components under the supervisor, and the wait until all of them are healthy."""

import os
import time
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from hub.contracts import read_catalogue
from hub.doors.embedded_postgres import PostgresProblem
from hub.doors.warehouse import WarehouseProblem, open_warehouse, prepare_warehouse
from hub.orchestration.airflow_environment import airflow_environment
from hub.running.airflow_api import AirflowApi
from hub.running.airflow_metadata import migrate_metadata, tail
from hub.running.components import Component, Executor, celery_environment, components, log_file, program_folder
from hub.running.outcome import Outcome, RunProblem
from hub.running.preflight import HOST, check_machine
from hub.running.processes import processes_of
from hub.running.progress import Steps
from hub.running.run_folder import RunFolder, make_run_folder
from hub.running.stop import stop_components
from hub.running.supervision import (
    SupervisorProblem,
    component_states,
    start_supervisor,
    supervisor_answers,
)
from hub.settings import Settings, callers_environment

HEALTHY_SECONDS = 180
POLL_SECONDS = 0.5


def start_hub(settings: Settings, folder: RunFolder, executor: Executor, workers: int, steps: Steps) -> bool:
    """Bring up everything of this hub that does not run. True when its components had to be started.

    Raises :class:`RunProblem` with what is in the way; the components are then stopped again.
    """
    if supervisor_answers(folder):
        wait_until_healthy(settings, folder, steps)
        return False
    _clear_leftovers(folder, steps)
    check_machine(settings)
    make_run_folder(folder)
    with steps.step("Open the warehouse"):
        engine = _open_and_prepare(settings)
        environment = process_environment(settings, folder, executor)
    engine.dispose()
    with steps.step("Prepare Airflow's database"):
        migrate_metadata(settings, folder, environment)
    try:
        with steps.step("Start the components"):
            _start(settings, folder, components(settings, folder, executor, workers), environment)
        wait_until_healthy(settings, folder, steps)
    except RunProblem:
        stop_components(folder, steps.say)
        raise
    return True


def process_environment(settings: Settings, folder: RunFolder, executor: Executor) -> dict[str, str]:
    """The whole environment of a component: the caller's own, Airflow's, and Celery's where that runs the tasks."""
    environment = callers_environment() | airflow_environment(settings, executor=executor)
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
        deadline = time.monotonic() + HEALTHY_SECONDS
        while True:
            _raise_for_dead(settings, folder)
            missing = airflow.unhealthy()
            if not missing:
                return
            if time.monotonic() > deadline:
                raise RunProblem(
                    Outcome.TOO_SLOW,
                    f"not healthy after {HEALTHY_SECONDS} s: {', '.join(missing)}; the logs are in {settings.logs}",
                )
            note(f"waiting for {', '.join(missing)}")
            time.sleep(POLL_SECONDS)


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


def _clear_leftovers(folder: RunFolder, steps: Steps) -> None:
    if folder.path.exists() and processes_of(folder):
        steps.say("Parts of an earlier run are left over; stopping them first.")
        stop_components(folder, steps.say)


def _open_and_prepare(settings: Settings) -> sa.Engine:
    try:
        engine = open_warehouse(settings)
        prepare_warehouse(engine, read_catalogue(settings.expectations).contracts.values())
    except (WarehouseProblem, PostgresProblem) as problem:
        raise RunProblem(Outcome.NO_WAREHOUSE, str(problem)) from problem
    return engine


def _start(settings: Settings, folder: RunFolder, parts: Iterable[Component], environment: Mapping[str, str]) -> None:
    try:
        start_supervisor(settings, folder, parts, environment)
    except SupervisorProblem as problem:
        raise RunProblem(Outcome.COMPONENT_DIED, str(problem)) from problem
