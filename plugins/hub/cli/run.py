"""``hub run`` and ``hub stop``: the hub on one machine."""

from typing import Annotated

import typer
from rich.console import Console

from hub.cli.messages import fail
from hub.local.components import Executor
from hub.local.journey import run_hub
from hub.local.outcome import RunProblem
from hub.local.sample_deliveries import Samples
from hub.local.stop import stop_hub
from hub.settings import read_settings


def run(
    executor: Annotated[Executor, typer.Option(help="What runs Airflow's tasks.")] = Executor.LOCAL,
    workers: Annotated[int, typer.Option(min=1, help="Celery workers; CeleryExecutor only.")] = 2,
    samples: Annotated[
        Samples, typer.Option(help="Simulated deliveries for feeds that never delivered: of how long a time.")
    ] = Samples.DAYS,
) -> None:
    """Start the hub, take sample deliveries through to published tables, and leave it running."""
    try:
        run_hub(read_settings(), executor, workers, _console(), samples=samples)
    except RunProblem as problem:
        fail(problem, problem.outcome)


def stop() -> None:
    """Stop everything that ``hub run`` started; harmless when nothing runs."""
    try:
        stop_hub(read_settings(), typer.echo)
    except RunProblem as problem:
        fail(problem, problem.outcome)


def _console() -> Console:
    """A terminal's own width; where there is none (a log, a build server), wide enough for every column."""
    console = Console()
    return console if console.is_terminal else Console(width=120)
