"""``hub dispatch``: allocations that go out to their recipients."""

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

import sqlalchemy as sa
import typer

from hub.cli.messages import MISUSED, complain, fail, no_such
from hub.cli.tables import print_entries
from hub.dispatch import deciding, ledger
from hub.dispatch.ledger import Dispatch, IllegalMove
from hub.dispatch.preparing import left_out
from hub.dispatch.recipients import read_recipients
from hub.dispatch.rounds import NotPrepared, prepare_dispatches, send_due
from hub.dispatch.states import ANSWERED, State
from hub.exchange.mailed_links import send_links
from hub.ingest.prepare import open_prepared
from hub.settings import read_settings
from hub.vault.audit import account
from hub.warehouse.roles import Role

app = typer.Typer(no_args_is_help=True, help="Dispatches: prepare, send, list, show, approve, withdraw, answer, pause.")
Id = Annotated[uuid.UUID, typer.Argument(metavar="ID", help="dispatch_id, as hub dispatch list shows it")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="A recipient's code, the name of its folder")]
DecidedBy = Annotated[str | None, typer.Option("--by", help="Who decides; the account by default, if not the hub's")]


@app.command("prepare")
def prepare() -> None:
    """Make dispatches of the newest publish; the same publish gives nothing new the second time."""
    settings = read_settings()
    open_prepared(settings, Role.DISPATCHER)
    try:
        done = prepare_dispatches(settings)
    except NotPrepared as problem:
        fail(str(problem))
    typer.echo(f"{len(done.new)} new, {done.count_superseded} replaced, {done.count_withdrawn} withdrawn")
    for (kind, code, route, why), count in sorted(done.left_out.items()):
        typer.echo(f"not sent: {count} to {kind} {code} by {route}: {why}")


@app.command("send")
def send(
    again: Annotated[uuid.UUID | None, typer.Option(help="Also what was given up of this dispatch")] = None,
) -> None:
    """Hand over what waits, also postponed dispatches, and follow receipts and answers. Ends with 1 where a recipient
    did not take a document."""
    settings = read_settings()
    engine = open_prepared(settings, Role.DISPATCHER)
    if again is not None and not deciding.send_again(engine, again):
        fail(f"nothing of {again} was given up")
    done, told = send_due(settings, at_once=True), send_links(settings)
    for code, count in sorted(done.taken.items()):
        typer.echo(f"{code}: {count} taken")
    for code, count in sorted(told.count.items()):
        typer.echo(f"{code}: {count} answer links mailed")
    typer.echo(f"{done.count_delivered} found delivered, {done.count_answered} moves by answers, "
               f"{done.count_answer_files} files with answers handed to ingest")  # fmt: skip
    problems = {**told.problems, **done.problems}
    for code, problem in sorted(problems.items()):
        complain(f"{code}: {problem}")
    if problems:
        raise typer.Exit(1)


@app.command("list")
def show_all(
    state: Annotated[str | None, typer.Option(help="In this state only")] = None,
    recipient: Annotated[str | None, typer.Option(help="To this recipient only")] = None,
) -> None:
    """Dispatches, urgent ones first, and, where no recipient is named, the allocations that nobody takes."""
    if state is not None and state not in list(State):
        fail(no_such("state", state, State), MISUSED)
    settings = read_settings()
    with open_prepared(settings, Role.DISPATCHER).connect() as connection:
        found = ledger.in_states(connection, [State(state)]) if state else ledger.everything(connection)
        untaken = left_out(connection, read_recipients(settings.recipients)) if recipient is None else {}
    wanted = [one for one in found if recipient in (None, one.recipient)]
    print_entries(("Dispatch", "What it is"), ((str(one.dispatch_id), _lines(one)) for one in wanted))
    for (kind, code, route, why), count in sorted(untaken.items()):
        typer.echo(f"not sent: {count} to {kind} {code} by {route}: {why}")


