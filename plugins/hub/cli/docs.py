"""``hub docs``: the pages that are made from the contracts, so that they are never out of date."""

from collections.abc import Iterator
from typing import Annotated

import typer

from hub.cli.messages import fail
from hub.contracts.model import Catalogue, Contract, read_catalogue
from hub.contracts.rules import AgreementRule, Rule
from hub.settings import read_settings

PAGE = "docs/feeds.md"
app = typer.Typer(no_args_is_help=True, help="Pages made from the feed contracts: write, check.")


@app.command()
def write() -> None:
    """Write the pages again."""
    settings = read_settings()
    path = settings.project / PAGE
    path.parent.mkdir(exist_ok=True)
    path.write_text(feeds_page(read_catalogue(settings.expectations)), encoding="utf-8")
    typer.echo(f"wrote {PAGE}")


@app.command()
def check(quiet: Annotated[bool, typer.Option(help="Say nothing when all is well")] = False) -> None:
    """End with 1 when a page is not what the contracts say."""
    settings = read_settings()
    path = settings.project / PAGE
    if not path.is_file() or path.read_text(encoding="utf-8") != feeds_page(read_catalogue(settings.expectations)):
        fail(f"{PAGE} is out of date; run `hub docs write`")
    if not quiet:
        typer.echo(f"{PAGE} is up to date")


def feeds_page(catalogue: Catalogue) -> str:
    """The page of all feeds, in Markdown."""
    lines = ["# Feeds", "", "Made by `hub docs write` from `expectations/*/contract.yaml`; do not edit by hand.", ""]
    lines += ["| feed | sender | form | due every | owner |", "|---|---|---|---|---|"]
    lines += [_summary(contract) for contract in catalogue.contracts.values()]
    for contract in catalogue.contracts.values():
        lines += ["", *section_of(contract)]
    return "\n".join(lines) + "\n"


def _summary(contract: Contract) -> str:
    packed = "" if contract.form.compression == "none" else f", {contract.form.compression}"
    forms = " or ".join(contract.form.formats) + packed
    cadence = contract.cadence
    due = f"{cadence.every_days} d, late after {cadence.grace_hours} h more"
    return f"| [`{contract.feed}`](#{contract.feed}) | {contract.sender} | {forms} | {due} | {contract.owner} |"


def section_of(contract: Contract) -> Iterator[str]:
    """One feed's section of it, line by line."""
    yield f"## {contract.feed}"
    yield ""
    yield f"{contract.title}, version {contract.version}. {contract.purpose}"
    yield ""
    yield "| column | in the file | type | class | what it is |"
    yield "|---|---|---|---|---|"
    for column in contract.columns:
        kept = " (vault)" if column.is_personal else ""
        headers = ", ".join(f"`{header}`" for header in column.headers)
        if column.collected is not None:
            headers = f"all headers like `{_cell(column.collected.pattern.pattern)}`"
        yield (
            f"| `{column.name}` | {headers} | {column.logical_type} | {column.classification}{kept} "
            f"| {_cell(column.description)} |"
        )
    yield ""
    yield "| rule | because |"
    yield "|---|---|"
    rules: list[Rule | AgreementRule] = [*contract.row_rules, *contract.agreement_rules, *contract.delivery_rules]
    for rule in rules:
        yield f"| `{rule.name}` | {_cell(rule.because)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
