"""``hub person``: find one person's id, erase the person, or order that the person's data be kept."""

import json
import sys
import uuid
from dataclasses import asdict
from typing import Annotated

import sqlalchemy as sa
import typer

from hub.backup.journal import entries
from hub.backup.places import BackupProblem, backup_places
from hub.cli.messages import fail
from hub.contracts.model import Catalogue, read_catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.orchestration.airflow_environment import open_metadata
from hub.privacy import vault_erasure
from hub.privacy.asked_for import ErasureRefused
from hub.privacy.erase_again import erase_again
from hub.privacy.erasure import erase_person
from hub.privacy.find_person import fields_to_find_by, find_in_quarantine, find_persons
from hub.privacy.mask_mentions import MaskingRefused, decide_mentions
from hub.privacy.mention_passages import waiting_passages
from hub.settings import Settings, read_settings
from hub.vault import audit
from hub.vault.reading import VaultReader
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

app = typer.Typer(no_args_is_help=True, help="One person: find the id, erase, or keep under a legal hold.")
Because = Annotated[str, typer.Option(help="Why; kept with the decision. No names in it, please")]
By = Annotated[str | None, typer.Option("--by", help="Who decides; the account by default")]


@app.command()
def erase(
    token: Annotated[str, typer.Argument(help="A person id, the token of a value, or QUARANTINED-ROW:reporter")],
    because: Because,
    decided_by: By = None,
) -> None:
    """Make all that the hub keeps of a person unreadable, and print the certificate of every store looked through."""
    settings, catalogue, engine = _open()
    try:
        certificate, path = erase_person(
            settings,
            engine,
            catalogue,
            token,
            because=because,
            decided_by=decided_by or audit.account(),
            airflow=open_metadata(settings),
        )
    except (ErasureRefused, LookupError) as problem:
        fail(str(problem))
    typer.echo(json.dumps({**asdict(certificate), "file": str(path)}, indent=2))
    if not (certificate.nothing_is_left and certificate.counts_are_kept):
        raise typer.Exit(1)


@app.command()
def mentions(erasure_id: Annotated[uuid.UUID, typer.Argument()], shown_to: By = None) -> None:
    """Print the passages of others' texts that name an erased person and wait for a decision, the words in brackets."""
    settings, catalogue, engine = _open()
    for one, passages in waiting_passages(settings, engine, catalogue, erasure_id, shown_to or audit.account()):
        mention = one.mention
        place = f"{mention.feed} {mention.delivery_id} row {mention.row_number} {mention.column}"
        typer.echo("\n".join([f"{one.number}: {place}, named by {mention.kinds}", *passages]))


@app.command()
def mask(
    erasure_id: Annotated[uuid.UUID, typer.Argument()],
    leave: Annotated[list[int] | None, typer.Option(help="Number of a text that names somebody else")] = None,
    decided_by: By = None,
) -> None:
    """Mask an erased person in what others wrote, but for the texts to leave, and print the certificate again."""
    settings, catalogue, engine = _open()
    try:
        certificate, path = decide_mentions(
            settings, engine, catalogue, erasure_id, leave=leave or [], by=decided_by or audit.account()
        )
    except (MaskingRefused, LookupError) as problem:
        fail(str(problem))
    typer.echo(json.dumps({**asdict(certificate), "file": str(path)}, indent=2))


@app.command("erase-again")
def again() -> None:
    """Do the erasures again that the warehouse does not know: its server has restored an older backup of its own."""
    settings, catalogue, engine = _open()
    try:
        journal = entries(settings, backup_places(settings))
    except BackupProblem as problem:
        fail(problem)
    done = erase_again(settings, engine, catalogue, journal)
    typer.echo(f"erasures done again: {', '.join(done) or 'none'}")


@app.command()
def find() -> None:
    """Print the ids of the persons who are known by what is given on standard input, one `field=value` a line, and the
    quarantined rows that say it, as `erase` takes them.

    Not as arguments: those stay in the shell's history and are in the list of processes. What was asked is told to the
    audit log by its fields alone.
    """
    settings, catalogue, engine = _open()
    fields = fields_to_find_by(catalogue)
    if sys.stdin.isatty():
        typer.echo(f"One field=value a line, then Ctrl-D. Fields: {', '.join(fields)}", err=True)
    given = dict(line.strip().partition("=")[::2] for line in sys.stdin if line.strip())
    if not given or not given.keys() <= set(fields):
        fail(f"give lines of field=value; the fields are {', '.join(fields)}")
    audit.append(settings, audit.Entry(audit.account(), "person looked up", "an id", {"by": sorted(given)}))
    for one in find_persons(settings, engine, catalogue, given):
        typer.echo(json.dumps({"person_id": str(one.person_id), "records": one.records}))
    for row in find_in_quarantine(VaultReader(settings, "person looked up"), engine, catalogue, given):
        typer.echo(json.dumps({"quarantined_row": row}))


@app.command()
def hold(person_id: Annotated[uuid.UUID, typer.Argument()], because: Because, placed_by: By = None) -> None:
    """Order that a person's data be kept: nobody erases them until the hold is lifted."""
    settings, _, engine = _open()
    who = placed_by or audit.account()
    try:
        with begin(engine) as connection:
            vault_erasure.place_hold(connection, person_id, because, who)
            audit.append(settings, audit.Entry(who, "legal hold placed", because, {"person_id": str(person_id)}))
    except LookupError as problem:
        fail(str(problem))


@app.command("lift-hold")
def lift_hold(person_id: Annotated[uuid.UUID, typer.Argument()], because: Because, lifted_by: By = None) -> None:
    """End the orders to keep a person's data."""
    settings, _, engine = _open()
    who = lifted_by or audit.account()
    with begin(engine) as connection:
        if not vault_erasure.lift_holds(connection, person_id, who):
            fail(f"no hold is placed on {person_id}")
        audit.append(settings, audit.Entry(who, "legal hold lifted", because, {"person_id": str(person_id)}))


def _open() -> tuple[Settings, Catalogue, sa.Engine]:
    settings = read_settings()
    catalogue = read_catalogue(settings.expectations)
    engine = open_warehouse(settings, Role.OWNER)
    prepare_warehouse(engine, catalogue.contracts.values())
    return settings, catalogue, engine
