"""Handing documents to one recipient's transport, one after the other, until it takes no more.

A document counts as sent only after its transport has said so. Where that answer is lost (the connection breaks, this
process is killed) it is handed over again, under the same id.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_exponential

from hub.dispatch import ledger, outbox
from hub.dispatch.outbox import PACKAGE, Waiting
from hub.dispatch.package import withdrawal
from hub.dispatch.transports import Parcel, PermanentFault, Receipt, TransientFault, Transport

type Clock = Callable[[], datetime]

LONGEST_TURN = timedelta(minutes=2)
"""After so long the other recipients have their turn; what is left is due at the next round."""


def send_to(
    engine: sa.Engine, transport: Transport, documents: Sequence[Waiting], clock: Clock
) -> tuple[int, str | None]:
    """Hand over documents in their order; returns how many were taken, and why the transport took no more. One that the
    recipient will never take holds up no other, and one that takes them slowly holds up no other recipient."""
    count_taken, problem, begun = 0, None, clock()
    for one in documents:
        if clock() - begun > LONGEST_TURN:
            break
        with engine.begin() as connection:
            if not outbox.mark_begun(connection, one, clock()):
                continue
            parcel = _parcel(connection, one)
        try:
            receipt = transport.send(parcel)
        except PermanentFault as fault:
            problem = str(fault)
            with engine.begin() as connection:
                outbox.mark_not_taken(connection, one, clock(), problem, is_final=True)
            continue
        except Exception as fault:  # a fault of one transport's library keeps no other recipient from its dispatches
            own = f"{type(fault).__name__}, which may be the hub's own fault"
            problem = str(fault) if isinstance(fault, TransientFault) else own
            with engine.begin() as connection:
                outbox.mark_not_taken(connection, one, clock(), problem, is_final=False)
            break
        _mark_taken(engine, one, clock, receipt)
        count_taken += 1
    return count_taken, problem


def _parcel(connection: sa.Connection, one: Waiting) -> Parcel:
    dispatch_id = one.dispatch.dispatch_id
    if one.document == PACKAGE:
        before = one.dispatch.supersedes
        text = ledger.package_of(connection, dispatch_id)
        return Parcel(dispatch_id, PACKAGE, text, str(before) if before is not None else None)
    because = ledger.moves_of(connection, dispatch_id)[-1].proof
    return Parcel(dispatch_id, one.document, withdrawal(dispatch_id, one.dispatch.allocation_ref, because))


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
