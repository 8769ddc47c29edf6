"""``hub recipient``: the contracts of those who take dispatches."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.cli.messages import MISUSED, complain, fail, no_such
from hub.dispatch.certificates import problem_at, read_any
from hub.dispatch.recipients import Recipients, read_recipients
from hub.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Recipients of dispatches: check their contracts.")


@app.callback()
def recipients() -> None:
    """Recipients of dispatches: check their contracts."""


@app.command("check")
def check(code: Annotated[str | None, typer.Argument(help="One recipient; all of them if not given.")] = None) -> None:
    """Say of each recipient whether its contract holds, with line and rule where it does not, and to which certificates
    it is encrypted; exit code 1 if a contract or all certificates of one do not hold."""
    found = read_recipients(read_settings().recipients)
    names = sorted(found.contracts.keys() | found.refusals.keys())
    if code is not None and code not in names:
        fail(no_such("recipient", code, names), MISUSED)
    asked = names if code is None else [code]
    holds = [_say(one, found) for one in asked]
    if not all(holds):
        raise typer.Exit(1)


def _say(code: str, found: Recipients) -> bool:
    """Print what there is to say of one; returns whether something can be sent to it."""
    if refusal := found.refusals.get(code):
        complain(f"{code}: refused: {refusal}")
        return False
    typer.echo(f"{code}: holds")
    certificates, now = [read_any(path) for path in found.contracts[code].certificates], datetime.now(UTC)
    for one in certificates:
        problem = problem_at([one], now)
        typer.echo(
            f"  encrypted to {one.name}, {one.fingerprint}" if problem is None else f"  not encrypted to {problem}"
        )
    return not certificates or problem_at(certificates, now) is None
