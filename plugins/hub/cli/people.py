"""``hub people``: see how mentions were put together into persons, and decide where the linkage is unsure.

Prints ids and levels of agreement alone: nobody's name, address or date of birth.
"""

import dataclasses
import json
import uuid
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console

from hub.cli.messages import fail
from hub.contracts.model import read_catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings, read_settings
from hub.vault.audit import account
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

app = typer.Typer(
    no_args_is_help=True, help="Persons behind mentions: train, review, show, merge, unmerge, unpin, link."
)
Because = Annotated[str, typer.Option(help="Why; kept with the decision. No names in it, please")]
By = Annotated[str | None, typer.Option("--by", help="Who decides; the account by default")]


@app.command()
def train(
    version: Annotated[str, typer.Option(help="Name of the parameters, such as people_v2")],
    note: Annotated[str, typer.Option(help="What the warehouse holds that they are trained on")],
    out: Annotated[Path, typer.Option(help="The file to write; it is used once it is committed in its place")],
    seed: Annotated[int, typer.Option(min=0, help="Of the random pairs")] = 1,
) -> None:
    """Learn the parameters of the linkage from what this warehouse holds. Changes nothing in the warehouse."""
    from hub.linkage.people.training import train_people  # noqa: PLC0415 - seconds to import

    settings, engine = _open()
    with Console(stderr=True).status("training"):
        document = train_people(settings, engine, version=version, note=note, seed=seed)
    out.write_text(json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    typer.echo(json.dumps({"version": version, **document["trained_on"]}))


@app.command()
def review(limit: Annotated[int, typer.Option(min=1)] = 50) -> None:
    """List pairs of mentions that may be one person but are kept apart until somebody decides, the likeliest first."""
    from hub.linkage.people.review import list_review  # noqa: PLC0415 - seconds to import

    for pair in list_review(*_open(), limit=limit):
        typer.echo(json.dumps(dataclasses.asdict(pair)))


@app.command()
def show(person_id: Annotated[uuid.UUID, typer.Argument()]) -> None:
    """Show a person: the mentions, and the pairs that speak for their being one or await a decision."""
    from hub.linkage.people.review import list_mentions, list_pairs  # noqa: PLC0415 - seconds to import

    settings, engine = _open()
    try:
        mentions = list_mentions(engine, person_id)
    except LookupError as error:
        fail(str(error))
    pairs = list_pairs(settings, engine, person_id)
    shown = {
        "person_id": str(person_id),
        "mentions": [dataclasses.asdict(mention) for mention in mentions],
        "pairs": [dataclasses.asdict(pair) for pair in pairs],
    }
    typer.echo(json.dumps(shown, indent=2))


@app.command()
def merge(mention_a: uuid.UUID, mention_b: uuid.UUID, because: Because, decided_by: By = None) -> None:
    """Decide that two mentions are one person; the next build takes it up, and no score undoes it."""
    _decide(mention_a, mention_b, because, decided_by, is_together=True)


@app.command()
def unmerge(mention_a: uuid.UUID, mention_b: uuid.UUID, because: Because, decided_by: By = None) -> None:
    """Decide that two mentions are two people; the next build takes them apart, and no score undoes it."""
    _decide(mention_a, mention_b, because, decided_by, is_together=False)


@app.command("unpin")
def take_back(mention_a: uuid.UUID, mention_b: uuid.UUID) -> None:
    """Take a decision back, that two mentions are one person or are not; the scores count again from the next build
    on."""
    from hub.linkage.overrides import OverrideRefused  # noqa: PLC0415 - seconds to import
    from hub.linkage.people.review import remove_override  # noqa: PLC0415

    _, engine = _open()
    try:
        remove_override(engine, (mention_a, mention_b))
    except OverrideRefused as refusal:
        fail(str(refusal))
    typer.echo(f"{mention_a} {mention_b} have no manual override any more; the next build follows it")


@app.command()
def link(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header: id, and name or given_name and surname, …")],
    out: Annotated[Path, typer.Option(help="The file to write: id and person")],
    without: Annotated[list[str] | None, typer.Option(help="A column that is not compared; may be repeated")] = None,
) -> None:
    """Find which rows of any file of persons are one person, trained on the file itself. Needs no hub that runs."""
    from hub.linkage.people.file_linking import link_file, write_clusters  # noqa: PLC0415 - seconds to import
    from hub.linkage.people.files import FileRefused  # noqa: PLC0415

    if out.exists() and file.exists() and out.samefile(file):
        fail(f"{out.name} is the file to read")
    try:
        with Console(stderr=True).status("linking"):
            linked = link_file(file, without=without or ())
        write_clusters(linked, out)
    except FileRefused as error:
        fail(str(error))
    except OSError as error:
        fail(f"{out.name}: {error.strerror}")
    summary = {
        "rows": len(linked.ids),
        "persons": len(set(linked.persons)),
        "persons_of_so_many_rows": linked.sizes,
        "pairs_compared": linked.count_pairs,
        "seconds": round(linked.seconds, 1),
    }
    typer.echo(json.dumps(summary))


def _decide(one: uuid.UUID, other: uuid.UUID, because: str, decided_by: str | None, *, is_together: bool) -> None:
    from hub.linkage.overrides import OverrideRefused  # noqa: PLC0415 - seconds to import
    from hub.linkage.people.review import set_override  # noqa: PLC0415

    _, engine = _open()
    name = decided_by or account()
    try:
        set_override(engine, (one, other), is_together=is_together, because=because, decided_by=name)
    except OverrideRefused as refusal:
        fail(str(refusal))
    typer.echo(f"{one} {other} {'one person' if is_together else 'two people'}, from the next build on")


def _open() -> tuple[Settings, sa.Engine]:
    settings = read_settings()
    prepare_warehouse(open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations).contracts.values())
    engine = open_warehouse(settings, Role.LINKER)
    return settings, engine
