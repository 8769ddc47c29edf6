"""``hub audit``: is the audit log whole?"""

from typing import Annotated

import sqlalchemy as sa
import typer

from hub.cli.messages import complain
from hub.cli.tables import print_entries
from hub.contracts.model import read_catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings, read_settings
from hub.vault import audit
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

app = typer.Typer(no_args_is_help=True, help="The audit log: who did what with people's values; is it whole?")


@app.command("list")
def list_entries(limit: Annotated[int, typer.Option(min=1, help="So many, the newest first")] = 50) -> None:
    """List entries, the newest first: counts and ids, never values."""
    _, engine = _open()
    entries = (
        (
            str(entry.entry_id),
            [
                f"{entry.at:%Y-%m-%d %H:%M:%S} {entry.who}: {entry.action}",
                entry.purpose,
                ", ".join(f"{name}: {value}" for name, value in entry.details.items()),
            ],
        )
        for entry in audit.newest(engine, limit)
    )
    print_entries(("entry", "who did what, for what purpose"), entries)


@app.command()
def verify() -> None:
    """Read the whole log and say whether an entry was changed, removed or reordered; ends with 1 if so."""
    settings, engine = _open()
    count, problems = audit.verify(settings, engine)
    for problem in problems:
        complain(problem)
    if problems:
        raise typer.Exit(1)
    typer.echo(f"{count} entries, none changed, removed or reordered")


@app.command("note-head")
def note_head(because: Annotated[str, typer.Option(help="Why; kept in the log. No names in it, please")]) -> None:
    """Take the log as it is for whole, after its head was lost or damaged and it is known why."""
    settings, engine = _open()
    audit.append(settings, audit.Entry(audit.account(), "audit head noted", because))
    audit.begin_with(settings, engine)


def _open() -> tuple[Settings, sa.Engine]:
    settings = read_settings()
    prepare_warehouse(open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations).contracts.values())
    return settings, open_warehouse(settings, Role.AUDITOR)
