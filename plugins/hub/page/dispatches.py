"""Dispatches: what went out to each recipient, what waits, and who says nothing.

Nothing that names a person is in a dispatch: everybody who may see the page may read it.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from hub.dispatch import ledger
from hub.dispatch.pauses import Pause, pauses
from hub.dispatch.recipients import Recipient, read_recipients
from hub.dispatch.states import State
from hub.page.answers import page_of
from hub.page.links import change_of, changes_of
from hub.page.reading import reading

router = APIRouter(prefix="/dispatches", default_response_class=HTMLResponse)
RECENT = timedelta(days=90)
"""Older dispatches are found by their recipient's list."""
PAGE_LENGTH = 50
SENT = ("sent", "delivered", "opened")

_LAST_MOVE = """
    cross join lateral (
        select moves.to_state, moves.at from ledger.dispatch_moves as moves
        where moves.dispatch_id = dispatches.dispatch_id order by moves.move_number desc limit 1
    ) as last_move
"""
_BY_RECIPIENT = sa.text(f"""
    select
        dispatches.recipient,
        count(*) filter (where last_move.to_state = 'prepared' and dispatches.needs_approval) as count_for_approval,
        count(*) filter (
            where waiting.is_there and not (last_move.to_state = 'prepared' and dispatches.needs_approval)
        ) as count_waiting,
        max(waiting.problem) as problem,
        count(*) filter (where last_move.to_state = any(:sent)) as count_unanswered,
        min(last_move.at) filter (where last_move.to_state = any(:sent)) as silent_since,
        count(*) filter (where last_move.to_state = 'failed') as count_failed,
        count(*) filter (
            where last_move.to_state in ('acknowledged', 'accepted', 'returned', 'transferred', 'closed')
        ) as count_answered
    from ledger.dispatches
    {_LAST_MOVE}
    left join lateral (
        select true as is_there, max(sends.problem) as problem from ledger.dispatch_sends as sends
        where sends.dispatch_id = dispatches.dispatch_id and sends.state = 'waiting'
        having count(*) > 0
    ) as waiting on true
    where dispatches.prepared_at > :since
    group by dispatches.recipient
    order by dispatches.recipient
""")  # noqa: S608 - own SQL
_OF_RECIPIENT = sa.text(f"""
    select dispatches.dispatch_id, dispatches.dispatch_number, dispatches.route, dispatches.is_urgent,
        dispatches.prepared_at, last_move.to_state as state, last_move.at as moved_at
    from ledger.dispatches
    {_LAST_MOVE}
    where dispatches.recipient = :recipient and (cast(:state as text) is null or last_move.to_state = :state)
    order by dispatches.dispatch_number desc
    limit :limit offset :offset
""")  # noqa: S608 - own SQL
_OTHERS = sa.text(f"""
    select dispatches.dispatch_id, dispatches.dispatch_number, dispatches.recipient, dispatches.route,
        dispatches.prepared_at, last_move.to_state as state
    from ledger.dispatches
    {_LAST_MOVE}
    where dispatches.incident_id = :incident_id and dispatches.dispatch_id <> :dispatch_id
    order by dispatches.dispatch_number
    limit :limit
""")  # noqa: S608 - own SQL
_SENDS = sa.text("""
    select document, state, attempts, tried_at, next_at, problem, receipt from ledger.dispatch_sends
    where dispatch_id = :dispatch_id order by document
""")

_IS_SIMULATED = sa.text("""
    select cast(cast(package as jsonb) -> 'dispatch' ->> 'is_simulated' as boolean) from ledger.dispatches
    where dispatch_id = :dispatch_id
""")
_ANSWERED_IN = re.compile(r" of delivery ([0-9a-f-]{36})$")
"""How the proof of an answer ends."""
_PERSONS = sa.text("select count(*) from ledger.dispatch_persons where dispatch_id = :dispatch_id and told_in is null")


@dataclass(frozen=True)
class RecipientLine:
    """A recipient and its dispatches of late; ``contract`` is None where none can be read, and ``refusal`` says why."""

    code: str
    contract: Recipient | None
    refusal: str | None
    counts: sa.Row[Any] | None
    pause: Pause | None


