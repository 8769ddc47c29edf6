"""Messages to reporters: prepared from the newest publish, approved or dropped, and what became of each."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.reporters.due import LONDON, Fact
from hub.reporters.rules import Rules
from hub.reporters.tables import STOPS, UPDATES
from hub.reporters.words import Kind, subject_of, words_of
from hub.warehouse.columns import is_one_of

UPDATES_LOCK = 4_207_033
NAMESPACE = uuid.UUID("6c9a5a0e-3f0b-4a37-8a7c-5d0f2f6f1b52")
BY_RULE, HUB = "rule", "hub"
"""Who decided, where no person did."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
MOST_ATTEMPTS = 14
"""About seven hours."""
PASSED_ON = frozenset({"force", "other_agency", "community_hub", "other_country"})
OVER = "it no longer holds"
UNSENT = ("waiting", "approved")
_SAMPLES = "select report_id from publish.incident_evidence_v1 where is_simulated"


class NotWaiting(ValueError):
    """There is no such message, or it was decided already."""


@dataclass(frozen=True)
class Update:
    """A message, and its state."""

    update_id: uuid.UUID
    report_id: uuid.UUID
    kind: Kind
    subject: str
    words: str
    prepared_at: datetime
    state: str
    decided_by: str | None
    because: str | None
    attempts: int
    problem: str | None
    sent_as: str | None
    sent_at: datetime | None


