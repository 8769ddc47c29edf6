"""``hub lineage``: events of what ran, and of what it read and wrote."""

import typer

from hub.cli.messages import MISUSED, REFUSED, fail
from hub.lineage import LineageRefused, send_lineage
from hub.settings import read_settings


def lineage() -> None:
    """Send the OpenLineage events that were not sent yet to the receiver that openlineage.yml in the hub's home
    names."""
    settings = read_settings()
    try:
        count = send_lineage(settings)
    except LineageRefused as problem:
        fail(problem, MISUSED)
    except OSError as problem:
        fail(f"the receiver takes no events ({type(problem).__name__}); the rest is sent the next time", REFUSED)
    if count is None:
        fail(f"there is no {settings.openlineage}: nothing is sent", MISUSED)
    typer.echo(f"{count} events are sent")
