"""``hub recipient``: the contracts of those who take dispatches."""

from typing import Annotated

import typer

from hub.cli.messages import MISUSED, fail, no_such
from hub.dispatch.recipients import read_recipients
from hub.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Recipients of dispatches: check their contracts.")


@app.callback()
def recipients() -> None:
    """Recipients of dispatches: check their contracts."""


@app.command("check")
def check(code: Annotated[str | None, typer.Argument(help="One recipient; all of them if not given.")] = None) -> None:
    """Say of each recipient whether its contract holds, with line and rule where it does not; exit code 1 if one does
    not."""
    found = read_recipients(read_settings().recipients)
    names = sorted(found.contracts.keys() | found.refusals.keys())
    if code is not None and code not in names:
        fail(no_such("recipient", code, names), MISUSED)
    asked = names if code is None else [code]
    for one in asked:
        refusal = found.refusals.get(one)
        typer.echo(f"{one}: refused: {refusal}" if refusal else f"{one}: holds", err=refusal is not None)
    if found.refusals.keys() & set(asked):
        raise typer.Exit(1)
