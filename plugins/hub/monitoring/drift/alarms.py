"""An alarm lasts from the day it is raised until the data have been as before for long enough.

Each day since then is compared with the data before the change and after it, and that evidence adds up. So one noisy
day ends nothing, and an alarm whose data are like neither goes on until a person decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from hub.monitoring.drift.comparison import Comparison, flag_column
from hub.monitoring.drift.evidence import EVENT, past_of, volume_of
from hub.monitoring.drift.findings import DAYS_OF_PAST, Finding, Range
from hub.monitoring.drift.history import ALL, CLOCKS, ROWS, History

OVER, LEAST_DAYS_OVER, LEAST_MONTHS_OVER, MOST_DAYS_OVER = 5.0, 7, 3, 28
"""Evidence that the data are as before again, and the days within which it must add up: a week, as dates that are all
the first of the month look right for some days of each."""
UNSURE = 1.5
"""Standard deviations by which the change may be smaller than it looks."""
LEAST_SHARE = 0.002
SINCE_EVER = date(1900, 1, 1)


@dataclass(frozen=True)
class Alarm:
    """A drift: the finding, the day on which it was reported, since when, until when, and whether a person has accepted
    it as right."""

    finding: Finding
    named_on: date
    since: date
    last_day: date
    over_day: date | None = None
    is_accepted: bool = False

    @property
    def is_open(self) -> bool:
        return self.over_day is None and not self.is_accepted

    @property
    def of(self) -> tuple[str, str]:
        return self.finding.sender, self.finding.column


def after_day(
    history: History, alarms: Sequence[Alarm], day: date, *, is_daily: bool, is_complete: bool
) -> tuple[list[Alarm], list[Alarm]]:
    """The alarms as they are after a day, in their order, and the new ones. ``history`` may hold later days."""
    least = LEAST_DAYS_OVER if is_daily else LEAST_MONTHS_OVER
    kept = [_followed(history, one, day, least, is_complete=is_complete) for one in alarms]
    open_ones = [one for one in kept if one.is_open]
    comparison = Comparison(history, is_daily=is_daily, excluded=_excluded(kept, day))
    new = []
    for finding in comparison.findings(day, is_complete=is_complete):
        if not _is_said(finding, open_ones):
            since = history.days[max(history.place(day) - finding.days + 1, 0)]
            new.append(Alarm(finding, day, since, day))
    return kept, new


def _is_said(finding: Finding, open_ones: Sequence[Alarm]) -> bool:
    """Whether an open alarm covers it already: of this sender or the feed, or of the flag that the pair depends on."""
    for one in open_ones:
        same_sender = ALL in (one.finding.sender, finding.sender) or one.finding.sender == finding.sender
        columns = {one.finding.column, flag_column(one.finding)} - {""}
        if same_sender and columns & {finding.column, flag_column(finding)}:
            return True
    return False


def _excluded(alarms: Sequence[Alarm], day: date) -> Mapping[tuple[str, str], list[Range]]:
    """Days to leave out of the past: those of an alarm while it lasted, and those before one that was accepted."""
    excluded: dict[tuple[str, str], list[Range]] = {}
    for one in alarms:
        if one.since > day:
            continue
        until = one.over_day - timedelta(days=1) if one.over_day else day
        lasted = (SINCE_EVER, one.since - timedelta(days=1)) if one.is_accepted else (one.since, until)
        excluded.setdefault(one.of, []).append(lasted)
    return excluded


def _followed(history: History, alarm: Alarm, day: date, least: int, *, is_complete: bool) -> Alarm:
    if not alarm.is_open or alarm.named_on >= day or (alarm.finding.column == ROWS and not is_complete):
        return alarm
    evidence = _as_before(history, alarm, day)
    if evidence is None:
        return alarm
    days, likelier = evidence
    for length in range(least, min(len(days), MOST_DAYS_OVER) + 1):
        if likelier[-length:].sum() >= OVER and likelier[-1] > 0 and likelier[-length] > 0:
            return replace(alarm, over_day=days[-length])
    return replace(alarm, last_day=day) if likelier[-1] <= 0 else alarm


def _as_before(history: History, alarm: Alarm, day: date) -> tuple[list[date], np.ndarray] | None:
    """The days after the alarm with rows, up to this one, and by how much each is likelier to be as before."""
    finding = alarm.finding
    since, place = history.place_from(alarm.since), history.place(day)
    past, now = slice(max(since - DAYS_OF_PAST, 0), since), slice(history.place_from(alarm.named_on) + 1, place + 1)
    if finding.column == ROWS:
        found = _rows_as_before(history, finding, past, now)
    elif finding.statistic == "clock":
        found = _clock_as_before(history, finding, past, now)
    else:
        found = _share_as_before(history, finding, past, now)
    if found is None:
        return None
    evidence, rows = found
    days = [one for one, count in zip(history.days[now], rows, strict=True) if count]
    return (days, evidence[rows > 0]) if days and rows[-1] else None


def _nearest_to_before(finding: Finding, spread: float) -> float:
    """The new value, as near to the earlier one as the few rows of the finding allow: a change that is found first is
    often found because chance made it look larger than it is."""
    way = min(UNSURE * spread, abs(finding.before - finding.now) / 2)
    return finding.now + way * (1 if finding.before > finding.now else -1)


def _share_as_before(
    history: History, finding: Finding, past: slice, now: slice
) -> tuple[np.ndarray, np.ndarray] | None:
    number = history.shares.place.get(finding.key)
    if number is None:
        return None
    counts, totals = history.shares.counts[:, number], history.shares.totals[:, number]
    likeness = float(past_of(counts[past, None], totals[past, None]).correlation[0])
    seen = (finding.now * finding.rows + 1) / (finding.rows + 2)
    nearest = _nearest_to_before(finding, (seen * (1 - seen) / max(finding.rows, 1)) ** 0.5)
    before, became = (float(np.clip(one, LEAST_SHARE, 1 - LEAST_SHARE)) for one in (finding.before, nearest))
    hits, rows = counts[now], totals[now]
    evidence = hits * np.log(before / became) + (rows - hits) * np.log((1 - before) / (1 - became))
    return evidence / (1 + np.maximum(rows - 1, 0) * likeness), rows


def _rows_as_before(
    history: History, finding: Finding, past: slice, now: slice
) -> tuple[np.ndarray, np.ndarray] | None:
    rows = history.rows.get(finding.sender)
    if rows is None:
        return None
    scatter = (
        volume_of(rows[past], np.zeros(past.stop - past.start, dtype=int)).dispersion if past.stop > past.start else 0.0
    )
    spread = ((max(finding.now, 1.0) / finding.days) * (1 + scatter * finding.now)) ** 0.5
    before, became = (max(one, LEAST_SHARE) for one in (finding.before, _nearest_to_before(finding, spread)))
    # An event's day is no sign that rows which are missing come again.
    came = np.minimum(rows[now], EVENT * before) if became < before else rows[now]
    evidence = came * np.log(before / became) - (before - became)
    return evidence / (1 + scatter * before), np.ones(len(evidence))


def _clock_as_before(
    history: History, finding: Finding, past: slice, now: slice
) -> tuple[np.ndarray, np.ndarray] | None:
    hours = history.clocks.get((finding.sender, finding.column, CLOCKS[0]))
    if hours is None:
        return None
    usual = hours[past].sum(axis=0) + 1.0
    ratio = np.log(usual / np.roll(usual, round(finding.now)))
    days = hours[past][hours[past].sum(axis=1) > 0]
    likeness = (
        float(past_of(days, np.repeat(days.sum(axis=1)[:, None], 24, axis=1)).correlation.mean()) if len(days) else 0.1
    )
    rows = hours[now].sum(axis=1)
    return hours[now] @ ratio / (1 + np.maximum(rows - 1, 0) * likeness), rows
