"""Reports that are told late: what they change in a forecast, and what they must not change."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from hub.forecast.hub_panel import Counts, Demands, make_panel, too_little
from hub.forecast.hub_rows import online_history, online_rows
from hub.forecast.panel import Areas
from hub.forecast.walk_forward import WalkResult, walk_forward

CUT_OFF = dt.date(2026, 11, 23)
COUNT = 30
NOWHERE = np.full(COUNT, np.nan)
AREAS = Areas(tuple(f"A{number:02}" for number in range(COUNT)), NOWHERE, NOWHERE, NOWHERE, NOWHERE)
A_WEEK = 20


def steady(weeks: int, *others: tuple[dt.date, dt.date]) -> Counts:
    """Twenty reports a week, told at once, and others of these days of occurrence and of report."""
    random = np.random.default_rng(1)
    ages = np.repeat(np.arange(1, weeks + 1), A_WEEK)
    starts = np.datetime64(CUT_OFF, "D") - 7 * ages
    area = random.integers(0, COUNT, len(ages))
    occurred, known = (np.array([other[place] for other in others], dtype="datetime64[D]") for place in (0, 1))
    return Counts(
        np.append(area, np.zeros(len(others), dtype=np.int64)),
        np.append(starts, occurred),
        np.append(starts, known),
        np.ones(len(ages) + len(others), dtype=np.int64),
    )


def walk(counts: Counts) -> WalkResult:
    return walk_forward(*make_panel(AREAS, counts, CUT_OFF, "week"))


@pytest.mark.parametrize("occurred", [dt.date(1990, 1, 1), dt.date(2016, 1, 4), dt.date(2023, 12, 4)])
def test_one_report_of_long_ago_changes_next_to_nothing(occurred: dt.date) -> None:
    plain = walk(steady(120))
    told_late = walk(steady(120, (occurred, CUT_OFF - dt.timedelta(days=7))))
    assert told_late.completeness[-8:].min() > 0.97
    assert told_late.forecast.expected.sum() == pytest.approx(plain.forecast.expected.sum(), rel=0.05)
    assert len(told_late.tested["week"].backtest.totals) == len(plain.tested["week"].backtest.totals)


def test_a_report_of_long_ago_makes_no_history() -> None:
    counts = steady(20, (dt.date(2010, 1, 4), CUT_OFF - dt.timedelta(days=14)))
    because = too_little(counts, CUT_OFF, Demands(weeks=78, reports=200))
    assert because == "20 weeks of history are known, and 78 are needed"


@dataclass(frozen=True)
class Told:
    """A row of the index of online reports."""

    week_starts_on: dt.date
    known_week_starts_on: dt.date
    count_incidents: int
    is_trained_on: bool = True
    report_origin: str = "public"

    def __getitem__(self, place: int) -> str:
        return ("x", "race", "low")[place]


def half_a_week_late(weeks: int) -> Iterator[Told]:
    """Forty a week; half of them are told a week after."""
    for age in range(weeks, 0, -1):
        week = CUT_OFF - dt.timedelta(weeks=age)
        yield Told(week, week, 20)
        if age > 1:
            yield Told(week, week + dt.timedelta(weeks=1), 20)


def test_growth_compares_with_weeks_as_they_will_be_once_all_is_known() -> None:
    history = online_history(list(half_a_week_late(120)), CUT_OFF)
    walked = walk_forward(*history.panel("week", CUT_OFF))
    (row,), _ = online_rows(walked, history, CUT_OFF, {}, {})
    assert row["growth_13w"] == pytest.approx(1, abs=0.02)
