"""Numbers of rows and clocks that may have changed."""

from collections.abc import Iterator

import numpy as np

from hub.monitoring.drift.evidence import clock_evidence, volume_evidence, volume_of
from hub.monitoring.drift.findings import Finding, Scope, sender_costs
from hub.monitoring.drift.history import ALL, CLOCKS, ROWS

LEEWAY = (0.85, 1.3)
"""Volumes vary between these parts of the usual number of rows."""
FEWER, MORE, FAR_MORE = 0.7, 1.65, 2.4
"""More rows come after an event, too, for some days: only far more rows on three days, or more on most of a week, are
something else."""
DAYS_OF_AN_EVENT, SURE_DAYS = 3, 7
LEAST_CLOCK_ROWS = 200
QUIET = 0.1
CLOCK_COST = 1.0
"""Clocks are asked for so much more evidence: hours depend on what happened, more than the rows' scatter shows."""


class VolumeLook:
    """The rows of all senders on a day. ``is_complete``: who sent nothing for this day will not; else only those who
    sent are compared by their rows."""

    def __init__(self, scope: Scope, *, is_complete: bool) -> None:
        self._scope = scope
        self._is_complete = is_complete
        self._costs = sender_costs(scope.history)
        days = scope.history.days
        self._weekdays = np.array([day.weekday() if scope.is_daily else 0 for day in days])

    def findings(self, length: int) -> Iterator[Finding]:
        """What a window gives evidence of."""
        for sender, rows in self._scope.history.rows.items():
            if self._is_complete or (rows[self._scope.place] and sender != ALL):
                yield from self._look(sender, length)

    def by_sender(self, finding: Finding) -> dict[str, tuple[Finding, float]]:
        """What each sender's rows did in a finding's window, and how many rows that makes."""
        found = {}
        for sender in self._scope.history.senders:
            expected = self._expected(sender, finding.days)
            if expected is not None:
                before, now = float(expected.mean()), float(self._now(sender, finding.days).mean())
                one = Finding(
                    sender, *finding.key[1:], before, now, round(now * len(expected)), finding.evidence, finding.days
                )
                found[sender] = one, (now - before) * len(expected)
        return found

    def _now(self, sender: str, length: int) -> np.ndarray:
        now: np.ndarray = self._scope.history.rows[sender][self._scope.current(length)]
        return now

    def _past_places(self, sender: str, length: int) -> np.ndarray:
        scope = self._scope
        before = scope.before(length)
        usable = scope.usable(sender, ROWS)
        first = int(np.flatnonzero(scope.history.rows[sender])[0])
        places = np.arange(max(before.start, first), before.stop)
        places = places[usable[places]]
        if len(places) < scope.least_days or not usable[scope.current(length)].all():
            places = places[:0]
        kept: np.ndarray = places
        return kept

    def _expected(self, sender: str, length: int) -> np.ndarray | None:
        places = self._past_places(sender, length)
        if not len(places):
            return None
        past = volume_of(self._scope.history.rows[sender][places], self._weekdays[places])
        expected: np.ndarray = past.expected[self._weekdays[self._scope.current(length)]]
        return expected

    def _look(self, sender: str, length: int) -> Iterator[Finding]:
        places = self._past_places(sender, length)
        if not len(places):
            return
        past = volume_of(self._scope.history.rows[sender][places], self._weekdays[places])
        weekdays = self._weekdays[self._scope.current(length)]
        now, expected = self._now(sender, length), past.expected[weekdays]
        ratio = now.sum() / expected.sum()
        count = now
        if ratio > 1:
            if length < DAYS_OF_AN_EVENT:
                return
            # As if all days were like a low one, and no more than the last ones: what an event brings goes down again.
            ratios = now / expected
            low = np.sort(ratios)[(length - DAYS_OF_AN_EVENT) // 2]
            steady = float(min(low, ratios[-DAYS_OF_AN_EVENT:].min()))
            if steady < (FAR_MORE if length < SURE_DAYS else MORE):
                return
            count = np.minimum(now, steady * expected)
        elif ratio > FEWER:
            return
        evidence = volume_evidence(past, count, weekdays, LEEWAY) - self._costs[sender]
        if evidence > 0:
            yield Finding(
                sender, ROWS, "rows", "", float(expected.mean()), float(now.mean()), int(now.sum()), evidence, length
            )


class ClockLook:
    """The clocks of all senders and columns on a day. ``parts`` are those of the rows that may be an event's: after
    one, people write at other hours, so such days tell nothing."""

    def __init__(self, scope: Scope, parts: dict[str, np.ndarray]) -> None:
        self._scope = scope
        self._quiet = {sender: np.ones(len(scope.history.days), dtype=bool) for sender in parts}
        for sender, part in parts.items():
            self._quiet[sender][scope.first : scope.place + 1] = part < QUIET
        self._costs = sender_costs(scope.history)

    def findings(self, length: int) -> Iterator[Finding]:
        """What a window gives evidence of."""
        scope, clocks = self._scope, self._scope.history.clocks
        for sender, column, statistic in clocks:
            usable = scope.usable(sender, column)
            if statistic != CLOCKS[0] or not usable[scope.current(length)].all():
                continue
            places = np.arange(scope.before(length).start, scope.place + 1)
            places = places[usable[places] & self._quiet[sender][places]]
            before, now = places[places < scope.before(length).stop], places[places >= scope.before(length).stop]
            hours = clocks[sender, column, statistic]
            if len(before) < scope.least_days or hours[before].sum() < LEAST_CLOCK_ROWS or not hours[now].sum():
                continue
            # People keep London's hours, machines UTC's, and both change against the other twice a year: only what is
            # unlikely by both clocks is a shift.
            asked = self._costs[sender] + float(np.log(len(clocks))) + CLOCK_COST
            evidence, shift = clock_evidence(hours[before], hours[now])
            if evidence > asked:
                utc = clocks[sender, column, CLOCKS[1]]
                evidence, shift = min((evidence, shift), clock_evidence(utc[before], utc[now]))
            evidence -= asked
            if evidence > 0:
                yield Finding(sender, column, "clock", "", 0.0, float(shift), int(hours[now].sum()), evidence, length)
