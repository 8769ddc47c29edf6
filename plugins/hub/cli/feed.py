"""``hub feed``: a new feed's skeleton, and a look over the contracts."""

import re
from pathlib import Path
from typing import Annotated

import typer
import yaml

from hub.cli import feed_skeleton
from hub.cli.docs import FEEDS, section_of
from hub.cli.feed_file import check_one
from hub.contracts.model import FEED_NAME, Catalogue, Contract, read_catalogue, read_contract
from hub.ingest.declare import source_declaration
from hub.ingest.validation import rule_problems
from hub.settings import Settings, read_settings

CONTRACT_FILE = "contract.yaml"

app = typer.Typer(no_args_is_help=True, help="Feeds: make the skeleton of a new one, check the contracts.")


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Name of the feed: lower case letters, digits, underscores.")],
    form: Annotated[feed_skeleton.Form, typer.Option(help="Form of the sender's files.")] = feed_skeleton.Form.CSV,
) -> None:
    """Write the skeleton of a feed: a contract that holds, samples, a staging model."""
    settings = read_settings()
    if not FEED_NAME.match(name):
        typer.echo(
            f"{name!r} is no name for a feed: lower case letters, digits and underscores, 3 to 51 of them", err=True
        )
        raise typer.Exit(2)
    files = feed_skeleton.skeleton(name, form)
    made = (*files, _declaration(settings, name))
    if standing := [path for path in made if (settings.project / path).exists()]:
        typer.echo(f"{standing[0]} is there already; nothing was written", err=True)
        raise typer.Exit(1)
    for path, text in files.items():
        target = settings.project / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        typer.echo(f"wrote {path}")
    typer.echo(f"wrote {_declare(settings, read_contract(settings.expectations / name / CONTRACT_FILE))}")
    typer.echo(feed_skeleton.left_to_do(name))


@app.command("declare")
def declare(
    name: Annotated[str | None, typer.Argument(help="One feed; all of them if not given.")] = None,
) -> None:
    """Tell dbt of a feed's raw table, as its contract now says. To be run whenever a contract has changed."""
    settings = read_settings()
    catalogue = read_catalogue(settings.expectations)
    for feed in _asked_for(settings, catalogue, name):
        if feed in catalogue.refusals:
            typer.echo(f"{feed}: refused: {catalogue.refusals[feed]}", err=True)
            raise typer.Exit(1)
        typer.echo(f"wrote {_declare(settings, catalogue.contracts[feed])}")


@app.command("check")
def check(
    name: Annotated[str | None, typer.Argument(help="One feed; all of them if not given.")] = None,
    file: Annotated[Path | None, typer.Argument(help="A file that is to be delivered to this feed.")] = None,
    sender: Annotated[str | None, typer.Option("--as", help="Who would deliver the file.")] = None,
    errors: Annotated[Path | None, typer.Option(help="Where to write what is wrong with each row.")] = None,
) -> None:
    """Say of each feed whether its contract holds and which of its files are missing; exit code 1 if one does not.

    With a file: say what the hub would answer if it were delivered now, and keep nothing of it; exit code 1 if it would
    be refused or held.
    """
    settings = read_settings()
    catalogue = read_catalogue(settings.expectations)
    if name is not None and file is not None:
        check_one(settings, catalogue, name, file, sender, errors)
        return
    if sender is not None or errors is not None:
        typer.echo("--as and --errors go with a file", err=True)
        raise typer.Exit(2)
    is_right = True
    for feed in _asked_for(settings, catalogue, name):
        problems = problems_of(settings, catalogue, feed)
        typer.echo(f"{feed}: ok" if not problems else f"{feed}: {'; '.join(problems)}")
        is_right = is_right and not problems
    if not is_right:
        raise typer.Exit(1)


