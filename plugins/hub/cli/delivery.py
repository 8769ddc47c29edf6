"""``hub delivery``: what came, and taking a delivery out of the warehouse again."""

import json
import uuid
from dataclasses import asdict
from typing import Annotated, NoReturn

import sqlalchemy as sa
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from hub.contracts.model import Catalogue, read_catalogue
from hub.ingest import ledger, withdrawal
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings, read_settings
from hub.vault.audit import account
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import DELIVERIES

app = typer.Typer(no_args_is_help=True, help="Deliveries: list, show, withdraw one from the warehouse, restore it.")
Id = Annotated[uuid.UUID, typer.Argument(metavar="ID", help="delivery_id, as hub delivery list shows it")]
Because = Annotated[str, typer.Option(help="Why; the ledger keeps it")]
DecidedBy = Annotated[str | None, typer.Option("--by", help="Who decides; the account by default")]


@app.command("list")
def show_all(
    feed: Annotated[str | None, typer.Option(help="Of this feed only")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many")] = 20,
) -> None:
    """Deliveries, the newest first."""
    settings, catalogue = _open()
    if feed is not None and feed not in catalogue.contracts.keys() | catalogue.refusals.keys():
        _fail(f"there is no feed {feed}; there are {', '.join(sorted(catalogue.contracts))}")
    columns = DELIVERIES.c
    query = sa.select(DELIVERIES).order_by(columns.received_at.desc(), columns.delivery_id).limit(limit)
    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        rows = connection.execute(query if feed is None else query.where(columns.feed == feed)).all()
    table = Table(Column("Delivery", no_wrap=True, min_width=36), "What came", box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        came = f"{row.received_at:%Y-%m-%d %H:%M} UTC, {row.status}"
        counts = f"{row.rows_read:,} read, {row.rows_accepted:,} new"
        table.add_row(str(row.delivery_id), Text(f"{came}\n{row.feed}: {row.file_name}\n{counts}"))
    Console().print(table if rows else "Nothing was delivered.")


@app.command("show")
def show(delivery: Id) -> None:
    """All that the ledger knows of one delivery, as JSON."""
    settings, _ = _open()
    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        try:
            row = ledger.get(connection, delivery)
        except LookupError as error:
            _fail(str(error))
    known = {name: value for name, value in row._mapping.items() if value is not None}
    typer.echo(json.dumps(known, default=str, indent=2, ensure_ascii=False))


@app.command("withdraw")
def withdraw(delivery: Id, because: Because, decided_by: DecidedBy = None) -> None:
    """Take a delivery's rows out of the warehouse, from the next build on. Records that another delivery states too
    stay, under that delivery."""
    settings, catalogue = _open()
    try:
        done = withdrawal.withdraw_delivery(
            settings, catalogue, delivery, because=because, decided_by=decided_by or account()
        )
    except (withdrawal.WithdrawalRefused, LookupError) as refusal:
        _fail(str(refusal))
    if not done.is_new:
        typer.echo(f"{delivery} of {done.feed} is out already: {done.reason}")
        return
    stay = f"; records that {done.heirs} other deliveries state stay with those" if done.heirs else ""
    typer.echo(f"{delivery} of {done.feed} withdrawn: {done.records_gone:,} records go{stay}; next: hub build")


@app.command("restore")
def restore(delivery: Id, because: Because, decided_by: DecidedBy = None) -> None:
    """Take a withdrawn delivery in again, from the bytes that were kept. Prints the result as JSON."""
    settings, catalogue = _open()
    try:
        result = withdrawal.restore_delivery(
            settings, catalogue, delivery, because=because, decided_by=decided_by or account()
        )
    except (withdrawal.WithdrawalRefused, LookupError) as refusal:
        _fail(str(refusal))
    typer.echo(json.dumps({name: value for name, value in asdict(result).items() if value is not None}, default=str))


def _open() -> tuple[Settings, Catalogue]:
    settings = read_settings()
    catalogue = read_catalogue(settings.expectations)
    prepare_warehouse(open_warehouse(settings, Role.OWNER), catalogue.contracts.values())
    return settings, catalogue


def _fail(message: str) -> NoReturn:
    typer.echo(f"hub: {message}", err=True)
    raise typer.Exit(1)