@router.get("")
def recipients(request: Request) -> HTMLResponse:
    """Every recipient: what waits for it, what it has not answered and since when."""
    known = read_recipients(request.app.state.settings.recipients)
    with reading(request) as connection:
        asked = {"since": datetime.now(UTC) - RECENT, "sent": list(SENT)}
        counts = {row.recipient: row for row in connection.execute(_BY_RECIPIENT, asked)}
        paused = pauses(connection)
    codes = sorted(known.contracts.keys() | known.refusals.keys() | counts.keys() | paused.keys())
    lines = [
        RecipientLine(one, known.contracts.get(one), known.refusals.get(one), counts.get(one), paused.get(one))
        for one in codes
    ]
    return page_of(request, "dispatches", lines=lines, days=RECENT.days)


@router.get("/to/{code}")
def recipient(
    request: Request, code: str, state: State | None = None, page: Annotated[int, Query(ge=1, le=1_000)] = 1
) -> HTMLResponse:
    """A recipient's dispatches, the newest first."""
    asked = {"recipient": code, "state": state, "limit": PAGE_LENGTH + 1, "offset": (page - 1) * PAGE_LENGTH}
    with reading(request) as connection:
        found, pause = list(connection.execute(_OF_RECIPIENT, asked)), pauses(connection).get(code)
    contract = read_recipients(request.app.state.settings.recipients).contracts.get(code)
    if contract is None and not found:
        raise HTTPException(404)
    return page_of(
        request,
        "dispatches_of",
        code=code,
        contract=contract,
        pause=pause,
        action=change_of(code, is_paused=pause is not None),
        state=state,
        states=list(State),
        lines=found[:PAGE_LENGTH],
        page=page,
        has_more=len(found) > PAGE_LENGTH,
        answered_as=ledger.ANSWERED_AS.format,
    )


@router.get("/{dispatch_id}")
def dispatch(request: Request, dispatch_id: uuid.UUID) -> HTMLResponse:
    """A dispatch: each of its moves with its proof, each document with its attempts, and what a person can do."""
    with reading(request) as connection:
        found = ledger.read(connection, [dispatch_id])
        if not found:
            raise HTTPException(404)
        asked = {"incident_id": found[0].incident_id, "dispatch_id": dispatch_id, "limit": PAGE_LENGTH}
        moves = ledger.moves_of(connection, dispatch_id)
        return page_of(
            request,
            "dispatch",
            dispatch=found[0],
            moves=[(one, _delivery_of(one)) for one in moves],
            was_returned=any(one.to_state is State.RETURNED for one in moves),
            is_simulated=connection.execute(_IS_SIMULATED, {"dispatch_id": dispatch_id}).scalar_one(),
            sends=list(connection.execute(_SENDS, {"dispatch_id": dispatch_id})),
            others=list(connection.execute(_OTHERS, asked)),
            answered_as=ledger.ANSWERED_AS.format,
            steps=list(_steps(found[0])),
            actions=changes_of(found[0]),
            count_persons=connection.execute(_PERSONS, {"dispatch_id": dispatch_id}).scalar_one(),
        )


def _delivery_of(move: ledger.Move) -> str | None:
    """The delivery whose row has made a move."""
    found = _ANSWERED_IN.search(move.proof)
    return found[1] if found else None


def _steps(one: ledger.Dispatch) -> Iterator[tuple[str, str]]:
    """What an operator can do, and the command that does it."""
    if one.state is State.PREPARED and one.needs_approval:
        yield "Let it be sent", f"hub dispatch approve {one.dispatch_id}"
    if one.state in (State.SENT, State.DELIVERED, State.OPENED, State.ACKNOWLEDGED, State.ACCEPTED, State.FAILED):
        yield "Make a link by which its recipient answers once", f"hub exchange link {one.dispatch_id}"
        yield "Write down what was said by word", f"hub dispatch answer {one.dispatch_id} STATE --because WHY"
