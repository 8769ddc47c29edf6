"""Forecasts of the hub's own counts: nothing of the future, nothing without history, and what is said of each area."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import nbinom, poisson

from hub.forecast.area_rows import Known, strand_rows, whole_rows
from hub.forecast.calendar import WEEKS_PER_PERIOD
from hub.forecast.coverage import NAMES, RANGES
from hub.forecast.crps import crps
from hub.forecast.features import HALF_LIVES
from hub.forecast.hub_panel import Counts, Demands, make_panel, too_little
from hub.forecast.hub_rows import area_history, rows_of_areas
from hub.forecast.panel import Areas
from hub.forecast.walk_forward import HONESTY, WalkResult, evaluation_rows, walk_forward

CUT_OFF = dt.date(2026, 10, 5)
COUNT = 40
NOWHERE = np.full(COUNT, np.nan)
AREAS = Areas(tuple(f"A{number:02}" for number in range(COUNT)), NOWHERE, NOWHERE, NOWHERE, np.full(COUNT, 1000.0))


def make_counts(weeks: int = 90, a_week: int = 30) -> Counts:
    """Reports of ``weeks`` before the cut-off, most in the first areas; a third becomes known weeks later."""
    random = np.random.default_rng(3)
    count = weeks * a_week
    age = random.integers(1, weeks + 1, count)
    starts = np.datetime64(CUT_OFF, "D") - 7 * age
    late = np.where(random.random(count) < 0.33, random.integers(1, 4, count), 0)
    area = np.minimum(random.geometric(0.15, count) - 1, COUNT - 1)
    return Counts(area, starts, starts + 7 * late, np.ones(count, dtype=np.int64))


def before(counts: Counts, cut_off: dt.date) -> Counts:
    return those(counts, counts.known < np.datetime64(cut_off, "D"))


def those(counts: Counts, is_in: npt.NDArray[np.bool_]) -> Counts:
    return Counts(counts.area[is_in], counts.starts[is_in], counts.known[is_in], counts.count[is_in])


def walk(counts: Counts, cut_off: dt.date = CUT_OFF) -> WalkResult:
    return walk_forward(*make_panel(AREAS, before(counts, cut_off), cut_off, "week"))


@pytest.fixture(scope="module")
def walked() -> WalkResult:
    return walk(make_counts())


def test_what_becomes_known_at_the_cut_off_or_later_is_refused_and_counts_a_week_later(walked: WalkResult) -> None:
    counts = make_counts()
    late = np.datetime64(CUT_OFF, "D")
    more = Counts(
        np.concatenate([counts.area, np.full(500, COUNT - 1)]),
        np.concatenate([counts.starts, np.full(500, late - np.timedelta64(35, "D"))]),
        np.concatenate([counts.known, np.full(500, late)]),
        np.concatenate([counts.count, np.ones(500, dtype=np.int64)]),
    )
    with pytest.raises(ValueError, match="known before the cut-off"):
        make_panel(AREAS, more, CUT_OFF, "week")
    later = walk(more, CUT_OFF + dt.timedelta(weeks=1))
    assert later.forecast.expected[COUNT - 1] > 20 * walked.forecast.expected[COUNT - 1]


def test_the_test_periods_end_where_reports_are_still_to_come(walked: WalkResult) -> None:
    """A third comes one to three weeks late: the last weeks would make every forecast look too high."""
    panel, target = make_panel(AREAS, before(make_counts(), CUT_OFF), CUT_OFF, "week")
    count_incomplete = int((walked.completeness < 0.9).sum())
    assert count_incomplete >= 1
    assert walked.tested["week"].last == target - 1 - count_incomplete
    assert walked.tested["four_weeks"].last + 3 <= target - 1 - count_incomplete
    assert panel.calendar.start_of(target) == CUT_OFF


def test_four_weeks_are_tested_against_four_weeks(walked: WalkResult) -> None:
    panel, _ = make_panel(AREAS, before(make_counts(), CUT_OFF), CUT_OFF, "week")
    rows = {(row["horizon"], row["method_code"], row["budget"]): row for row in evaluation_rows(walked, panel)}
    week, four = rows["week", "stack", 0.05], rows["four_weeks", "stack", 0.05]
    assert week["count_periods"] >= 4 * four["count_periods"] > 0
    assert four["count_reports"] == pytest.approx(
        week["count_reports"] * 4 * four["count_periods"] / week["count_periods"], rel=0.15
    )
    assert 0.88 <= four["coverage_90"] <= 1
    assert rows["week", "long_run_mean", 0.05]["bits_gain"] == pytest.approx(
        week["bits_per_event"] - rows["week", "long_run_mean", 0.05]["bits_per_event"]
    )
    assert week["bits_gain"] is None


def test_what_lies_outside_its_range_stands_beside_the_forecast_alone(walked: WalkResult) -> None:
    panel, _ = make_panel(AREAS, before(make_counts(), CUT_OFF), CUT_OFF, "week")
    rows = {row["method_code"]: row for row in evaluation_rows(walked, panel) if row["horizon"] == "week"}
    assert set(HONESTY) < set(rows["stack"])
    outside = rows["stack"]["outside_ranges"] or ""
    for figure, (least, most) in RANGES.items():
        is_inside = bool(least <= rows["stack"][figure] <= most)
        assert (NAMES[figure] in outside) == (not is_inside)
    assert {rows["long_run_mean"][figure] for figure in (*HONESTY, "outside_ranges")} == {None}


@pytest.mark.parametrize(
    ("weeks", "a_week", "reason"),
    [(90, 1, "fewer than 200 reports"), (20, 30, "20 weeks of history are known, and 78 are needed"), (90, 30, None)],
)
def test_too_little_history_is_told_with_the_reason(weeks: int, a_week: int, reason: str | None) -> None:
    because = too_little(make_counts(weeks, a_week), CUT_OFF, Demands(weeks=78, reports=200))
    assert because == reason if reason is None else reason in str(because)


def test_a_forecast_of_reports_spread_by_chance_is_no_better_than_the_baselines() -> None:
    counts = make_counts()
    shuffled = replace(counts, area=np.random.default_rng(8).integers(0, COUNT, len(counts.area)))
    assert walk(shuffled).verdict().code in ("worse", "not_surely_better")


def known_of(counts: Counts) -> Known:
    recent = counts.since(CUT_OFF - dt.timedelta(weeks=4), COUNT)
    return Known(recent, counts.since(CUT_OFF - dt.timedelta(weeks=52), COUNT), recent * 1.2)


def test_places_and_shares_say_how_sure_they_are(walked: WalkResult) -> None:
    rows = whole_rows(walked, 4, known_of(make_counts()), AREAS.population)
    assert sorted(rows["rank"]) == list(range(1, COUNT + 1))
    assert (rows["rank_p05"] <= rows["rank"]).all()
    assert (rows["rank"] <= rows["rank_p95"]).all()
    top = np.argsort(rows["rank"])
    assert rows["prob_in_top_tenth"][top[0]] > 0.9
    assert rows["prob_in_top_tenth"][top[-1]] < 0.1
    kinds = ("long_run", "recent", "neighbours", "citywide", "context")
    assert sum(rows[f"share_{kind}"] for kind in kinds) == pytest.approx(1)
    assert rows["rate_per_10000"] == pytest.approx(rows["expected_reports"] * 10)
    assert (rows["p05"] <= rows["p50"]).all()
    assert (rows["p50"] <= rows["p95"]).all()


def test_the_share_of_a_strand_in_an_area_is_drawn_towards_its_share_everywhere(walked: WalkResult) -> None:
    counts = make_counts()
    race = those(counts, counts.area % 2 == 0)
    whole, strand = known_of(counts), known_of(race)
    rows = strand_rows(walked, 1, whole, strand, AREAS.population)
    share = rows["expected_reports"] / walked.forecast.expected
    everywhere = strand.reports_12m.sum() / whole.reports_12m.sum()
    assert ((share > 0) & (share < 1)).all()
    assert (share[::2] >= everywhere).all()
    assert (share[1::2] <= everywhere).all()
    # The fewer reports an area has, the closer its share is to that of all areas.
    quiet = COUNT - 3
    assert abs(share[quiet] - everywhere) < abs(share[1] - everywhere)


@pytest.mark.parametrize(
    ("dispersion", "law"),
    [(0.0, poisson), (0.7, lambda mean: nbinom(1 / 0.7, 1 / 0.7 / (1 / 0.7 + mean)))],
)
def test_the_ranked_probability_score_is_the_squared_distance_of_the_distributions(
    dispersion: float, law: Callable[[float], object]
) -> None:
    means, counts = np.array([0.2, 3.0, 11.0]), np.array([4, 3, 0])
    steps = np.arange(200)
    direct = [
        ((law(mean).cdf(steps) - (count <= steps)) ** 2).sum()  # type: ignore[attr-defined]
        for mean, count in zip(means, counts, strict=True)
    ]
    assert crps(means, dispersion, counts) == pytest.approx(np.mean(direct), rel=1e-3)


def test_reports_in_areas_that_the_hub_does_not_list_are_left_out_and_counted() -> None:
    """Once each, though they are in the rows of their strands too."""
    area = SimpleNamespace(
        area_code="A", area_name="a", force_code="F", lad_code="L", community_band="fifth_1", residents_year=2022
    )
    vars(area).update(x_km=None, y_km=None, area_km2=None, count_residents=100)
    rows = [
        SimpleNamespace(area_code=code, strand_code=strand, month=dt.date(2026, 9, 1), count_reports=count)
        for code, strand, count in (("A", "all", 5), ("B", "all", 7), ("B", "race", 7))
    ]
    history = area_history([area], rows, CUT_OFF)
    assert (history.whole.total(), history.count_outside) == (5, 7)


def monthly(
    a_month: int, months: int = 40, cut_off: dt.date = dt.date(2026, 5, 1)
) -> tuple[dt.date, list[SimpleNamespace]]:
    """As many reports a month in each of 40 areas, the first ones ten times as many."""
    firsts = [dt.date(2023 + (month // 12), month % 12 + 1, 1) for month in range(months)]
    assert firsts[-1] < cut_off
    rows = [
        SimpleNamespace(area_code=code, month=first, count_reports=a_month * (10 if number < 4 else 1))
        for first in firsts
        for number, code in enumerate(AREAS.ids)
    ]
    return cut_off, rows


def area_rows() -> list[SimpleNamespace]:
    unknown = dict.fromkeys(("area_name", "lad_code", "residents_year", "x_km", "y_km", "area_km2", "count_residents"))
    return [SimpleNamespace(area_code=code, force_code="F", community_band="low", **unknown) for code in AREAS.ids]


def test_counts_by_month_are_those_of_the_last_month_and_of_the_twelve_before_the_cut_off() -> None:
    cut_off, rows = monthly(10)
    history = area_history(area_rows(), rows, cut_off)
    made, completeness = rows_of_areas(walk_forward(*history.panel("month", cut_off)), history, cut_off)
    whole = made["month"].whole
    assert (whole["reports_12m"][0], whole["reports_12m"][-1]) == (1200, 120)
    assert (whole["reports_4w"][0], whole["reports_4w"][-1]) == (100, 10)
    assert whole["nowcast_4w"][-1] == pytest.approx(10)
    assert completeness == pytest.approx(1)


def test_months_of_reports_are_no_more_evidence_of_a_place_than_the_weeks_that_they_hold() -> None:
    cut_off, rows = monthly(10)
    history = area_history(area_rows(), rows, cut_off)
    by_month = walk_forward(*history.panel("month", cut_off)).periods_behind
    longest_week_memory = 1 / (1 - 0.5 ** (1 / max(HALF_LIVES)))
    assert by_month < 1.1 * longest_week_memory / WEEKS_PER_PERIOD["month"]
