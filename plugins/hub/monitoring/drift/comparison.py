"""Which findings of a day become alarms: enough evidence, one a column, and the senders that changed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from hub.monitoring.drift.events import Events
from hub.monitoring.drift.findings import Finding, Range, Scope
from hub.monitoring.drift.history import ALL, ROWS, History, Key
from hub.monitoring.drift.shares import ShareLook
from hub.monitoring.drift.volumes import ClockLook, VolumeLook

ENOUGH = 5.5
"""Evidence from which a finding is an alarm, beyond what is asked of its series: the same days are about 250 times
likelier if it changed. Set by what simulated feeds without any change give."""
REST, OWN, HALF = 3.0, 2.0, 0.5
"""Standard deviations from which the other senders together, and a sender by itself, are not as before; a sender that
did less than half of what was found did not change with the others."""

MANY = 4
"""From so many senders on, and more than half, what they have in common is one alarm of the feed's, not one of each."""


class Comparison:
    """Compares days of one feed with its past. ``excluded`` are days that are no past for a sender and column."""

    def __init__(
        self, history: History, *, is_daily: bool, excluded: Mapping[tuple[str, str], Sequence[Range]]
    ) -> None:
        self.history = history
        self._is_daily = is_daily
        self._excluded = excluded

    def findings(self, day: date, *, is_complete: bool) -> list[Finding]:
        """The alarms of a day: at most one a sender and column. ``is_complete``: who sent nothing for it will not; else
        only those who sent are compared by their rows."""
        scope = Scope(self.history, self.history.place(day), self._is_daily, self._excluded)
        parts = self._parts_of_events(slice(scope.first, scope.place + 1))
        looks = (ShareLook(scope, parts), VolumeLook(scope, is_complete=is_complete), ClockLook(scope, parts))
        best: dict[Key, Finding] = {}
        for window in scope.windows:
            for one in (one for look in looks for one in look.findings(window)):
                key = (*one.key[:3], f"{one.bucket} {one.other}")
                if one.evidence >= ENOUGH and (key not in best or one.evidence > best[key].evidence):
                    best[key] = one
        columns = one_a_column(list(best.values()))
        return [alarm for found in columns.values() for alarm in self._of_senders(found, looks[0], looks[1])]

    def _parts_of_events(self, days: slice) -> dict[str, np.ndarray]:
        """An event is a matter of days: of a month's rows none is held apart."""
        if self._is_daily:
            return Events(self.history).parts(days)
        return {sender: np.zeros(len(rows[days])) for sender, rows in self.history.rows.items()}

    def _of_senders(self, found: list[Finding], shares: ShareLook, volumes: VolumeLook) -> list[Finding]:
        """A column's alarms: the feed's where all senders changed, else those of the senders that did."""
        first = found[0]
        if len(self.history.senders) == 1:
            return [first]
        if first.statistic == "clock" or first.statistic.startswith("with"):
            return [one for one in found if one.sender != ALL] or [first]
        by_sender = (volumes if first.column == ROWS else shares).by_sender(first)
        named = changed_senders(first, by_sender)
        if named == [ALL]:
            return [_of_all(first, by_sender)]
        alarms = [by_sender[sender][0] if sender in by_sender else first for sender in named]
        return alarms + [one for one in found if one.sender not in (ALL, *named)]


def changed_senders(found: Finding, by_sender: Mapping[str, tuple[Finding, float]]) -> list[str]:
    """Who changed, given what each sender's series did and how many rows that makes: one sender where the others
    together are as before, all where none is or most changed, else those that did."""
    way = 1 if found.now > found.before else -1
    excess = {sender: way * rows for sender, (_, rows) in by_sender.items()}
    if not excess or max(excess.values()) <= 0:
        return [found.sender]
    largest = max(excess, key=lambda sender: excess[sender]) if found.sender == ALL else found.sender
    rest = [sender for sender in excess if sender != largest]
    chance = {sender: _variance(one) for sender, (one, _) in by_sender.items()}
    if not rest or sum(excess[sender] for sender in rest) < REST * sum(chance[sender] for sender in rest) ** 0.5:
        return [largest]
    stayed = [sender for sender, (one, _) in by_sender.items() if _stayed(one, excess[sender], found)]
    if not stayed:
        return [ALL]
    moved = [sender for sender in excess if sender not in stayed and excess[sender] > OWN * chance[sender] ** 0.5]
    if len(moved) >= MANY and 2 * len(moved) > len(excess):
        return [ALL]
    return sorted(moved, key=lambda sender: -excess[sender]) or [largest]


def _variance(one: Finding) -> float:
    """Of the rows of a sender in a finding's window, by chance."""
    if one.column == ROWS:
        return max(one.before * one.days, 0.25)
    return max(one.rows * one.before * (1 - one.before), 0.25)


def _stayed(one: Finding, excess: float, found: Finding) -> bool:
    """Whether a sender surely caused less than half of the change."""
    if one.column == ROWS:
        full = one.before * one.days * abs(found.now / found.before - 1)
    else:
        full = one.rows * abs(found.now - found.before)
    return excess < HALF * full and full - excess > OWN * max(_variance(one), full / 2) ** 0.5


def _of_all(found: Finding, by_sender: Mapping[str, tuple[Finding, float]]) -> Finding:
    """A finding said of all senders together."""
    if found.sender == ALL:
        return found
    parts = [one for one, _ in by_sender.values()]
    rows = sum(one.rows for one in parts)
    if found.column == ROWS:
        before, now = sum(one.before for one in parts), sum(one.now for one in parts)
    else:
        before, now = (sum(getattr(one, name) * one.rows for one in parts) / max(rows, 1) for name in ("before", "now"))
    return Finding(ALL, *found.key[1:], before, now, rows, found.evidence, found.days, found.other)


def one_a_column(found: Sequence[Finding]) -> dict[str, list[Finding]]:
    """The findings of each column with the most evidence, one a sender, most first. A pair that no longer hangs
    together is said of the column that is in most of the pairs, and not where that column's own share is found."""
    own = {one.column for one in found if not one.statistic.startswith("with")}
    pairs = [one for one in found if one.statistic.startswith("with") and not {one.column, flag_column(one)} & own]
    named = [one for one in found if not one.statistic.startswith("with")]
    while pairs:
        weight: dict[str, float] = defaultdict(float)
        for one in pairs:
            for column in (one.column, flag_column(one)):
                weight[column] += one.evidence
        heaviest = max(sorted(weight), key=lambda column: weight[column])
        of_column = [one for one in pairs if heaviest in (one.column, flag_column(one))]
        named += sorted(of_column, key=lambda one: (one.column != heaviest, -one.evidence))[:1]
        pairs = [one for one in pairs if one not in of_column]
    columns: dict[str, list[Finding]] = defaultdict(list)
    for one in sorted(named, key=lambda one: -one.evidence):
        if one.sender not in {other.sender for other in columns[one.column]}:
            columns[one.column].append(one)
    return dict(columns)


def flag_column(finding: Finding) -> str:
    """Of a pair, the column of the other flag."""
    return finding.statistic.partition(":")[2].partition("=")[0]
