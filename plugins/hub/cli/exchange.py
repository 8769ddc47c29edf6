"""``hub exchange``: the service for recipients, and their tokens."""

import functools
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import typer

from hub.cli.messages import MISUSED, complain, fail, no_such
from hub.cli.tables import print_entries
from hub.dispatch.recipients import Recipient, read_recipients
from hub.dispatch.rounds import open_files
from hub.dispatch.transports import TransientFault
from hub.exchange import tokens
from hub.exchange.answer_links import NothingToAnswer, issue_link
from hub.exchange.tokens import Scope
from hub.ingest.prepare import open_prepared
from hub.orchestration.simulated_recipients import SIMULATED_RECEIVERS, memory_of, note_sample, samples_for
from hub.settings import Settings, read_settings
from hub.simulate.mailboxes import ExchangeMailbox, PickUpMailbox, WebhookMailbox
from hub.simulate.private_key import UnreadableKey, read_private_key
from hub.simulate.receiver import OF_A_WEBHOOK, Habit, Mailbox, play
from hub.vault.audit import account
from hub.warehouse.roles import Role

app = typer.Typer(no_args_is_help=True, help="The exchange: serve it, and give recipients their tokens.")
USUAL_DAYS, MOST_DAYS, USUAL_DAYS_OF_A_LINK = 90, 366, 14


@app.command()
def serve() -> None:
    """Answer recipients on HUB_EXCHANGE_PORT of the loopback address, until ended."""
    # It brings a web server with it, which no other command should pay for.
    from hub.exchange import server  # noqa: PLC0415

    settings = read_settings()
    open_prepared(settings, Role.EXCHANGE)
    server.serve(settings)


@app.command()
def token(
    recipient: Annotated[str, typer.Argument(help="Code of its contract")],
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="For how long it holds")] = USUAL_DAYS,
    scope: Annotated[list[Scope] | None, typer.Option(help="What it allows; read and answer by default")] = None,
) -> None:
    """Make a token for a recipient and print it, once: the hub keeps a hash of it."""
    settings = read_settings()
    known = read_recipients(settings.recipients).contracts
    if recipient not in known:
        fail(no_such("recipient", recipient, known), MISUSED)
    engine = open_prepared(settings, Role.OWNER)
    scopes = set(scope or (Scope.READ, Scope.ANSWER))
    issued = tokens.issue(settings, engine, recipient, scopes, datetime.now(UTC), days=days, by=account())
    complain(f"token {issued.token_id} of {recipient} holds until {issued.expires_at:%Y-%m-%d %H:%M} UTC:")
    typer.echo(issued.token)


@app.command()
def link(
    dispatch: Annotated[uuid.UUID, typer.Argument(metavar="ID", help="dispatch_id, as hub dispatch list shows it")],
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="For how long it holds")] = USUAL_DAYS_OF_A_LINK,
    address: Annotated[str | None, typer.Option(help="Of the exchange, as its recipients know it")] = None,
) -> None:
    """Make a link by which somebody without a system answers a dispatch, once, and the code that it needs. Tell them by
    two ways: the hub keeps hashes of both."""
    settings = read_settings()
    base = address or (f"http://127.0.0.1:{settings.exchange_port}" if settings.exchange_port else "")
    engine = open_prepared(settings, Role.OWNER)
    try:
        made = issue_link(settings, engine, dispatch, datetime.now(UTC), days=days, by=account())
    except NothingToAnswer as refusal:
        fail(refusal)
    complain(
        f"link {made.token_id} of {made.recipient} holds until {made.expires_at:%Y-%m-%d %H:%M} UTC, for one answer:"
    )
    typer.echo(f"{base.rstrip('/')}{made.path}")
    complain("its code, to be told by another way:")
    typer.echo(made.code)


@app.command()
def revoke(token_id: Annotated[uuid.UUID, typer.Argument(help="As hub exchange tokens shows it")]) -> None:
    """End a token at once."""
    settings = read_settings()
    if not tokens.revoke(settings, open_prepared(settings, Role.OWNER), token_id, datetime.now(UTC), by=account()):
        fail(f"there is no token {token_id} that holds")
    typer.echo(f"{token_id} revoked")


@app.command("tokens")
def list_tokens() -> None:
    """Every token: whose it is, what it allows, how long it holds. Tokens themselves are kept nowhere."""
    found = tokens.all_tokens(open_prepared(read_settings(), Role.OWNER))
    print_entries(
        ("Token", "What it is"),
        (
            (
                str(one.token_id),
                [
                    f"{one.recipient}: {', '.join(one.scopes)}",
                    f"link to dispatch {one.dispatch_id}, {one.count_wrong_codes} wrong codes"
                    if one.dispatch_id
                    else "",
                    f"until {one.expires_at:%Y-%m-%d %H:%M} UTC, issued by {one.issued_by}",
                    f"revoked {one.revoked_at:%Y-%m-%d %H:%M} UTC" if one.revoked_at else "",
                ],
            )
            for one in found
        ),
    )


