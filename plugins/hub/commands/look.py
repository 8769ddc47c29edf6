"""``hub url`` and ``hub psql``: looking into the warehouse."""

import subprocess
from typing import Annotated

import typer
from sqlalchemy.engine import URL, make_url

from hub.doors.embedded_postgres import binaries
from hub.doors.warehouse import warehouse_url
from hub.settings import Settings, callers_environment, read_settings

OWNER_ROLE = "hub_owner"


def url(
    role: Annotated[str, typer.Argument(help="Role to connect as", metavar="[ROLE]")] = OWNER_ROLE,
) -> None:
    """Print the address of the warehouse, password and all, for a BI tool or a script."""
    typer.echo(_address(read_settings(), role).render_as_string(hide_password=False))


def psql(
    arguments: Annotated[list[str] | None, typer.Argument(help="Arguments for psql", metavar="[-- ARGS]")] = None,
    role: Annotated[str, typer.Option(help="Role to connect as")] = OWNER_ROLE,
) -> None:
    """Open psql on the warehouse; what stands after -- goes to psql."""
    address = _address(read_settings(), role)
    command = [str(binaries() / "psql"), "--host", address.host or "", "--port", str(address.port or 5432)]
    command += ["--username", address.username or "", "--dbname", address.database or "", *(arguments or [])]
    # In the environment, not among the arguments: every user of the machine can read those.
    environment = callers_environment() | {"PGPASSWORD": str(address.password or "")}
    raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)


def _address(settings: Settings, role: str) -> URL:
    if role != OWNER_ROLE:
        raise typer.BadParameter(f"there is no role {role!r}; the warehouse has {OWNER_ROLE}", param_hint="role")
    return make_url(warehouse_url(settings))
