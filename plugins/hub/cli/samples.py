"""``hub samples``: what a new hub began with."""

from typing import Annotated

import typer

from hub.cli.messages import fail
from hub.local.outcome import RunProblem
from hub.local.sample_removal import remove_samples
from hub.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Simulated deliveries that a new hub began with.")
WARNING = "Everything that this hub holds but its keys, settings and audit log is removed for good. Go on?"


@app.callback()
def samples() -> None:
    """Simulated deliveries that a new hub began with."""


@app.command("remove")
def remove(yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False) -> None:
    """Recreate a hub that has only ever received samples, as if they had never come. It must be stopped."""
    if not yes:
        typer.confirm(WARNING, abort=True)
    try:
        count = remove_samples(read_settings())
    except RunProblem as problem:
        fail(problem, problem.outcome)
    typer.echo(f"{count:,} deliveries and all that was made of them are gone; hub run --samples none starts the hub")
