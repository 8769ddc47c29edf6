"""``hub briefing``: the weekly intelligence briefing of what is published now."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.messages import fail
from hub.settings import read_settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role


def briefing(
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder to write into; briefings in HUB_HOME unless given")
    ] = None,
    boundaries: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="GeoJSON of the areas' publisher, for maps with true shapes"),
    ] = None,
) -> None:
    """Write page, PDF and pictures from the published views alone, into a folder named for the week."""
    from hub.briefing.shapes import BoundariesRefused  # noqa: PLC0415 - seconds to import
    from hub.briefing.tables import BriefingRefused  # noqa: PLC0415
    from hub.briefing.write import write_briefing  # noqa: PLC0415

    settings = read_settings()
    try:
        written = write_briefing(open_warehouse(settings, Role.ANALYST), out or settings.briefings, boundaries)
    except (BriefingRefused, BoundariesRefused) as refused:
        fail(f"no briefing: {refused}")
    typer.echo(json.dumps({"publish_id": written.publish_id, "files": [str(path) for path in written.files]}))
