"""``hub dashboards``: Superset beside a hub that runs."""

from rich.console import Console

from hub.cli.messages import fail
from hub.local.dashboards import start_dashboards
from hub.local.outcome import RunProblem
from hub.settings import read_settings


def dashboards() -> None:
    """Start the dashboards beside a hub that runs, or bring those that run to their files; hub stop ends them."""
    try:
        start_dashboards(read_settings(), Console())
    except RunProblem as problem:
        fail(problem, problem.outcome)
