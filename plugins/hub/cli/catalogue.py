"""``hub catalogue``: what is in the warehouse, and where it comes from."""

from typing import Annotated

import typer

from hub.build import BuildFailed
from hub.cli.messages import fail, no_such
from hub.cli.tables import print_entries
from hub.contracts.model import read_catalogue
from hub.data_catalogue import PublishedColumn, read_data_catalogue, write_data_catalogue
from hub.ingest.data_docs import write_data_docs
from hub.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="The data catalogue: write it, show where a view's columns come from.")


@app.command("write")
def write() -> None:
    """Write the catalogue of the warehouse as it was last built, unless there is one of the same models, and
    the Data Docs of deliveries that have none."""
    settings = read_settings()
    count = write_data_docs(settings, read_catalogue(settings.expectations).contracts)
    typer.echo(f"{settings.data_docs} has {count} more pages")
    try:
        is_new = write_data_catalogue(settings)
    except BuildFailed as problem:
        fail(problem)
    typer.echo(f"{settings.catalogue} {'is written' if is_new else 'is of the same models'}")


@app.command("show")
def show(
    view: Annotated[str, typer.Argument(help="A published view, or a table of what the hub decides")],
) -> None:
    """From which columns of delivered files, code lists and tables of the hub's own each column comes."""
    try:
        found = read_data_catalogue(read_settings())
    except FileNotFoundError:
        fail("no catalogue is written yet: hub catalogue write")
    if view in found.steps:
        step = found.steps[view]
        one = PublishedColumn(view, "", step.description, step.origins, step.steps)
        columns: tuple[PublishedColumn, ...] = (one,)
    elif view in found.views:
        columns = found.views[view].columns
    else:
        fail(no_such("view", view, [*found.views, *found.steps]))
    print_entries(("column", "comes from"), [(column.name, _ways(column)) for column in columns])


def _ways(column: PublishedColumn) -> list[str]:
    ways = [f"{one.kind.value}: {one.relation}.{one.column}" for one in column.origins]
    ways += [f"decided by the hub: {step}" for step in column.steps]
    return ways or ["counted, or always the same"]
