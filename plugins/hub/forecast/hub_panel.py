"""Panels of the hub's own counts: which areas there are, and the reports that were known at a cut-off."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from hub.forecast.calendar import WEEKS_PER_PERIOD, Calendar, Days, Indices, Unit
from hub.forecast.panel import Areas, Context, Events, Floats, Panel

TEST_SHARE = 0.4
"""Share of the history, at its end, on which the forecast is tested."""
MOST_TEST_WEEKS = 156.0


@dataclass(frozen=True)
class Counts:
    """Reports as known at a cut-off; arrays of one length.

    ``area`` numbers the areas of a list; ``starts`` and ``known`` are the first days of the periods in which they
    happened and became known; ``count`` says how many.
    """

    area: Indices
    starts: Days
    known: Days
    count: Indices

    def total(self) -> int:
        """Reports in all."""
        return int(self.count.sum())

    def first_known(self) -> dt.date:
        """Where the history begins: a report of that time may be about something that happened years before."""
        day: dt.date = self.known.min().astype(dt.date)
        return day

    def since(self, day: dt.date, areas: int) -> Floats:
        """Reports an area that happened on or after the day."""
        is_in = self.starts >= np.datetime64(day, "D")
        return np.bincount(self.area[is_in], weights=self.count[is_in], minlength=areas)


@dataclass(frozen=True)
class Demands:
    """What a history must have at least to say anything: weeks, reports."""

    weeks: float
    reports: float

    @classmethod
    def of(cls, parameters: Mapping[str, float]) -> "Demands":
        """From the dated code list of parameters."""
        return cls(parameters["least_weeks"], parameters["least_reports"])


def too_little(counts: Counts, cut_off: dt.date, demands: Demands) -> str | None:
    """Why the history is too short to forecast from, or None. Names no count of its own: it may be 1 to 4."""
    if counts.total() < demands.reports:
        return f"fewer than {demands.reports:.0f} reports are known"
    weeks = (cut_off - counts.first_known()).days / 7
    if weeks < demands.weeks:
        return f"{weeks:.0f} weeks of history are known, and {demands.weeks:.0f} are needed"
    return None


def counts_by_kind(rows: Sequence[Any], number: Mapping[str, int]) -> dict[str, Counts]:
    """Counts of each kind from rows a ``kind`` and ``month``, in that order, with ``area_codes`` and ``counts``: with a
    row an area it would be a million. ``number`` numbers the areas; others are left out."""
    made = {}
    for kind, months in groupby(rows, key=lambda row: row.kind):
        parts = []
        for row in months:
            area = np.array([number.get(code, -1) for code in row.area_codes], dtype=np.int64)
            month = np.full(len(area), np.datetime64(row.month, "D"))
            parts.append((area, month, np.array(row.counts, dtype=np.int64)))
        area, month, count = (np.concatenate(part) for part in zip(*parts, strict=True))
        is_in = area >= 0
        made[kind] = Counts(area[is_in], month[is_in], month[is_in], count[is_in])
    return made


def make_panel(
    areas: Areas, counts: Counts, cut_off: dt.date, unit: Unit, context: Mapping[str, Counts] | None = None
) -> tuple[Panel, int]:
    """The panel, whose first test lies so far before the cut-off as the history allows, and the number of the period
    that begins at the cut-off, which is to be forecast. ``context`` has counts of kinds other than the reports. Raises
    ValueError for counts that nobody knew before the cut-off."""
    if counts.known.max() >= np.datetime64(cut_off, "D"):
        raise ValueError(f"a forecast of {cut_off} rests on what was known before the cut-off alone")
    periods = (cut_off - counts.first_known()).days / 7 / WEEKS_PER_PERIOD[unit]
    tested = int(min(periods * TEST_SHARE, MOST_TEST_WEEKS / WEEKS_PER_PERIOD[unit]))
    calendar = Calendar(unit, Calendar(unit, cut_off).start_of(-tested))
    occurred = calendar.index_of(counts.starts)
    known = np.maximum(occurred, calendar.index_of(counts.known))
    events = Events.tally(counts.area, occurred, known, counts.count)
    return Panel(areas, events, calendar, tested - 1, True, 0, 0, _context(context or {}, calendar)), tested


def _context(by_kind: Mapping[str, Counts], calendar: Calendar) -> Context | None:
    if not by_kind:
        return None
    counts = list(by_kind.values())
    known = np.concatenate([calendar.index_of(one.known) for one in counts])
    order = np.argsort(known, kind="stable")
    return Context(
        kinds=tuple(by_kind),
        area=np.concatenate([one.area for one in counts])[order],
        occurred=known[order],
        kind=np.repeat(np.arange(len(counts)), [len(one.area) for one in counts])[order],
        count=np.concatenate([one.count for one in counts])[order].astype(np.float64),
    )
