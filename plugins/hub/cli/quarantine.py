"""``hub quarantine``: look at what was not accepted, and decide."""

import json
import unicodedata
import uuid
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from hub.cli.messages import MISUSED, complain, fail, no_such
from hub.cli.tables import print_entries
from hub.contracts.model import Catalogue, read_catalogue
from hub.deliveries import DeliveryResult, DeliveryStatus, RowState
from hub.ingest import ledger, quarantine
from hub.ingest import release as decisions
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings, read_settings
from hub.vault.audit import account
from hub.vault.reading import VaultReader, read_quarantined
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

app = typer.Typer(no_args_is_help=True, help="Rows and deliveries that were not accepted: list, show, release, reject.")
Ids = Annotated[list[uuid.UUID], typer.Argument(help="Ids of quarantined rows, or of held deliveries")]


class State(StrEnum):
    """Which quarantined rows are listed."""

    OPEN = "open"
    CORRECTED = "corrected"
    RELEASED = "released"
    REJECTED = "rejected"
    ALL = "all"


@app.command("list")
def list_rows(
    feed: Annotated[str | None, typer.Option(help="Only this feed")] = None,
    state: Annotated[State, typer.Option(help="Only rows in this state")] = State.OPEN,
    limit: Annotated[int, typer.Option(min=1)] = 50,
) -> None:
    """List quarantined rows, the newest first. Shows rules and reasons, never values."""
    _, catalogue, engine = _open()
    if feed is not None and feed not in (feeds := {*catalogue.contracts, *catalogue.refusals}):
        fail(no_such("feed", feed, feeds), MISUSED)
    wanted = None if state is State.ALL else state
    with begin(engine) as connection:
        rows = quarantine.list_rows(connection, feed=feed, state=wanted, limit=limit)
    print_entries(("quarantine_id", "row, rule and reason"), map(_line_of, rows))


def _line_of(row: Any) -> tuple[str, list[str]]:
    line = "" if row.line_number is None else f", line {row.line_number}"
    return str(row.quarantine_id), [
        f"{row.feed} row {row.row_number}{line} ({row.state})",
        row.rule,
        row.because,
    ]


@app.command()
def show(
    quarantine_id: Annotated[uuid.UUID, typer.Argument()],
    reveal: Annotated[bool, typer.Option(help="Print the values too; they may be personal")] = False,
) -> None:
    """Show one quarantined row. Its values are masked unless ``--reveal`` is given."""
    settings, _, engine = _open()
    with begin(engine) as connection:
        try:
            row = quarantine.get_row(connection, quarantine_id)
        except LookupError as error:
            fail(str(error))
        shown = {name: value for name, value in row._mapping.items() if value not in (None, [])}
        try:
            reader = VaultReader(settings, "a look at a quarantined row" + (", revealed" if reveal else ", masked"))
            text = read_quarantined(reader, connection, quarantine_id)
            shown["values"] = text if reveal else _masked(row.rule, text)
        except LookupError:
            shown["values"] = "no longer kept here"
    typer.echo(json.dumps(shown, default=str, indent=2, ensure_ascii=False))


@app.command()
def release(
    ids: Ids,
    set_values: Annotated[list[str] | None, typer.Option("--set", help="column=value: correct the row")] = None,
    decided_by: Annotated[str | None, typer.Option("--by", help="Who decides; the account by default")] = None,
) -> None:
    """Take quarantined rows, or held deliveries, in after all."""
    correction = dict(_pair(text) for text in set_values or [])
    if correction and len(ids) > 1:
        fail("--set corrects one row at a time")
    settings, catalogue, engine = _open()
    name = decided_by or account()

    def carry_out(one: uuid.UUID) -> str:
        if _is_held(engine, one):
            if correction:
                raise decisions.DecisionRefused("--set corrects a row, and this is a delivery")
            return _status(decisions.release_delivery(settings, engine, catalogue, one, name), DeliveryStatus.LOADED)
        asked = RowState.CORRECTED if correction else RowState.RELEASED
        return _state(decisions.release_row(settings, engine, catalogue, one, name, correction or None), asked)

    _answer(ids, carry_out)


@app.command()
def reject(
    ids: Ids, decided_by: Annotated[str | None, typer.Option("--by", help="Who decides; the account by default")] = None
) -> None:
    """Leave quarantined rows, or held deliveries, out for good."""
    settings, _, engine = _open()
    name = decided_by or account()

    def carry_out(one: uuid.UUID) -> str:
        if _is_held(engine, one):
            return _status(decisions.reject_delivery(engine, one, name), DeliveryStatus.REFUSED)
        return _state(decisions.reject_row(settings, engine, one, name), RowState.REJECTED)

    _answer(ids, carry_out)


def _state(decision: decisions.Decision, asked: RowState) -> str:
    """The row's state now. Raises DecisionRefused where somebody decided otherwise before, or corrected it."""
    # A correction that is not new may have had other values.
    if not decision.is_new and (decision.state != asked or asked is RowState.CORRECTED):
        raise decisions.DecisionRefused(
            f"not {asked}: the row was {decision.state} before, and nothing is decided twice"
        )
    return decision.state


def _status(result: DeliveryResult, asked: DeliveryStatus) -> str:
    """The delivery's status now. Raises DecisionRefused where it is another than that which was asked for."""
    if result.status != asked:
        raise decisions.DecisionRefused(f"not {asked}: the delivery is {result.status}: {result.reason}")
    return result.status


def _open() -> tuple[Settings, Catalogue, sa.Engine]:
    settings = read_settings()
    catalogue = read_catalogue(settings.expectations)
    prepare_warehouse(open_warehouse(settings, Role.OWNER), catalogue.contracts.values())
    engine = open_warehouse(settings, Role.LOADER)
    return settings, catalogue, engine


def _is_held(engine: sa.Engine, one: uuid.UUID) -> bool:
    with begin(engine) as connection:
        try:
            return bool(ledger.get(connection, one).status == DeliveryStatus.HELD)
        except LookupError:
            return False


def _answer(ids: list[uuid.UUID], carry_out: Callable[[uuid.UUID], str]) -> None:
    """Decide each, print what became of it, and end with 1 when one could not be decided; the others are."""
    failed = False
    for one in ids:
        try:
            typer.echo(f"{one} {carry_out(one)}")
        except (decisions.DecisionRefused, LookupError) as error:
            complain(f"{one}: {error}")
            failed = True
    if failed:
        raise typer.Exit(1)


def _masked(rule: str, text: str) -> object:
    """The row's columns with each letter, its marks and each digit hidden; a line that could not be split as its
    length alone."""
    if rule.startswith("row."):
        return f"a line of {len(text)} characters"
    values: dict[str, str] = json.loads(text)
    return {name: "".join("•" if _is_hidden(char) else char for char in value) for name, value in values.items()}


def _is_hidden(char: str) -> bool:
    # Vowels of some scripts are marks, and no letters.
    return unicodedata.category(char)[0] in "LMN"


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        fail(f"--set {name} needs the form column=value")
    return name, value