@app.command("simulate-receiver")
def simulate_receiver(
    code: Annotated[str, typer.Argument(help="A recipient whose contract says takes_simulated")],
    habit: Annotated[list[Habit] | None, typer.Option(help="What it does besides answering rightly")] = None,
    seconds: Annotated[float, typer.Option(min=0, help="How long its webhook listens; ctrl-C ends it")] = 60,
    key: Annotated[
        Path | None, typer.Option(help="Its private OpenPGP key, where packages are encrypted to it")
    ] = None,
) -> None:
    """Play a recipient once: take what was sent to it, and answer each simulated dispatch one step further."""
    settings, habits = read_settings(), frozenset(habit or ())
    known = read_recipients(settings.recipients).contracts
    if code not in known:
        fail(no_such("recipient", code, known), MISUSED)
    if not known[code].takes_simulated:
        fail(f"{code} is not for trying: its contract does not say takes_simulated", MISUSED)
    if habits & OF_A_WEBHOOK and known[code].transport["kind"] != "webhook":
        fail(f"{' and '.join(sorted(habits & OF_A_WEBHOOK))}: {code} has no webhook", MISUSED)
    try:
        with _mailbox(settings, known[code], habits, seconds, key) as mailbox:
            count = play(mailbox, memory_of(settings, code), datetime.now(UTC), habits, samples_for(settings, code))
    except (TransientFault, UnreadableKey) as fault:
        fail(str(fault))
    for kind, answers in sorted(count.items()):
        typer.echo(f"{code}: {answers} x {kind}")
    if not count:
        typer.echo(f"{code}: nothing to answer")


@contextmanager
def _mailbox(
    settings: Settings, recipient: Recipient, habits: Collection[Habit], seconds: float, key: Path | None
) -> Iterator[Mailbox]:
    """The recipient's end of its transport."""
    kind = recipient.transport["kind"]
    if kind in ("folder", "sftp"):
        if recipient.certificates and key is None:
            fail(f"what goes to {recipient.code} is encrypted: --key names the file of its private key", MISUSED)
        decrypt = read_private_key(key) if key is not None else None
        open_prepared(settings, Role.LOADER)
        with closing(open_files(settings, recipient)) as files:
            today, note = datetime.now(UTC).date(), functools.partial(note_sample, settings)
            yield PickUpMailbox(files, recipient.code, today, decrypt, note)
        return
    with _client(settings, recipient) as client:
        if kind == "webhook":
            taken = settings.home / SIMULATED_RECEIVERS / recipient.code
            _listen(settings, recipient, taken, habits, seconds)
            yield WebhookMailbox(client, taken)
        else:
            yield ExchangeMailbox(client)


@contextmanager
def _client(settings: Settings, recipient: Recipient) -> Iterator[httpx.Client]:
    """A client of the exchange, with a token of the recipient's for as long as it plays."""
    if settings.exchange_port is None:
        fail("HUB_EXCHANGE_PORT says where the exchange is, and is not set", MISUSED)
    engine, now = open_prepared(settings, Role.OWNER), datetime.now(UTC)
    scopes = (Scope.READ, Scope.ANSWER)
    issued = tokens.issue(settings, engine, recipient.code, scopes, now, days=1, by=account())
    address, headers = f"http://127.0.0.1:{settings.exchange_port}", {"Authorization": f"Bearer {issued.token}"}
    try:
        with httpx.Client(base_url=address, headers=headers) as client:
            yield client
    finally:
        tokens.revoke(settings, engine, issued.token_id, datetime.now(UTC), by=account())


def _listen(settings: Settings, recipient: Recipient, taken: Path, habits: Collection[Habit], seconds: float) -> None:
    """Take what comes to the recipient's webhook for a while, and say what came."""
    # It brings an HTTP server with it, which no other command should pay for.
    from hub.simulate.webhook import listening  # noqa: PLC0415

    url = urlsplit(recipient.transport["url"])
    if url.scheme != "http":
        fail(f"the webhook of {recipient.code} is not on this machine: its url begins with https", MISUSED)
    file = settings.secrets / "recipients" / recipient.transport["secret"]
    if not file.is_file():
        fail(f"there is no secret {file.name} under secrets/recipients", MISUSED)
    with listening(url.port or 80, taken, file.read_text().split(), habits) as inbox:
        complain(f"{recipient.code} listens on port {url.port or 80} for {seconds:.0f} s")
        with suppress(KeyboardInterrupt):
            time.sleep(seconds)
    for what, count in sorted(inbox.count.items()):
        typer.echo(f"{recipient.code}: {count} x {what}")
