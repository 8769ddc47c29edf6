"""A round of dispatching: prepare from the newest publish, look for receipts and answers, send what is due."""

import functools
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from hub.dispatch import alerts, answers, erased_persons, ledger, outbox
from hub.dispatch.addresses import with_addresses
from hub.dispatch.answer_files import answers_for_others
from hub.dispatch.certificates import enveloped_to
from hub.dispatch.encryption import CertificateRefused, encrypted, read_certificate
from hub.dispatch.ledger import Dispatch, IllegalMove
from hub.dispatch.outbox import Waiting
from hub.dispatch.pauses import pauses
from hub.dispatch.preparing import Prepared, prepare
from hub.dispatch.recipients import Recipient, Recipients, read_recipients
from hub.dispatch.samples import dispatches_of_samples
from hub.dispatch.sending import Clock, send_to
from hub.dispatch.smime import read_x509
from hub.dispatch.states import State
from hub.dispatch.transports import AnswersLeft, TransientFault, Transport
from hub.dispatch.transports.exchange import Exchange
from hub.dispatch.transports.folder import Folder
from hub.dispatch.transports.pickup import Files, PickUp
from hub.dispatch.xarf import as_xarf
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.turns import alone

ROUND_LOCK = 4_207_032


@dataclass
class Round:
    """What became of a round: documents that each recipient took, why one took no more, packages that were found
    delivered, files with answers that were handed to ingest, and moves that answers made."""

    taken: Counter[str] = field(default_factory=Counter)
    problems: dict[str, str] = field(default_factory=dict)
    count_delivered: int = 0
    count_answer_files: int = 0
    count_answered: int = 0


class NotPrepared(Exception):
    """Of some allocations no package can be made; the others are prepared."""

    def __init__(self, refused: Mapping[uuid.UUID, str]) -> None:
        first = next(iter(refused))
        super().__init__(f"no package can be made of {len(refused)} allocations; of {first}: {refused[first]}")


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def open_transport(settings: Settings, recipient: Recipient) -> Transport:
    """The transport that a recipient's contract names; that it cannot be used is a fault of each sending."""
    said, secrets = recipient.transport, settings.secrets / "recipients"
    xarf = as_xarf if recipient.notices is not None and recipient.notices.takes_xarf else None
    if said["kind"] == "webhook":
        # It brings an HTTP client with it, which no other command should pay for.
        from hub.dispatch.transports.webhook import Webhook  # noqa: PLC0415

        return Webhook(said["url"], secrets / said["secret"])
    if said["kind"] == "exchange":
        return Exchange()
    if said["kind"] == "mail":
        # As with the webhook.
        from hub.dispatch.transports.mail import Mail  # noqa: PLC0415

        armored = functools.partial(_encrypted, recipient, armor=True)
        enveloped = functools.partial(_enveloped, recipient) if recipient.is_smime else None
        server = secrets / said["server"]
        return Mail(
            server,
            sender=said["sender"],
            to=said["to"],
            readable=_readable,
            xarf=xarf,
            encrypt=armored,
            envelope=enveloped,
        )
    is_foreign = functools.partial(answers_for_others, settings, recipient)
    encrypt = functools.partial(_encrypted, recipient) if recipient.certificates else None
    files = open_files(settings, recipient)
    return PickUp(files, is_foreign=is_foreign, readable=_readable, xarf=xarf, encrypt=encrypt)


def _readable(text: str) -> bytes:
    # It brings a typesetter and its fonts with it.
    from hub.dispatch.readable import readable  # noqa: PLC0415

    return readable(text)


def _encrypted(recipient: Recipient, content: bytes, *, armor: bool = False) -> bytes:
    """Certificates are read each time: one that was changed holds at once."""
    try:
        return encrypted(content, map(read_certificate, recipient.certificates), utc_now(), armor=armor)
    except CertificateRefused as refusal:
        raise TransientFault(f"nothing can be encrypted: {refusal}") from None


