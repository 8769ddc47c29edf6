"""Shares that may have changed: of nulls, codes, lags, sizes, and of one flag among the rows that have another."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hub.monitoring.drift.buckets import LONG_LAGS
from hub.monitoring.drift.events import without_events
from hub.monitoring.drift.evidence import (
    LEAST_SHARE,
    Past,
    counted_singly,
    exchange_evidence,
    past_of,
    share_evidence,
)
from hub.monitoring.drift.findings import Finding, Scope, sender_costs
from hub.monitoring.drift.history import ALL, UP_TO, kind_of

LEEWAY, LEEWAY_A_DAY, LEAST_CHANGE, LEAST_CHANGE_OF_MONTHS = 0.03, 0.0015, 0.05, 0.15
"""A share wanders by so much without a cause, and the longer the more; one that has changed by less than the third is
nobody's concern, nor by less than the fourth between months, which have their seasons."""
LAG_LEEWAY, LAG_LEEWAY_A_DAY, LAG_CHANGE, SELDOM = 0.04, 0.006, 0.15, 0.01
"""Of lags: how far back reports go wanders more. What comes seldom has the leeway of all others,
but for lags as long as the past itself, which a new hub has not seen yet."""
NEVER, NEW = 0.003, 0.02
"""A bucket that hardly ever came is new from a smaller share on."""
APART, TURNED = 0.08, 0.25
"""Codes whose shares are so far apart are exchanged if each has the other's, but for this part of the difference and
for chance."""
LENGTH_LEEWAY, LENGTH_CHANGE = 0.1, 0.3
"""Of lengths of texts: the place and the words of an event have theirs; texts that are cut, or others, are all so."""
LONG_LAG_LEEWAY = 0.35
"""Reports of an event go on for weeks: what came a day after it comes a month after it later. A delivery that is late
shows in the short lags."""
OWN_ROWS = 2
"""Rows by which a sender's share is drawn to that of all."""


@dataclass(frozen=True)
class Window:
    """The shares of a window against their past; all arrays are by series. ``now`` and ``whole`` count singly."""

    past: Past
    now: np.ndarray
    whole: np.ndarray
    rows: np.ndarray
    is_tested: np.ndarray

    @property
    def share(self) -> np.ndarray:
        share: np.ndarray = np.where(self.whole > 0, self.now / np.maximum(self.whole, 1e-9), self.past.share)
        return share


