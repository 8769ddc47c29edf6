"""The ``hub`` command. Each topic adds its own commands from ``hub.commands``."""

import typer

from hub.commands import deployment, ingest, run, status

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)

app.command()(ingest.ingest)
app.command()(run.run)
app.command()(run.stop)
app.command()(status.status)
app.command("prepare")(deployment.prepare_deployment)
app.command(add_help_option=False, context_settings={"ignore_unknown_options": True})(deployment.airflow)
