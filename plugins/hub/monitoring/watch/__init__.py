"""Watch the deliveries: what is due, late or silent, what is missing, disagrees or waits for a person.

Each thing that is wrong is a cause with a stable key. ``ledger.alerts`` has at most one open alert a cause, with
the feed's owner; it is opened when the cause is first seen, brought up to date while it lasts, and closed when it is
over. Nothing here loads, moves or deletes a file.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.contracts.model import Catalogue, Contract
from hub.monitoring.watch.causes import (
    HUB_OWNER,
    Cause,
    FeedCalendar,
    arrivals,
    control_totals_that_disagree,
    deliveries_to_decide,
    drifts_of_meaning,
    gaps_in_sequence,
    known_arrivals,
    overdue_feeds,
    periods_that_cannot_be_read,
)
from hub.monitoring.watch.drop_folder import files_that_cannot_be_taken, files_that_nobody_takes, refused_contracts
from hub.monitoring.watch.safeguards import (
    KINDS,
    broken_audit_log,
    foreign_passwords,
    unfinished_erasures,
    wrong_rights,
)
from hub.settings import Settings
from hub.warehouse.columns import is_none_of
from hub.warehouse.tables import ALERTS

__all__ = [
    "HUB_OWNER",
    "Alert",
    "Cause",
    "FeedCalendar",
    "arrivals",
    "close_alert",
    "known_arrivals",
    "open_alert",
    "open_alerts",
    "watch_deliveries",
    "watch_feed",
    "watch_safeguards",
]

WATCH_LOCK = 4_207_004
OF_LOADS = ("control_total", "held", "refused", "unread_period")
"""Kinds of alerts that a load can open or end."""


@dataclass(frozen=True)
class Alert:
    """An open alert: a cause, and when it was first seen (UTC)."""

    alert_id: int
    cause: Cause
    opened_at: datetime


def watch_deliveries(
    engine: sa.Engine,
    catalogue: Catalogue,
    settings: Settings,
    now: datetime,
    others: Callable[[sa.Connection], Iterable[Cause]] = lambda _: (),
) -> list[Alert]:
    """Bring ``ledger.alerts`` up to date with what is wrong at ``now`` (aware) and return the open alerts, oldest
    first. ``others`` finds causes outside of the deliveries: it is asked when nobody else opens or closes alerts, so
    that none is closed whose cause came meanwhile. A second call with nothing changed changes nothing but
    ``last_seen_at``; two callers at once take turns."""
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WATCH_LOCK)))
        causes = [
            *refused_contracts(catalogue, settings.drop),
            *files_that_nobody_takes(catalogue, settings.drop, now),
            *files_that_cannot_be_taken(catalogue, settings.drop, settings.max_file_bytes),
            *overdue_feeds(connection, catalogue, now),
            *deliveries_to_decide(connection, catalogue, now),
            *control_totals_that_disagree(connection, catalogue),
            *gaps_in_sequence(connection, catalogue),
            *periods_that_cannot_be_read(connection, catalogue),
            *drifts_of_meaning(connection, catalogue),
            *others(connection),
        ]
        _open_or_refresh(connection, causes, now)
        _close_all_but(connection, causes, now, ALERTS.c.kind.not_in(KINDS))
        return open_alerts(connection)


def watch_safeguards(engine: sa.Engine, settings: Settings, now: datetime) -> list[Alert]:
    """Verify the audit log, the passwords and the bounds of all roles and that erasures were finished, and bring
    ``ledger.alerts`` up to date with what is wrong at ``now``; return the open alerts about these, oldest first."""
    found = [*broken_audit_log(settings), *foreign_passwords(settings), *unfinished_erasures(settings, now)]
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WATCH_LOCK)))
        causes = [*found, *wrong_rights(settings, connection)]
        _open_or_refresh(connection, causes, now)
        _close_all_but(connection, causes, now, ALERTS.c.kind.in_(KINDS))
        return [alert for alert in open_alerts(connection) if alert.cause.kind in KINDS]


def watch_feed(connection: sa.Connection, contract: Contract, now: datetime) -> None:
    """Open the alerts of a feed's deliveries, and close those that are over, in the transaction of a load: nobody
    has to wait for the next watch to hear that a total disagrees, or that a delivery is held or refused."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WATCH_LOCK)))
    catalogue = Catalogue({contract.feed: contract}, {})
    found = [
        *deliveries_to_decide(connection, catalogue, now),
        *control_totals_that_disagree(connection, catalogue),
        *periods_that_cannot_be_read(connection, catalogue),
    ]
    causes = [cause for cause in found if cause.feed == contract.feed and cause.kind in OF_LOADS]
    _open_or_refresh(connection, causes, now)
    table = ALERTS
    _close_all_but(connection, causes, now, (table.c.feed == contract.feed) & table.c.kind.in_(OF_LOADS))


def open_alert(connection: sa.Connection, cause: Cause, now: datetime) -> None:
    """Open the alert of a cause in the transaction of what brought it about: nobody waits for the next watch.
    One that runs comes first."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WATCH_LOCK)))
    _open_or_refresh(connection, [cause], now)


def close_alert(connection: sa.Connection, key: str, now: datetime) -> None:
    """Close the alert of a cause in the transaction of what ended it; nothing where none is open. A
    watch that runs comes first."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WATCH_LOCK)))
    table = ALERTS
    is_open = (table.c.cause == key) & table.c.closed_at.is_(None)
    connection.execute(sa.update(table).where(is_open).values(closed_at=now))


def open_alerts(connection: sa.Connection, delivery_id: uuid.UUID | None = None) -> list[Alert]:
    """All open alerts, oldest first; with ``delivery_id`` those of one delivery."""
    table = ALERTS
    query = sa.select(table).where(table.c.closed_at.is_(None)).order_by(table.c.opened_at, table.c.cause)
    if delivery_id is not None:
        query = query.where(table.c.delivery_id == delivery_id)
    return [
        Alert(row.alert_id, Cause(row.cause, row.kind, row.owner, row.detail, row.feed, row.delivery_id), row.opened_at)
        for row in connection.execute(query)
    ]


def _open_or_refresh(connection: sa.Connection, causes: Sequence[Cause], now: datetime) -> None:
    table = ALERTS
    for cause in causes:
        now_known = {"kind": cause.kind, "owner": cause.owner, "detail": cause.detail, "last_seen_at": now}
        fresh = insert(table).values(
            cause=cause.key, feed=cause.feed, delivery_id=cause.delivery_id, opened_at=now, **now_known
        )
        connection.execute(
            fresh.on_conflict_do_update(
                index_elements=[table.c.cause], index_where=table.c.closed_at.is_(None), set_=now_known
            )
        )


def _close_all_but(
    connection: sa.Connection, causes: Sequence[Cause], now: datetime, of: sa.ColumnElement[bool]
) -> None:
    table = ALERTS
    over = of & table.c.closed_at.is_(None) & is_none_of(table.c.cause, [cause.key for cause in causes])
    connection.execute(sa.update(table).where(over).values(closed_at=now))
