"""Profiles → drift of meaning: each day of a feed judged once against the past, and what is found is kept until the
sender is as before or a person says that it is right so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.contracts import Contract
from hub.doors.drift_tables import DRIFTS, JUDGED_DAYS
from hub.drift_choice import Finding
from hub.drift_findings import Judge, Range, first_day_of_past
from hub.drift_history import ALL, History, ProfileRow

DRIFT_LOCK_SPACE = 4_207_031
LONGEST_DAILY = 7
"""Days between deliveries up to which a feed has a day of the week; the others are judged by the month."""
ENOUGH_ROWS = 10
"""So many rows a day must have to end a drift."""

SINCE_EVER = date(1900, 1, 1)
NAMES = {
    "rows": "rows a day",
    "clock": "hours by which the clock is shifted",
    "median": "median",
    "median_length": "median length",
    "given": "share of rows that give it",
    "offset": "share with the offset",
    "days_before_delivery": "share of days before the delivery's",
    "days_after_event": "share of days after the event's",
    "code": "share of",
}


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
    """Judge the delivery days of these feeds that have come, or have grown, since they were judged; return how many.
    Nothing is judged twice: a second call with nothing new changes nothing. Two callers at once take turns."""
    count = 0
    for contract in contracts:
        with engine.begin() as connection:
            lock = sa.func.pg_advisory_xact_lock(DRIFT_LOCK_SPACE, sa.func.hashtext(contract.feed))
            connection.execute(sa.select(lock))
            count += _judge_feed(connection, contract, now.date())
    return count


def drifts(connection: sa.Connection, *, only_open: bool) -> list[Drift]:
    """What is kept, latest first. An open drift is neither over nor accepted."""
    columns = [DRIFTS.c[name] for name in Drift.__dataclass_fields__]
    query = sa.select(*columns).order_by(DRIFTS.c.first_day.desc(), DRIFTS.c.drift_id.desc())
    if only_open:
        query = query.where(_is_open())
    return [Drift(**row) for row in connection.execute(query).mappings()]


def _is_open() -> sa.ColumnElement[bool]:
    return sa.and_(DRIFTS.c.over_day.is_(None), DRIFTS.c.decision.is_distinct_from("accepted"))


def _judge_feed(connection: sa.Connection, contract: Contract, today: date) -> int:
    to_judge = _days_to_judge(connection, contract, today)
    if not to_judge:
        return 0
    is_daily = contract.cadence.every_days <= LONGEST_DAILY
    first = first_day_of_past(min(day for day, *_ in to_judge), is_daily=is_daily)
    history = History(_read_profiles(connection, contract.feed, first))
    for day, rows, is_complete in to_judge:
        _forget(connection, contract.feed, day)
        kept = _kept(connection, contract.feed)
        judge = Judge(history, is_daily, _excluded(kept, day))
        still = _follow(connection, judge, kept, day, is_complete=is_complete)
        columns_of_senders = {column for _, column in still}
        for finding in judge.findings(day, is_complete=is_complete):
            # What one sender's lasting drift makes of the whole feed is said already.
            is_said = (ALL, finding.column) in still or (finding.sender, finding.column) in still
            if not is_said and not (finding.sender == ALL and finding.column in columns_of_senders):
                connection.execute(sa.insert(DRIFTS).values(_values(contract.feed, day, finding)))
        _note_judged(connection, contract.feed, day, rows, is_complete=is_complete)
    return len(to_judge)


def _days_to_judge(connection: sa.Connection, contract: Contract, today: date) -> list[tuple[date, int, bool]]:
    """Day, its rows, and whether all of it has come, in order. Where each sender has files of its own a day is complete
    when a later one has come or it is past; a file that brings all senders is complete by itself."""
    pattern = contract.file_name_pattern
    has_files_of_senders = pattern is not None and "sender" in pattern.groupindex
    query = sa.text("""
        select profile.day, sum(profile.count_rows)::bigint as count_rows,
               profile.day < max(profile.day) over () as is_followed,
               judged.count_rows as judged_rows, coalesce(judged.is_last, false) as was_last
        from ledger.profiles as profile
        left join ledger.judged_days as judged using (feed, day)
        where profile.feed = :feed and profile.statistic = 'rows'
        group by profile.day, judged.count_rows, judged.is_last order by profile.day
    """)
    length = timedelta(days=max(contract.cadence.every_days, 1), hours=contract.cadence.grace_hours)
    found = []
    for row in connection.execute(query, {"feed": contract.feed}):
        is_complete = not has_files_of_senders or row.is_followed or row.day + length < today
        if row.count_rows != row.judged_rows or (row.was_last and is_complete):
            found.append((row.day, row.count_rows, is_complete))
    return found


def _read_profiles(connection: sa.Connection, feed: str, first: date) -> list[ProfileRow]:
    """Of all deliveries of a day together; of their medians the mean, each as much as it has rows."""
    query = sa.text("""
        select day, sender, column_name, statistic, bucket, sum(count_rows)::bigint as count_rows,
               sum(amount * count_rows) / sum(count_rows) as amount
        from ledger.profiles where feed = :feed and day >= :first
        group by day, sender, column_name, statistic, bucket
    """)
    return [
        ProfileRow(row.day, row.sender, row.column_name, row.statistic, row.bucket, row.count_rows, row.amount)
        for row in connection.execute(query, {"feed": feed, "first": first})
    ]


def _forget(connection: sa.Connection, feed: str, day: date) -> None:
    """What an earlier judgement of this day found: it is judged anew. What a person has decided stands."""
    own = (DRIFTS.c.feed == feed, DRIFTS.c.decision.is_(None))
    connection.execute(sa.delete(DRIFTS).where(*own, DRIFTS.c.first_day == day))
    connection.execute(sa.update(DRIFTS).where(*own, DRIFTS.c.over_day == day).values(over_day=None))


def _kept(connection: sa.Connection, feed: str) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(DRIFTS).where(DRIFTS.c.feed == feed).order_by(DRIFTS.c.drift_id)).all()


def _excluded(kept: Sequence[sa.Row[Any]], day: date) -> dict[tuple[str, str], list[Range]]:
    """Days that are no past: those of a drift while it lasted, and those before one that was accepted."""
    excluded: dict[tuple[str, str], list[Range]] = {}
    for row in kept:
        if row.first_day > day:
            continue
        if row.decision == "accepted":
            lasted: Range = (SINCE_EVER, row.first_day - timedelta(days=1))
        else:
            lasted = (row.first_day, row.over_day - timedelta(days=1) if row.over_day else day)
        excluded.setdefault((row.sender, row.column_name), []).append(lasted)
    return excluded


def _follow(
    connection: sa.Connection, judge: Judge, kept: Sequence[sa.Row[Any]], day: date, *, is_complete: bool
) -> set[tuple[str, str]]:
    """Bring drifts that were open before this day up to date, and return the senders and columns of those that last.
    One is over when its value is nearer to what it was than to what it became."""
    lasting = set()
    for row in kept:
        if row.over_day is not None or row.decision == "accepted" or row.first_day >= day:
            continue
        told = judge.value(day, (row.sender, row.column_name, row.statistic, row.bucket), row.now_value)
        if row.statistic == "rows" and not is_complete:
            told = None
        changed: dict[str, object] = {}
        if told is not None:
            value, rows = told
            is_enough = rows >= ENOUGH_ROWS or row.statistic == "rows"
            if is_enough and abs(value - row.before_value) < abs(value - row.now_value):
                changed = {"over_day": day}
            else:
                changed = {"last_day": max(day, row.last_day)}
        if changed:
            connection.execute(sa.update(DRIFTS).where(DRIFTS.c.drift_id == row.drift_id).values(changed))
        if "over_day" not in changed:
            lasting.add((row.sender, row.column_name))
    return lasting


def _note_judged(connection: sa.Connection, feed: str, day: date, rows: int, *, is_complete: bool) -> None:
    known = {"count_rows": rows, "is_last": not is_complete, "judged_at": sa.func.now()}
    fresh = insert(JUDGED_DAYS).values(feed=feed, day=day, **known)
    connection.execute(fresh.on_conflict_do_update(index_elements=["feed", "day"], set_=known))


def _values(feed: str, day: date, finding: Finding) -> dict[str, object]:
    return {
        "feed": feed,
        "sender": finding.sender,
        "column_name": finding.column,
        "statistic": finding.statistic,
        "bucket": finding.bucket,
        "first_day": day,
        "last_day": day,
        "before_value": finding.before,
        "now_value": finding.now,
        "detail": describe(finding, day),
        "p_value": finding.probability,
    }


def describe(finding: Finding, day: date) -> str:
    """What was and what is, in one line: sender, column, before, now, of how many rows."""
    who = "all senders" if finding.sender == ALL else finding.sender
    what = NAMES[finding.statistic] + (f" {finding.bucket}" if finding.bucket and finding.statistic != "given" else "")
    of = "" if finding.column == ALL else f" {finding.column}"
    before, now = _written(finding, finding.before), _written(finding, finding.now)
    over = f"{day}" if finding.days == 1 else f"{finding.days} days up to {day}"
    return f"{who}{of}: {what} was {before}, is {now} ({finding.rows} rows, {over})"


def _written(finding: Finding, value: float) -> str:
    if finding.statistic in ("rows", "median", "median_length"):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:+.0f}" if finding.statistic == "clock" else f"{100 * value:.1f}%"
