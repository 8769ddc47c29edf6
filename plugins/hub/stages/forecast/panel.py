"""Reads a panel: the areas there are, and the events in them by period of occurrence and period of knowledge."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.stages.forecast.calendar import Calendar, Days, Indices, Unit

Floats = npt.NDArray[np.float64]


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
    """One entry an event, in the order of ``known``: area number, period of occurrence, period of knowledge.

    An event may be used for a forecast of period t where ``known`` < t. Without as-of it is known when it occurs.
    """

    area: Indices
    occurred: Indices
    known: Indices


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

    def actual(self, period: int) -> Indices:
        """Events an area that occurred in the period, whenever they became known."""
        areas = self.events.area[self.events.occurred == period]
        return np.bincount(areas, minlength=self.areas.count).astype(np.int64)


def read_panel(events: Path, areas: Path, *, unit: Unit, first_test: dt.date, as_of_reported: bool = False) -> Panel:
    """Read both files.

    Events of areas that the list does not name are left out and counted. With ``as_of_reported``, an event without a
    report date counts as reported on the day it occurred; one reported before it occurred as known when it occurred.

    Raises:
        PanelRefused: A column, id or date is missing or wrong, or no event is on or after the first-test date.
    """
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
    order = np.lexsort((area, occurred, known))
    return Panel(
        areas=listed,
        events=Events(area[order], occurred[order], known[order]),
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
        frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig", skip_blank_lines=False).dropna(how="all")
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
    return days.to_numpy().astype("datetime64[D]")
