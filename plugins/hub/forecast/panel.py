"""Reads a panel: the areas there are, and the events in them by period of occurrence and period of knowledge."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.forecast.calendar import Calendar, Days, Indices, Unit

Floats = npt.NDArray[np.float64]

YEARS = 1990, 2100
"""Dates of events: a mistyped year would make a panel of thousands of years."""


class PanelRefused(Exception):
    """The files are not a panel; the message says what is wrong."""


@dataclass(frozen=True)
class Areas:
    """Every area of the boundary table, with or without events. Arrays have one entry an area; NaN where not given."""

    ids: tuple[str, ...]
    x_km: Floats
    y_km: Floats
    area_km2: Floats
    population: Floats

    @property
    def count(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Events:
    """How many events an area, period of occurrence and period of knowledge; one entry each, in the order of ``known``.

    An event may be used for a forecast of period t where ``known`` < t. Without as-of it is known when it occurs.
    """

    area: Indices
    occurred: Indices
    known: Indices
    count: Indices

    @classmethod
    def tally(cls, area: Indices, occurred: Indices, known: Indices, count: Indices | None = None) -> "Events":
        """Add up events, or counts of them, in any order."""
        count = np.ones(len(area), dtype=np.int64) if count is None else count
        order = np.lexsort((area, occurred, known))
        order = order[count[order] > 0]
        sorted_keys = np.stack([known, occurred, area])[:, order]
        is_first = np.ones(len(order), dtype=np.bool_)
        is_first[1:] = (np.diff(sorted_keys) != 0).any(axis=0)
        known, occurred, area = sorted_keys[:, is_first]
        return cls(area, occurred, known, np.add.reduceat(count[order], np.flatnonzero(is_first)))


@dataclass(frozen=True)
class Cells:
    """Each area and period of occurrence with events, once, in the order of ``occurred``. ``of_entry`` is the cell of
    each entry of the events. What is learnt of an event is the same for all of its cell."""

    area: Indices
    occurred: Indices
    count: Indices
    of_entry: Indices

    @classmethod
    def of(cls, events: Events, areas: int) -> "Cells":
        """The cells of these events."""
        keys, of_entry = np.unique(events.occurred * areas + events.area, return_inverse=True)
        occurred, area = np.divmod(keys, areas)
        count = np.zeros(len(keys), dtype=np.int64)
        np.add.at(count, of_entry, events.count)
        return cls(area, occurred, count, of_entry)

    def between(self, first: float, end: float) -> slice:
        """The cells of the periods from ``first`` up to, without, ``end``."""
        return slice(*np.searchsorted(self.occurred, [first, end]).tolist())


@dataclass(frozen=True)
class Context:
    """Counts of kinds other than the events, one entry a count, in the order of ``occurred``: area number, period,
    number of the kind, how many. ``count_outside`` entries were left out, as their area is not listed.

    A forecast of period t may use counts with ``occurred`` < t.
    """

    kinds: tuple[str, ...]
    area: Indices
    occurred: Indices
    kind: Indices
    count: Floats
    count_outside: int = 0


@dataclass(frozen=True)
class Panel:
    """Areas, events and calendar; ``last`` is the last period tested."""

    areas: Areas
    events: Events
    calendar: Calendar
    last: int
    is_as_of: bool
    count_outside: int
    count_no_report_date: int
    context: Context | None = None

    @cached_property
    def cells(self) -> Cells:
        """The events by area and period of occurrence."""
        return Cells.of(self.events, self.areas.count)

    def actual(self, period: int) -> Indices:
        """Events an area that occurred in the period, whenever they became known."""
        counts = np.zeros(self.areas.count, dtype=np.int64)
        here = self.cells.between(period, period + 1)
        counts[self.cells.area[here]] = self.cells.count[here]
        return counts


def read_panel(events: Path, areas: Path, *, unit: Unit, first_test: dt.date, as_of_reported: bool = False) -> Panel:
    """Read both files.

    Events of areas that the list does not name are left out and counted. With ``as_of_reported``, an event without a
    report date counts as reported on the day it occurred; one reported before it occurred as known when it occurred.

    Raises:
        PanelRefused: A column, id or date is missing or wrong, the first test is in the middle of a month where
            periods are months, or no event is on or after it.
    """
    if unit == "month" and first_test.day != 1:
        raise PanelRefused(f"periods are months, and {first_test} is not the first day of one")
    listed = _read_areas(areas)
    frame = read_columns(events, required=("area_id", "occurred_on"))
    number_of = {area: number for number, area in enumerate(listed.ids)}
    numbers = frame["area_id"].map(number_of)
    is_inside = numbers.notna().to_numpy()
    calendar = Calendar(unit, first_test)
    occurred = calendar.index_of(_days(frame["occurred_on"], "occurred_on"))
    known: Indices = occurred
    count_missing = 0
    if as_of_reported:
        if "reported_on" not in frame:
            raise PanelRefused(f"{events.name} has no column reported_on, which as-of needs")
        is_missing = frame["reported_on"].isna()
        count_missing = int(is_missing.sum())
        reported = frame["reported_on"].where(~is_missing, frame["occurred_on"])
        known = np.asarray(np.maximum(occurred, calendar.index_of(_days(reported, "reported_on"))), dtype=np.int64)
    occurred, known, area = occurred[is_inside], known[is_inside], np.asarray(numbers[is_inside], dtype=np.int64)
    if not occurred.size or occurred.max() < 0:
        raise PanelRefused(f"{events.name} has no event in a listed area on or after {first_test}: nothing to test")
    return Panel(
        areas=listed,
        events=Events.tally(area, occurred, known),
        calendar=calendar,
        last=int(occurred.max()),
        is_as_of=as_of_reported,
        count_outside=int((~is_inside).sum()),
        count_no_report_date=count_missing,
    )


def _read_areas(path: Path) -> Areas:
    frame = read_columns(path, required=("area_id",))
    if frame["area_id"].isna().any() or frame["area_id"].duplicated().any() or frame.empty:
        raise PanelRefused(f"{path.name}: each area_id stands once, and there is at least one")
    values = {}
    for column in ("x_km", "y_km", "area_km2", "population"):
        given = frame[column] if column in frame else pd.Series(np.nan, index=frame.index)
        try:
            values[column] = pd.to_numeric(given).to_numpy(dtype=np.float64)
        except ValueError as error:
            raise PanelRefused(f"{path.name}: {column} holds what is not a number") from error
    return Areas(ids=tuple(frame["area_id"]), **values)


def read_columns(path: Path, *, required: tuple[str, ...]) -> pd.DataFrame:
    """The file's cells as text, without empty rows; ``index`` + 2 is the line of a row.

    Raises:
        PanelRefused: It is no CSV of UTF-8 text, or a required column is missing.
    """
    try:
        # Only an empty cell is missing: an area may be called NA.
        cells = pd.read_csv(
            path, dtype=str, encoding="utf-8-sig", skip_blank_lines=False, keep_default_na=False, na_values=[""]
        )
        frame = cells.dropna(how="all")
    except ValueError as error:
        raise PanelRefused(f"{path.name}: {error}") from error
    if missing := [column for column in required if column not in frame]:
        raise PanelRefused(f"{path.name} has no column {', '.join(missing)}")
    return frame


def _days(column: pd.Series, name: str) -> Days:
    try:
        days = pd.to_datetime(column.str.slice(0, 10), format="%Y-%m-%d")
    except ValueError as error:
        raise PanelRefused(f"{name} holds what is not a date (YYYY-MM-DD)") from error
    if days.isna().any():
        raise PanelRefused(f"{name} is missing in {int(days.isna().sum())} rows")
    if far := int((~days.dt.year.between(*YEARS)).sum()):
        raise PanelRefused(f"{name} is before {YEARS[0]} or after {YEARS[1]} in {far} rows")
    return days.to_numpy().astype("datetime64[D]")
