"""The ``hub`` command. Each topic adds its own commands from ``hub.cli``."""

import importlib
import os
import sys
from typing import Any, cast, override

import sqlalchemy as sa
import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from hub.cli.messages import MISUSED, REFUSED, UNREACHABLE, complain, no_such
from hub.contracts.values import ContractRefused
from hub.local.own_files import RIGHTS_OF_OTHERS
from hub.settings import SettingsError, read_settings
from hub.store import StoreProblem
from hub.vault.full_disk import DiskFull
from hub.vault.hub_keys import KeyProblem
from hub.warehouse.embedded_postgres import PostgresProblem
from hub.warehouse.engine import WarehouseProblem, why_it_ended

COMMANDS = {
    "ingest": "ingest.ingest",
    "build": "build.build",
    "dbt": "dbt.dbt",
    "extract": "extract.extract",
    "url": "look.url",
    "psql": "look.psql",
    "trace": "trace.trace",
    "run": "run.run",
    "stop": "run.stop",
    "dashboards": "dashboards.dashboards",
    "status": "status.status",
    "backup": "backup.backup",
    "restore": "backup.restore",
    "drill": "backup.drill",
    "prepare": "deployment.prepare_deployment",
    "airflow": "deployment.airflow",
    "delivery": "delivery.app",
    "archive": "archive.app",
    "quarantine": "quarantine.app",
    "incidents": "incidents.app",
    "audit": "audit.app",
    "keys": "keys.app",
    "simulate": "simulate.simulate_command",
    "samples": "samples.app",
    "drift": "drift.app",
    "issues": "issues.app",
    "letters": "letters.letters",
    "notify": "notify.app",
    "feed": "feed.app",
    "docs": "docs.app",
    "dispatch": "dispatch.app",
    "updates": "updates.app",
    "recipient": "recipient.app",
    "exchange": "exchange.app",
    "catalogue": "catalogue.app",
    "lineage": "lineage.lineage",
    "people": "people.app",
    "publish": "publish.app",
    "roles": "roles.app",
    "person": "person.app",
    "backtest": "backtest.backtest",
    "briefing": "briefing.briefing",
    "forecast": "forecast.forecast",
    "tasking": "forecast.app",
    "allocations": "allocations.app",
}
"""Module of ``hub.cli`` and name in it, of a function or of a Typer with commands of its own."""

OF_A_HUB = frozenset(
    {
        "archive",
        "audit",
        "briefing",
        "delivery",
        "dispatch",
        "drift",
        "exchange",
        "extract",
        "forecast",
        "incidents",
        "issues",
        "keys",
        "letters",
        "lineage",
        "notify",
        "person",
        "psql",
        "publish",
        "quarantine",
        "roles",
        "samples",
        "tasking",
        "trace",
        "updates",
        "url",
    }
)
"""Commands about what a hub holds. Where there is none they would make one, and say of it that nothing waits."""

PASSED_ON: dict[str, dict[str, Any]] = {
    "airflow": {"add_help_option": False, "context_settings": {"ignore_unknown_options": True}},
    "dbt": {"add_help_option": False, "context_settings": {"ignore_unknown_options": True}},
}
"""Commands whose options are another program's."""


class CommandsByName(TyperGroup):
    """Imports a command when it is asked for: together they import every library that the hub has, which takes longer
    than a small load."""

    @override
    def list_commands(self, ctx: object) -> list[str]:
        """In the order of the table."""
        return list(COMMANDS)

    @override
    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup | None:
        """The command, or None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(".")
        found = getattr(importlib.import_module(f"hub.cli.{module}"), name)
        if isinstance(found, typer.Typer):
            group = get_group(found)
            group.name = cmd_name
            return group
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name, **PASSED_ON.get(cmd_name, {}))(found)
        return cast(TyperCommand, get_command(alone))

    @override
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As Typer does; but a name that is none says what there is, without importing it."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise UnknownCommand(no_such("command", args[0], COMMANDS))
        return super().resolve_command(ctx, args)


class UnknownCommand(typer.TyperException):
    """There is no command of that name."""

    exit_code = MISUSED


app = typer.Typer(cls=CommandsByName, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def hub() -> None:
    """The data platform of an online hate crime hub."""


def _refuse_without_a_hub(arguments: list[str]) -> None:
    """Raises :class:`~hub.settings.SettingsError` for a command about a hub's contents where there is none."""
    if OF_A_HUB.intersection(arguments[:1]) and "--help" not in arguments:
        settings = read_settings()
        if settings.warehouse_url is None and not settings.home.exists():
            raise SettingsError(
                f"there is no hub in {settings.home}: HUB_HOME says where it is, and hub run starts one"
            )


def main() -> None:
    """Run the command. An error that a person can mend is printed as one sentence, never as a traceback."""
    # What this and every process that it starts writes is for the hub's own account.
    os.umask(RIGHTS_OF_OTHERS)
    try:
        _refuse_without_a_hub(sys.argv[1:])
        code = app(standalone_mode=False)
    except typer.TyperException as problem:
        # Where a command is called without what it needs, Typer has printed the help and has nothing to say.
        if message := problem.format_message():
            complain(message)
        code = problem.exit_code
    except typer.Abort:
        code = MISUSED
    except (SettingsError, ContractRefused) as problem:
        complain(problem)
        code = MISUSED
    except (WarehouseProblem, PostgresProblem, StoreProblem) as problem:
        complain(problem)
        code = UNREACHABLE
    except (DiskFull, KeyProblem) as problem:
        complain(problem)
        code = REFUSED
    except sa.exc.OperationalError as problem:
        complain(why_it_ended(problem))
        code = UNREACHABLE
    sys.exit(code if isinstance(code, int) else 0)
