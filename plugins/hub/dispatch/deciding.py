"""What people decide about dispatches."""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa

from hub.dispatch import ledger, outbox, pauses
from hub.dispatch.ledger import HUB, Dispatch, IllegalMove
from hub.dispatch.states import ANSWERED, State


class NoPerson(ValueError):
    """The name of who decides is the one under which the hub itself acts."""


def waiting_for_approval(connection: sa.Connection) -> list[Dispatch]:
    """Dispatches that are sent only after a person has approved them, urgent ones first."""
    return [one for one in ledger.in_states(connection, [State.PREPARED]) if one.needs_approval]


def approve(engine: sa.Engine, dispatch_id: uuid.UUID, *, decided_by: str, proof: str = "approved") -> None:
    """Let a dispatch be sent. Raises :class:`~hub.dispatch.ledger.IllegalMove` where it waits for nobody, and
    :class:`NoPerson`."""
    _refuse_the_hub(decided_by)
    with engine.begin() as connection:
        ledger.move(connection, dispatch_id, State.APPROVED, at=datetime.now(UTC), actor=decided_by, proof=proof)


def withdraw(engine: sa.Engine, dispatch_id: uuid.UUID, *, because: str, decided_by: str) -> None:
    """Take a dispatch back. Raises :class:`~hub.dispatch.ledger.IllegalMove` where it has ended, and
    :class:`NoPerson`."""
    _refuse_the_hub(decided_by)
    with engine.begin() as connection:
        ledger.hold(connection)
        found = ledger.read(connection, [dispatch_id])
        if not found:
            raise IllegalMove(f"there is no dispatch {dispatch_id}")
        outbox.withdraw(connection, found[0], datetime.now(UTC), actor=decided_by, because=because)


def write_down_answer(engine: sa.Engine, dispatch_id: uuid.UUID, to: State, *, because: str, written_by: str) -> None:
    """Move a dispatch as its recipient has said by word or letter. Raises
    :class:`~hub.dispatch.ledger.IllegalMove`, :class:`NoPerson`, and ValueError for a state that no answer leads to."""
    _refuse_the_hub(written_by)
    if to not in ANSWERED:
        raise ValueError(f"no answer makes a dispatch {to}")
    with engine.begin() as connection:
        ledger.move(connection, dispatch_id, to, at=datetime.now(UTC), actor=written_by, proof=f"by word: {because}")


def send_again(engine: sa.Engine, dispatch_id: uuid.UUID) -> bool:
    """Queue again what was given up of a dispatch; False if nothing was."""
    with engine.begin() as connection:
        return outbox.send_again(connection, dispatch_id, datetime.now(UTC)) > 0


def pause(engine: sa.Engine, recipient: str, *, because: str, decided_by: str) -> bool:
    """Pause a recipient; False if it is paused already. Raises :class:`NoPerson`."""
    _refuse_the_hub(decided_by)
    with engine.begin() as connection:
        return pauses.pause(connection, recipient, datetime.now(UTC), by=decided_by, because=because)


def resume(engine: sa.Engine, recipient: str, *, decided_by: str) -> bool:
    """Send to a recipient again; False where it was not paused. Raises :class:`NoPerson`."""
    _refuse_the_hub(decided_by)
    with engine.begin() as connection:
        return pauses.resume(connection, recipient, datetime.now(UTC), by=decided_by)


def _refuse_the_hub(decided_by: str) -> None:
    """What the hub withdrew it may take up again by itself; what a person decided it may not."""
    if decided_by == HUB:
        raise NoPerson(f"{HUB} is the name of the hub itself: say who decides with --by")
