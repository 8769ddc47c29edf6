"""Handing messages to their channels, one after the other, until each has been taken.

A message counts as sent only after its channel has said so. Where that answer is lost (the connection breaks, this
process is killed) nobody can know whether it was taken: it is handed over again, under the same id.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_exponential

from hub.mail.server import PATIENCE_SECONDS, PORTS, MailServer
from hub.notifications import outbox
from hub.notifications.at_the_desk import THREAT_AT_DESK, threats_at_the_desk
from hub.notifications.causes import Told, is_untold
from hub.notifications.channels import Channel, ChannelsRefused, read_channels
from hub.notifications.letters import LETTERS, written_letters
from hub.notifications.mail import send_mail
from hub.notifications.outbox import Message
from hub.notifications.overdue import overdue_allocations
from hub.notifications.taken import NotTaken
from hub.settings import Settings
from hub.store import StoreProblem, outbox_files
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.turns import alone

SENDING_LOCK = 4_207_022
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sent:
    """What became of a round: messages that were new, that each channel took, and why a channel took no more."""

    count_new: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    problems: dict[str, str] = field(default_factory=dict)


def hand_over(channel: Channel, message: Message, seconds: float = PATIENCE_SECONDS) -> str:
    """Hand one message to its channel; returns the receipt. Raises :class:`NotTaken`."""
    try:
        address = channel.address()
        is_of_mail = urlsplit(address).scheme in PORTS
        if is_of_mail:
            server = MailServer.at(address, seconds)
    except (ChannelsRefused, ValueError) as problem:
        said = str(problem) if isinstance(problem, ChannelsRefused) else "its address is none"
        raise NotTaken(said) from None
    if is_of_mail:
        if channel.sender is None or channel.to is None:
            raise NotTaken("mail needs sender and to in notifications.yaml")
        return send_mail(server, channel.sender, channel.to, message, utc_now())
    # Apprise takes a tenth of a second to import, which no parse of a command should pay for.
    from hub.notifications.services import send_to_service  # noqa: PLC0415

    return send_to_service(address, message, seconds)


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


HandOver = Callable[[Channel, Message], str]


def send_due(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    at_once: bool = False,
    hand: HandOver = hand_over,
) -> Sent:
    """Note what is new and hand over what is due, with ``at_once`` also what waits for its next try.

    A channel that does not take a message is left alone until its next turn; the others go on. Of two callers one
    sends, and the other ends at once with what is new. Raises :class:`~hub.notifications.channels.ChannelsRefused`
    where ``notifications.yaml`` cannot be used, after what is new was noted.
    """
    engine = open_warehouse(settings, Role.LOADER)
    try:
        channels = read_channels(settings)
    except ChannelsRefused:
        note_all(settings, None, clock())
        raise
    sent = Sent(count_new=note_all(settings, channels.values(), clock()))
    with alone(engine, SENDING_LOCK) as is_alone:
        for channel in channels.values() if is_alone else ():
            _send_by(engine, channel, sent, clock, at_once=at_once, hand=hand)
    return sent


def note_all(settings: Settings, channels: Collection[Channel] | None, now: datetime) -> int:
    """Bring the outbox up to date with the ledger, what is published and letters to senders; return how many messages
    are new. Without channels (None: they cannot be read) these wait."""
    engine = open_warehouse(settings, Role.LOADER)
    with engine.connect() as connection:
        told_from = outbox.first_that_lasts(connection, ("overdue", "overdue_threat"))
        at_desk_from = outbox.first_that_lasts(connection, (THREAT_AT_DESK,))
    with open_warehouse(settings, Role.ANALYST).connect() as connection:
        overdue = list(overdue_allocations(connection, told_from and told_from - timedelta(days=1)))
        at_desk = list(threats_at_the_desk(connection, at_desk_from and at_desk_from - timedelta(days=1)))
    letters, unseen = list[Told](), list[str]()
    try:
        letters += written_letters(engine, outbox_files(settings), now)
    except StoreProblem as problem:
        log.warning("letters to senders are announced later: %s", problem)
        unseen.append(LETTERS)
    with begin(engine) as connection:
        return outbox.note(connection, channels, now, [*overdue, *at_desk, *letters], unseen)


def _send_by(
    engine: sa.Engine, channel: Channel, sent: Sent, clock: Callable[[], datetime], *, at_once: bool, hand: HandOver
) -> None:
    with engine.connect() as connection:
        messages = outbox.waiting(connection, channel.name, None if at_once else clock())
    for message in messages:
        with engine.begin() as connection:
            is_waiting = outbox.mark_begun(connection, message, channel.name, clock())
        if not is_waiting:
            continue
        try:
            receipt = hand(channel, message)
        except Exception as problem:  # a fault of one channel's library keeps no other channel from its messages
            fault = f"{type(problem).__name__}, which may be the hub's own fault"
            said = str(problem) if isinstance(problem, NotTaken) else fault
            sent.problems[channel.name] = said
            with engine.begin() as connection:
                outbox.put_off(connection, message, channel.name, clock(), said)
            return
        _mark_sent(engine, message, channel, clock, receipt)
        sent.taken[channel.name] += 1


@retry(
    retry=retry_if_exception_type(sa.exc.OperationalError),
    wait=wait_exponential(min=0.1, max=5),
    stop=stop_after_delay(60),
    reraise=True,
)
def _mark_sent(
    engine: sa.Engine, message: Message, channel: Channel, clock: Callable[[], datetime], receipt: str
) -> None:
    """A restart of the database just now must not have the message sent twice."""
    with engine.begin() as connection:
        outbox.mark_sent(connection, message, channel.name, clock(), receipt)


def is_round_due(settings: Settings) -> bool:
    """Whether the ledger has something that is in no outbox yet, or a message is due by a channel. Writes nothing.
    Raises :class:`~hub.notifications.channels.ChannelsRefused`."""
    now = utc_now()
    with open_warehouse(settings, Role.LOADER).connect() as connection:
        return is_untold(connection, now) or outbox.is_due(connection, [*read_channels(settings), outbox.UNREAD], now)
