"""Dispatches for the allocations of the newest publish: new ones, new versions of old ones, and withdrawals.

The same publish prepared again gives nothing new. Preparers take turns.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from hub.dispatch import ledger, outbox
from hub.dispatch.ledger import Dispatch
from hub.dispatch.offered import Offered, is_published, offered
from hub.dispatch.package import Envelope, PackageRefused, content, content_sha256, day_of, dispatch_id_of, package
from hub.dispatch.recipients import Recipient, Recipients
from hub.dispatch.states import ENDED, GIVEN_BACK, NOT_SENT, State

NO_RECIPIENT = "no recipient"
BEFORE_ITS_CONTRACT = "before its recipient's contract"
SIMULATED = "rests on simulated samples"
MADE_UP = "its recipient is made up"
NOT_AGREED = "a report of it does not agree to be shared outside the police"
OUTSIDE_POLICE = frozenset({"provider", "community_hub", "other_agency"})
OF_ITS_CONTRACT = (NO_RECIPIENT, BEFORE_ITS_CONTRACT)
"""What has been sent before its contract was changed or could not be read stays with its recipient."""
type WithAddresses = Callable[[Collection[Offered]], Iterable[Offered]]
"""Finds the addresses of the content that providers are told about."""
type LeftOut = tuple[str, str, str, str]
"""Target kind, target code, route, and why nothing is sent: one of those above."""


@dataclass
class Prepared:
    """What became of the newest publish: ids of new dispatches, how many old ones a new version has replaced, how many
    were withdrawn, and how many allocations stay with the hub, and why."""

    new: list[uuid.UUID] = field(default_factory=list)
    count_superseded: int = 0
    count_withdrawn: int = 0
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    refused: dict[uuid.UUID, str] = field(default_factory=dict)
    """Allocations of which no package can be made, and why: they keep no other from its own."""


def prepare(
    connection: sa.Connection,
    recipients: Recipients,
    with_addresses: WithAddresses,
    now: datetime,
    *,
    urgent_only: bool = False,
) -> Prepared:
    """Bring the dispatches up to date with the newest publish; nothing where nothing is published. With ``urgent_only``
    allocations that are not urgent stay as they are, also those that are gone."""
    ledger.hold(connection)
    latest = _latest(connection)
    prepared, every = Prepared(), list(offered(connection, latest))
    if urgent_only:
        asked_for = [
            one for one in every if _is_urgent(recipients.of(one.target_kind, one.target_code, one.route), one)
        ]
    else:
        asked_for = every
    for one in with_addresses(asked_for):
        _prepare_one(connection, recipients, one, latest.get(one.allocation_id), now, prepared)
    if not urgent_only and is_published(connection):
        _withdraw_gone(connection, latest, {one.allocation_id for one in every}, now, prepared)
    return prepared


def left_out(connection: sa.Connection, recipients: Recipients) -> Counter[LeftOut]:
    """Allocations of the newest publish that nobody has answered and that go to nobody, counted. Writes nothing."""
    counts: Counter[LeftOut] = Counter()
    latest = _latest(connection)
    made_up = {one.code for one in recipients.contracts.values() if one.is_simulated}
    answered = [one.allocation_id for one in ledger.everything(connection) if one.recipient in made_up]
    for one in offered(connection, answered):
        recipient = recipients.of(one.target_kind, one.target_code, one.route)
        why = _why_not(recipient, one)
        if why is not None and not (why in OF_ITS_CONTRACT and _is_with(one, latest.get(one.allocation_id), recipient)):
            counts[one.target_kind, one.target_code, one.route, why] += 1
    return counts


def _why_not(recipient: Recipient | None, one: Offered) -> str | None:
    if recipient is None:
        return NO_RECIPIENT
    if one.is_simulated and not recipient.takes_simulated:
        return SIMULATED
    if one.is_real and recipient.is_simulated:
        return MADE_UP
    if one.target_kind in OUTSIDE_POLICE and not one.is_shareable_outside_police:
        return NOT_AGREED
    return BEFORE_ITS_CONTRACT if day_of(one.allocated_at) < recipient.valid_from else None


def _is_urgent(recipient: Recipient | None, one: Offered) -> bool:
    return recipient is not None and (one.is_threat_to_life or one.route in recipient.urgent_routes)


def _prepare_one(
    connection: sa.Connection,
    recipients: Recipients,
    one: Offered,
    last: Dispatch | None,
    now: datetime,
    prepared: Prepared,
) -> None:
    recipient = recipients.of(one.target_kind, one.target_code, one.route)
    goes_elsewhere = last is not None and _goes_elsewhere(one, last, recipient)
    why_not = _why_not(recipient, one)
    if why_not == BEFORE_ITS_CONTRACT and last is not None and not goes_elsewhere:
        why_not = None  # it has the allocation already
    if last is not None and last.state not in ENDED:
        if goes_elsewhere:
            _withdraw(connection, last, now, "the allocation has another recipient now", prepared)
        else:
            _end(connection, one, last, why_not, now, prepared)
    if recipient is None or why_not is not None:
        # What a recipient that does not exist has answered nobody has answered.
        is_open = why_not == MADE_UP or not (one.is_answered or one.is_closed)
        if is_open and not (why_not in OF_ITS_CONTRACT and _is_with(one, last, recipient)):
            prepared.left_out[one.target_kind, one.target_code, one.route, why_not or NO_RECIPIENT] += 1
        return
    said = content(one, recipient)
    sha256 = content_sha256(said)
    if last is not None and not _is_news(connection, one, last, recipient, sha256):
        return
    supersedes = last.dispatch_id if last is not None else None
    dispatch_id = dispatch_id_of(one.allocation_id, sha256, supersedes)
    replaced = None if last is None or last.state in ENDED or goes_elsewhere else last
    try:
        with connection.begin_nested():
            if replaced is not None:
                outbox.supersede(connection, replaced, now, by=dispatch_id)
            _add(connection, one, said, sha256, recipient, dispatch_id, last, now)
    except PackageRefused as refusal:
        prepared.refused[one.allocation_id] = str(refusal)
        return
    prepared.count_superseded += replaced is not None
    prepared.new.append(dispatch_id)


def _end(
    connection: sa.Connection, one: Offered, last: Dispatch, why_not: str | None, now: datetime, prepared: Prepared
) -> None:
    """What the newest publish says ends the last dispatch of an allocation, where anything does."""
    if one.is_closed:
        _close(connection, one, last, now, prepared)
    elif why_not == SIMULATED:
        _withdraw(connection, last, now, "the incident rests on simulated samples", prepared)
    elif why_not in (MADE_UP, NOT_AGREED):
        _withdraw(connection, last, now, why_not, prepared)


def _is_with(one: Offered, last: Dispatch | None, recipient: Recipient | None) -> bool:
    """Whether its recipient has the allocation, or is about to have it, though the contract no longer says so."""
    return last is not None and last.state not in ENDED and not _goes_elsewhere(one, last, recipient)


def _goes_elsewhere(one: Offered, last: Dispatch, recipient: Recipient | None) -> bool:
    """Whether the allocation is no longer that of the last recipient. While a contract cannot be read, what it covers
    waits."""
    if recipient is not None:
        return recipient.code != last.recipient
    return (one.target_kind, one.target_code, one.route) != (last.target_kind, last.target_code, last.route)


def _is_news(connection: sa.Connection, one: Offered, last: Dispatch, recipient: Recipient, sha256: str) -> bool:
    """Whether the recipient has to be told more than the last dispatch of the allocation has said."""
    if one.is_closed or last.state in GIVEN_BACK or last.state is State.CLOSED:
        return False
    is_same = last.content_sha256 == sha256 and last.recipient == recipient.code
    if last.state is State.WITHDRAWN and not one.is_answered:
        # What the hub withdrew because it was gone is back. What a person withdrew stays so until its content changes.
        return not is_same or ledger.moves_of(connection, last.dispatch_id)[-1].actor == ledger.HUB
    is_to_wait = last.state is State.PREPARED and not last.needs_approval and recipient.needs_approval(one.route)
    return (not is_same or is_to_wait) and last.state not in ENDED


def _close(connection: sa.Connection, one: Offered, last: Dispatch, now: datetime, prepared: Prepared) -> None:
    """The publish knows of an end: by a police record, or because the case was passed on."""
    if last.state in NOT_SENT:
        _withdraw(connection, last, now, "the allocation was closed before it was sent", prepared)
    elif last.state not in ENDED:
        proof = f"publish {one.publish_id}: {one.row['status']}"
        ledger.move(connection, last.dispatch_id, State.CLOSED, at=now, actor=ledger.HUB, proof=proof)


def _add(
    connection: sa.Connection,
    one: Offered,
    said: Mapping[str, object],
    sha256: str,
    recipient: Recipient,
    dispatch_id: uuid.UUID,
    last: Dispatch | None,
    now: datetime,
) -> None:
    number = ledger.next_number(connection)
    is_urgent = _is_urgent(recipient, one)
    supersedes = last.dispatch_id if last is not None else None
    # Another recipient's package is none of this one's business, and neither is one that has never left.
    it_has = None
    if last is not None and last.recipient == recipient.code:
        it_has = ledger.newest_that_was_tried(connection, last.dispatch_id)
    envelope = Envelope(dispatch_id, ledger.ANSWERED_AS.format(number), it_has, is_urgent, now)
    row = {
        "dispatch_id": dispatch_id,
        "dispatch_number": number,
        "allocation_id": one.allocation_id,
        "incident_id": one.incident_id,
        "supersedes": supersedes,
        "recipient": recipient.code,
        "target_kind": one.target_kind,
        "target_code": one.target_code,
        "route": one.route,
        "report_ref": one.report_ref,
        "is_urgent": is_urgent,
        "needs_approval": recipient.needs_approval(one.route),
        "publish_id": one.publish_id,
        "content_sha256": sha256,
        "package": package(one, said, recipient, envelope),
        "prepared_at": now,
    }
    ledger.add(connection, row, because=f"publish {one.publish_id}, content {sha256}")


def _withdraw_gone(
    connection: sa.Connection,
    latest: Mapping[uuid.UUID, Dispatch],
    seen: Collection[uuid.UUID],
    now: datetime,
    prepared: Prepared,
) -> None:
    for allocation_id, last in latest.items():
        if allocation_id not in seen and last.state not in ENDED:
            _withdraw(connection, last, now, "the newest publish no longer has the allocation", prepared)


def _withdraw(connection: sa.Connection, last: Dispatch, now: datetime, because: str, prepared: Prepared) -> None:
    if last.state in GIVEN_BACK:
        return
    outbox.withdraw(connection, last, now, actor=ledger.HUB, because=because)
    prepared.count_withdrawn += 1


def _latest(connection: sa.Connection) -> dict[uuid.UUID, Dispatch]:
    """The last dispatch of each allocation."""
    return {one.allocation_id: one for one in sorted(ledger.everything(connection), key=lambda one: one.number)}
