"""The ``hub`` command. Each topic adds its own commands from ``hub.commands``."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
