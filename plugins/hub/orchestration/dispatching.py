"""Sending dispatches, what a person is asked about those that wait for one, and carrying out the answer.

Plain functions, imported inside tasks only. A package is never shown: ids, recipients and routes are.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hub.dispatch import deciding, ledger
from hub.dispatch.ledger import IllegalMove
from hub.dispatch.preparing import Prepared
from hub.dispatch.recipients import read_recipients
from hub.dispatch.rounds import NotPrepared, prepare_dispatches, send_due
from hub.dispatch.states import ENDED, GIVEN_BACK
from hub.exchange.mailed_links import send_links
from hub.ingest.prepare import open_prepared
from hub.orchestration import approvals
from hub.orchestration.simulated_recipients import answer_for_simulated
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

DAG_ID = "dispatch_allocations"
NO_REASON = "no reason was given"
SHOWN = 200


class NothingToDecide(ValueError):
    """There is no dispatch to decide about; the message says why."""


def prepare_and_send(settings: Settings) -> dict[str, Any]:
    """Bring the dispatches up to date with the newest publish, and send what may go; return counts. What is urgent is
    sent before the others are prepared. Raises :class:`~hub.dispatch.rounds.NotPrepared` once all others are sent."""
    open_prepared(settings, Role.DISPATCHER)
    urgent = Prepared()
    with suppress(NotPrepared):  # raised below, with all others
        urgent = prepare_dispatches(settings, urgent_only=True)
    first = send_due(settings, urgent_only=True)
    try:
        prepared = prepare_dispatches(settings)
    except NotPrepared:
        follow(settings)
        raise
    said = follow(settings)
    first.taken.update(said["taken"])
    return {
        "new": len(urgent.new) + len(prepared.new),
        "withdrawn": urgent.count_withdrawn + prepared.count_withdrawn,
        "not_sent": prepared.left_out.total(),
        **said,
        "taken": dict(first.taken),
        "problems": {**first.problems, **said["problems"]},
    }


def follow(settings: Settings) -> dict[str, Any]:
    """A round of receipts, answers and sending, then links to answer by; return counts, and why a recipient took no
    more."""
    done, told = send_due(settings), send_links(settings)
    counts = {**vars(done), "taken": dict(done.taken), "count_links": told.count.total()}
    return {**counts, "problems": {**told.problems, **done.problems}}


def collect(settings: Settings) -> dict[str, Any]:
    """Such a round, after which recipients that do not exist answer for the next one."""
    counts = follow(settings)
    return {**counts, "simulated": dict(answer_for_simulated(settings, datetime.now(UTC)))}


def describe(settings: Settings, *, asks_again: bool, run_id: str | None = None) -> tuple[dict[str, Any], str]:
    """Dispatches that wait for a person, :data:`SHOWN` at most, as arguments of :func:`carry_out` and as Markdown:
    those that no other run than ``run_id`` asks or has asked about, or where it ``asks_again`` those that were asked
    about least often. Raises :class:`NothingToDecide`."""
    with open_warehouse(settings, Role.LOADER).connect() as connection:
        others = approvals.asked_about(connection, DAG_ID, but_for=run_id)
    asked = Counter(one for about in others for one in about["dispatch_ids"])
    with open_warehouse(settings, Role.DISPATCHER).connect() as connection:
        waiting = deciding.waiting_for_approval(connection)
    unasked = [one for one in waiting if asks_again or str(one.dispatch_id) not in asked]
    wanted = sorted(unasked, key=lambda one: asked[str(one.dispatch_id)])[:SHOWN]
    if not wanted:
        raise NothingToDecide("no dispatch waits for a person")
    lines = [
        f"| {one.dispatch_id} | {one.recipient} | {one.route} | {'**urgent**' if one.is_urgent else ''} |"
        for one in wanted
    ]
    head = ["| dispatch | recipient | route | |", "|---|---|---|---|"]
    return {"dispatch_ids": [str(one.dispatch_id) for one in wanted]}, "\n".join([*head, *lines])


def describe_withdrawal(settings: Settings, dispatch_id: str, because: str) -> tuple[dict[str, Any], str]:
    """What would be taken back and why: as arguments of :func:`withdraw`, and as Markdown. Raises
    :class:`NothingToDecide` where there is no such dispatch, or it has ended."""
    with open_warehouse(settings, Role.DISPATCHER).connect() as connection:
        found = ledger.read(connection, [uuid.UUID(dispatch_id)])
    if not found:
        raise NothingToDecide(f"there is no dispatch {dispatch_id}")
    [one] = found
    if one.state in (*ENDED, *GIVEN_BACK):
        raise NothingToDecide(f"dispatch {dispatch_id} is {one.state}")
    text = f"**Dispatch** {one.allocation_ref} ({one.dispatch_id}) to {one.recipient} by {one.route}, {one.state}"
    return {"dispatch_id": dispatch_id, "because": because}, f"{text}, is to be taken back, because: {because}"


def withdraw(settings: Settings, dispatch_id: str, *, because: str, decided_by: str) -> dict[str, Any]:
    """Take a dispatch back and tell its recipient; one that has ended meanwhile stays as it is."""
    engine, count = open_warehouse(settings, Role.DISPATCHER), 0
    with suppress(IllegalMove):
        deciding.withdraw(engine, uuid.UUID(dispatch_id), because=because, decided_by=decided_by)
        count = 1
    return {"withdrawn": count, **follow(settings)}


def send_again(settings: Settings, dispatch_id: str) -> dict[str, Any]:
    """Send what was given up of a dispatch. Raises :class:`NothingToDecide` where nothing was."""
    if not deciding.send_again(open_warehouse(settings, Role.DISPATCHER), uuid.UUID(dispatch_id)):
        raise NothingToDecide(f"nothing of dispatch {dispatch_id} was given up")
    return follow(settings)


def pause(settings: Settings, recipient: str, *, because: str, decided_by: str) -> dict[str, Any]:
    """Send nothing to a recipient until it is resumed. Raises :class:`NothingToDecide` where there is none of this
    code, or nothing is sent to it already."""
    known = read_recipients(settings.recipients)
    if recipient not in known.contracts.keys() | known.refusals.keys():
        raise NothingToDecide(f"there is no recipient {recipient}: {', '.join(known.contracts)}")
    engine = open_warehouse(settings, Role.DISPATCHER)
    if not deciding.pause(engine, recipient, because=because, decided_by=decided_by):
        raise NothingToDecide(f"{recipient} is paused already")
    return follow(settings)


def resume(settings: Settings, recipient: str, *, decided_by: str) -> dict[str, Any]:
    """Send to a recipient again, at once. Raises :class:`NothingToDecide` where it was not paused."""
    if not deciding.resume(open_warehouse(settings, Role.DISPATCHER), recipient, decided_by=decided_by):
        raise NothingToDecide(f"{recipient} was not paused")
    return follow(settings)


def carry_out(
    settings: Settings, dispatch_ids: Sequence[str], *, is_approved: bool, because: str | None, decided_by: str
) -> dict[str, Any]:
    """Approve these dispatches and send them, or withdraw them. One that was decided or replaced meanwhile stays so."""
    engine, count = open_warehouse(settings, Role.DISPATCHER), 0
    for one in map(uuid.UUID, dispatch_ids):
        with suppress(IllegalMove):
            if is_approved:
                deciding.approve(engine, one, decided_by=decided_by)
            else:
                deciding.withdraw(engine, one, because=because or NO_REASON, decided_by=decided_by)
            count += 1
    return {"approved" if is_approved else "withdrawn": count, **follow(settings)}
