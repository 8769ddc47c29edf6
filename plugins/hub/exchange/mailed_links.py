"""Links for recipients who answer on a page: one is mailed with each dispatch, encrypted as that is, and its code to
another mailbox. After each answer that moves a dispatch, and when a link has ended, comes a new one, for as long as
there is something to answer.

A link counts as told once both mails were taken. One of which a mail was not taken ends at once, and the next round
makes another: neither link nor code is kept anywhere, so nothing can be handed over again.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hub.dispatch import ledger
from hub.dispatch.ledger import Dispatch
from hub.dispatch.pauses import is_paused
from hub.dispatch.recipients import AnswerLink, Recipient, Recipients, read_recipients
from hub.dispatch.rounds import open_transport, utc_now
from hub.dispatch.states import State
from hub.dispatch.transports import TransientFault
from hub.dispatch.transports.mail import Mail
from hub.exchange import tokens
from hub.exchange.answer_links import MOST_WRONG_CODES, IssuedLink, issue_link
from hub.exchange.tables import TOKENS
from hub.monitoring.watch import WATCH_LOCK, Cause, close_alert, open_alert, open_alerts
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.turns import alone

LINKS_LOCK = 4_207_035
UNTOLD = "untold_link"
ANSWERABLE = (State.SENT, State.DELIVERED, State.OPENED, State.ACKNOWLEDGED, State.ACCEPTED)
LONGEST_ROUND = timedelta(minutes=5)
"""The rest has its turn in the next round."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=1)
LINK_WORDS = """\
This is how to answer dispatch {reference} of the hate crime hub, once, until {until} UTC:

{url}

The page asks for a code. It went to {code_to}.
If the page says that the link holds no more, look for a newer mail of this kind.
"""
CODE_WORDS = """\
{code} is the code for the page on which dispatch {reference} of the hate crime hub is answered.

It holds until {until} UTC, for one answer. The link to the page went to another mailbox. Nobody will ask you for this
code but that page.
"""
_LINKS = sa.text("""
    select
        tokens.dispatch_id, tokens.token_id, tokens.issued_at, tokens.issued_by, tokens.expires_at, tokens.revoked_at,
        tokens.told_at, tokens.count_wrong_codes >= :most_wrong_codes as has_failed,
        max(receipts.received_at) as used_at
    from ledger.exchange_tokens as tokens
    left join ledger.exchange_receipts as receipts on tokens.token_id = receipts.token_id
    where tokens.dispatch_id = any(:dispatch_ids)
    group by tokens.token_id
    order by tokens.issued_at
""")

type Links = Sequence[sa.Row[Any]]


@dataclass
class Told:
    """What became of a round: links that each recipient was told, and why one was told no more."""

    count: Counter[str] = field(default_factory=Counter)
    problems: dict[str, str] = field(default_factory=dict)