def problems_of(settings: Settings, catalogue: Catalogue, feed: str) -> list[str]:
    """What is wrong with a feed: its contract's refusal, files that were forgotten, rules that have wrong parameters or
    no bad record, pages that are out of date, rows that go nowhere."""
    if feed in catalogue.refusals:
        return [f"refused: {catalogue.refusals[feed]}"]
    contract = catalogue.contracts[feed]
    forgotten = forgotten_files(settings, contract)
    if forgotten:
        return [f"{path} is missing" for path in forgotten]
    problems = rule_problems(contract)
    problems += [f"no bad record breaks {rule}" for rule in rules_without_bad_record(settings, contract)]
    declared = settings.project / _declaration(settings, feed)
    if declared.read_text(encoding="utf-8") != source_declaration(contract):
        problems.append(f"dbt knows another version of the contract: run hub feed declare {feed}")
    if not is_described(settings, contract):
        problems.append("docs/feeds.md does not say what the contract says: run hub docs write")
    return [*problems, *_joins(settings, contract)]


def forgotten_files(settings: Settings, contract: Contract) -> list[Path]:
    """Files that belong to every feed and are not there, relative to the project."""
    samples = Path("expectations", contract.feed, "samples")
    form = contract.form.formats[0]
    wanted = [samples / f"good.{form}", samples / f"bad.{form}", samples / "bad.reasons.yaml"]
    forgotten = [path for path in wanted if not (settings.project / path).is_file()]
    staging = settings.dbt_project / "models" / "staging" / contract.feed
    models = staging.relative_to(settings.project)
    forgotten += [models / f"stg_*{ending}" for ending in (".sql", ".yml") if not list(staging.glob(f"stg_*{ending}"))]
    declaration = _declaration(settings, contract.feed)
    return [*forgotten, *([] if (settings.project / declaration).is_file() else [declaration])]


def is_described(settings: Settings, contract: Contract) -> bool:
    """Whether the page of feeds has the feed as its contract is."""
    page = settings.project / FEEDS
    section = "\n".join(section_of(contract))
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return f"{section}\n\n## " in text or text.endswith(f"{section}\n")


def _joins(settings: Settings, contract: Contract) -> list[str]:
    """What is wrong with where a feed's rows go: nowhere, or somewhere although the contract says nowhere."""
    models = settings.dbt_project / "models"
    others = [path for path in models.rglob("*.sql") if path.relative_to(models).parts[0] != "staging"]
    staged = re.compile(rf"'stg_{contract.feed}(__versions)?'")
    is_read = any(staged.search(path.read_text(encoding="utf-8")) for path in others)
    if is_read and contract.joins_nothing:
        return ["the contract says joinsNothing, but a model reads its rows"]
    if is_read or contract.joins_nothing:
        return []
    return [
        f"no model reads stg_{contract.feed}: add its line where its rows join others (reports: "
        "int_reports__all_feeds.sql), or say in the contract why they join nothing (joinsNothing)"
    ]


def rules_without_bad_record(settings: Settings, contract: Contract) -> list[str]:
    """Rules of the contract that no record of the bad sample is meant to break, those of types and uniqueness too."""
    path = settings.expectations / contract.feed / "samples" / "bad.reasons.yaml"
    reasons = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return sorted(rules_of(contract) - {item["rule"] for item in reasons})


def _asked_for(settings: Settings, catalogue: Catalogue, name: str | None) -> list[str]:
    feeds = sorted({*catalogue.contracts, *catalogue.refusals})
    if name is not None and name not in feeds:
        typer.echo(f"there is no feed {name!r} in {settings.expectations}", err=True)
        raise typer.Exit(1)
    return feeds if name is None else [name]


def _declaration(settings: Settings, feed: str) -> Path:
    folder = settings.dbt_project.relative_to(settings.project)
    return folder / "models" / "staging" / feed / f"src_{feed}.yml"


def _declare(settings: Settings, contract: Contract) -> Path:
    path = _declaration(settings, contract.feed)
    (settings.project / path).parent.mkdir(parents=True, exist_ok=True)
    (settings.project / path).write_text(source_declaration(contract), encoding="utf-8")
    return path


def rules_of(contract: Contract) -> set[str]:
    """Names of all rules by which a record that has its columns can be quarantined."""
    typed = {f"{column.name}.type" for column in contract.columns if column.logical_type != "string"}
    unique = {f"{column.name}.unique" for column in contract.columns if column.unique}
    agreeing = {rule.name for rule in contract.agreement_rules}
    return {rule.name for rule in contract.row_rules} | typed | unique | agreeing
