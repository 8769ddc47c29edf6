"""Documents that wait for their transport: the package of each dispatch, the withdrawal of one that was sent, and that
persons in it were erased."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.dispatch import ledger
from hub.dispatch.ledger import Dispatch
from hub.dispatch.pauses import is_paused
from hub.dispatch.states import NOT_SENT, State
from hub.dispatch.tables import DISPATCHES, SENDS
from hub.dispatch.transports import Receipt
from hub.warehouse.columns import is_one_of

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
MOST_ATTEMPTS = 14
"""About seven hours; then the recipient's owner decides."""
LONGEST_PROBLEM = 300
PACKAGE, WITHDRAWAL = "package", "withdrawal"


@dataclass(frozen=True)
class Waiting:
    """A document whose turn it is."""

    dispatch: Dispatch
    document: str


def due(connection: sa.Connection, before: datetime | None) -> list[Waiting]:
    """What waits to be sent and may be: urgent ones first, then what was not refused yet, in the order of their
    numbers; with ``before`` only what is due then."""
    query = sa.select(SENDS.c.dispatch_id, SENDS.c.document, SENDS.c.problem).where(SENDS.c.state == "waiting")
    if before is not None:
        # No wait is longer: a later hour was written down while the clock was ahead.
        is_due = (SENDS.c.next_at <= before) | (SENDS.c.next_at > before + LONGEST_WAIT)
        query = query.where(is_due)
    was_refused: dict[uuid.UUID, dict[str, bool]] = defaultdict(dict)
    for row in connection.execute(query):
        was_refused[row.dispatch_id][row.document] = row.problem is not None
    waiting = [
        Waiting(one, document)
        for one in ledger.read(connection, was_refused)
        for document in sorted(was_refused[one.dispatch_id], key=lambda name: (name != PACKAGE, name))
        if document != PACKAGE or may_be_sent(one)
    ]
    # One that its recipient never takes holds up no other that is as urgent more than once.
    return sorted(
        waiting, key=lambda one: (not one.dispatch.is_urgent, was_refused[one.dispatch.dispatch_id][one.document])
    )


def may_be_sent(dispatch: Dispatch) -> bool:
    """Whether a package may go out: it was not answered or taken back, and nobody has to approve it first."""
    is_ready = dispatch.state is State.PREPARED and not dispatch.needs_approval
    return is_ready or dispatch.state in (State.APPROVED, State.FAILED)


def mark_begun(connection: sa.Connection, one: Waiting, now: datetime) -> bool:
    """Write down that a document is handed over; False where it no longer waits, or may no longer go out, or nothing is
    sent to its recipient any more."""
    if is_paused(connection, one.dispatch.recipient):
        return False
    if one.document == PACKAGE and not may_be_sent(ledger.read(connection, [one.dispatch.dispatch_id])[0]):
        return False
    begun = _send(one).values(attempts=SENDS.c.attempts + 1, tried_at=now).returning(SENDS.c.attempts)
    return connection.execute(begun).scalar() is not None


def mark_taken(connection: sa.Connection, one: Waiting, now: datetime, receipt: Receipt) -> None:
    """Write down that the transport has taken a document; a package is then sent, unless it was withdrawn, or its
    answer has come, while it was on its way."""
    ledger.hold(connection)
    taken = _send(one).values(state="taken", receipt=receipt.proof[: ledger.LONGEST_PROOF], problem=None)
    if connection.execute(taken).rowcount and one.document == PACKAGE:
        dispatch_id = one.dispatch.dispatch_id
        if _state(connection, dispatch_id) in (*NOT_SENT, State.FAILED):
            ledger.move(connection, dispatch_id, State.SENT, at=now, actor=ledger.HUB, proof=receipt.proof)
            if receipt.is_delivered:
                ledger.move(connection, dispatch_id, State.DELIVERED, at=now, actor=ledger.HUB, proof=receipt.proof)


