"""Paused recipients: their dispatches are prepared but not sent, and their answers are still accepted."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.dispatch.tables import PAUSES


@dataclass(frozen=True)
class Pause:
    """Since when nothing is sent to a recipient, who said so, and why."""

    recipient: str
    paused_at: datetime
    paused_by: str
    because: str


def pauses(connection: sa.Connection) -> dict[str, Pause]:
    """The pauses that hold, by recipient."""
    columns = [PAUSES.c[name] for name in Pause.__dataclass_fields__]
    query = sa.select(*columns).where(PAUSES.c.resumed_at.is_(None)).order_by(PAUSES.c.recipient)
    return {row.recipient: Pause(**row._mapping) for row in connection.execute(query)}


def is_paused(connection: sa.Connection, recipient: str) -> bool:
    """Whether nothing is to be sent to a recipient at this moment."""
    return recipient in pauses(connection)


def pause(connection: sa.Connection, recipient: str, now: datetime, *, by: str, because: str) -> bool:
    """Send nothing to a recipient from now on; False where nothing was sent to it already."""
    values = {"recipient": recipient, "paused_at": now, "paused_by": by, "because": because}
    holds = PAUSES.c.resumed_at.is_(None)
    new = insert(PAUSES).values(values).on_conflict_do_nothing(index_elements=["recipient"], index_where=holds)
    return connection.execute(new.returning(PAUSES.c.pause_id)).scalar() is not None


def resume(connection: sa.Connection, recipient: str, now: datetime, *, by: str) -> bool:
    """Send to a recipient again; False where it was not paused."""
    holds = (PAUSES.c.recipient == recipient) & PAUSES.c.resumed_at.is_(None)
    return connection.execute(sa.update(PAUSES).where(holds).values(resumed_at=now, resumed_by=by)).rowcount == 1
