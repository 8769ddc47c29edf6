"""What somebody has to know about dispatches, as alerts of their recipients' owners."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from hub.dispatch import ledger
from hub.dispatch.certificates import problem_at, read_any
from hub.dispatch.encryption import CertificateRefused
from hub.dispatch.pauses import pauses
from hub.dispatch.recipients import Recipient, Recipients
from hub.dispatch.states import UNANSWERED
from hub.monitoring.watch import HUB_OWNER, WATCH_LOCK, Cause, close_alert, open_alert, open_alerts

URGENT, UNDELIVERED, REFUSED = "urgent_dispatch", "undelivered", "refused_recipient"
CERTIFICATE, PAUSED = "recipient_certificate", "paused_recipient"
KINDS = (URGENT, UNDELIVERED, REFUSED, CERTIFICATE, PAUSED)
NOTICE_OF_AN_END = timedelta(days=30)
_GIVEN_UP = sa.text("""
    select dispatches.recipient, count(*) as count_documents, max(sends.problem) as problem
    from ledger.dispatch_sends as sends
    inner join ledger.dispatches on sends.dispatch_id = dispatches.dispatch_id
    cross join lateral (
        select moves.to_state from ledger.dispatch_moves as moves
        where moves.dispatch_id = dispatches.dispatch_id order by moves.move_number desc limit 1
    ) as last_move
    where sends.state = 'given_up' and (sends.document <> 'package' or last_move.to_state = 'failed')
    group by dispatches.recipient order by dispatches.recipient
""")


def causes(connection: sa.Connection, recipients: Recipients, now: datetime) -> Iterator[Cause]:
    """Urgent dispatches that nobody has answered, recipients that take nothing or are sent nothing, contracts that
    cannot be used, and certificates that end."""
    owners = {code: one.owner for code, one in recipients.contracts.items()}
    made_up = {code for code, one in recipients.contracts.items() if one.is_simulated}
    for one in ledger.in_states(connection, UNANSWERED):
        if one.is_urgent:
            owner = owners.get(one.recipient, HUB_OWNER)
            detail = f"{one.dispatch_id} to {one.recipient}{' (made up, as samples are)' * (one.recipient in made_up)}"
            yield Cause(f"{URGENT}:{one.dispatch_id}", URGENT, owner, detail)
    for row in connection.execute(_GIVEN_UP):
        detail = f"{row.recipient} did not take {row.count_documents} documents: {row.problem}"
        yield Cause(f"{UNDELIVERED}:{row.recipient}", UNDELIVERED, owners.get(row.recipient, HUB_OWNER), detail)
    for code, pause in pauses(connection).items():
        detail = f"{code}: nothing is sent to it since {pause.paused_at:%Y-%m-%d %H:%M} UTC"
        yield Cause(f"{PAUSED}:{code}", PAUSED, owners.get(code, HUB_OWNER), detail)
    for code, refusal in recipients.refusals.items():
        yield Cause(f"{REFUSED}:{code}", REFUSED, HUB_OWNER, f"{code}: {refusal}")
    for code, recipient in recipients.contracts.items():
        if problem := _problem_of_certificates(recipient, now + NOTICE_OF_AN_END):
            detail = f"{code}: nothing can be encrypted from {now + NOTICE_OF_AN_END:%Y-%m-%d} on, or now: {problem}"
            yield Cause(f"{CERTIFICATE}:{code}", CERTIFICATE, recipient.owner, detail)


def _problem_of_certificates(recipient: Recipient, moment: datetime) -> str | None:
    try:
        certificates = [read_any(path) for path in recipient.certificates]
    except CertificateRefused as refusal:  # it was changed since its contract was read
        return str(refusal)
    return problem_at(certificates, moment) if certificates else None


def refresh(connection: sa.Connection, recipients: Recipients, now: datetime) -> None:
    """Open the alerts of these causes, and close those of causes that are over: nobody waits for the next watch.
    One that runs comes first."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WATCH_LOCK)))
    found = list(causes(connection, recipients, now))
    for cause in found:
        open_alert(connection, cause, now)
    keys = {cause.key for cause in found}
    for alert in open_alerts(connection):
        if alert.cause.kind in KINDS and alert.cause.key not in keys:
            close_alert(connection, alert.cause.key, now)
