"""``hub issues``: what is known to be wrong in what senders sent, kept by people."""

from datetime import UTC, datetime
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hub.cli.messages import fail, no_such
from hub.contracts.model import read_catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.monitoring import known_issues
from hub.monitoring.known_issues import IssueRefused, NewIssue
from hub.settings import read_settings
from hub.vault.audit import account
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

app = typer.Typer(no_args_is_help=True, help="Known issues of what senders sent: list, open, close.")
SaidBy = Annotated[str | None, typer.Option("--by", help="Who says it; the account by default")]


@app.command("list")
def show() -> None:
    """All that was ever said of known issues, in order."""
    with _warehouse().connect() as connection:
        events = known_issues.events(connection)
    table = Table("Issue", "Said", "What", box=SIMPLE_HEAD, pad_edge=False)
    for one in events:
        where = f"{one.column_name or 'all columns'} of {one.sender or 'all senders'}"
        days = f"{one.from_on} to {one.to_on or 'now'}"
        said = f"{one.said_at:%Y-%m-%d} by {one.said_by}"
        what = f"{one.kind}: {one.feed}, {where}, {days}: {one.effect}"
        table.add_row(str(one.issue_id), Text(said), Text(what))
    Console().print(table if events else "No issue is known.")


@app.command("open")
def open_(
    feed: Annotated[str, typer.Argument(help="The feed in which it is")],
    effect: Annotated[str, typer.Option(help="What it does to figures; readers see it")],
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of delivery it touches")],
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day it touches; else it goes on")
    ] = None,
    column: Annotated[str | None, typer.Option(help="The column; else all of them")] = None,
    sender: Annotated[
        str | None, typer.Option(help="Sender whose rows are wrong, as the feed names it; else all")
    ] = None,
    said_by: SaidBy = None,
) -> None:
    """Write down a known issue. The next build and publish show it beside the figures that it touches."""
    contracts = read_catalogue(read_settings().expectations).contracts
    contract = contracts.get(feed)
    if contract is None:
        fail(no_such("feed", feed, contracts))
    elif column is not None and column not in {one.name for one in contract.columns}:
        fail(no_such(f"column of {feed}", column, (one.name for one in contract.columns)))
    issue = NewIssue(feed, column, sender, since.date(), until.date() if until else None, effect)
    with begin(_warehouse()) as connection:
        try:
            number = known_issues.open_issue(connection, issue, said_by or account())
        except IssueRefused as refusal:
            fail(refusal)
    typer.echo(f"known issue {number}; the next build and publish show it")


@app.command()
def close(
    issue: Annotated[int, typer.Argument(help="Its number")],
    resolution: Annotated[str, typer.Option("--because", help="How it was put right")],
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; else today (UTC)")
    ] = None,
    said_by: SaidBy = None,
) -> None:
    """Say that a known issue is over. What was said before stays."""
    last = until.date() if until else datetime.now(UTC).date()
    with begin(_warehouse()) as connection:
        try:
            known_issues.close_issue(connection, issue, last, resolution, said_by or account())
        except IssueRefused as refusal:
            fail(refusal)
    typer.echo(f"known issue {issue} is closed")


def _warehouse() -> sa.Engine:
    """The warehouse, with every table in place, as the role that writes known issues down."""
    settings = read_settings()
    prepare_warehouse(open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations).contracts.values())
    return open_warehouse(settings, Role.LOADER)
