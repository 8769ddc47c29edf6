"""The hub's part where something else starts its processes: containers, or a service manager."""

from rich.console import Console

from hub.contracts import read_catalogue
from hub.running.airflow_metadata import migrate_metadata
from hub.running.components import Executor, program
from hub.running.preflight import make_home
from hub.running.progress import Steps
from hub.running.run_folder import make_run_folder, run_folder
from hub.running.start import open_and_prepare, process_environment
from hub.settings import Settings, callers_airflow_settings


def airflow_process(settings: Settings, executor: Executor) -> tuple[str, dict[str, str]]:
    """Airflow's command and the whole environment for it. The caller's ``AIRFLOW__`` variables win."""
    environment = process_environment(settings, run_folder(settings), executor)
    return program("airflow"), environment | callers_airflow_settings()


def prepare(settings: Settings, console: Console) -> None:
    """Make the warehouse's tables and bring Airflow's database up to date. Raises :class:`RunProblem`."""
    make_home(settings)
    folder = run_folder(settings)
    make_run_folder(folder)
    steps = Steps(console)
    with steps.step("Prepare the warehouse"):
        open_and_prepare(settings, read_catalogue(settings.expectations)).dispose()
    with steps.step("Prepare Airflow's database"):
        migrate_metadata(settings, folder, airflow_process(settings, Executor.LOCAL)[1])