class ShareLook:
    """All shares of a feed on a day. ``parts`` are those of the rows that may be an event's."""

    def __init__(self, scope: Scope, parts: dict[str, np.ndarray]) -> None:
        self._scope = scope
        self._shares = scope.history.shares
        keys = self._shares.keys
        days = slice(scope.first, scope.place + 1)
        self._counts, self._totals = without_events(scope.history, days, parts)
        usable = {key[:2]: scope.usable(*key[:2])[days] for key in keys}
        self._usable = np.array([usable[key[:2]] for key in keys]).reshape(len(keys), -1).T
        self._costs = self._asked()
        self._is_lag = np.array([kind_of(key[2]) in ("days", "minutes") for key in keys])
        self._is_length = np.array([kind_of(key[2]) == "length" for key in keys])
        self._is_long = np.array([key[3].removeprefix(UP_TO) in LONG_LAGS for key in keys], dtype=bool)
        self._families = {key[:3]: number for number, key in enumerate(keys)}
        self._exchanges = self._pairs_of_codes()
        self._windows: dict[int, Window | None] = {}

    def window(self, length: int) -> Window | None:
        """The shares of a window; None where there is too little past."""
        if length not in self._windows:
            self._windows[length] = self._look(length)
        return self._windows[length]

    def findings(self, length: int) -> Iterator[Finding]:
        """What a window gives evidence of."""
        window = self.window(length)
        if window is not None:
            yield from self._changed(window, length)
            yield from self._exchanged(window, length)

    def _look(self, length: int) -> Window | None:
        scope, shares = self._scope, self._shares
        before, current = scope.before(length), scope.current(length)
        if before.stop - before.start < scope.least_days or not shares.keys:
            return None
        was = slice(before.start - scope.first, before.stop - scope.first)
        counts, totals = self._counts[was] * self._usable[was], self._totals[was] * self._usable[was]
        past = self._mixed(past_of(counts, totals), counts, totals, shares.totals[current].sum(axis=0))
        now, whole = counted_singly(past, self._counts[was.stop :], self._totals[was.stop :])
        is_tested = ((totals > 0).sum(axis=0) >= scope.least_days) & self._usable[was.stop :].all(axis=0)
        is_tested &= (self._totals[-1] > 0) & (whole > 0)
        return Window(past, now, whole, self._totals[was.stop :].sum(axis=0), is_tested)

    def _changed(self, window: Window, length: int) -> Iterator[Finding]:
        past, share = window.past, window.share
        leeway = self._leeway(past, length)
        least = LEAST_CHANGE if self._scope.is_daily else LEAST_CHANGE_OF_MONTHS
        least_of_each = np.where(self._is_lag, LAG_CHANGE, np.where(self._is_length, LENGTH_CHANGE, least))
        is_large = np.abs(share - past.share) >= least_of_each
        is_large |= (past.share < NEVER) & (share >= NEW) & ~self._is_long & ~self._is_length & self._scope.is_daily
        evidence = share_evidence(past, window.now, window.whole, leeway) - self._costs
        for number in np.flatnonzero(window.is_tested & is_large & (evidence > 0)).tolist():
            key = self._shares.keys[number]
            before, now = float(past.share[number]), float(share[number])
            yield Finding(*key, before, now, int(window.rows[number]), float(evidence[number]), length)

    def _exchanged(self, window: Window, length: int) -> Iterator[Finding]:
        one, two, many = self._exchanges
        past, share = window.past, window.share
        leeway = self._leeway(past, length)
        evidence = exchange_evidence(past, one, two, window.now, window.whole, leeway)
        evidence -= self._costs[one] + np.log(np.maximum(many, 1))
        apart = np.abs(past.share[one] - past.share[two])
        is_turned = (apart >= APART) & window.is_tested[one] & window.is_tested[two]
        for mine, others in ((one, two), (two, one)):
            chance = np.sqrt(past.share[others] * (1 - past.share[others]) / np.maximum(window.whole[mine], 1))
            is_turned &= np.abs(share[mine] - past.share[others]) <= np.minimum(TURNED * apart + chance, apart / 2)
        for place in np.flatnonzero(is_turned & (evidence > 0)).tolist():
            number, (*_, other) = int(one[place]), self._shares.keys[int(two[place])]
            sender, column, statistic, code = self._shares.keys[number]
            before, now, rows = float(past.share[number]), float(share[number]), int(window.rows[number])
            found = float(evidence[place])
            yield Finding(sender, column, statistic, code, before, now, rows, found, length, other)

    def _leeway(self, past: Past, length: int) -> np.ndarray:
        """By how much each share may differ from its past within a window."""
        leeway = np.minimum(LEEWAY + (length - 1) * LEEWAY_A_DAY, past.share / 2 + NEVER)
        of_a_lag = LAG_LEEWAY + (length - 1) * LAG_LEEWAY_A_DAY
        leeway = np.where(self._is_length, np.maximum(leeway, LENGTH_LEEWAY), leeway)
        of_lags = np.where(self._is_long, max(of_a_lag, LONG_LAG_LEEWAY), of_a_lag)
        wanders: np.ndarray = np.where(self._is_lag & ((past.share >= SELDOM) | self._is_long), of_lags, leeway)
        return wanders

    def _mixed(self, past: Past, counts: np.ndarray, totals: np.ndarray, whole: np.ndarray) -> Past:
        """The feed's own shares as its senders' would make them on these days: a sender who sends more or fewer rows
        changes the feed's shares, and nothing has drifted. ``whole`` are the days' totals."""
        share, rows, seen = past.share.copy(), totals.sum(axis=0), counts.sum(axis=0)
        for number, parts in self._shares.parts.items():
            if whole[number]:
                of_senders = (seen[parts] + OWN_ROWS * past.share[number]) / (rows[parts] + OWN_ROWS)
                # Senders who never used a bucket have no series of it: none of their rows is expected in it.
                share[number] = of_senders @ whole[parts] / whole[number]
        return Past(np.clip(share, LEAST_SHARE, 1 - LEAST_SHARE), past.correlation, past.worth)

    def _asked(self) -> np.ndarray:
        """Evidence that is asked of each series, by how many there are: each column of a sender, each statistic of a
        column and each bucket of a statistic has an equal part."""
        costs = sender_costs(self._scope.history)
        families = [(key[0], key[1], kind_of(key[2])) for key in self._shares.keys]
        buckets = Counter(families)
        statistics = Counter(family[:2] for family in buckets)
        columns = Counter(sender for sender, _ in statistics)
        return np.array(
            [costs[one[0]] + np.log(columns[one[0]] * statistics[one[:2]] * buckets[one]) for one in families]
        )

    def _pairs_of_codes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places of two codes of a column, and how many such pairs the column has."""
        by_column: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, (sender, column, statistic, _) in enumerate(self._shares.keys):
            if statistic == "value":
                by_column[sender, column].append(number)
        pairs = [
            (one, two, len(codes) * (len(codes) - 1) // 2)
            for codes in by_column.values() for one in codes for two in codes if one < two
        ]  # fmt: skip
        table = np.array(pairs, dtype=int).reshape(-1, 3)
        return table[:, 0], table[:, 1], table[:, 2]

    def by_sender(self, finding: Finding) -> dict[str, tuple[Finding, float]]:
        """What each sender's share of a finding's bucket did in its window, and how many rows that makes. Of one
        that never used the bucket it is none."""
        window = self.window(finding.days)
        found = {}
        for sender in self._scope.history.senders if window is not None else ():
            key = (sender, *finding.key[1:])
            number = self._shares.place.get(key, self._families.get(key[:3]))
            if sender == ALL or number is None or window is None or not window.whole[number]:
                continue
            rows, before, now = window.rows[number], 0.0, 0.0
            if key in self._shares.place:
                before, now = float(window.past.share[number]), float(window.share[number])
            one = Finding(
                sender, *finding.key[1:], before, now, int(rows), finding.evidence, finding.days, finding.other
            )
            found[sender] = one, float((now - before) * rows)
        return found