def hold(connection: sa.Connection) -> None:
    """Be alone, to the end of this transaction, in changing messages."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPDATES_LOCK)))


def prepare(connection: sa.Connection, found: list[Fact], rules: Rules, now: datetime) -> tuple[int, int]:
    """Write down what is due and was not yet, and drop what waits and no longer holds; returns how many of each. The
    same facts again give nothing."""
    hold(connection)
    holding = {_id_of(kind, fact): (kind, fact) for fact in found for kind in _due(fact, rules)}
    columns = (UPDATES.c.update_id, UPDATES.c.report_id, UPDATES.c.state, UPDATES.c.because, UPDATES.c.decided_by)
    known = {row.update_id: row for row in connection.execute(sa.select(*columns))}
    new = [_row(one, kind, fact, rules, now) for one, (kind, fact) in holding.items() if one not in known]
    if new:
        connection.execute(sa.insert(UPDATES), new)
    # What the hub dropped as over and holds again was never said; what a person dropped stays so.
    by_hub = ("dropped", OVER, HUB)
    back = [
        one
        for one in holding.keys() & known.keys()
        if (known[one].state, known[one].because, known[one].decided_by) == by_hub
    ]
    for one in back:
        anew = {**_row(one, *holding[one], rules, now), "because": None, "attempts": 0, "problem": None}
        connection.execute(sa.update(UPDATES).where(UPDATES.c.update_id == one).values(anew))
    # Rules for samples say nothing of messages to people who exist: those wait for rules of their own.
    samples = set(connection.scalars(sa.text(_SAMPLES))) if rules.is_simulated else None
    gone = [
        one
        for one, row in known.items()
        if row.state in UNSENT and one not in holding and (samples is None or row.report_id in samples)
    ]
    dropped = sa.update(UPDATES).where(is_one_of(UPDATES.c.update_id, gone))
    connection.execute(dropped.values(state="dropped", decided_by=HUB, decided_at=now, because=OVER))
    return len(new) + len(back), len(gone)


def _due(fact: Fact, rules: Rules) -> Iterator[Kind]:
    since = rules.since
    if _day(fact.reported_at) >= since:
        yield Kind.RECEIVED
    if _day(fact.allocated_at) >= since:
        if fact.target_kind in PASSED_ON:
            yield Kind.PASSED_ON
        if fact.target_kind == "no_further_action":
            yield Kind.NOT_FOR_POLICE
    if fact.outcome_name and fact.outcome_at and _day(fact.outcome_at) >= since and fact.target_kind == "force":
        yield Kind.OUTCOME


def _day(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()


def _id_of(kind: Kind, fact: Fact) -> uuid.UUID:
    """The same for the same news, also in a hub that was restored, or whose incidents were joined: allocations then
    have other ids."""
    about: list[object] = [fact.report_id, kind.value]
    if kind in (Kind.PASSED_ON, Kind.OUTCOME):
        about += [fact.target_kind, fact.target_name]
    if kind is Kind.PASSED_ON:
        about.append(_day(fact.allocated_at))
    if kind is Kind.OUTCOME:
        about.append(fact.outcome_name)
    return uuid.uuid5(NAMESPACE, " ".join(map(str, about)))


def _row(update_id: uuid.UUID, kind: Kind, fact: Fact, rules: Rules, now: datetime) -> Mapping[str, Any]:
    is_by_rule = kind in rules.by_rule
    return {
        "update_id": update_id,
        "report_id": fact.report_id,
        "kind": kind.value,
        "allocation_id": None if kind is Kind.RECEIVED else fact.allocation_id,
        "publish_id": fact.publish_id,
        "subject": subject_of(fact),
        "words": words_of(kind, fact, rules.help),
        "prepared_at": now,
        "state": "approved" if is_by_rule else "waiting",
        "decided_by": BY_RULE if is_by_rule else None,
        "decided_at": now if is_by_rule else None,
        "next_at": now,
    }


def in_state(connection: sa.Connection, *states: str) -> list[Update]:
    """Messages in these states, the oldest first."""
    return _read(connection, UPDATES.c.state.in_(states))


def due(connection: sa.Connection, before: datetime | None) -> list[Update]:
    """What may go out; with ``before`` only what is due then."""
    wanted = UPDATES.c.state == "approved"
    if before is not None:
        # No wait is longer: a later hour was written down while the clock was ahead.
        wanted &= (UPDATES.c.next_at <= before) | (UPDATES.c.next_at > before + LONGEST_WAIT)
    return _read(connection, wanted)


def _read(connection: sa.Connection, wanted: sa.ColumnElement[bool]) -> list[Update]:
    columns = [UPDATES.c[name] for name in Update.__dataclass_fields__]
    query = sa.select(*columns).where(wanted).order_by(UPDATES.c.prepared_at, UPDATES.c.update_id)
    return [Update(**{**row, "kind": Kind(row["kind"])}) for row in connection.execute(query).mappings()]


def decide(
    connection: sa.Connection, update_id: uuid.UUID, now: datetime, *, by: str, because: str | None = None
) -> None:
    """Approve a message that waits, or was given up; or with ``because`` drop it, also where a rule has approved it.
    Raises :class:`NotWaiting`."""
    values = {"state": "approved" if because is None else "dropped", "because": because, "attempts": 0, "next_at": now}
    is_open = UPDATES.c.state.in_(("waiting", "given_up", *(("approved",) if because is not None else ())))
    these = sa.update(UPDATES).where(UPDATES.c.update_id == update_id, is_open)
    if not connection.execute(these.values(**values, decided_by=by, decided_at=now)).rowcount:
        raise NotWaiting(f"no message {update_id} waits for a person")


def mark_begun(connection: sa.Connection, one: Update) -> bool:
    """Write down an attempt; False where the message may no longer go out."""
    begun = sa.update(UPDATES).where(_is(one)).values(attempts=UPDATES.c.attempts + 1)
    return connection.execute(begun).rowcount == 1


def mark_sent(connection: sa.Connection, one: Update, now: datetime, sent_as: str) -> None:
    """Write down that the mail server has taken it, also where it was dropped just then."""
    values = {"state": "sent", "sent_at": now, "sent_as": sent_as, "problem": None, "because": None}
    connection.execute(sa.update(UPDATES).where(UPDATES.c.update_id == one.update_id).values(values))


def mark_dropped(connection: sa.Connection, one: Update, now: datetime, because: str) -> None:
    """Write down why it goes to nobody."""
    values = {"state": "dropped", "because": because, "decided_by": HUB, "decided_at": now}
    connection.execute(sa.update(UPDATES).where(_is(one)).values(values))


def put_off(connection: sa.Connection, one: Update, now: datetime, problem: str, *, counts: bool) -> None:
    """Write down why not now; after :data:`MOST_ATTEMPTS` that count it is given up."""
    wait = min(FIRST_WAIT * 2 ** min(one.attempts, 10), LONGEST_WAIT)
    attempts = one.attempts + 1 if counts else one.attempts
    state = "given_up" if attempts >= MOST_ATTEMPTS else "approved"
    values = {"state": state, "problem": problem, "next_at": now + wait, "attempts": attempts}
    connection.execute(sa.update(UPDATES).where(_is(one)).values(values))


def _is(one: Update) -> sa.ColumnElement[bool]:
    return (UPDATES.c.update_id == one.update_id) & (UPDATES.c.state == "approved")


def stop(connection: sa.Connection, report_id: uuid.UUID, *, because: str, by: str) -> None:
    """Nobody of this report is contacted any more; once is enough."""
    values = {"report_id": report_id, "because": because, "placed_by": by}
    connection.execute(insert(STOPS).values(values).on_conflict_do_nothing())


def resume(connection: sa.Connection, report_id: uuid.UUID, now: datetime, *, by: str) -> bool:
    """Let people of this report be contacted again; False where nothing had stopped it."""
    these = sa.update(STOPS).where(STOPS.c.report_id == report_id, STOPS.c.lifted_at.is_(None))
    return connection.execute(these.values(lifted_by=by, lifted_at=now)).rowcount > 0


def stopped(connection: sa.Connection) -> list[uuid.UUID]:
    """The reports of which nobody is contacted."""
    query = sa.select(STOPS.c.report_id).where(STOPS.c.lifted_at.is_(None))
    return list(connection.execute(query).scalars())
