"""Baselines are at their best: none is beaten by the simplest rule, and each follows what is known of its panel."""

import time
from dataclasses import replace

import numpy as np
import pytest

from forecast.towns import make_counted_town
from hub.forecast.backtest import STACK, Backtest, walk
from hub.forecast.model import Forecaster
from hub.forecast.panel import Panel

A_HAIR = 0.02
"""Bits an event: what choosing a smoothing costs where a hundred events are tested."""


def run_backtest(panel: Panel) -> Backtest:
    done = Backtest(panel)
    for forecast in walk(panel, Forecaster(panel), lambda: None):
        done.add(forecast)
    return done


def plain_counts_bits(panel: Panel) -> float:
    """Bits an event of the counts of all earlier weeks plus one an area, worked out from the counts alone."""
    known = np.ones(panel.areas.count)
    gained = events = 0.0
    for period in range(int(panel.events.occurred.min()), panel.last + 1):
        counts = panel.actual(period)
        if period >= 0:
            gained += float(counts @ np.log2(known / known.sum() * panel.areas.count))
            events += counts.sum()
        known += counts
    return gained / events


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("areas", "weeks", "before", "a_week", "evenness"),
    [
        (77, 200, 120, 4.0, 2.0),
        (77, 150, 90, 5.0, 1.0),
        (40, 52, 31, 8.0, 1.0),
        (60, 104, 62, 8.0, 5.0),
        (90, 104, 62, 6.0, 0.4),
    ],
)
def test_no_long_run_mean_scores_below_plain_counts_plus_one(
    areas: int, weeks: int, before: int, a_week: float, evenness: float, seed: int
) -> None:
    panel = make_counted_town(areas=areas, weeks=weeks, before=before, a_week=a_week, evenness=evenness, seed=seed)
    scored = run_backtest(panel).scored()
    plain = plain_counts_bits(panel)
    assert scored["counts_plus_one"]["bits_per_event"] == pytest.approx(plain)
    assert scored["long_run_mean"]["bits_per_event"] > plain - A_HAIR


@pytest.mark.parametrize("seed", range(3))
def test_a_stable_town_that_beat_a_mixed_long_run_mean_is_withheld(seed: int) -> None:
    """The long-run mean mixed with the uniform shape scored so low here that the forecast was called better."""
    done = run_backtest(make_counted_town(areas=77, weeks=260, before=156, a_week=8, evenness=1.0, seed=seed))
    result = done.result()
    assert result["withheld"]
    assert result["verdict"] in ("not_surely_better", "worse")
    assert result["methods"][result["best_baseline"]]["bits_per_event"] == max(
        scores["bits_per_event"] for name, scores in result["methods"].items() if name != STACK
    )


def test_smoothing_follows_how_even_the_areas_are() -> None:
    def chosen(evenness: float) -> float:
        panel = make_counted_town(areas=60, weeks=120, before=70, a_week=12, evenness=evenness, seed=3)
        setting = run_backtest(panel).result()["baselines"]["long_run_mean"]["setting_at_last_test"]
        return float(setting["pseudo_count"])

    assert chosen(0.1) < 1 < chosen(30.0)


def test_the_last_events_have_no_say_in_their_own_forecast() -> None:
    panel = make_counted_town(areas=30, weeks=80, before=50, a_week=10, evenness=1.0, seed=5)
    forecasts = list(walk(panel, Forecaster(panel), lambda: None))
    events = panel.events
    moved = replace(events, area=np.where(events.occurred == panel.last, 0, events.area))
    again = list(walk(replace(panel, events=moved), Forecaster(replace(panel, events=moved)), lambda: None))
    for name, shape in forecasts[-1].baselines.items():
        np.testing.assert_allclose(again[-1].baselines[name], shape)
        assert again[-1].settings[name] == forecasts[-1].settings[name]


def test_the_cost_of_a_backtest_is_of_its_areas_and_periods_not_of_its_events() -> None:
    """Fifty times the events in the same areas and weeks: the same work, but for longer counts."""

    def seconds(a_week: float) -> float:
        panel = make_counted_town(areas=23, weeks=150, before=90, a_week=a_week, evenness=1.0, seed=2)
        assert panel.events.count.sum() > 140 * a_week
        started = time.process_time()
        run_backtest(panel)
        return time.process_time() - started

    seconds(20)
    assert seconds(20 * 50) < 4 * seconds(20)


@pytest.mark.parametrize(
    ("areas", "a_week", "scatter"), [(23, 600, 0.0), (23, 600, 0.3), (40, 100, 0.2), (77, 10, 0.0)]
)
def test_intervals_hold_on_twelve_months_of_history(areas: int, a_week: float, scatter: float) -> None:
    """Eight towns of each kind: what one of them covers differs by chance."""
    covered = []
    for seed in range(8):
        panel = make_counted_town(
            areas=areas, weeks=52, before=31, a_week=a_week, evenness=1.0, scatter=scatter, seed=seed
        )
        covered.append(run_backtest(panel).result()["coverage_90"])
    assert np.mean(covered) >= 0.92
    assert min(covered) >= 0.90
