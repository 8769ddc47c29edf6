"""``hub extract``: published views as files that may leave the hub."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.look import require_role
from hub.cli.messages import fail
from hub.publish.extract import ExtractRefused
from hub.publish.extract import extract as write_extract
from hub.settings import read_settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role


def extract(
    views: Annotated[list[str], typer.Argument(help="Published views, such as public_statistics_v1")],
    role: Annotated[str, typer.Option(help="Role whose rights it is written with")] = Role.ANALYST,
    out: Annotated[Path | None, typer.Option(help="Folder to write under; by default extracts in HUB_HOME")] = None,
    with_map: Annotated[
        bool, typer.Option("--map", help="Also GeoPackage, GeoParquet and a project for QGIS, of rows with an area")
    ] = False,
    boundaries: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="File with true shapes by ONS code, for one more layer of the map"
        ),
    ] = None,
) -> None:
    """Write published views as CSV and Parquet, with code book, checksums and what has changed since the last one."""
    settings = read_settings()
    require_role(settings, role)
    engine = open_warehouse(settings, role)
    try:
        written = write_extract(
            settings, engine, views, role=str(role), out=out, with_map=with_map, boundaries=boundaries
        )
    except ExtractRefused as refusal:
        fail(f"no extract: {refusal}")
    typer.echo(json.dumps(dataclasses.asdict(written), default=str))