def mark_not_taken(connection: sa.Connection, one: Waiting, now: datetime, problem: str, *, is_final: bool) -> None:
    """Write down why not, and let all that is due to the recipient wait twice as long after each attempt of any of it.
    With ``is_final`` (it will never take this document) the others go on, and this one is given up, as one is after
    :data:`MOST_ATTEMPTS` of its own: a package has then failed."""
    ledger.hold(connection)
    problem = problem[:LONGEST_PROBLEM]
    tried = _send(one).values(problem=problem).returning(SENDS.c.attempts)
    attempts: int | None = connection.execute(tried).scalar()
    if attempts is None:
        return
    if is_final or attempts >= MOST_ATTEMPTS:
        connection.execute(_send(one).values(state="given_up"))
        if one.document == PACKAGE and _state(connection, one.dispatch.dispatch_id) in NOT_SENT:
            ledger.move(connection, one.dispatch.dispatch_id, State.FAILED, at=now, actor=ledger.HUB, proof=problem)
    if not is_final:
        own = sa.select(DISPATCHES.c.dispatch_id).where(DISPATCHES.c.recipient == one.dispatch.recipient)
        waits = (SENDS.c.state == "waiting") & SENDS.c.dispatch_id.in_(own)
        others = connection.execute(sa.select(sa.func.sum(SENDS.c.attempts)).where(waits, ~_is(one))).scalar() or 0
        wait = min(FIRST_WAIT * 2 ** min(attempts + int(others) - 1, 10), LONGEST_WAIT)
        due = waits & ((SENDS.c.next_at <= now + wait) | (SENDS.c.next_at > now + LONGEST_WAIT))
        connection.execute(sa.update(SENDS).where(due).values(next_at=now + wait))


def _state(connection: sa.Connection, dispatch_id: uuid.UUID) -> State:
    return ledger.read(connection, [dispatch_id])[0].state


def send_again(connection: sa.Connection, dispatch_id: uuid.UUID, now: datetime) -> int:
    """Let what was given up of a dispatch wait for its turn again, its package only while it may still go out; return
    how many documents."""
    given_up = (SENDS.c.dispatch_id == dispatch_id) & (SENDS.c.state == "given_up")
    if all(one.state is not State.FAILED for one in ledger.read(connection, [dispatch_id])):
        given_up &= SENDS.c.document != PACKAGE
    anew = sa.update(SENDS).where(given_up).values(state="waiting", attempts=0, next_at=now)
    return connection.execute(anew).rowcount


def withdraw(connection: sa.Connection, dispatch: Dispatch, now: datetime, *, actor: str, because: str) -> None:
    """Withdraw a dispatch; who has it, or may have it, is told so, and so it is of the version before, where
    that is what it has. Raises :class:`~hub.dispatch.ledger.IllegalMove`."""
    ledger.move(connection, dispatch.dispatch_id, State.WITHDRAWN, at=now, actor=actor, proof=because)
    if _drop_package(connection, dispatch.dispatch_id) or dispatch.state not in NOT_SENT:
        connection.execute(sa.insert(SENDS).values(dispatch_id=dispatch.dispatch_id, document=WITHDRAWAL, next_at=now))
    before = ledger.versions_before(connection, dispatch.dispatch_id)
    of_it = ledger.taken_back(connection).keys() & set(before) if before else ()
    tried = sa.select(SENDS.c.dispatch_id, sa.literal(WITHDRAWAL), sa.literal(now)).where(
        is_one_of(SENDS.c.dispatch_id, of_it), SENDS.c.document == PACKAGE, SENDS.c.tried_at.is_not(None)
    )
    told = insert(SENDS).from_select(["dispatch_id", "document", "next_at"], tried)
    connection.execute(told.on_conflict_do_nothing())


def tell_of_erasure(connection: sa.Connection, dispatch_id: uuid.UUID, now: datetime) -> str:
    """Let the recipient be told once more that persons in a package were erased; returns the document that says so."""
    earlier = sa.select(sa.func.count()).where(SENDS.c.dispatch_id == dispatch_id, SENDS.c.document.like("erasure-%"))
    document = f"erasure-{connection.execute(earlier).scalar_one() + 1}"
    connection.execute(sa.insert(SENDS).values(dispatch_id=dispatch_id, document=document, next_at=now))
    return document


def supersede(connection: sa.Connection, dispatch: Dispatch, now: datetime, *, by: uuid.UUID) -> None:
    """Let a newer dispatch take the place of one; the newer package tells the recipient so."""
    proof = f"superseded by {by}"
    ledger.move(connection, dispatch.dispatch_id, State.SUPERSEDED, at=now, actor=ledger.HUB, proof=proof)
    _drop_package(connection, dispatch.dispatch_id)


def _drop_package(connection: sa.Connection, dispatch_id: uuid.UUID) -> bool:
    """Let a package that waits go nowhere; returns whether it was handed over before, and may have been taken."""
    waits = (SENDS.c.dispatch_id == dispatch_id) & (SENDS.c.document == PACKAGE) & (SENDS.c.state == "waiting")
    dropped = sa.update(SENDS).where(waits).values(state="dropped").returning(SENDS.c.tried_at)
    return connection.execute(dropped).scalar() is not None


def _send(one: Waiting) -> sa.Update:
    return sa.update(SENDS).where(_is(one), SENDS.c.state == "waiting")


def _is(one: Waiting) -> sa.ColumnElement[bool]:
    return (SENDS.c.dispatch_id == one.dispatch.dispatch_id) & (SENDS.c.document == one.document)
