"""The backtest: forecasts of every test period from what was known before it, and what they were worth."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hub.stages.forecast.calibration import top_areas
from hub.stages.forecast.coverage import Coverage, cover, outside_ranges
from hub.stages.forecast.model import Forecast, Forecaster
from hub.stages.forecast.panel import Floats, Panel
from hub.stages.forecast.scores import MethodScores, best_catch, differences, summary

STACK = "stack"
BLOCK_WEEKS = 8.0
"""Periods that are drawn together when a difference is judged: neighbours in time are alike."""
BINS = np.logspace(-5, 2, 22)
HIT_BUDGET = "hit_rate_5%"
EVEN = 1e-9
"""Two hit rates no further apart are the same: shares summed in another order differ in their last digits."""


@dataclass
class Backtest:
    """What is gathered over the test periods; ``result`` tells it as plain values."""

    panel: Panel
    methods: dict[str, MethodScores] = field(default_factory=dict)
    best: list[Floats] = field(default_factory=list)
    totals: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    covered: list[Coverage] = field(default_factory=list)
    top: list[tuple[float, float]] = field(default_factory=list)
    bins: Floats = field(default_factory=lambda: np.zeros((len(BINS) + 1, 3)))
    last: Forecast | None = None

    def add(self, forecast: Forecast) -> None:
        """Score one period against all that occurred in it, however late it was reported."""
        counts = self.panel.actual(forecast.period)
        total = forecast.expected.sum()
        even = np.full(len(counts), 1 / len(counts))
        shapes = {STACK: forecast.expected / total if total > 0 else even, **forecast.baselines}
        for name, shape in shapes.items():
            self.methods.setdefault(name, MethodScores()).add(shape, counts)
        self.best.append(best_catch(counts))
        self.totals.append(float(counts.sum()))
        self.levels.append(float(total))
        self.covered.append(cover(forecast.expected, forecast.low, forecast.high, forecast.dispersion, counts))
        top = top_areas(forecast.expected)
        self.top.append((float(counts[top].sum()), float(forecast.expected[top].sum())))
        number = np.digitize(forecast.expected, BINS)
        np.add.at(self.bins[:, 0], number, forecast.expected)
        np.add.at(self.bins[:, 1], number, counts)
        np.add.at(self.bins[:, 2], number, 1)
        self.last = forecast

    def result(self) -> dict[str, Any]:
        """Scores of every method, paired differences, level, coverage, calibration, and whether to publish."""
        totals = np.array(self.totals)
        if not totals.sum():
            return {"withheld": True, "because": ["no report occurred in the test periods"]}
        block = round(self.panel.calendar.periods_in(BLOCK_WEEKS))
        scored = {name: summary(one, self.best, totals, self.panel.areas) for name, one in self.methods.items()}
        ours = self.methods[STACK]
        paired = {
            name: differences(ours, theirs, totals, block) for name, theirs in self.methods.items() if name != STACK
        }
        covered = Coverage(*(float(share) for share in np.mean(self.covered, axis=0)))
        observed, expected = np.sum(self.top, axis=0)
        because = withheld_because(paired["long_run_mean"])
        told = {
            "areas": self.panel.areas.count,
            "unit": self.panel.calendar.unit,
            "first_test": self.panel.calendar.start_of(0).isoformat(),
            "last_test": self.panel.calendar.start_of(self.panel.last).isoformat(),
            "periods": len(totals),
            "events": int(totals.sum()),
            "as_of": "reported" if self.panel.is_as_of else None,
            "events_outside_areas": self.panel.count_outside,
            "events_without_report_date": self.panel.count_no_report_date,
            "context": self._context(),
            "methods": scored,
            "paired": paired,
            "coverage_90": covered.covered,
            "coverage_90_top_tenth": covered.covered_top_tenth,
            "coverage_90_promised": covered.promised,
            "coverage_90_in_part": covered.in_part,
            "share_of_zero_counts": covered.zeros,
            "level_observed_over_expected": float(totals.sum() / np.sum(self.levels)) if np.sum(self.levels) else None,
            "top_tenth_observed_over_expected": float(observed / expected) if expected else None,
            "withheld": bool(because),
            "because": because,
        }
        return told | {"outside_ranges": outside_ranges(told)}

    def _context(self) -> dict[str, Any] | None:
        """What counts of other kinds there were, or None."""
        context = self.panel.context
        if context is None:
            return None
        return {
            "kinds": list(context.kinds),
            "counts": int(context.count.sum()),
            "rows_outside_areas": context.count_outside,
        }


def walk(panel: Panel, forecaster: Forecaster, tick: Callable[[], None]) -> Iterator[Forecast]:
    """The forecasts of the test periods in order; ``tick`` is called once a period, the learning ones too."""
    for period in periods(panel):
        forecast = forecaster.step(period)
        tick()
        if period >= 0:
            yield forecast


def periods(panel: Panel) -> range:
    """Every period from the first event's on, or the first test period where nothing is older."""
    return range(min(0, int(panel.events.occurred.min())), panel.last + 1)


def withheld_because(paired: dict[str, dict[str, float]]) -> list[str]:
    """Why these forecasts must not be published, by how they differ from the long-run mean; empty where they may be."""
    because = []
    bits = paired["bits_per_event"]
    if bits["low"] <= 0:
        because.append(
            f"log score is not surely better than the long-run mean's: by {bits['difference']:.4f} bits an event "
            f"({bits['low']:.4f} to {bits['high']:.4f})"
        )
    hits = paired[HIT_BUDGET]
    if hits["high"] < -EVEN:
        because.append(
            f"hit rate at 5% of areas is worse than the long-run mean's: by {-hits['difference']:.4f} "
            f"({-hits['high']:.4f} to {-hits['low']:.4f})"
        )
    return because
