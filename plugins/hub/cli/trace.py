"""``hub trace``: from a published row to its deliveries and rows."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Annotated

import typer

from hub.cli.messages import fail
from hub.cli.tables import print_entries
from hub.publish.trace import NotTraced, Source, Trace
from hub.publish.trace import trace as trace_row
from hub.settings import read_settings
from hub.vault import audit
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

RANGES_SHOWN = 20


def trace(
    publish_id: Annotated[int, typer.Argument(metavar="PUBLISH", help="Number of a publish that is still kept")],
    view: Annotated[str, typer.Argument(help="Published view, such as force_scorecard_v1")],
    key: Annotated[list[str], typer.Argument(metavar="COLUMN=VALUE...", help="Which of its rows")],
    name: Annotated[str | None, typer.Option("--as", help="Who asks; if not given, the account")] = None,
    as_table: Annotated[bool, typer.Option("--table", help="As a table for people")] = False,
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
    if as_table:
        _show(found)
    else:
        typer.echo(json.dumps(dataclasses.asdict(found), default=str))


def _show(found: Trace) -> None:
    count_rows = sum(len(source.rows) for source in found.sources)
    typer.echo(
        f"{found.view} of publish {found.publish_id}, {found.published_at:%Y-%m-%d %H:%M} UTC: "
        f"{found.count_published} row(s), which rest on {count_rows:,} row(s) of {len(found.sources)} delivery(ies)"
    )
    print_entries(("Delivery", "What"), [(source.delivery_id, _lines(source)) for source in found.sources])


def _lines(source: Source) -> list[str]:
    ranges = runs(source.rows)
    shown = ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in ranges[:RANGES_SHOWN])
    more = f" and {len(ranges) - RANGES_SHOWN} more" if len(ranges) > RANGES_SHOWN else ""
    rows = f"rows {shown}{more}" if ranges else "as a whole"
    return [f"{source.feed}, received {source.received_at:%Y-%m-%d %H:%M} UTC", source.file_name, rows]


def runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of numbers that follow each other; they are given in order."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
