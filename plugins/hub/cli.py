"""The ``hub`` command. Each topic adds its own commands from ``hub.commands``."""

import typer

from hub.commands import ingest, run

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)

app.command()(ingest.ingest)
app.command()(run.run)
app.command()(run.stop)