def _enveloped(recipient: Recipient, content: bytes) -> bytes:
    """As with OpenPGP."""
    try:
        return enveloped_to(content, map(read_x509, recipient.certificates), utc_now())
    except CertificateRefused as refusal:
        raise TransientFault(f"nothing can be encrypted: {refusal}") from None


def open_files(settings: Settings, recipient: Recipient) -> Files:
    """The files of a recipient's pick-up folder, on this machine or on an SFTP server."""
    said = recipient.transport
    if said["kind"] == "sftp":
        # As with the webhook.
        from hub.dispatch.transports.sftp import Server, Sftp  # noqa: PLC0415

        return Sftp(Server.of(said, settings.secrets / "recipients"), largest=settings.max_file_bytes)
    folder = Path(said["folder"])
    return Folder(settings.pickup_folder / folder, is_own=not folder.is_absolute(), outside_of=settings.home)


def prepare_dispatches(settings: Settings, *, clock: Clock = utc_now, urgent_only: bool = False) -> Prepared:
    """Bring the dispatches up to date with the newest publish, or the urgent ones alone, and open the alerts of urgent
    ones at once. Answers are followed first: one that was loaded already is about the version that is replaced.

    Raises :class:`NotPrepared` once all others are, where no package can be made of an allocation."""
    recipients = read_recipients(settings.recipients)
    with open_warehouse(settings, Role.DISPATCHER).begin() as connection:
        answers.follow(connection, clock())
        erased_persons.tell_recipients(settings, connection, clock())
        addressed = functools.partial(with_addresses, settings)
        prepared = prepare(connection, recipients, addressed, clock(), urgent_only=urgent_only)
        alerts.refresh(connection, recipients, clock())
    if prepared.refused:
        raise NotPrepared(prepared.refused)
    return prepared


def send_due(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    at_once: bool = False,
    urgent_only: bool = False,
    transport_of: Callable[[Settings, Recipient], Transport] = open_transport,
) -> Round:
    """Hand over what is due, with ``at_once`` also what waits for its next try, and follow receipts and answers; with
    ``urgent_only`` what is urgent, and nothing else is looked at.

    A recipient that does not take a document is left alone until its next turn; the others go on. Of two callers one
    does it, and the other ends at once.
    """
    engine, recipients, done = open_warehouse(settings, Role.DISPATCHER), read_recipients(settings.recipients), Round()
    with alone(engine, ROUND_LOCK) as is_alone:
        if not is_alone:
            return done
        with engine.begin() as connection:
            erased_persons.tell_recipients(settings, connection, clock())
        with engine.connect() as connection:
            waiting = outbox.due(connection, None if at_once else clock())
            due = [one for one in waiting if not _waits_for_a_person(one, recipients)]
            sent = ledger.in_states(connection, [State.SENT])
            paused = pauses(connection)
            free = [one for one in due if one.dispatch.recipient not in paused]
            free = list(_without_real_cases(connection, recipients, free))
        in_order = _in_order(recipients, (one.dispatch.recipient for one in due))
        hands = _Hands(settings, engine, clock, transport_of, done)
        # Urgent documents for one recipient do not wait for those of another that are not urgent.
        for recipient in in_order:
            hands.hand_over_urgent(recipient, [one for one in _own(free, recipient) if one.dispatch.is_urgent])
        for recipient in () if urgent_only else in_order:
            is_with_it = {one.dispatch_id for one in sent if one.recipient == recipient.code}
            rest = [one for one in _own(free, recipient) if not one.dispatch.is_urgent]
            hands.hand_over_and_follow(recipient, rest, is_with_it)
        for code in {one.dispatch.recipient for one in due} - recipients.contracts.keys():
            done.problems[code] = recipients.refusals.get(code, "there is no contract of this recipient any more")
        with engine.begin() as connection:
            done.count_answered = answers.follow(connection, clock())
            alerts.refresh(connection, recipients, clock())
    return done


def _own(waiting: Iterable[Waiting], recipient: Recipient) -> list[Waiting]:
    return [one for one in waiting if one.dispatch.recipient == recipient.code]


