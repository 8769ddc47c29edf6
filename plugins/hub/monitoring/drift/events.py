"""What an event of the world does to the rows of a day, which is no drift: many reports of one thing come together."""

from collections.abc import Mapping

import numpy as np

from hub.monitoring.drift.history import ALL, UP_TO, History, kind_of

BUSY, LEAST_EXCESS = 1.5, 4.0
"""From so many times the usual rows on, and so many more, the rest may be an event's."""
AGREEING, SIGMAS, LEAST_PART, LEAST_ALIKE = 2, 3.5, 0.05, 6.0
"""So many aspects of a sender's rows have each one bucket with far more rows than usual: the same rows, so an event. An
aspect is a column of codes, or all dates, all lengths or all sizes, as one fault can be in all of those."""
MOST_PART = 0.9
SPREAD = 1.25
"""An event has some more rows than those that are alike."""
CONTENT = ("value", "length", "size", "days")


class Events:
    """Which part of a feed's rows may be an event's, by sender and day."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._columns: dict[str, dict[str, dict[str, list[int]]]] = {}
        for number, (sender, column, statistic, bucket) in enumerate(history.shares.keys):
            if kind_of(statistic) in CONTENT and not bucket.startswith(UP_TO):
                kind = kind_of(statistic)
                aspect = column if kind == "value" else kind
                places = self._columns.setdefault(sender, {}).setdefault(aspect, {})
                places.setdefault(f"{column} {statistic}", []).append(number)

    def parts(self, days: slice) -> dict[str, np.ndarray]:
        """For each sender and day the part of the rows that may be an event's."""
        parts = {sender: self._part(sender, rows[days], days) for sender, rows in self._history.rows.items()}
        # Who sends few rows sends the event's, too, and too few of them to show it.
        whole = parts.get(ALL)
        return parts if whole is None else {sender: np.maximum(part, whole) for sender, part in parts.items()}

    def _part(self, sender: str, rows: np.ndarray, days: slice) -> np.ndarray:
        usual = float(np.median(rows[rows > 0])) if rows.any() else 1.0
        busy = np.where(rows > BUSY * usual + LEAST_EXCESS, 1 - usual / np.maximum(rows, 1), 0.0)
        columns = self._columns.get(sender, {})
        if len(columns) < AGREEING:
            return busy
        parts = np.array(
            [
                np.max([self._excess(np.array(places), rows, days) for places in aspect.values()], axis=0)
                for aspect in columns.values()
            ]
        )
        alike = -np.sort(-parts, axis=0)[AGREEING - 1]
        part: np.ndarray = np.maximum(busy, np.minimum(SPREAD * alike, MOST_PART))
        return part

    def _excess(self, places: np.ndarray, rows: np.ndarray, days: slice) -> np.ndarray:
        """Of one column, the part of each day's rows by which its fullest bucket is beyond its usual share."""
        counts, totals = self._history.shares.counts[days, places], self._history.shares.totals[days, places]
        share = (counts.sum(axis=0) + 0.5) / (totals.sum(axis=0) + 1)
        beyond = counts - share * totals
        sigmas = beyond / np.sqrt(np.maximum(totals * share * (1 - share), 1.0))
        lines, fullest = np.arange(len(rows)), sigmas.argmax(axis=1)
        excess = (beyond / (1 - share))[lines, fullest]
        part = excess / np.maximum(rows, 1)
        is_many = (sigmas[lines, fullest] > SIGMAS) & (part > LEAST_PART) & (excess >= LEAST_ALIKE)
        found: np.ndarray = np.where(is_many, part, 0.0)
        return found


def without_events(history: History, days: slice, parts: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Counts and totals of the shares without the rows of events. What those say is the event's to say, so they are
    taken to be whatever leaves the rest most like the past."""
    counts, totals = history.shares.counts[days], history.shares.totals[days]
    part = np.array([parts[key[0]] for key in history.shares.keys]).reshape(counts.shape[::-1]).T
    usual = (counts * (1 - part)).sum(axis=0) / np.maximum((totals * (1 - part)).sum(axis=0), 1)
    excess = np.round(totals * part)
    kept = totals - excess
    nearest = np.clip(np.round(usual * kept), np.maximum(counts - excess, 0), np.minimum(counts, kept))
    return np.where(part > 0, nearest, counts), kept
