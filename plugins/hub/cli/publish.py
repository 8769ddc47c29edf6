"""``hub publish``: what readers see, and switching it back."""

import dataclasses
import json
from typing import Annotated

import typer

from hub.cli.messages import fail
from hub.ingest.prepare import open_prepared
from hub.publish import PublishRefused, PublishResult, switch_back
from hub.publish import publish as publish_build
from hub.settings import read_settings
from hub.vault import audit
from hub.warehouse.roles import Role

app = typer.Typer(help="Switch what readers see to the last build, or back to an earlier publish.")


@app.callback(invoke_without_command=True)
def publish(
    context: typer.Context,
    accept_shrinking: Annotated[
        bool, typer.Option(help="Publish even where a view has lost more than half of its rows")
    ] = False,
) -> None:
    """Switch what readers see to the last build, all views at once; a failed check leaves everything as it is."""
    if context.invoked_subcommand is not None:
        return
    settings = read_settings()
    try:
        _tell(publish_build(settings, open_prepared(settings, Role.PUBLISHER), accept_shrinking=accept_shrinking))
    except PublishRefused as refusal:
        fail(f"not published: {refusal}")


@app.command()
def rollback(
    because: Annotated[str, typer.Option(help="Why; it is kept with the switch")],
    publish_id: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="A publish that is still kept; without it, the one before")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--as", help="Who decides; the account of this process if not given")
    ] = None,
) -> None:
    """Let readers see an earlier publish again (or, given its ID, a later one). It stays until there is something new
    to publish; its manifest and those of the others stay."""
    settings = read_settings()
    engine, who = open_prepared(settings, Role.PUBLISHER), name or audit.account()
    try:
        result = switch_back(settings, engine, publish_id, decided_by=who, because=because)
    except PublishRefused as refusal:
        fail(f"not published: {refusal}")
    _tell(result)


def _tell(result: PublishResult) -> None:
    typer.echo(json.dumps(dataclasses.asdict(result) | {"checks": len(result.checks)}, default=str))
