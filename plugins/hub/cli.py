"""The ``hub`` command. Each topic adds its own commands from ``hub.commands``."""

import sys

import typer
from rich.console import Console

from hub.commands import (
    allocations,
    audit,
    backtest,
    briefing,
    build,
    deployment,
    docs,
    drift,
    extract,
    feed,
    forecast,
    incidents,
    ingest,
    issues,
    keys,
    look,
    people,
    person,
    publish,
    quarantine,
    roles,
    run,
    simulate,
    status,
    trace,
)
from hub.doors.embedded_postgres import PostgresProblem
from hub.doors.warehouse import WarehouseProblem

UNREACHABLE = 3
"""Exit code where the warehouse cannot be reached or started."""

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)

app.command()(ingest.ingest)
app.command()(build.build)
app.command()(extract.extract)
app.command()(look.url)
app.command()(look.psql)
app.command()(trace.trace)
app.command()(run.run)
app.command()(run.stop)
app.command()(status.status)
app.command("prepare")(deployment.prepare_deployment)
app.command(add_help_option=False, context_settings={"ignore_unknown_options": True})(deployment.airflow)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(incidents.app, name="incidents")
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.command("simulate")(simulate.simulate_command)
app.add_typer(drift.app, name="drift")
app.add_typer(issues.app, name="issues")
app.add_typer(feed.app, name="feed")
app.add_typer(docs.app, name="docs")
app.add_typer(people.app, name="people")
app.add_typer(publish.app, name="publish")
app.add_typer(roles.app, name="roles")
app.add_typer(person.app, name="person")
app.command("backtest")(backtest.backtest)
app.command("briefing")(briefing.briefing)
app.command("forecast")(forecast.forecast)
app.add_typer(forecast.app, name="tasking")
app.add_typer(allocations.app, name="allocations")


def main() -> None:
    """Run the command; a warehouse that cannot be reached is told in one sentence, not by a traceback."""
    try:
        app()
    except (WarehouseProblem, PostgresProblem) as problem:
        Console(stderr=True).print(f"[red]hub[/red]: {problem}", highlight=False)
        sys.exit(UNREACHABLE)
