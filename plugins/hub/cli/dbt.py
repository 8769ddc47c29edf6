"""``hub dbt``: any command of dbt's on the hub's own project and warehouse."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from hub.build import dbt_environment
from hub.settings import environment_with, read_settings


def dbt(arguments: Annotated[list[str], typer.Argument(help="Given to dbt's own command.")]) -> None:
    """Run dbt's command with the project, the connection and the folders for what it writes set."""
    settings = read_settings()
    environment = dbt_environment(settings) | {
        "DBT_PROJECT_DIR": str(settings.dbt_project),
        "DBT_PROFILES_DIR": str(settings.dbt_project),
        "DBT_TARGET_PATH": str(settings.home / "dbt_by_hand"),
        "DBT_LOG_PATH": str(settings.logs / "dbt"),
        # dbt's log file repeats what the database quotes of a row.
        "DBT_LOG_LEVEL_FILE": "none",
    }
    program = Path(sys.executable).with_name("dbt")
    with environment_with(environment):
        done = subprocess.run([program, *arguments], check=False)
    raise typer.Exit(done.returncode)
