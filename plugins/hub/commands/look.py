"""``hub url`` and ``hub psql``: looking into the warehouse."""

import subprocess
from typing import Annotated

import typer
from sqlalchemy.engine import URL

from hub.doors.embedded_postgres import binaries
from hub.doors.roles import Role
from hub.doors.warehouse import WarehouseProblem, role_address
from hub.settings import callers_environment, read_settings


def url(
    role: Annotated[str, typer.Argument(help="Role to connect as", metavar="[ROLE]")] = Role.OWNER,
) -> None:
    """Print the address of the warehouse, password and all, for a BI tool or a script."""
    typer.echo(_address(role).render_as_string(hide_password=False))


def psql(
    arguments: Annotated[list[str] | None, typer.Argument(help="Arguments for psql", metavar="[-- ARGS]")] = None,
    role: Annotated[str, typer.Option(help="Role to connect as")] = Role.OWNER,
) -> None:
    """Open psql on the warehouse; what stands after -- goes to psql."""
    address = _address(role)
    command = [str(binaries() / "psql"), "--host", address.host or "", "--port", str(address.port or 5432)]
    command += ["--username", address.username or "", "--dbname", address.database or "", *(arguments or [])]
    # In the environment, not among the arguments: every user of the machine can read those.
    environment = callers_environment() | {"PGPASSWORD": str(address.password or "")}
    raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)


def _address(role: str) -> URL:
    try:
        return role_address(read_settings(), role)
    except WarehouseProblem as problem:
        raise typer.BadParameter(str(problem), param_hint="role") from problem
