"""The outbox's only code that talks to the database: what is noted, what is due, what became of it."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hub.notifications.causes import LOOKED_BACK, Told, causes, lines
from hub.notifications.channels import Channel
from hub.notifications.kinds import KINDS, Severity
from hub.notifications.tables import NOTIFICATION_SENDS, NOTIFICATIONS
from hub.warehouse.columns import is_none_of, is_one_of

NOTE_LOCK = 4_207_021
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=10)
LONGEST_ANSWER = 300
UNREAD = "notifications.yaml"
"""In place of its channels, where a message waits while these cannot be read."""


@dataclass(frozen=True)
class Message:
    """A message as its channel gets it. ``over_at`` is set where its cause is over meanwhile."""

    notification_id: uuid.UUID
    severity: Severity
    title: str
    lines: tuple[str, ...]
    over_at: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """A message in the outbox and its state with one channel; without one, ``channel`` is None."""

    message: Message
    owner: str
    noted_at: datetime
    channel: str | None
    state: str
    attempts: int
    next_at: datetime | None
    problem: str | None
    sent_at: datetime | None
    receipt: str | None


def note(
    connection: sa.Connection,
    channels: Iterable[Channel] | None,
    now: datetime,
    others: Iterable[Told] = (),
    unseen: Collection[str] = (),
) -> int:
    """Bring the outbox up to date with the ledger at ``now``, and with ``others``, which the ledger does not know;
    return how many messages are new. Causes of ``unseen`` kinds, which nobody can look at now, stay as they are.

    A new notification goes to all channels that take it; a channel that was set up since also gets what
    has lasted for up to :data:`LOOKED_BACK`. Where the channels cannot be read (None) what is new waits until they can
    be. What only asked for something is dropped where that is done; all else is told even when it is over, and says so.
    Two callers at once take turns.
    """
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(NOTE_LOCK)))
    told = {one.cause: one for one in [*causes(connection, now), *others]}
    fresh = _write_down(connection, told, now)
    _mark_over(connection, told, unseen, now)
    if channels is None:
        _send_by(connection, UNREAD, fresh, now)
        return len(fresh)
    sends = NOTIFICATION_SENDS
    unread = sa.delete(sends).where(sends.c.channel == UNREAD, sends.c.state == "waiting")
    never_addressed = [*fresh, *connection.execute(unread.returning(sends.c.notification_id)).scalars()]
    for channel in channels:
        _address(connection, channel, never_addressed, now)
    return len(fresh)


def _write_down(connection: sa.Connection, told: Mapping[str, Told], now: datetime) -> list[uuid.UUID]:
    """Write down new notifications; a cause that is back after it was over lasts again, and is not told a second time:
    it goes by the channels that had not taken it."""
    table = NOTIFICATIONS
    lasts_again = is_one_of(table.c.cause, told) & table.c.over_at.is_not(None)
    again = sa.update(table).where(lasts_again).values(over_at=None).returning(table.c.notification_id)
    back, sends = list[uuid.UUID](connection.execute(again).scalars()), NOTIFICATION_SENDS
    never_sent = is_one_of(sends.c.notification_id, back) & (sends.c.state == "dropped")
    connection.execute(sa.update(sends).where(never_sent).values(state="waiting", next_at=now))
    known: set[str] = set(connection.execute(sa.select(table.c.cause).where(is_one_of(table.c.cause, told))).scalars())
    fresh = [one for cause, one in told.items() if cause not in known]
    if fresh:
        connection.execute(sa.insert(table), [_row(connection, one, now) for one in fresh])
    return [one.notification_id for one in fresh]


def _row(connection: sa.Connection, told: Told, now: datetime) -> dict[str, Any]:
    return {
        "notification_id": told.notification_id,
        "cause": told.cause,
        "kind": told.kind,
        "owner": told.owner,
        "severity": KINDS[told.kind].severity,
        "title": told.title,
        "lines": lines(connection, told),
        "since_at": told.since_at,
        "noted_at": now,
    }


def _mark_over(connection: sa.Connection, told: Collection[str], unseen: Collection[str], now: datetime) -> None:
    table, sends = NOTIFICATIONS, NOTIFICATION_SENDS
    is_over = table.c.over_at.is_(None) & is_none_of(table.c.cause, told) & table.c.kind.not_in(unseen)
    connection.execute(sa.update(table).where(is_over).values(over_at=now))
    only_asked = [name for name, kind in KINDS.items() if kind.asks]
    is_done = (
        (sends.c.state == "waiting")
        & (sends.c.notification_id == table.c.notification_id)
        & table.c.over_at.is_not(None)
        & table.c.kind.in_(only_asked)
    )
    connection.execute(sa.update(sends).where(is_done).values(state="dropped"))


def _address(connection: sa.Connection, channel: Channel, fresh: Collection[uuid.UUID], now: datetime) -> None:
    """Let go by a channel what it takes, where that is new, or lasts and has never gone by it."""
    table, sends = NOTIFICATIONS.c, NOTIFICATION_SENDS
    lasts = table.over_at.is_(None) & (table.noted_at > now - LOOKED_BACK)
    has_gone = sa.exists().where(sends.c.notification_id == table.notification_id, sends.c.channel == channel.name)
    query = sa.select(table.notification_id, table.owner, table.severity)
    rows = connection.execute(query.where(is_one_of(table.notification_id, fresh) | lasts, ~has_gone)).all()
    wanted = [row.notification_id for row in rows if channel.takes(row.owner, Severity(row.severity))]
    _send_by(connection, channel.name, wanted, now)


def _send_by(connection: sa.Connection, channel: str, messages: Iterable[uuid.UUID], now: datetime) -> None:
    rows = [{"notification_id": one, "channel": channel, "next_at": now} for one in messages]
    if rows:
        connection.execute(sa.insert(NOTIFICATION_SENDS), rows)


def first_that_lasts(connection: sa.Connection, kinds: Collection[str]) -> datetime | None:
    """Since when the oldest cause of these kinds lasts that was noted; None where none does."""
    table = NOTIFICATIONS.c
    query = sa.select(sa.func.min(table.since_at)).where(table.over_at.is_(None), table.kind.in_(kinds))
    first: datetime | None = connection.execute(query).scalar_one()
    return first


def is_due(connection: sa.Connection, channels: Collection[str], now: datetime) -> bool:
    """Whether a message waits for its turn by one of these channels at ``now``."""
    sends = NOTIFICATION_SENDS.c
    its_turn = (sends.state == "waiting", _is_due(now), sends.channel.in_(channels))
    return bool(connection.scalar(sa.select(sa.exists().where(*its_turn))))


def waiting(connection: sa.Connection, channel: str, before: datetime | None) -> list[Message]:
    """What waits for a channel, those that it has not refused first, then oldest first; with ``before`` only what is
    due then."""
    table, sends = NOTIFICATIONS, NOTIFICATION_SENDS
    query = (
        sa.select(table)
        .join(sends, sends.c.notification_id == table.c.notification_id)
        .where(sends.c.channel == channel, sends.c.state == "waiting")
        .order_by(sends.c.problem.is_not(None), sends.c.tried_at.nulls_first(), table.c.since_at, table.c.cause)
    )
    if before is not None:
        query = query.where(_is_due(before))
    return [_message(row) for row in connection.execute(query)]


def _is_due(now: datetime, *, within: timedelta = timedelta()) -> sa.ColumnElement[bool]:
    """No wait is longer than the longest: a later hour was written down while the clock was ahead."""
    next_at = NOTIFICATION_SENDS.c.next_at
    return (next_at <= now + within) | (next_at > now + LONGEST_WAIT)


def _message(row: Any) -> Message:
    return Message(row.notification_id, Severity(row.severity), row.title, tuple(row.lines), row.over_at)


def mark_begun(connection: sa.Connection, message: Message, channel: str, now: datetime) -> bool:
    """Write down that a message is handed to its channel; False where it no longer waits."""
    begun = _send(message, channel).values(attempts=NOTIFICATION_SENDS.c.attempts + 1, tried_at=now)
    return connection.execute(begun.returning(NOTIFICATION_SENDS.c.channel)).scalar() is not None


def mark_sent(connection: sa.Connection, message: Message, channel: str, now: datetime, receipt: str) -> None:
    """Write down that the channel has taken a message."""
    taken = {"state": "sent", "sent_at": now, "receipt": receipt[:LONGEST_ANSWER], "problem": None}
    connection.execute(_send(message, channel).values(taken))


def put_off(connection: sa.Connection, message: Message, channel: str, now: datetime, problem: str) -> None:
    """Write down why a channel did not take a message, and let all that is due by it wait: twice as long each time.
    One that has been dropped meanwhile waits no more, and the others are tried."""
    sends = NOTIFICATION_SENDS
    tried = _send(message, channel).values(problem=problem[:LONGEST_ANSWER]).returning(sends.c.attempts)
    attempts: int | None = connection.execute(tried).scalar()
    if attempts is None:
        return
    wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
    due = (sends.c.channel == channel) & (sends.c.state == "waiting") & _is_due(now, within=wait)
    others = due & (sends.c.notification_id != message.notification_id)
    connection.execute(sa.update(sends).where(others).values(attempts=sends.c.attempts + 1))
    connection.execute(sa.update(sends).where(due).values(next_at=now + wait))


def _send(message: Message, channel: str) -> sa.Update:
    sends = NOTIFICATION_SENDS
    of = (sends.c.notification_id == message.notification_id) & (sends.c.channel == channel)
    return sa.update(sends).where(of, sends.c.state == "waiting")


def entries(connection: sa.Connection, *, also_sent: bool = False) -> list[Entry]:
    """What waits, and what lasts and has no channel, oldest first; with ``also_sent`` everything."""
    table, sends = NOTIFICATIONS, NOTIFICATION_SENDS
    has_no_channel = sends.c.channel.is_(None) & table.c.over_at.is_(None)
    query = (
        sa.select(table, *(column for column in sends.columns if column.name != "notification_id"))
        .outerjoin(sends, sends.c.notification_id == table.c.notification_id)
        .order_by(table.c.noted_at, table.c.cause, sends.c.channel)
    )
    if not also_sent:
        query = query.where((sends.c.state == "waiting") | has_no_channel)
    return [
        Entry(
            message=_message(row),
            owner=row.owner,
            noted_at=row.noted_at,
            channel=row.channel,
            state=row.state or "no channel",
            attempts=row.attempts or 0,
            next_at=row.next_at,
            problem=row.problem,
            sent_at=row.sent_at,
            receipt=row.receipt,
        )
        for row in connection.execute(query)
    ]
