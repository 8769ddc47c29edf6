"""``hub letters``: the letters of a month to senders about what they delivered."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.cli.messages import MISUSED, fail, no_such
from hub.contracts.model import read_catalogue
from hub.monitoring.quality_letters import month_before, write_letters
from hub.settings import read_settings
from hub.store import outbox_files
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role


def letters(
    feed: Annotated[str | None, typer.Argument(help="One feed; all of them if not given.")] = None,
    month: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m"], help="Of deliveries; the month before this one unless given.")
    ] = None,
) -> None:
    """Write to each sender what came in a month, what was wrong by rule and what to mend first.

    A text and a CSV file in the outbox; prints one JSON line a letter.
    """
    settings = read_settings()
    contracts = read_catalogue(settings.expectations).contracts
    if feed is not None and feed not in contracts:
        fail(no_such("feed", feed, contracts), MISUSED)
    outbox = outbox_files(settings)
    of_month = month.date() if month else month_before(datetime.now(UTC).date())
    with open_warehouse(settings, Role.LOADER).connect() as connection:
        for name in [feed] if feed else sorted(contracts):
            for letter in write_letters(settings, connection, contracts[name], of_month):
                files = {"text": outbox.address(letter.text), "rules": outbox.address(letter.rules)}
                typer.echo(json.dumps({"feed": name, "sender": letter.sender, **files}))
