"""``hub allocations``: what other rules would do."""

import csv
import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hub.build import BuildFailed
from hub.build.allocation_plans import Move
from hub.build.allocation_trial import RulesRefused, Trial, try_rules
from hub.cli.messages import fail
from hub.settings import read_settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

app = typer.Typer(no_args_is_help=True, help="Rules by which incidents are allocated.")


@app.callback()
def allocations() -> None:
    """Rules by which incidents are allocated."""


@app.command("try")
def try_command(
    rules: Annotated[Path, typer.Argument(help="A draft of the rules: a CSV with the columns of allocation_rules.csv")],
    out: Annotated[Path | None, typer.Option(help="List the incidents that would move in this CSV file")] = None,
) -> None:
    """Show which past incidents a draft of the allocation rules would move. Changes nothing."""
    settings = read_settings()
    errors = Console(stderr=True)
    try:
        with errors.status("allocating all incidents by the draft"):
            trial = try_rules(settings, open_warehouse(settings, Role.TRANSFORMER), rules)
    except (RulesRefused, BuildFailed) as failure:
        fail(f"not tried: {failure}")
    _show(errors, trial)
    if out is not None:
        write_moves(out, trial)
    summary = {
        "planned": trial.count_planned,
        "moved": len(trial.moves),
        "without_owner": trial.count_unowned,
        "list": str(out) if out is not None else None,
    }
    typer.echo(json.dumps(summary))


def write_moves(path: Path, trial: Trial) -> None:
    """One line an incident and duty that would move, with both sides."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in dataclasses.fields(Move))
        writer.writerows(dataclasses.astuple(move) for move in trial.moves)


def _show(console: Console, trial: Trial) -> None:
    if not trial.moves:
        console.print("no incident would move")
        return
    table = Table("duty", "from", "to", "incidents")
    for (duty, before, after), count in trial.by_move().most_common():
        table.add_row(duty, before, after, str(count))
    console.print(table)