def send_links(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> Told:
    """Mail a link and its code for each dispatch that can be answered and has none that holds. Of two callers one does
    it. A mail server that takes nothing holds up no other recipient."""
    recipients, told = read_recipients(settings.recipients), Told()
    engine = open_warehouse(settings, Role.OWNER)
    with alone(engine, LINKS_LOCK) as is_alone:
        if not is_alone:
            return told
        with engine.connect() as connection:
            dispatches = _by_mail(connection, recipients)
            links = _links(connection, dispatches)
        begun = None
        for one in dispatches:
            own, now = links[one.dispatch_id], clock()
            begun = begun or now
            if now - begun > LONGEST_ROUND:
                break
            if one.recipient in told.problems or has_link(one, own, now) or now < not_before(own, now):
                continue
            if not _may_be_told(engine, one):
                continue
            _end_untold(settings, engine, own, now)
            try:
                _tell(settings, engine, recipients.contracts[one.recipient], one, now)
                told.count[one.recipient] += 1
            except TransientFault as fault:
                told.problems[one.recipient] = f"an answer link cannot be mailed: {fault}"
        with engine.begin() as connection:
            _alert(connection, recipients, clock())
    return told


def _by_mail(connection: sa.Connection, recipients: Recipients) -> list[Dispatch]:
    """The dispatches that are to be answered by links."""
    codes = {code for code, one in recipients.contracts.items() if one.answer_link}
    return [one for one in ledger.in_states(connection, ANSWERABLE) if one.recipient in codes] if codes else []


def _may_be_told(engine: sa.Engine, one: Dispatch) -> bool:
    """Asked before each link: a person may have decided since the round began."""
    with engine.connect() as connection:
        [found] = ledger.read(connection, [one.dispatch_id])
        return found.state in ANSWERABLE and not is_paused(connection, one.recipient)


def has_link(one: Dispatch, links: Links, now: datetime) -> bool:
    """Whether somebody can answer a dispatch by a link that they have, or has, and the answer is not followed yet: also
    by a link that has been ended since."""
    for link in links:
        if link.expires_at <= now:
            continue
        is_told = link.told_at is not None or link.issued_by != ledger.HUB
        if link.used_at is not None:
            if one.moved_at <= link.used_at:
                return True
        elif is_told and link.revoked_at is None and not link.has_failed:
            return True
    return False


def not_before(links: Links, now: datetime) -> datetime:
    """When the next link may be tried: after each that was not told, twice as late. Those of a later hour were issued
    while the clock was ahead, and keep none waiting."""
    untold, links = 0, [one for one in links if one.issued_at <= now]
    for link in links:
        untold = 0 if link.told_at is not None or link.issued_by != ledger.HUB else untold + 1
    if not untold:
        return datetime.min.replace(tzinfo=UTC)
    wait: timedelta = min(FIRST_WAIT * 2 ** min(untold - 1, 10), LONGEST_WAIT)
    return datetime.fromtimestamp(links[-1].issued_at.timestamp(), UTC) + wait


def _links(connection: sa.Connection, dispatches: Sequence[Dispatch]) -> dict[uuid.UUID, list[sa.Row[Any]]]:
    found: dict[uuid.UUID, list[sa.Row[Any]]] = defaultdict(list)
    asked = {"dispatch_ids": [one.dispatch_id for one in dispatches], "most_wrong_codes": MOST_WRONG_CODES}
    for row in connection.execute(_LINKS, asked):
        found[row.dispatch_id].append(row)
    return found


def _end_untold(settings: Settings, engine: sa.Engine, links: Links, now: datetime) -> None:
    """A round that was killed leaves a link of which nobody knows whether it was mailed."""
    for link in links:
        if link.issued_by == ledger.HUB and link.told_at is None and link.revoked_at is None:
            tokens.revoke(settings, engine, link.token_id, now, by=ledger.HUB)


def _tell(settings: Settings, engine: sa.Engine, recipient: Recipient, one: Dispatch, now: datetime) -> None:
    said = recipient.answer_link
    transport = open_transport(settings, recipient)
    if said is None or not isinstance(transport, Mail):  # contracts have it with mail alone
        raise TypeError(f"{recipient.code} is no recipient of mails")
    link = issue_link(settings, engine, one.dispatch_id, now, days=said.days, by=ledger.HUB)
    try:
        _mail(transport, said, one, link)
    except TransientFault:
        tokens.revoke(settings, engine, link.token_id, now, by=ledger.HUB)
        raise
    with engine.begin() as connection:
        told = sa.update(TOKENS).where(TOKENS.c.token_id == link.token_id)
        connection.execute(told.values(told_at=now))


def _mail(transport: Mail, said: AnswerLink, one: Dispatch, link: IssuedLink) -> None:
    """The code first: without its link it is worth nothing, so a mailbox that takes no codes gets no dead links."""
    reference, until = one.allocation_ref, f"{link.expires_at:%Y-%m-%d %H:%M}"
    words = CODE_WORDS.format(code=link.code, reference=reference, until=until)
    transport.tell_openly(said.code_to, f"Code for dispatch {reference}", words)
    url = f"{said.address}{link.path}"
    words = LINK_WORDS.format(reference=reference, until=until, url=url, code_to=said.code_to)
    transport.tell(f"{'[urgent] ' if one.is_urgent else ''}Answer to dispatch {reference}", words)


def causes(connection: sa.Connection, recipients: Recipients) -> Iterator[Cause]:
    """Of each recipient that the hub could not tell how to answer: its owner has to know, until it can."""
    untold = Counter[str]()
    dispatches = _by_mail(connection, recipients)
    links = _links(connection, dispatches)
    for one in dispatches:
        own = links[one.dispatch_id]
        untold[one.recipient] += bool(own) and own[-1].issued_by == ledger.HUB and own[-1].told_at is None
    for code, count in sorted((+untold).items()):
        detail = f"{code}: the answer links of {count} dispatches could not be mailed"
        yield Cause(f"{UNTOLD}:{code}", UNTOLD, recipients.contracts[code].owner, detail)


def _alert(connection: sa.Connection, recipients: Recipients, now: datetime) -> None:
    """Nobody waits for the next watch."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WATCH_LOCK)))
    found = list(causes(connection, recipients))
    for cause in found:
        open_alert(connection, cause, now)
    keys = {cause.key for cause in found}
    for alert in open_alerts(connection):
        if alert.cause.kind == UNTOLD and alert.cause.key not in keys:
            close_alert(connection, alert.cause.key, now)
