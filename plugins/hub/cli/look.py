"""``hub url`` and ``hub psql``: looking into the warehouse."""

import subprocess
from typing import Annotated

import typer
from sqlalchemy.engine import URL

from hub.cli.messages import MISUSED, complain, fail, no_such
from hub.settings import Settings, callers_environment, read_settings
from hub.warehouse.embedded_postgres import binaries
from hub.warehouse.engine import WarehouseProblem, libpq_environment
from hub.warehouse.replica import lag_of_replica, reading_address, reads_replica
from hub.warehouse.roles import ROLE_FAMILIES, Role, login_roles


def url(
    role: Annotated[str, typer.Argument(help="Role to connect as", metavar="[ROLE]")] = Role.ANALYST,
) -> None:
    """Print the address of the warehouse, password and all, for a BI tool or a script: as the analyst, unless told. A
    role that only reads gets that of the replica, where there is one."""
    typer.echo(_address(role).render_as_string(hide_password=False))


def psql(
    arguments: Annotated[list[str] | None, typer.Argument(help="Arguments for psql", metavar="[-- ARGS]")] = None,
    role: Annotated[str, typer.Option(help="Role to connect as")] = Role.ANALYST,
) -> None:
    """Open psql on the warehouse, as the analyst unless told otherwise; arguments after -- go to psql."""
    address = _address(role)
    command = [str(binaries() / "psql"), "--host", address.host or "", "--port", str(address.port or 5432)]
    command += ["--username", address.username or "", "--dbname", address.database or "", *(arguments or [])]
    # In the environment, not among the arguments: every user of the machine can read those.
    environment = callers_environment() | libpq_environment(address) | {"PGPASSWORD": str(address.password or "")}
    raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)


def _address(role: str) -> URL:
    settings = read_settings()
    require_role(settings, role)
    if reads_replica(settings, role):
        try:
            complain(f"the replica is {lag_of_replica(settings)}")
        except WarehouseProblem as problem:
            complain(str(problem))
    return reading_address(settings, role)


def require_role(settings: Settings, role: str) -> None:
    """End the command where there is no such role."""
    if role not in login_roles(settings):
        families = [f"{family.name}_<code>" for family in ROLE_FAMILIES]
        fail(no_such("role", role, [*Role, *families]), MISUSED)
