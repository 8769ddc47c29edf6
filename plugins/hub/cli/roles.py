"""``hub roles``: who may connect to the warehouse, and new passwords for all of them."""

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from hub.settings import read_settings
from hub.warehouse.engine import set_up_roles
from hub.warehouse.grant_policy import read_policy
from hub.warehouse.roles import ROLE_FAMILIES, Role, family_roles

app = typer.Typer(no_args_is_help=True, help="The warehouse's roles.")


@app.command("list")
def list_roles() -> None:
    """Show every role and what it is for."""
    settings, policy = read_settings(), read_policy()
    table = Table("Role", "What it is for", box=SIMPLE_HEAD, pad_edge=False)
    for role in Role:
        table.add_row(role, policy.roles[role].means)
    for family in ROLE_FAMILIES:
        codes = [role.removeprefix(f"{family.name}_") for role in family_roles(settings, family)]
        table.add_row(f"{family.name}_<code>", f"{policy.roles[family.group].means} Codes: {', '.join(codes)}.")
    Console().print(table)


@app.command()
def renew() -> None:
    """Give every role a new password. Programs that run go on with the sessions they have; then restart them."""
    set_up_roles(read_settings(), renew=True)
    typer.echo(f"new passwords are in {read_settings().secrets / 'roles'}")
