"""``hub recipient``: the contracts of those who take dispatches."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.cli.messages import MISUSED, complain, fail, no_such
from hub.dispatch.certificates import problem_at, read_any
from hub.dispatch.recipients import Recipients, read_recipients
from hub.settings import read_settings
from hub.warehouse.roles import names_of_targets

app = typer.Typer(no_args_is_help=True, help="Recipients of dispatches: check their contracts.")


@app.callback()
def recipients() -> None:
    """Recipients of dispatches: check their contracts."""


@app.command("check")
def check(code: Annotated[str | None, typer.Argument(help="One recipient; all of them if not given.")] = None) -> None:
    """Say of each recipient whether its contract holds, with line and rule where it does not, whose allocations it
    takes, and to which certificates it is encrypted; exit code 1 if a contract or all certificates of one do not hold,
    or a code in its allocations is unknown to the hub."""
    settings = read_settings()
    found, targets = read_recipients(settings.recipients), names_of_targets(settings)
    names = sorted(found.contracts.keys() | found.refusals.keys())
    if code is not None and code not in names:
        fail(no_such("recipient", code, names), MISUSED)
    asked = names if code is None else [code]
    holds = [_say(one, found, targets) for one in asked]
    if not all(holds):
        raise typer.Exit(1)


def _say(code: str, found: Recipients, targets: Mapping[str, Mapping[str, str]]) -> bool:
    """Print what there is to say of one; returns whether something can be sent to it."""
    if refusal := found.refusals.get(code):
        complain(f"{code}: refused: {refusal}")
        return False
    recipient, now = found.contracts[code], datetime.now(UTC)
    typer.echo(f"{code}: holds")
    is_known = True
    for claim in recipient.claims:
        names = targets.get(claim.target_kind)
        if names is not None and claim.target_code not in names:
            complain(f"{code}: the hub knows no {claim.target_kind} {claim.target_code}: nothing would go to it")
            is_known = False
        else:
            name = names[claim.target_code] if names is not None else "as agreed"
            typer.echo(f"  takes allocations to {claim.target_kind} {claim.target_code}: {name}")
    certificates = [read_any(path) for path in recipient.certificates]
    for one in certificates:
        problem = problem_at([one], now)
        typer.echo(
            f"  encrypted to {one.name}, {one.fingerprint}" if problem is None else f"  not encrypted to {problem}"
        )
    return is_known and (not certificates or problem_at(certificates, now) is None)