@dataclass
class _Hands:
    """Hand documents over to recipients in one round; those in ``left_alone`` take no more in it."""

    settings: Settings
    engine: sa.Engine
    clock: Clock
    transport_of: Callable[[Settings, Recipient], Transport]
    done: Round
    left_alone: set[str] = field(default_factory=set)

    def hand_over_urgent(self, recipient: Recipient, urgent: Sequence[Waiting]) -> None:
        if urgent:
            with closing(self.transport_of(self.settings, recipient)) as transport:
                self._hand_over(recipient, transport, urgent)

    def hand_over_and_follow(self, recipient: Recipient, rest: Sequence[Waiting], sent: Collection[uuid.UUID]) -> None:
        with closing(self.transport_of(self.settings, recipient)) as transport:
            if recipient.code not in self.left_alone:
                self._hand_over(recipient, transport, rest)
            try:
                self._follow(recipient, transport, sent)
            except AnswersLeft as refusal:
                self.done.count_answer_files += refusal.count_collected
                self.done.problems.setdefault(recipient.code, f"answers stay in their folder: {refusal}")
            except TransientFault as fault:
                said = f"receipts and answers cannot be looked for: {fault}"
                self.done.problems.setdefault(recipient.code, said)

    def _hand_over(self, recipient: Recipient, transport: Transport, waiting: Sequence[Waiting]) -> None:
        named = functools.partial(_name_persons, self.settings, recipient, self.clock)
        turn = send_to(self.engine, transport, waiting, self.clock, named)
        self.done.taken[recipient.code] += turn.count_taken
        if turn.problem is not None:
            self.done.problems.setdefault(recipient.code, turn.problem)
        if turn.is_over:
            self.left_alone.add(recipient.code)

    def _follow(self, recipient: Recipient, transport: Transport, sent: Collection[uuid.UUID]) -> None:
        delivered = transport.deliveries(sent)
        with self.engine.begin() as connection:
            ledger.hold(connection)
            for dispatch_id, proof in delivered.items():
                with suppress(IllegalMove):  # a person has moved it just now
                    moment, actor = self.clock(), recipient.code
                    ledger.move(connection, dispatch_id, State.DELIVERED, at=moment, actor=actor, proof=proof)
                    self.done.count_delivered += 1
        feed = answers.FEEDS.get(recipient.kind)
        if feed is not None:
            self.done.count_answer_files += transport.collect_answers(self.settings.drop / feed)


def _name_persons(settings: Settings, recipient: Recipient, clock: Clock, dispatch: Dispatch, text: str) -> str:
    if not recipient.takes_persons:
        return text
    # Reading the vault brings libraries with it, which a round without persons should not pay for.
    from hub.dispatch.persons import name_persons  # noqa: PLC0415

    return name_persons(settings, recipient, dispatch, text, clock())


def _waits_for_a_person(one: Waiting, recipients: Recipients) -> bool:
    """Whether the contract has come to ask for an approval since a package was prepared: the next preparing makes one
    that can be approved."""
    recipient = recipients.contracts.get(one.dispatch.recipient)
    is_unasked = one.document == outbox.PACKAGE and one.dispatch.state is State.PREPARED
    return recipient is not None and is_unasked and recipient.needs_approval(one.dispatch.route)


def _without_real_cases(connection: sa.Connection, recipients: Recipients, due: Iterable[Waiting]) -> Iterator[Waiting]:
    """Without packages about real cases to recipients that do not exist; what they were given before is taken back."""
    of_samples = {
        one.code: dispatches_of_samples(connection, one.code)
        for one in recipients.contracts.values()
        if one.is_simulated
    }
    for one in due:
        allowed = of_samples.get(one.dispatch.recipient)
        if allowed is None or one.document != outbox.PACKAGE or one.dispatch.dispatch_id in allowed:
            yield one


def _in_order(recipients: Recipients, due: Iterable[str]) -> list[Recipient]:
    """Recipients of the most urgent dispatches first."""
    order = {code: place for place, code in reversed(list(enumerate(due)))}
    return sorted(recipients.contracts.values(), key=lambda one: (order.get(one.code, len(order)), one.code))
