"""What somebody has to know about dispatches, as alerts of their recipients' owners."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from hub.dispatch import ledger
from hub.dispatch.recipients import Recipients
from hub.dispatch.states import UNANSWERED
from hub.monitoring.watch import HUB_OWNER, WATCH_LOCK, Cause, close_alert, open_alert, open_alerts

URGENT, UNDELIVERED, REFUSED = "urgent_dispatch", "undelivered", "refused_recipient"
_GIVEN_UP = sa.text("""
    select dispatches.recipient, count(*) as count_documents, max(sends.problem) as problem
    from ledger.dispatch_sends as sends
    inner join ledger.dispatches on sends.dispatch_id = dispatches.dispatch_id
    cross join lateral (
        select moves.to_state from ledger.dispatch_moves as moves
        where moves.dispatch_id = dispatches.dispatch_id order by moves.move_number desc limit 1
    ) as last_move
    where sends.state = 'given_up' and (sends.document = 'withdrawal' or last_move.to_state = 'failed')
    group by dispatches.recipient order by dispatches.recipient
""")


def causes(connection: sa.Connection, recipients: Recipients) -> Iterator[Cause]:
    """Urgent dispatches that nobody has answered, recipients that take nothing, contracts that cannot be used."""
    owners = {code: one.owner for code, one in recipients.contracts.items()}
    for one in ledger.in_states(connection, UNANSWERED):
        if one.is_urgent:
            owner = owners.get(one.recipient, HUB_OWNER)
            yield Cause(f"{URGENT}:{one.dispatch_id}", URGENT, owner, f"{one.dispatch_id} to {one.recipient}")
    for row in connection.execute(_GIVEN_UP):
        detail = f"{row.recipient} did not take {row.count_documents} documents: {row.problem}"
        yield Cause(f"{UNDELIVERED}:{row.recipient}", UNDELIVERED, owners.get(row.recipient, HUB_OWNER), detail)
    for code, refusal in recipients.refusals.items():
        yield Cause(f"{REFUSED}:{code}", REFUSED, HUB_OWNER, f"{code}: {refusal}")


def refresh(connection: sa.Connection, recipients: Recipients, now: datetime) -> None:
    """Open the alerts of these causes, and close those of causes that are over: nobody waits for the next watch.
    One that runs comes first."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WATCH_LOCK)))
    found = list(causes(connection, recipients))
    for cause in found:
        open_alert(connection, cause, now)
    keys = {cause.key for cause in found}
    for alert in open_alerts(connection):
        if alert.cause.kind in (URGENT, UNDELIVERED, REFUSED) and alert.cause.key not in keys:
            close_alert(connection, alert.cause.key, now)
