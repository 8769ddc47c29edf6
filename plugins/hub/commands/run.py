"""``hub run`` and ``hub stop``: the hub on one machine."""

from typing import Annotated

import typer
from rich.console import Console

from hub.running.components import Executor
from hub.running.journey import run_hub
from hub.running.outcome import Outcome, RunProblem
from hub.running.stop import stop_hub
from hub.settings import SettingsError, read_settings


def run(
    executor: Annotated[Executor, typer.Option(help="What runs Airflow's tasks.")] = Executor.LOCAL,
    workers: Annotated[int, typer.Option(min=1, help="Celery workers; CeleryExecutor only.")] = 2,
) -> None:
    """Start the hub, take sample deliveries through to published tables, and leave it running."""
    try:
        run_hub(read_settings(), executor, workers, Console())
    except (RunProblem, SettingsError) as problem:
        raise _ended(problem) from problem


def stop() -> None:
    """Stop everything that ``hub run`` started; harmless when nothing runs."""
    try:
        stop_hub(read_settings(), Console().print)
    except (RunProblem, SettingsError) as problem:
        raise _ended(problem) from problem


def _ended(problem: RunProblem | SettingsError) -> typer.Exit:
    Console(stderr=True).print(f"[red]hub:[/] {problem}", highlight=False, soft_wrap=True)
    return typer.Exit(problem.outcome if isinstance(problem, RunProblem) else Outcome.NO_HOME)
