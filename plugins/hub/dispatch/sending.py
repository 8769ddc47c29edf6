"""Handing documents to one recipient's transport, one after the other, until it takes no more.

A document counts as sent only after its transport has said so. Where that answer is lost (the connection breaks, this
process is killed) it is handed over again, under the same id.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_exponential

from hub.dispatch import ledger, outbox
from hub.dispatch.erased_persons import told_in
from hub.dispatch.ledger import Dispatch
from hub.dispatch.outbox import PACKAGE, WITHDRAWAL, Waiting
from hub.dispatch.package import erasure, withdrawal
from hub.dispatch.transports import Parcel, PermanentFault, Receipt, TransientFault, Transport

type Clock = Callable[[], datetime]
type NamePersons = Callable[[Dispatch, str], str]

LONGEST_TURN = timedelta(minutes=2)
"""After so long the other recipients have their turn; the rest is due at the next round."""


@dataclass(frozen=True)
class Turn:
    """The result of a recipient's turn: how many documents it took, why it did not take one, and whether it is left
    alone until the next round."""

    count_taken: int
    problem: str | None
    is_over: bool


def send_to(
    engine: sa.Engine, transport: Transport, documents: Sequence[Waiting], clock: Clock, name_persons: NamePersons
) -> Turn:
    """Hand over documents in their order; ``name_persons`` adds the persons to a package. A document that the recipient
    will never take does not stop the others, and a slow recipient does not stop other recipients."""
    count_taken, problem, begun = 0, None, clock()
    for one in documents:
        if clock() - begun > LONGEST_TURN:
            return Turn(count_taken, problem, is_over=True)
        with engine.begin() as connection:
            if not outbox.mark_begun(connection, one, clock()):
                continue
        try:
            with engine.connect() as connection:
                parcel = _parcel(connection, one)
            if one.document == PACKAGE:
                parcel = replace(parcel, text=name_persons(one.dispatch, parcel.text), kept=parcel.text)
            receipt = transport.send(parcel)
        except PermanentFault as fault:
            problem = str(fault)
            with engine.begin() as connection:
                outbox.mark_not_taken(connection, one, clock(), problem, is_final=True)
            continue
        except Exception as fault:  # what is wrong with one package or transport keeps no other recipient from its own
            own = f"{type(fault).__name__}, which may be the hub's own fault"
            problem = str(fault) if isinstance(fault, TransientFault) else own
            with engine.begin() as connection:
                outbox.mark_not_taken(connection, one, clock(), problem, is_final=False)
            return Turn(count_taken, problem, is_over=True)
        _mark_taken(engine, one, clock, receipt)
        count_taken += 1
    return Turn(count_taken, problem, is_over=False)


def _parcel(connection: sa.Connection, one: Waiting) -> Parcel:
    dispatch_id = one.dispatch.dispatch_id
    if one.document == PACKAGE:
        before = [str(version) for version in ledger.versions_before(connection, dispatch_id)]
        text = ledger.package_of(connection, dispatch_id)
        return Parcel(dispatch_id, PACKAGE, text, before[0] if before else None, earlier=tuple(before[1:]))
    if one.document == WITHDRAWAL:
        because = ledger.taken_back(connection).get(dispatch_id) or ledger.moves_of(connection, dispatch_id)[-1].proof
        text = withdrawal(dispatch_id, one.dispatch.allocation_ref, because)
    else:
        text = erasure(dispatch_id, one.dispatch.allocation_ref, told_in(connection, dispatch_id, one.document))
    return Parcel(dispatch_id, one.document, text)


@retry(
    retry=retry_if_exception_type(sa.exc.OperationalError),
    wait=wait_exponential(min=0.1, max=5),
    stop=stop_after_delay(60),
    reraise=True,
)
def _mark_taken(engine: sa.Engine, one: Waiting, clock: Clock, receipt: Receipt) -> None:
    """A restart of the database just now must not have the document sent twice."""
    with engine.begin() as connection:
        outbox.mark_taken(connection, one, clock(), receipt)
