"""``hub incidents``: which reports are one incident, why, and what a person decides about it."""

import json
import uuid
from typing import Annotated

import sqlalchemy as sa
import typer

from hub.cli.messages import fail
from hub.cli.tables import print_entries
from hub.contracts.model import read_catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.settings import read_settings
from hub.vault.audit import account
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

app = typer.Typer(no_args_is_help=True, help="Reports of one incident: show, suggest, override by hand.")
Report = Annotated[uuid.UUID, typer.Argument(help="report_id")]
DecidedBy = Annotated[str | None, typer.Option("--by", help="Who decides; the account by default")]


@app.command("pin")
def override(
    first: Report,
    second: Report,
    because: Annotated[str, typer.Option(help="Why; it is kept")],
    apart: Annotated[bool, typer.Option("--apart/--together", help="They are not, or they are, one incident")] = False,
    decided_by: DecidedBy = None,
) -> None:
    """Decide that two reports are one incident (must-link), or are not (cannot-link). The next build follows it,
    whatever the evidence says."""
    from hub.linkage import overrides  # noqa: PLC0415 - seconds to import

    with begin(_open()) as connection:
        try:
            overrides.set_override(
                connection,
                overrides.REPORTS,
                (first, second),
                is_together=not apart,
                because=because,
                decided_by=decided_by or account(),
            )
        except overrides.OverrideRefused as refusal:
            fail(str(refusal))
    typer.echo(f"{first} {second}: {'cannot-link' if apart else 'must-link'}; the next build follows it")


@app.command("unpin")
def take_back(first: Report, second: Report) -> None:
    """Take a manual override back; the evidence counts again from the next build on."""
    from hub.linkage import overrides  # noqa: PLC0415 - seconds to import

    with begin(_open()) as connection:
        try:
            overrides.remove_override(connection, overrides.REPORTS, (first, second))
        except overrides.OverrideRefused as refusal:
            fail(str(refusal))
    typer.echo(f"{first} {second} have no manual override any more; the next build follows it")


@app.command()
def show(one: Annotated[uuid.UUID, typer.Argument(help="incident_id or report_id")]) -> None:
    """Show an incident: its reports, and what puts them together or speaks against it, with its weight. A weight of 1
    doubles the odds, -1 halves them. No values of the reports."""
    from hub.linkage.incidents import review  # noqa: PLC0415 - seconds to import

    with begin(_open()) as connection:
        found = review.read_incident(connection, one)
    if found is None:
        fail(f"no incident and no linked report {one}")
    typer.echo(json.dumps(found, default=str, indent=2))


@app.command()
def suggestions(
    limit: Annotated[int, typer.Option(min=1)] = 50,
    least: Annotated[float, typer.Option(min=0, max=1, help="Only pairs with at least this score")] = 0.0,
) -> None:
    """List pairs of reports that may be one incident and are not joined, first those whose answer changes most."""
    from hub.linkage.incidents import review  # noqa: PLC0415 - seconds to import

    with begin(_open()) as connection:
        rows = review.read_suggestions(connection, limit=limit, least=least)
    pairs = (
        (
            f"{row.report_a}\n{row.report_b}",
            [
                f"score {row.score:.2f}, would put {row.would_join} pairs of reports together,"
                f" found {row.found_at:%Y-%m-%d}",
                *review.explain(row.explanation),
            ],
        )
        for row in rows
    )
    print_entries(("two reports", "why they may be one incident"), pairs)


def _open() -> sa.Engine:
    settings = read_settings()
    prepare_warehouse(open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations).contracts.values())
    return open_warehouse(settings, Role.LINKER)