def _lines(one: Dispatch) -> list[str]:
    return [
        f"{'urgent, ' if one.is_urgent else ''}{one.state} since {one.moved_at:%Y-%m-%d %H:%M} UTC",
        f"{one.allocation_ref} to {one.recipient} by {one.route}",
        "waits for an approval" if one.state is State.PREPARED and one.needs_approval else "",
    ]


@app.command("show")
def show(
    dispatch: Id, package: Annotated[bool, typer.Option(help="The package itself, as it is sent")] = False
) -> None:
    """All that the ledger knows of a dispatch, with every move and its proof, as JSON."""
    with open_prepared(read_settings(), Role.DISPATCHER).connect() as connection:
        found = ledger.read(connection, [dispatch])
        if not found:
            fail(f"there is no dispatch {dispatch}")
        if package:
            typer.echo(ledger.package_of(connection, dispatch))
            return
        known = asdict(found[0]) | {"moves": [asdict(one) for one in ledger.moves_of(connection, dispatch)]}
    typer.echo(json.dumps(known, default=str, indent=2, ensure_ascii=False))


@app.command("approve")
def approve(dispatch: Id, decided_by: DecidedBy = None) -> None:
    """Let a dispatch be sent that waits for a person."""
    _decide(lambda engine: deciding.approve(engine, dispatch, decided_by=decided_by or account()))
    typer.echo(f"{dispatch} approved; next: hub dispatch send")


@app.command("withdraw")
def withdraw(
    dispatch: Id, because: Annotated[str, typer.Option(help="Why; the recipient is told")], decided_by: DecidedBy = None
) -> None:
    """Take a dispatch back; a recipient that has it is told so by the next round."""
    who = decided_by or account()
    _decide(lambda engine: deciding.withdraw(engine, dispatch, because=because, decided_by=who))
    typer.echo(f"{dispatch} withdrawn; next: hub dispatch send")


@app.command("pause")
def pause(
    code: Code, because: Annotated[str, typer.Option(help="Why; no personal details")], decided_by: DecidedBy = None
) -> None:
    """Send nothing to a recipient until it is resumed; what is due to it waits."""
    settings = read_settings()
    known = read_recipients(settings.recipients)
    if code not in known.contracts.keys() | known.refusals.keys():
        fail(no_such("recipient", code, known.contracts), MISUSED)
    who = decided_by or account()
    _decide(lambda engine: deciding.pause(engine, code, because=because, decided_by=who))
    typer.echo(f"nothing is sent to {code}; to go on: hub dispatch resume {code}")


@app.command("resume")
def resume(code: Code, decided_by: DecidedBy = None) -> None:
    """Send to a paused recipient again."""
    who = decided_by or account()
    if not _decide(lambda engine: deciding.resume(engine, code, decided_by=who)):
        fail(f"{code} was not paused")
    typer.echo(f"{code} is sent to again; next: hub dispatch send")


@app.command("answer")
def answer(
    dispatch: Id,
    state: Annotated[str, typer.Argument(help=f"What it is by the answer: {', '.join(ANSWERED)}")],
    because: Annotated[str, typer.Option(help="Who said so, and how; no personal details")],
    written_by: DecidedBy = None,
) -> None:
    """Write down an answer that came by word or letter, as those of support organisations do."""
    if state not in list(ANSWERED):
        fail(no_such("state", state, ANSWERED), MISUSED)
    who = written_by or account()
    _decide(lambda engine: deciding.write_down_answer(engine, dispatch, State(state), because=because, written_by=who))
    typer.echo(f"{dispatch} is {state}")


def _decide[Decided](decision: Callable[[sa.Engine], Decided]) -> Decided:
    try:
        return decision(open_prepared(read_settings(), Role.DISPATCHER))
    except deciding.NoPerson as refusal:
        fail(refusal, MISUSED)
    except IllegalMove as refusal:
        fail(refusal)
