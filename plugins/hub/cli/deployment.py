"""``hub airflow`` and ``hub prepare``: for a deployment in which something else starts the processes (containers)."""

import os
from typing import Annotated

import typer
from rich.console import Console

from hub.cli.messages import fail
from hub.local.components import Executor
from hub.local.deployment import airflow_process, prepare
from hub.local.outcome import RunProblem
from hub.settings import read_settings


def airflow(arguments: Annotated[list[str], typer.Argument(help="Given to Airflow's own command.")]) -> None:
    """Become Airflow's command with the hub's settings; AIRFLOW__ variables of the caller win over them."""
    program, environment = airflow_process(read_settings(), Executor.LOCAL)
    os.execve(program, [program, *arguments], environment)  # noqa: S606  no shell is meant


def prepare_deployment() -> None:
    """Make what must exist before any process starts: the warehouse's tables and Airflow's database."""
    try:
        prepare(read_settings(), Console())
    except RunProblem as problem:
        fail(problem, problem.outcome)
