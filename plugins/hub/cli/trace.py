"""``hub trace``: from a published row to its deliveries and rows."""

import dataclasses
import json
from typing import Annotated

import typer

from hub.cli.messages import fail
from hub.publish.trace import NotTraced
from hub.publish.trace import trace as trace_row
from hub.settings import read_settings
from hub.vault import audit
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role


def trace(
    publish_id: Annotated[int, typer.Argument(metavar="PUBLISH", help="Number of a publish that is still kept")],
    view: Annotated[str, typer.Argument(help="Published view, such as force_scorecard_v1")],
    key: Annotated[list[str], typer.Argument(metavar="COLUMN=VALUE...", help="Which of its rows")],
    name: Annotated[str | None, typer.Option("--as", help="Who asks; if not given, the account")] = None,
) -> None:
    """Print the deliveries and rows that a published row rests on, as one line of JSON. Reads as hub_auditor, and is
    written down in the audit log."""
    pairs = [one.partition("=") for one in key]
    if bad := [column for column, equals, _ in pairs if not equals]:
        raise typer.BadParameter(f"{bad[0]!r} is not column=value", param_hint="COLUMN=VALUE")
    settings = read_settings()
    engine, who = open_warehouse(settings, Role.AUDITOR), name or audit.account()
    try:
        found = trace_row(settings, engine, publish_id, view, {column: value for column, _, value in pairs}, who=who)
    except NotTraced as problem:
        fail(problem)
    typer.echo(json.dumps(dataclasses.asdict(found), default=str))
