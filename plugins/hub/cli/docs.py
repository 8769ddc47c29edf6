"""``hub docs``: the pages that are made from contracts and transparency records, so that they are never out of date."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import typer

from hub.cli.messages import fail
from hub.contracts.model import Catalogue, Contract, read_catalogue
from hub.contracts.rules import AgreementRule, Rule
from hub.linkage.transparency import transparency_pages
from hub.linkage.transparency.records import RecordRefused
from hub.settings import Settings, read_settings

FEEDS = "docs/feeds.md"
app = typer.Typer(no_args_is_help=True, help="Pages of the feed contracts and transparency records: write, check.")


@app.command()
def write() -> None:
    """Write the pages again."""
    settings = read_settings()
    for name, page in _pages(settings).items():
        path = settings.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
        typer.echo(f"wrote {name}")


@app.command()
def check(quiet: Annotated[bool, typer.Option(help="Say nothing when all is well")] = False) -> None:
    """End with 1 when a page is not what the contracts, or the texts and the run of a transparency record, say."""
    settings = read_settings()
    for name, page in _pages(settings).items():
        path = settings.project / name
        if not path.is_file() or path.read_text(encoding="utf-8") != page:
            fail(f"{name} is out of date; run `hub docs write`")
        if not quiet:
            typer.echo(f"{name} is up to date")


def _pages(settings: Settings) -> Mapping[str, str]:
    """Text by path in the project."""
    try:
        return {FEEDS: feeds_page(read_catalogue(settings.expectations)), **transparency_pages()}
    except RecordRefused as refused:
        fail(f"no transparency record: {refused}")


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
    packed += " (also in parts)" if contract.form.has_parts else ""
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
