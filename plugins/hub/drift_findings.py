"""What stands out on a day of a feed: each sender and column against its own past.

Pure: profiles in, findings out. A finding must be both unlikely, after correction for all that was looked at on that
day, and large enough to change what a figure says.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from hub.drift_choice import FALSE_SHARE, Finding, one_a_column, unlikely
from hub.drift_history import ALL, CLOCKS, LAGS, History, Key
from hub.drift_statistics import (
    Shares,
    chance_of_none,
    clock_of,
    clock_ratio,
    clock_surprise,
    median_surprise,
    share_surprise,
    shares_of,
    volume_surprise,
)

DAYS_OF_PAST, MONTHS_OF_PAST = 56, 24
LEAST_DAYS, LEAST_MONTHS = 14, 3
LEAST_ROWS, LEAST_CLOCK_ROWS = 50, 300
WINDOWS, DAY_IS_ENOUGH = (1, 3, 7), 200
"""Days that are put together, so that a sender of few rows is found out, too; one with so many a day needs it not."""
LEAST_CHANGE, LEAST_LAG_CHANGE = 0.15, 0.5
"""Of a share that is there before and after. Reports of one old event often come together, so lags must change more."""
NEW_SHARE, GONE_SHARE, NEVER = 0.05, 0.03, 0.003
"""A bucket that never came is new from the first share on; one that had the second is gone when it comes no more."""
FEWER, BUSY = 0.67, 1.5
"""Rows against what was expected. Fewer are a fault to look for; more come after events, and then hours, places and
answers are those of the event."""
MOST_ANSWERS = 4
"""A column that uses so few codes asks a question; one that uses more names places or kinds, of which any can have its
day: there a code that rises says nothing, only one that comes no more."""
LEAST_MEDIAN_CHANGE, LEAST_MEDIAN_ROWS = 0.3, 20

type Range = tuple[date, date]
"""Days, both included, that are no past to judge by."""


@dataclass(frozen=True)
class Judge:
    """How the days of one feed are judged. ``excluded`` are days that are no past for a sender and column."""

    history: History
    is_daily: bool
    excluded: Mapping[tuple[str, str], Sequence[Range]]

    def findings(self, day: date, *, is_complete: bool) -> list[Finding]:
        """What stands out on a day, at most one finding a sender and column, the least likely. ``is_complete``: whoever
        sent nothing for this day will not; else only those who sent are judged by their rows."""
        place = self.history.days.index(day)
        families: dict[tuple[str, int], list[Finding]] = {}
        for one in (
            *(one for window in self._windows for one in self._shares(place, window)),
            *self._volumes(place, is_complete=is_complete),
            *self._medians(place),
            *self._clocks(place),
        ):
            families.setdefault((one.statistic, one.days), []).append(one)
        found = [one for family in families.values() for one in unlikely(family)]
        return one_a_column([one for one in found if self._is_of_itself(place, one)])

    def _is_of_itself(self, place: int, finding: Finding) -> bool:
        """Whether none of the days put together belongs to a drift that is known already."""
        days = self.history.days[max(place - finding.days + 1, 0) : place]
        ranges = self.excluded.get((finding.sender, finding.column), ())
        return not any(first <= day <= last for day in days for first, last in ranges)

    def value(self, day: date, key: Key, shift: float = 0.0) -> tuple[float, int] | None:
        """What a finding's value is on a day, and of how many rows; None where nothing tells it."""
        history, place = self.history, self.history.days.index(day)
        sender, column, statistic, _ = key
        if statistic == "rows":
            return float(history.rows[sender][place]) if sender in history.rows else 0.0, 1
        if statistic == "clock":
            hours = history.clocks.get((sender, column, CLOCKS[0]))
            if hours is None or not hours[place].sum():
                return None
            is_shifted = (
                clock_ratio(clock_of(hours[self._before(place, 1, (sender, column))]), hours[place], int(shift)) > 0
            )
            return (shift if is_shifted else 0.0), int(hours[place].sum())
        if key in history.medians:
            amount, rows = history.medians[key][place]
            return None if np.isnan(amount) else (float(amount), int(rows))
        if key not in history.place:
            # The bucket has left the history that was read; the column may still be given.
            return None
        total = history.totals[place, history.place[key]]
        return (float(history.counts[place, history.place[key]] / total), int(total)) if total else None

    @property
    def _windows(self) -> tuple[int, ...]:
        return WINDOWS if self.is_daily else (1,)

    def _is_past(self, sender: str, column: str) -> np.ndarray:
        """Which days are a past to judge by: none of those on which the column, or the feed in it, has drifted."""
        days = self.history.days
        is_past = np.ones(len(days), dtype=bool)
        for who, what in self.excluded:
            if what == column and (who in (sender, ALL) or sender == ALL):
                for first, last in self.excluded[who, what]:
                    is_past &= np.array([not first <= day <= last for day in days])
        return is_past

    def _before(self, place: int, window: int, of: tuple[str, str]) -> np.ndarray:
        """Places of the days that are the past of a window that ends at a place."""
        end = place - window + 1
        kept = DAYS_OF_PAST if self.is_daily else MONTHS_OF_PAST
        places = np.arange(max(end - kept, 0), max(end, 0))
        kept_places: np.ndarray = places[self._is_past(*of)[places]]
        return kept_places

    @property
    def _least_days(self) -> int:
        return LEAST_DAYS if self.is_daily else LEAST_MONTHS

    def _shares(self, place: int, window: int) -> Iterator[Finding]:
        history = self.history
        end = place - window + 1
        if end < self._least_days or not history.keys:
            return
        before = slice(max(end - (DAYS_OF_PAST if self.is_daily else MONTHS_OF_PAST), 0), end)
        counts, totals = history.counts[before].copy(), history.totals[before].copy()
        drifted = {key[1] for key in self.excluded}
        for number, key in enumerate(history.keys):
            if key[1] in drifted:
                gone = ~self._is_past(key[0], key[1])[before]
                counts[gone, number], totals[gone, number] = 0, 0
        now, whole = (values[end : place + 1].sum(axis=0) for values in (history.counts, history.totals))
        past = self._mixed(shares_of(counts, totals), counts, totals, whole)
        now, whole = self._without_excess(place, window, past, now, whole)
        is_tested = ((totals > 0).sum(axis=0) >= self._least_days) & (totals.sum(axis=0) >= LEAST_ROWS)
        is_tested &= (history.totals[place] > 0) & (whole > 0) & self._could_tell(past, whole)
        if window > 1:
            is_tested &= history.totals[place] < DAY_IS_ENOUGH
        surprise = share_surprise(past, now, whole)
        for number in np.flatnonzero(is_tested).tolist():
            was, share = float(past.share[number]), float(now[number] / whole[number])
            is_large = self._is_large(number, was, share) and (window == 1 or history.keys[number][2] not in LAGS)
            probability = float(surprise[number]) if is_large else 1.0
            sender, column, statistic, bucket = history.keys[number]
            yield Finding(sender, column, statistic, bucket, was, share, int(whole[number]), probability, window)

    def _could_tell(self, past: Shares, totals: np.ndarray) -> np.ndarray:
        """Which shares could be a finding at all. Of two answers one says what the other says; and that a rare code
        does not come among few rows is nothing, so it need not be corrected for (Tarone)."""
        codes = self.history.codes
        tells = np.ones(len(totals), dtype=bool)
        never = chance_of_none(past, totals)
        second: set[tuple[str, str]] = set()
        for number, (sender, column, statistic, _) in enumerate(self.history.keys):
            if statistic == "code" and codes[sender, column] == 2:
                tells[number] = (sender, column) not in second
                second.add((sender, column))
            elif statistic == "code" and codes[sender, column] > MOST_ANSWERS:
                tells[number] = past.share[number] >= GONE_SHARE and never[number] < FALSE_SHARE
        return tells

    def _is_large(self, number: int, was: float, share: float) -> bool:
        """Whether a share has changed enough to change what a figure says, and in a way that events do not bring."""
        sender, column, statistic, _ = self.history.keys[number]
        if statistic == "code" and self.history.codes[sender, column] > MOST_ANSWERS:
            return was >= GONE_SHARE and share == 0
        if statistic in LAGS:
            return abs(share - was) >= LEAST_LAG_CHANGE or (was <= NEVER and share >= NEW_SHARE)
        return (
            abs(share - was) >= LEAST_CHANGE
            or (was <= NEVER and share >= NEW_SHARE)
            or (was >= GONE_SHARE and share == 0)
        )

    def _without_excess(
        self, place: int, window: int, past: Shares, counts: np.ndarray, totals: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Counts and totals without the rows that are more than usual. What those say is an event's to say, so they are
        taken to be whatever leaves the rest most like the past."""
        share_of_excess = {}
        for sender, rows in self.history.rows.items():
            before, now = rows[self._before(place, window, (sender, ALL))], rows[place - window + 1 : place + 1]
            more = np.maximum(now - before.mean(), 0).sum() if len(before) else 0.0
            share_of_excess[sender] = more / max(now.sum(), 1)
        excess = np.round(totals * np.array([share_of_excess[key[0]] for key in self.history.keys]))
        kept = totals - excess
        nearest = np.clip(np.round(past.share * kept), np.maximum(counts - excess, 0), np.minimum(counts, kept))
        return nearest, kept

    def _is_busy(self, place: int, window: int, sender: str, column: str) -> bool:
        """Whether there is a day with many more rows than others: after an event, people write at other hours."""
        rows = self.history.rows[sender]
        usual = rows[self._before(place, window, (sender, column))].mean()
        return bool(rows[max(place - window + 1, 0) : place + 1].max() > BUSY * usual + 2 * np.sqrt(usual))

    def _mixed(self, past: Shares, counts: np.ndarray, totals: np.ndarray, whole: np.ndarray) -> Shares:
        """The feed's own shares as its senders' would make them on this day: a sender who sends more or fewer rows
        changes the feed's shares, and nothing has drifted."""
        history, share = self.history, past.share.copy()
        if ALL not in history.rows:
            return past
        rows, seen = totals.sum(axis=0), counts.sum(axis=0)
        for number, key in enumerate(history.keys):
            if key[0] != ALL or not whole[number]:
                continue
            own = [history.place.get((sender, *key[1:])) for sender in history.senders]
            parts = [one for one in own if one is not None]
            smoothed = (seen[parts] + 5 * past.share[number]) / (rows[parts] + 5)
            # Senders who never used a bucket have no series of it: none of their rows is expected in it.
            share[number] = np.clip(smoothed @ whole[parts] / whole[number], 1e-6, 1 - 1e-6)
        return Shares(share, past.correlation, past.worth)

    def _volumes(self, place: int, *, is_complete: bool) -> Iterator[Finding]:
        days = self.history.days
        weekdays = np.array([day.weekday() for day in days]) if self.is_daily else np.zeros(len(days), dtype=int)
        for sender, rows in self.history.rows.items():
            known = np.flatnonzero(rows)
            before = self._before(place, 1, (sender, ALL))
            before = before[before >= known[0]]
            if len(before) < self._least_days or not (is_complete or (rows[place] and sender != ALL)):
                continue
            for window in self._windows:
                past = before[before <= place - window]
                if len(past) < self._least_days:
                    continue
                current = np.arange(place - window + 1, place + 1)
                count = float(rows[current].sum())
                probability, expected = volume_surprise(rows[past], weekdays[past], count, weekdays[current])
                is_large = count < FEWER * expected
                probability = probability if is_large else 1.0
                yield Finding(
                    sender, ALL, "rows", "", expected / window, count / window, int(count), probability, window
                )

    def _medians(self, place: int) -> Iterator[Finding]:
        for key, values in self.history.medians.items():
            sender, column, statistic, _ = key
            if not statistic.startswith("median"):
                continue
            before = self._before(place, 1, (sender, column))
            before = before[values[before, 1] >= LEAST_MEDIAN_ROWS]
            past, (amount, rows) = values[before, 0], values[place]
            if len(past) < self._least_days or not rows >= LEAST_MEDIAN_ROWS:
                continue
            spreads = self.history.medians[sender, column, statistic.replace("median", "spread"), ""][:, 0]
            spread = max(spreads[place], float(np.median(spreads[before])))
            probability, middle = median_surprise(past, float(amount), float(spread), int(rows))
            # Hours come in quarters, and a median jumps from one to the next: what was seen before is no change.
            is_large = abs(amount - middle) > max(LEAST_MEDIAN_CHANGE * abs(middle), spread) and not (
                past.min() <= amount <= past.max()
            )
            probability = probability if is_large else 1.0
            yield Finding(sender, column, statistic, "", middle, float(amount), int(rows), probability)

    def _clocks(self, place: int) -> Iterator[Finding]:
        for sender, column, statistic in self.history.clocks:
            if statistic != CLOCKS[0]:
                continue
            for window in self._windows:
                before = self._before(place, window, (sender, column))
                hours = self.history.clocks[sender, column, statistic]
                now = hours[max(place - window + 1, 0) : place + 1].sum(axis=0)
                if len(before) < self._least_days or hours[before].sum() < LEAST_CLOCK_ROWS or not hours[place].sum():
                    continue
                if self._is_busy(place, window, sender, column):
                    continue
                # People keep London's hours, machines UTC's, and both change against the other twice a year: only what
                # is unlikely by both clocks is a shift.
                both = [
                    clock_surprise(clock_of(values[before]), values[max(place - window + 1, 0) : place + 1].sum(axis=0))
                    for values in (self.history.clocks[sender, column, clock] for clock in CLOCKS)
                ]
                probability, shift = max(both)
                yield Finding(sender, column, "clock", "", 0.0, float(shift), int(now.sum()), probability, window)


def first_day_of_past(day: date, *, is_daily: bool) -> date:
    """The first day that can count as the past of a day."""
    return day - timedelta(days=2 * DAYS_OF_PAST if is_daily else 31 * MONTHS_OF_PAST)
