"""The hub's part where something else starts its processes: containers, or a service manager."""

from rich.console import Console

from hub.contracts.model import read_catalogue
from hub.local.airflow_metadata import migrate_metadata
from hub.local.components import Executor, program
from hub.local.dashboards import give_secrets
from hub.local.preflight import make_home
from hub.local.progress import Steps
from hub.local.run_folder import make_run_folder, run_folder
from hub.local.start import open_and_prepare, process_environment
from hub.settings import Settings, callers_airflow_settings
from hub.vault.hub_keys import read_keys


def airflow_process(settings: Settings, executor: Executor) -> tuple[str, dict[str, str]]:
    """Airflow's command and the whole environment for it. The caller's ``AIRFLOW__`` variables win."""
    environment = process_environment(settings, run_folder(settings), executor)
    return program("airflow"), environment | callers_airflow_settings()


def prepare(settings: Settings, console: Console) -> None:
    """Make the warehouse's tables, bring Airflow's database up to date, and put into the dashboards' folder what they
    need. Raises :class:`RunProblem`."""
    make_home(settings)
    folder = run_folder(settings)
    make_run_folder(folder)
    steps = Steps(console)
    with steps.step("Prepare the warehouse"):
        open_and_prepare(settings, read_catalogue(settings.expectations)).dispose()
    with steps.step("Prepare Airflow's database"):
        migrate_metadata(settings, folder, airflow_process(settings, Executor.LOCAL)[1])
    read_keys(settings)  # so that there are some to hand out to workers on other machines
    give_secrets(settings)
