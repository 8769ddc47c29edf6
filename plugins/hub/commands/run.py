"""``hub run`` and ``hub stop``: the hub on one machine."""

from typing import Annotated

import typer
from rich.console import Console

from hub.running.components import Executor
from hub.running.outcome import Outcome, RunProblem
from hub.running.preflight import make_home
from hub.running.progress import Steps
from hub.running.run_folder import make_run_folder, run_folder
from hub.running.start import start_hub
from hub.running.stop import alone, stop_hub
from hub.settings import SettingsError, read_settings


def run(
    executor: Annotated[Executor, typer.Option(help="What runs Airflow's tasks.")] = Executor.LOCAL,
    workers: Annotated[int, typer.Option(min=1, help="Celery workers; CeleryExecutor only.")] = 2,
) -> None:
    """Start the hub, take sample deliveries through to published tables, and leave it running."""
    console = Console()
    steps = Steps(console)
    try:
        settings = read_settings()
        folder = run_folder(settings)
        make_home(settings)
        make_run_folder(folder)
        with alone(folder):
            start_hub(settings, folder, executor, workers, steps)
    except (RunProblem, SettingsError) as problem:
        raise _ended(problem) from problem


def stop() -> None:
    """Stop everything that ``hub run`` started; harmless when nothing runs."""
    console = Console()
    try:
        stop_hub(read_settings(), console.print)
    except (RunProblem, SettingsError) as problem:
        raise _ended(problem) from problem


def _ended(problem: RunProblem | SettingsError) -> typer.Exit:
    Console(stderr=True).print(f"[red]hub:[/] {problem}", highlight=False, soft_wrap=True)
    return typer.Exit(problem.outcome if isinstance(problem, RunProblem) else Outcome.NO_HOME)
