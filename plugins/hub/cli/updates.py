"""``hub updates``: what the people who reported are told."""

import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.cli.messages import MISUSED, complain, fail
from hub.cli.tables import print_entries
from hub.ingest.prepare import open_prepared
from hub.reporters import outbox
from hub.reporters.due import places
from hub.reporters.outbox import NotWaiting, Update
from hub.reporters.rules import RulesRefused, read_rules
from hub.reporters.sending import Round, prepare_updates, send_due
from hub.settings import Settings, read_settings
from hub.vault.audit import account
from hub.warehouse.roles import Role

app = typer.Typer(
    no_args_is_help=True, help="What people who reported are told: prepare, list, approve, drop, send, stop, resume."
)
Id = Annotated[uuid.UUID, typer.Argument(metavar="ID", help="Of the message, as hub updates list shows it")]
Report = Annotated[uuid.UUID, typer.Argument(metavar="REPORT", help="report_id")]
DecidedBy = Annotated[str | None, typer.Option("--by", help="Who decides; the account by default")]


@app.command("prepare")
def prepare() -> None:
    """Write down what reporters are due by the newest publish; the second time nothing is new."""
    settings = read_settings()
    open_prepared(settings, Role.DISPATCHER)
    if not settings.updates.exists():
        typer.echo(f"Nobody is told anything: there is no {settings.updates} (docs/operating.md)")
        return
    try:
        done = prepare_updates(settings)
    except RulesRefused as refusal:
        fail(refusal)
    typer.echo(f"{done.new} new, {done.over} no longer hold")


@app.command("list")
def show(
    everything: Annotated[bool, typer.Option("--all", help="Also what was sent or dropped")] = False,
) -> None:
    """Messages that wait, word by word, and why."""
    settings = read_settings()
    _say_who_carries_them(settings)
    with open_prepared(settings, Role.DISPATCHER).connect() as connection:
        states = ("waiting", "approved", "given_up", *(("sent", "dropped") if everything else ()))
        found = outbox.in_state(connection, *states)
    if not found:
        typer.echo("No message waits.")
        return
    print_entries(("Message", "What it is"), ((str(one.update_id), list(_lines(one))) for one in found))


def _say_who_carries_them(settings: Settings) -> None:
    """Nobody is to take a message of the samples for one that left."""
    with suppress(RulesRefused):
        rules = read_rules(settings)
        if rules is not None and rules.is_simulated:
            complain("updates.yaml says simulated: only people of samples are told, and nothing leaves the hub")


def _lines(one: Update) -> Iterator[str]:
    yield f"{one.kind.replace('_', ' ')}, report {one.report_id}: {one.state.replace('_', ' ')}"
    if one.sent_at:
        yield f"sent {one.sent_at:%Y-%m-%d %H:%M} UTC to the {one.sent_as}"
    if one.because:
        yield f"because {one.because}"
    if one.problem:
        yield f"not taken: {one.problem}; tried {one.attempts} times"
    yield one.subject
    yield from one.words.splitlines()


@app.command("approve")
def approve(update: Id, decided_by: DecidedBy = None) -> None:
    """Let a message be sent."""
    _decide(update, decided_by, None)
    typer.echo(f"{update} approved; next: hub updates send")


@app.command("drop")
def drop(
    update: Id, because: Annotated[str, typer.Option(help="Why; no personal details")], decided_by: DecidedBy = None
) -> None:
    """Let a message never be sent."""
    _decide(update, decided_by, because)
    typer.echo(f"{update} dropped")


def _decide(update: uuid.UUID, decided_by: str | None, because: str | None) -> None:
    who = _person(decided_by)
    try:
        with open_prepared(read_settings(), Role.DISPATCHER).begin() as connection:
            outbox.decide(connection, update, datetime.now(UTC), by=who, because=because)
    except NotWaiting as refusal:
        fail(refusal)


def _person(named: str | None) -> str:
    """Who decides: the person that is named, or whose account it is."""
    who = named or account()
    if who in (outbox.HUB, outbox.BY_RULE):
        fail(f"{who} is no person: say who decides with --by", MISUSED)
    return who


@app.command("send")
def send() -> None:
    """Send what was approved, also postponed messages. Ends with 1 where the mail server did not take a message."""
    settings = read_settings()
    open_prepared(settings, Role.DISPATCHER)
    try:
        done = send_due(settings, at_once=True)
    except RulesRefused as refusal:
        fail(refusal)
    _print(done)
    if done.put_off:
        raise typer.Exit(1)


def _print(done: Round) -> None:
    typer.echo(f"{done.sent} sent")
    for why, count in sorted(done.dropped.items()):
        typer.echo(f"dropped: {count}: {why}")
    for why, count in sorted(done.put_off.items()):
        complain(f"put off: {count}: {why}")


@app.command("stop")
def stop(
    report: Report, because: Annotated[str, typer.Option(help="Why; no personal details")], by: DecidedBy = None
) -> None:
    """Contact nobody of this report any more: it is not safe for them. Nor of its incident, nor at the same address."""
    who = _person(by)
    with open_prepared(read_settings(), Role.DISPATCHER).begin() as connection:
        if report not in places(connection, [report]):
            fail(f"the newest publish has no report {report}: publish.incident_evidence_v1 has their ids")
        outbox.stop(connection, report, because=because, by=who)
    typer.echo(f"nobody of {report} is contacted; `hub updates resume {report}` ends that")


@app.command("resume")
def resume(report: Report, by: DecidedBy = None) -> None:
    """Let people of this report be contacted again."""
    who = _person(by)
    with open_prepared(read_settings(), Role.DISPATCHER).begin() as connection:
        if not outbox.resume(connection, report, datetime.now(UTC), by=who):
            fail(f"nothing had stopped messages about {report}")
    typer.echo(f"people of {report} may be contacted again")
