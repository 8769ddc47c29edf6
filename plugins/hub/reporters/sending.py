"""A round: prepare what reporters are due from the newest publish, and send what was approved."""

import functools
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from hub.monitoring.watch import WATCH_LOCK, Cause, close_alert, open_alert
from hub.reporters import outbox
from hub.reporters.carriers import Letter, NotReady, NotTaken
from hub.reporters.contact import Address, Never, NotNow, address_of, addresses_of, feeds_that_ask, same
from hub.reporters.due import facts, places
from hub.reporters.outbox import Update
from hub.reporters.rules import Rules, read_rules
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.turns import alone

ROUND_LOCK = 4_207_034
PURPOSE = "an update for who reported"
GIVEN_UP, OWNER = "untold_reporters", "hub-victim-support"
STOPPED = "somebody said that it is not safe to contact them"
MOST_UNTAKEN = 3
"""After so many one after the other nothing is taken now: the rest waits for the next round."""
LONGEST_ROUND = timedelta(minutes=5)
_IS_PUBLISHED = "select to_regclass('publish.incident_evidence_v1') is not null"

type Clock = Callable[[], datetime]


@dataclass
class Round:
    """What became of a round: messages that are new, that no longer hold, that were sent, and why others were not, with
    how many each."""

    new: int = 0
    over: int = 0
    sent: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    put_off: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Marked:
    """The reports of which nobody is contacted, and the addresses in them."""

    settings: Settings
    report_ids: Collection[uuid.UUID]

    @functools.cached_property
    def addresses(self) -> set[str]:
        """Read once a round, and only where a report is marked."""
        return addresses_of(self.settings, self.report_ids, "who must not be contacted") if self.report_ids else set()


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def prepare_updates(settings: Settings, *, clock: Clock = utc_now) -> Round:
    """Write down what reporters are due by the newest publish; nothing without ``updates.yaml``. Raises
    :class:`~hub.reporters.rules.RulesRefused`."""
    rules, done = read_rules(settings), Round()
    if rules is None:
        return done
    feeds = feeds_that_ask(settings)
    with open_warehouse(settings, Role.DISPATCHER).begin() as connection:
        if connection.scalar(sa.text(_IS_PUBLISHED)):
            kinds = {"takes_simulated": rules.takes_simulated, "takes_real": not rules.is_simulated}
            found = list(facts(connection, feeds, rules.since, **kinds))
            done.new, done.over = outbox.prepare(connection, found, rules, clock())
    return done


def send_due(settings: Settings, *, clock: Clock = utc_now, at_once: bool = False) -> Round:
    """Send what was approved and is due, with ``at_once`` also what was put off. Of two callers one does it. Raises
    :class:`~hub.reporters.rules.RulesRefused`."""
    rules, done, engine = read_rules(settings), Round(), open_warehouse(settings, Role.DISPATCHER)
    if rules is None:
        return done
    with alone(engine, ROUND_LOCK) as is_alone:
        if not is_alone:
            return done
        with engine.connect() as connection:
            due = outbox.due(connection, None if at_once else clock())
            marked = Marked(settings, outbox.stopped(connection))
        begun, untaken = clock(), 0
        for one in due:
            if untaken == MOST_UNTAKEN or clock() - begun > LONGEST_ROUND:
                break
            is_taken = _send_one(settings, engine, rules, marked, one, clock, done)
            untaken = 0 if is_taken else untaken + 1
        with engine.begin() as connection:
            _alert(connection, clock())
    return done


def causes(connection: sa.Connection) -> Iterator[Cause]:
    """Somebody has to know of messages that were given up, until they are decided anew."""
    if count := len(outbox.in_state(connection, "given_up")):
        yield Cause(GIVEN_UP, GIVEN_UP, OWNER, f"{count} messages to people who reported were given up")


def _alert(connection: sa.Connection, now: datetime) -> None:
    """Nobody waits for the next watch."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WATCH_LOCK)))
    for cause in (found := list(causes(connection))):
        open_alert(connection, cause, now)
    if not found:
        close_alert(connection, GIVEN_UP, now)


def _send_one(
    settings: Settings, engine: sa.Engine, rules: Rules, marked: Marked, one: Update, clock: Clock, done: Round
) -> bool:
    """Returns whether messages are taken, as far as this one says."""
    with engine.begin() as connection:
        if not outbox.mark_begun(connection, one):
            return True
    try:
        with engine.connect() as connection:
            _refuse_others(connection, rules, one)
            address = _address(settings, connection, marked, one)
        rules.carrier.take(Letter(one.update_id, address.email, one.subject, one.words, clock()))
    except Never as why:
        with engine.begin() as connection:
            outbox.mark_dropped(connection, one, clock(), str(why))
        done.dropped[str(why)] += 1
    except Exception as fault:  # one that a library cannot do keeps no other reporter waiting
        is_own = isinstance(fault, NotNow | NotReady)
        is_known = is_own or isinstance(fault, NotTaken)
        why_not = str(fault) if is_known else f"{type(fault).__name__}, which may be the hub's own fault"
        with engine.begin() as connection:
            outbox.put_off(connection, one, clock(), why_not, counts=not is_own)
        done.put_off[why_not] += 1
        return is_own
    else:
        with engine.begin() as connection:
            outbox.mark_sent(connection, one, clock(), address.role)
        done.sent += 1
    return True


def _refuse_others(connection: sa.Connection, rules: Rules, one: Update) -> None:
    """Raises :class:`NotNow` for a message that was prepared under other rules: a real one while nothing leaves, or one
    of a sample since mails do."""
    place = places(connection, [one.report_id]).get(one.report_id)
    if rules.is_simulated and (place is None or not place.is_simulated):
        raise NotNow("it is about no sample, and nothing leaves the hub while updates.yaml says simulated")
    if place is not None and place.is_simulated and not rules.takes_simulated:
        raise NotNow("it is about a sample, and updates.yaml does not say that people in samples are told")


def _address(settings: Settings, connection: sa.Connection, marked: Marked, one: Update) -> Address:
    """Raises :class:`Never` also where the report, another of its incident, or one with the same address was marked:
    the reader of the mail may be the one to fear."""
    stopped = outbox.stopped(connection)
    if set(stopped) & places(connection, [one.report_id]).keys():
        raise Never(STOPPED)
    address = address_of(settings, connection, one.report_id, one.kind, PURPOSE)
    # A mark that was placed since the round began holds, too.
    now_marked = marked if marked.report_ids == stopped else Marked(settings, stopped)
    if same(address.email) in now_marked.addresses:
        raise Never(STOPPED)
    return address
