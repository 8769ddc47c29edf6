"""``hub keys``: which versions of the hub's keys there are, and the change to the next one."""

from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.cli.messages import fail
from hub.cli.tables import LOOK
from hub.contracts.model import Catalogue, read_catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.privacy import vault_rotation
from hub.privacy.rotate_keys import rotate_key
from hub.settings import Settings, read_settings
from hub.vault.hub_keys import KeyProblem, Purpose, is_own, key_path, read_ring
from hub.vault.keys import IN_RAW
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

app = typer.Typer(no_args_is_help=True, help="Keys by purpose: their versions, and the change to the next one.")


@app.command("list")
def list_keys() -> None:
    """List the keys: purpose, versions, where they are kept, and feeds whose rows are still under an older version."""
    settings, _, engine = _open()
    table = Table("purpose", "versions", "kept", "not there yet", **LOOK)
    for purpose in Purpose:
        ring = read_ring(settings, purpose)
        kept = (
            escape(str(key_path(settings, purpose)))
            if is_own(settings, purpose)
            else "outside, as HUB_MASTER_KEY_* says"
        )
        with begin(engine) as connection:
            versions = vault_rotation.versions_of(connection, purpose) if purpose in IN_RAW else {}
            behind = sorted(feed for feed, version in versions.items() if version < ring.newest)
            if purpose is Purpose.MASTER and (count := vault_rotation.count_wrapped_otherwise(connection, ring)):
                behind = [f"{count} data keys"]
        table.add_row(purpose, ", ".join(str(version) for version, _ in ring.versions), kept, ", ".join(behind))
    Console().print(table)


@app.command()
def rotate(
    purpose: Annotated[Purpose, typer.Argument()],
    to: Annotated[int | None, typer.Option(help="The version to reach; nothing is done where it is reached")] = None,
) -> None:
    """Change a key for its next version, and move everything under it; goes on where an earlier try was ended."""
    settings, catalogue, engine = _open()
    try:
        done = rotate_key(settings, engine, catalogue, purpose, to_version=to)
    except KeyProblem as problem:
        fail(problem)
    typer.echo(f"{done.purpose} key: version {done.version}, {done.count_moved} moved")
    if purpose in IN_RAW and done.count_moved:
        typer.echo(
            "The next `hub build` starts from nothing"
            + (", linkage of persons too." if purpose is Purpose.PERSON else ".")
        )


def _open() -> tuple[Settings, Catalogue, sa.Engine]:
    settings = read_settings()
    catalogue = read_catalogue(settings.expectations)
    engine = open_warehouse(settings, Role.OWNER)
    prepare_warehouse(engine, catalogue.contracts.values())
    return settings, catalogue, engine
