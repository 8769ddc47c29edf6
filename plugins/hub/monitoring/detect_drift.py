"""Profiles → drift of meaning: each day of a feed compared once with the past, and what is found is kept until the
sender is as before or a person says that it is right so."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.contracts.model import Contract
from hub.monitoring.compared_days import hold
from hub.monitoring.drift.alarms import MOST_DAYS_OVER, Alarm, after_day
from hub.monitoring.drift.findings import Finding
from hub.monitoring.drift.history import History, Profiles
from hub.monitoring.drift.sentences import sentence
from hub.monitoring.tables import COMPARED_DAYS, DRIFTS

LONGEST_DAILY = 7
"""Days between deliveries up to which a feed has a day of the week; the others are compared by the month."""
DAYS_READ, DAYS_READ_OF_MONTHS = 160, 900
"""So long before the first day that is compared, profiles are read: drift that lasts takes days out of the past."""
DAYS_BEFORE_A_DRIFT = 60


@dataclass(frozen=True)
class Drift:
    """One drift that is kept: ``before_value`` and ``now_value`` are what ``statistic`` says (shares, rows, medians or
    hours), ``detail`` the same for people."""

    drift_id: int
    feed: str
    sender: str
    column_name: str
    first_day: date
    last_day: date
    over_day: date | None
    detail: str
    decision: str | None
    decided_by: str | None


def detect_drift(engine: sa.Engine, contracts: Iterable[Contract], now: datetime) -> int:
    """Compare with the past the delivery days of these feeds that have come, or changed, since they were compared;
    return how many. Nothing is compared twice: a second call with nothing new changes nothing. Two callers at once take
    turns."""
    count = 0
    for contract in contracts:
        with engine.begin() as connection:
            hold(connection, contract.feed)
            count += _compare_feed(connection, contract, now.date())
    return count


def drifts(connection: sa.Connection, *, only_open: bool) -> list[Drift]:
    """The recorded drifts, latest first. An open one is neither over nor accepted."""
    columns = [DRIFTS.c[name] for name in Drift.__dataclass_fields__]
    query = sa.select(*columns).order_by(DRIFTS.c.first_day.desc(), DRIFTS.c.drift_id.desc())
    if only_open:
        query = query.where(_is_open())
    return [Drift(**row) for row in connection.execute(query).mappings()]


def _is_open() -> sa.ColumnElement[bool]:
    return sa.and_(DRIFTS.c.over_day.is_(None), DRIFTS.c.decision.is_distinct_from("accepted"))


def _compare_feed(connection: sa.Connection, contract: Contract, today: date) -> int:
    to_compare = _days_to_compare(connection, contract, today)
    if not to_compare:
        return 0
    is_daily = contract.cadence.every_days <= LONGEST_DAILY
    for day, *_ in to_compare:
        _forget(connection, contract.feed, day)
    kept = _kept(connection, contract.feed)
    profiles = _read_profiles(connection, contract.feed, _first_day(kept, to_compare[0][0], is_daily=is_daily))
    for day, rows, is_complete in to_compare:
        known = {number: alarm for number, alarm in kept.items() if alarm.named_on <= day}
        history = History(_up_to(profiles, day))
        followed, new = after_day(history, list(known.values()), day, is_daily=is_daily, is_complete=is_complete)
        for (number, before), after in zip(known.items(), followed, strict=True):
            if after != before:
                changed = {"last_day": max(after.last_day, before.last_day), "over_day": after.over_day}
                connection.execute(sa.update(DRIFTS).where(DRIFTS.c.drift_id == number).values(changed))
                kept[number] = after
        said = {alarm.of for alarm in kept.values() if alarm.is_open}
        for alarm in (one for one in new if one.of not in said):
            query = sa.insert(DRIFTS).values(_values(contract.feed, alarm)).returning(DRIFTS.c.drift_id)
            kept[connection.execute(query).scalar_one()] = alarm
        _note_compared(connection, contract.feed, day, rows, is_complete=is_complete)
    return len(to_compare)


def _first_day(kept: dict[int, Alarm], day: date, *, is_daily: bool) -> date:
    """The first day whose profiles are read: what drifts is held against the days before it did."""
    usual = day - timedelta(days=DAYS_READ if is_daily else DAYS_READ_OF_MONTHS)
    since = [one.since - timedelta(days=DAYS_BEFORE_A_DRIFT) for one in kept.values() if one.is_open]
    return min([usual, *since])


def _up_to(profiles: Profiles, day: date) -> Profiles:
    found = ((key, {one: count for one, count in counts.items() if one <= day}) for key, counts in profiles.items())
    return {key: counts for key, counts in found if counts}


def _days_to_compare(connection: sa.Connection, contract: Contract, today: date) -> list[tuple[date, int, bool]]:
    """Day, its rows, and whether all of it has come, in order. Where each sender has files of its own a day is complete
    when a later one has come or it is past; a file that brings all senders is complete by itself."""
    pattern = contract.file_name_pattern
    has_files_of_senders = pattern is not None and "sender" in pattern.groupindex
    query = sa.text("""
        select profile.day, sum(profile.count_rows)::bigint as count_rows,
               profile.day < max(profile.day) over () as is_followed,
               compared.count_rows as compared_rows, coalesce(compared.is_last, false) as was_last
        from ledger.profiles as profile
        left join ledger.compared_days as compared using (feed, day)
        where profile.feed = :feed and profile.statistic = 'rows'
        group by profile.day, compared.count_rows, compared.is_last order by profile.day
    """)
    length = timedelta(days=max(contract.cadence.every_days, 1), hours=contract.cadence.grace_hours)
    found = []
    for row in connection.execute(query, {"feed": contract.feed}):
        is_complete = not has_files_of_senders or row.is_followed or row.day + length < today
        if row.count_rows != row.compared_rows or (row.was_last and is_complete):
            found.append((row.day, row.count_rows, is_complete))
    return found


def _read_profiles(connection: sa.Connection, feed: str, first: date) -> Profiles:
    """Of all deliveries of a day together."""
    query = sa.text("""
        with days as (
            select sender, column_name, statistic, bucket, day, sum(count_rows)::bigint as count_rows
            from ledger.profiles where feed = :feed and day >= :first and count_rows > 0
            group by sender, column_name, statistic, bucket, day
        )
        select sender, column_name, statistic, bucket, array_agg(day) as days, array_agg(count_rows) as counts
        from days group by sender, column_name, statistic, bucket
        order by sender, column_name, statistic, bucket
    """)
    return {
        (row.sender, row.column_name, row.statistic, row.bucket): dict(zip(row.days, row.counts, strict=True))
        for row in connection.execute(query, {"feed": feed, "first": first})
    }


def _forget(connection: sa.Connection, feed: str, day: date) -> None:
    """What an earlier comparison of this day found, or ended: it is compared again. A person's decisions stay."""
    other = DRIFTS.alias()
    is_followed = sa.exists().where(
        other.c.feed == feed,
        other.c.sender == DRIFTS.c.sender,
        other.c.column_name == DRIFTS.c.column_name,
        other.c.first_day > DRIFTS.c.first_day,
    )
    own = (DRIFTS.c.feed == feed, DRIFTS.c.decision.is_(None), DRIFTS.c.closed_by.is_(None))
    connection.execute(sa.delete(DRIFTS).where(*own, DRIFTS.c.first_day == day))
    ended = DRIFTS.c.over_day.between(day - timedelta(days=MOST_DAYS_OVER), day)
    connection.execute(sa.update(DRIFTS).where(*own, ended, ~is_followed).values(over_day=None))


