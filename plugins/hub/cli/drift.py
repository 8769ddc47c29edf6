"""``hub drift``: senders and columns that stopped being as their own past, and what a person says of it."""

from datetime import UTC, datetime
from typing import Annotated, NoReturn

import sqlalchemy as sa
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.contracts.model import read_catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.monitoring import known_issues
from hub.monitoring.detect_drift import Drift, detect_drift, drifts
from hub.monitoring.known_issues import IssueRefused
from hub.settings import read_settings
from hub.vault.audit import account
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

app = typer.Typer(invoke_without_command=True, help="What drifts in meaning: list, confirm, accept, close.")
DriftId = Annotated[int, typer.Argument(help="Its number in the list")]
DecidedBy = Annotated[str | None, typer.Option("--by", help="Who decides; the account by default")]


@app.callback()
def show(
    context: typer.Context,
    include_closed: Annotated[bool, typer.Option("--all", help="Also what is over or accepted")] = False,
) -> None:
    """List what drifts: sender, column, before, now, since when. Days that were not compared yet are compared first."""
    if context.invoked_subcommand is None:
        contracts = read_catalogue(read_settings().expectations).contracts.values()
        engine = _warehouse()
        detect_drift(engine, contracts, datetime.now(UTC))
        with engine.connect() as connection:
            found = drifts(connection, only_open=not include_closed)
        Console().print(_table(found) if found else "Nothing drifts.")


@app.command()
def confirm(
    drift: DriftId,
    effect: Annotated[str, typer.Option(help="What it does to figures; readers see it")],
    decided_by: DecidedBy = None,
) -> None:
    """Say that it is wrong: it becomes a known issue, shown beside the figures that it touches."""
    with begin(_warehouse()) as connection:
        try:
            issue = known_issues.confirm_drift(connection, drift, effect, decided_by or account())
        except IssueRefused as refusal:
            _fail(refusal)
    typer.echo(f"drift {drift} is known issue {issue}; the next build and publish show it")


@app.command()
def accept(drift: DriftId, decided_by: DecidedBy = None) -> None:
    """Say that it is right so: from its first day on it is what the sender is compared with."""
    with begin(_warehouse()) as connection:
        try:
            known_issues.accept_drift(connection, drift, decided_by or account())
        except IssueRefused as refusal:
            _fail(refusal)
    typer.echo(f"drift {drift} is accepted")


@app.command()
def close(
    drift: DriftId,
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First delivery day that is right again")],
    closed_by: DecidedBy = None,
) -> None:
    """Say that it is over. One that is as before for some days ends by itself."""
    with begin(_warehouse()) as connection:
        try:
            known_issues.close_drift(connection, drift, since.date(), closed_by or account())
        except IssueRefused as refusal:
            _fail(refusal)
    typer.echo(f"drift {drift} is over since {since:%Y-%m-%d}")


def _table(found: list[Drift]) -> Table:
    table = Table("Drift", "Feed", "Since", "Until", "What", "Decision", box=SIMPLE_HEAD, pad_edge=False)
    for one in found:
        until = f"{one.over_day}" if one.over_day else "open"
        decision = escape(f"{one.decision} by {one.decided_by}") if one.decision else ""
        table.add_row(str(one.drift_id), one.feed, f"{one.first_day}", until, escape(one.detail), decision)
    return table


def _warehouse() -> sa.Engine:
    settings = read_settings()
    prepare_warehouse(open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations).contracts.values())
    return open_warehouse(settings, Role.LOADER)


def _fail(refusal: IssueRefused) -> NoReturn:
    typer.echo(f"hub: {refusal}", err=True)
    raise typer.Exit(1) from refusal
