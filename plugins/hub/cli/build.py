"""``hub build``: from loaded rows to the candidates for publishing."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from hub.build import BuildFailed, NodeResult
from hub.build.warehouse_build import build_warehouse
from hub.cli.messages import complain, fail
from hub.settings import read_settings

SLOWEST_SHOWN = 3


def build(
    select: Annotated[
        str | None, typer.Option(help="Only these models, in dbt's notation, such as +fct_reports")
    ] = None,
    full_refresh: Annotated[bool, typer.Option(help="Build every table from nothing")] = False,
    unit_tests: Annotated[bool, typer.Option(help="Run the models' unit tests too")] = False,
) -> None:
    """Build the warehouse from what is loaded: staging, marts and the candidates for publishing."""
    errors = Console(stderr=True)
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )
    with progress:
        task = progress.add_task("reading the models", total=None)
        count = 0

        def show(node: NodeResult) -> None:
            nonlocal count
            count += 1
            progress.update(task, description=f"{count} done: {node.kind} {node.name} {node.status}")

        try:
            result = build_warehouse(
                read_settings(), select=select, full_refresh=full_refresh, unit_tests=unit_tests, on_node=show
            )
        except BuildFailed as failure:
            fail(f"the build failed: {failure}")
    for one in result.requarantined:
        complain(
            f"{one.count_rows} rows of {one.feed} delivery {one.delivery_id} break a bound of their contract and went "
            "to quarantine: hub quarantine list"
        )
    slowest = sorted(result.models, key=lambda node: node.seconds, reverse=True)[:SLOWEST_SHOWN]
    summary = {
        "build_id": result.build_id,
        "models": len(result.models),
        "tests": sum(node.kind in {"test", "unit_test"} for node in result.nodes),
        "seconds": round(result.seconds, 1),
        "slowest": {node.name: node.seconds for node in slowest},
    }
    typer.echo(json.dumps(summary))