def _kept(connection: sa.Connection, feed: str) -> dict[int, Alarm]:
    rows = connection.execute(sa.select(DRIFTS).where(DRIFTS.c.feed == feed).order_by(DRIFTS.c.drift_id))
    return {row.drift_id: _alarm(row) for row in rows}


def _alarm(row: sa.Row[Any]) -> Alarm:
    finding = Finding(
        row.sender,
        row.column_name,
        row.statistic,
        row.bucket,
        row.before_value,
        row.now_value,
        0,
        0.0,
        1,
        row.other or "",
    )
    is_accepted = row.decision == "accepted"
    return Alarm(finding, row.first_day, row.since_day or row.first_day, row.last_day, row.over_day, is_accepted)


def _note_compared(connection: sa.Connection, feed: str, day: date, rows: int, *, is_complete: bool) -> None:
    known = {"count_rows": rows, "is_last": not is_complete, "compared_at": sa.func.now()}
    fresh = insert(COMPARED_DAYS).values(feed=feed, day=day, **known)
    connection.execute(fresh.on_conflict_do_update(index_elements=["feed", "day"], set_=known))


def _values(feed: str, alarm: Alarm) -> dict[str, object]:
    finding = alarm.finding
    return {
        "feed": feed,
        "sender": finding.sender,
        "column_name": finding.column,
        "statistic": finding.statistic,
        "bucket": finding.bucket,
        "other": finding.other or None,
        "first_day": alarm.named_on,
        "since_day": alarm.since,
        "last_day": alarm.last_day,
        "before_value": finding.before,
        "now_value": finding.now,
        "detail": sentence(alarm),
        "p_value": math.exp(-finding.evidence),
    }
