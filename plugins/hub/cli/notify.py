"""``hub notify``: messages to people, and the channels that take them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer

from hub.cli.messages import MISUSED, complain, fail, no_such
from hub.cli.tables import print_entries
from hub.ingest.prepare import open_prepared
from hub.notifications import outbox
from hub.notifications.channels import Channel, ChannelsRefused, read_channels
from hub.notifications.kinds import Severity
from hub.notifications.outbox import Entry, Message
from hub.notifications.sending import hand_over, note_all, send_due
from hub.notifications.taken import NotTaken
from hub.settings import Settings, read_settings
from hub.warehouse.roles import Role

app = typer.Typer(no_args_is_help=True, help="Messages to people: list, send, try a channel.")


@app.command("list")
def show(
    also_sent: Annotated[bool, typer.Option("--all", help="Also what was sent, or is over and had no channel")] = False,
) -> None:
    """What waits for its channel and why, and what lasts and has none."""
    settings = read_settings()
    engine = open_prepared(settings, Role.LOADER)
    note_all(settings, _channels(settings).values(), datetime.now(UTC))
    with engine.connect() as connection:
        found = outbox.entries(connection, also_sent=also_sent)
    if not found:
        typer.echo("No message waits.")
        return
    print_entries(("To", "Message"), ((one.channel or "nobody", list(_lines(one))) for one in found))


def _lines(entry: Entry) -> Iterator[str]:
    message = entry.message
    yield f"[{message.severity}] {message.title}"
    yield from message.lines
    if entry.sent_at:
        yield f"Sent: {entry.sent_at:%Y-%m-%d %H:%M} UTC, {entry.receipt}"
    elif entry.channel is None:
        yield "Waits: no channel in notifications.yaml takes it"
    elif entry.state == "waiting" and entry.problem:
        yield f"Waits: {entry.problem}; tried {entry.attempts} times, next {entry.next_at:%Y-%m-%d %H:%M:%S} UTC"
    elif entry.state == "dropped":
        yield "Dropped: what it asked for was done before"
    else:
        yield "Waits: for its turn"


@app.command()
def send() -> None:
    """Hand over what waits, also postponed messages. Ends with 1 where a channel did not take its messages."""
    settings = read_settings()
    open_prepared(settings, Role.LOADER)
    channels = _channels(settings)
    sent = send_due(settings, at_once=True)
    for name in channels:
        typer.echo(f"{name}: {sent.taken[name]} taken")
    if not channels:
        typer.echo(f"no channel is set up in {settings.notifications}")
    for name, problem in sent.problems.items():
        complain(f"{name}: {problem}")
    if sent.problems:
        raise typer.Exit(1)


@app.command("try")
def try_channel(name: Annotated[str, typer.Argument(help="Its name in notifications.yaml")]) -> None:
    """Hand a message that says it is a test to a channel; show what the channel answers."""
    channels = _channels(read_settings())
    if name not in channels:
        fail(no_such("channel", name, channels), MISUSED)
    test = Message(
        uuid4(), Severity.NOTICE, "A test of this channel", ("Next: Nothing: somebody tried hub notify try.",)
    )
    try:
        typer.echo(f"{name}: {hand_over(channels[name], test)}")
    except NotTaken as problem:
        fail(f"{name}: {problem}")


def _channels(settings: Settings) -> dict[str, Channel]:
    try:
        return read_channels(settings)
    except ChannelsRefused as refusal:
        fail(refusal, MISUSED)
