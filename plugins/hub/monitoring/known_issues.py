"""What people say of known issues and of drift: rows are only ever added to ``ledger.known_issue_events``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from hub.monitoring.tables import DRIFTS, KNOWN_ISSUE_EVENTS


class IssueRefused(Exception):
    """The statement is refused; the message says why."""


@dataclass(frozen=True)
class NewIssue:
    """What is wrong: in which feed, column and sender (None: all of them), on which days of delivery (``to_on`` None:
    it lasts), and what it does to figures."""

    feed: str
    column: str | None
    sender: str | None
    from_on: date
    to_on: date | None
    effect: str


def open_issue(connection: sa.Connection, issue: NewIssue, said_by: str, *, drift_id: int | None = None) -> int:
    """Write down a known issue; return its number. Raises :class:`IssueRefused`."""
    if not issue.effect.strip():
        raise IssueRefused("an effect must be given: readers of figures see it")
    if issue.to_on is not None and issue.to_on < issue.from_on:
        raise IssueRefused(f"it cannot end on {issue.to_on}, before it began")
    table = KNOWN_ISSUE_EVENTS
    values = {
        "kind": "opened",
        "feed": issue.feed,
        "column_name": issue.column,
        "sender": issue.sender,
        "from_on": issue.from_on,
        "to_on": issue.to_on,
        "effect": issue.effect.strip(),
        "drift_id": drift_id,
        "said_by": said_by,
    }
    return int(connection.execute(sa.insert(table).values(values).returning(table.c.event_id)).scalar_one())


def close_issue(connection: sa.Connection, issue_id: int, to_on: date, effect: str, said_by: str) -> None:
    """Say that an issue is over: ``to_on`` is the last day of delivery that it touches, ``effect`` how it was put
    right. Raises :class:`IssueRefused`."""
    table = KNOWN_ISSUE_EVENTS
    # Two people may close one at once, and rows are only added: the second waits until the first has said so.
    number = sa.func.hashtextextended(f"known issue {issue_id}", 0)
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
    said = [row for row in events(connection) if row.issue_id == issue_id]
    if not said:
        raise IssueRefused(f"there is no known issue {issue_id}")
    if any(row.kind == "closed" for row in said):
        raise IssueRefused(f"known issue {issue_id} is closed already")
    first = said[0]
    if to_on < first.from_on:
        raise IssueRefused(f"it cannot end on {to_on}, before it began on {first.from_on}")
    kept = {name: getattr(first, name) for name in ("issue_id", "feed", "column_name", "sender", "from_on", "drift_id")}
    values = kept | {"kind": "closed", "to_on": to_on, "effect": effect.strip(), "said_by": said_by}
    connection.execute(sa.insert(table).values(values))


def events(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
    """All that was said, in order. ``issue_id`` is the number of the event that opened the issue."""
    table = KNOWN_ISSUE_EVENTS
    number = sa.func.coalesce(table.c.issue_id, table.c.event_id).label("issue_id")
    columns = [column for column in table.c if column.name != "issue_id"]
    return connection.execute(sa.select(number, *columns).order_by(table.c.event_id)).all()


def confirm_drift(connection: sa.Connection, drift_id: int, effect: str, decided_by: str) -> int:
    """Make a drift a known issue; return that one's number. It ends when the drift does. Raises
    :class:`IssueRefused`."""
    drift = _undecided(connection, drift_id)
    issue = NewIssue(
        drift.feed,
        None if drift.column_name == "*" else drift.column_name,
        None if drift.sender == "*" else drift.sender,
        drift.since_day or drift.first_day,
        None,
        effect,
    )
    number = open_issue(connection, issue, decided_by, drift_id=drift_id)
    _decide(connection, drift_id, "confirmed", decided_by)
    return number


def accept_drift(connection: sa.Connection, drift_id: int, decided_by: str) -> None:
    """Take what a drift became as right from its first day on. Raises :class:`IssueRefused`."""
    _undecided(connection, drift_id)
    _decide(connection, drift_id, "accepted", decided_by)


def close_drift(connection: sa.Connection, drift_id: int, over_day: date, closed_by: str) -> None:
    """Say that a drift is over: from ``over_day`` on the data are as they should be. Raises :class:`IssueRefused`."""
    drift = _drift(connection, drift_id)
    if drift.over_day is not None:
        raise IssueRefused(f"drift {drift_id} is over since {drift.over_day}")
    if over_day <= drift.first_day:
        raise IssueRefused(f"drift {drift_id} was found on {drift.first_day}; it cannot be over before the next day")
    values = {"over_day": over_day, "closed_by": closed_by}
    connection.execute(sa.update(DRIFTS).where(DRIFTS.c.drift_id == drift_id).values(values))


def _drift(connection: sa.Connection, drift_id: int) -> sa.Row[Any]:
    row = connection.execute(sa.select(DRIFTS).where(DRIFTS.c.drift_id == drift_id).with_for_update()).one_or_none()
    if row is None:
        raise IssueRefused(f"there is no drift {drift_id}")
    return row


def _undecided(connection: sa.Connection, drift_id: int) -> sa.Row[Any]:
    row = _drift(connection, drift_id)
    if row.decision is not None:
        raise IssueRefused(f"drift {drift_id} was {row.decision} by {row.decided_by}")
    return row


def _decide(connection: sa.Connection, drift_id: int, decision: str, decided_by: str) -> None:
    values = {"decision": decision, "decided_by": decided_by, "decided_at": sa.func.now()}
    connection.execute(sa.update(DRIFTS).where(DRIFTS.c.drift_id == drift_id).values(values))
