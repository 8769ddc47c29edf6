"""The backtest: forecasts of every test period from what was known before it, and what they were worth."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from hub.forecast.baselines import Setting
from hub.forecast.calibration import top_areas
from hub.forecast.coverage import Coverage, cover, outside_ranges
from hub.forecast.model import Forecast, Forecaster
from hub.forecast.panel import Floats, Panel
from hub.forecast.scores import Differences, MethodScores, best_catch, differences, summary
from hub.forecast.verdict import Verdict, reach_verdict

STACK = "stack"
BLOCK_WEEKS = 8.0
"""Periods that are drawn together when a difference is evaluated: neighbours in time are alike."""
BINS = np.logspace(-5, 2, 22)


@dataclass
class Backtest:
    """Scores gathered over the test periods; ``result`` gives them as plain values."""

    panel: Panel
    methods: dict[str, MethodScores] = field(default_factory=dict)
    best: list[Floats] = field(default_factory=list)
    totals: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    covered: list[Coverage] = field(default_factory=list)
    top: list[tuple[float, float]] = field(default_factory=list)
    bins: Floats = field(default_factory=lambda: np.zeros((len(BINS) + 1, 3)))
    settings: dict[str, list[Setting]] = field(default_factory=dict)

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
        for name, setting in forecast.settings.items():
            self.settings.setdefault(name, []).append(setting)

    @property
    def events(self) -> int:
        """Events in the test periods."""
        return int(sum(self.totals))

    def scored(self) -> dict[str, dict[str, float]]:
        """Scores of every method over all periods together; there must be an event."""
        totals = np.array(self.totals)
        return {name: summary(one, self.best, totals, self.panel.areas) for name, one in self.methods.items()}

    def paired(self) -> dict[str, Differences]:
        """How the forecasts differ from each baseline; there must be an event."""
        block = round(self.panel.calendar.periods_in(BLOCK_WEEKS))
        ours, totals = self.methods[STACK], np.array(self.totals)
        return {name: differences(ours, one, totals, block) for name, one in self.methods.items() if name != STACK}

    def verdict(self) -> Verdict:
        """Whether the forecasts may be published."""
        if not self.events:
            return reach_verdict({}, {}, 0, len(self.totals))
        scored, paired = self.scored(), self.paired()
        bits = {name: scored[name]["bits_per_event"] for name in paired}
        return reach_verdict(bits, paired, self.events, len(self.totals))

    def result(self) -> dict[str, Any]:
        """Scores of every method, paired differences, level, coverage, calibration, and whether to publish."""
        verdict = self.verdict()
        result = self._data() | {
            "verdict": verdict.code,
            "withheld": verdict.is_withheld,
            "because": verdict.because,
            "events_needed": verdict.events_needed,
        }
        if not self.events:
            return result
        scored = self.scored()
        result |= {
            "best_baseline": verdict.best_baseline,
            "methods": scored,
            "paired": self.paired(),
            "baselines": {name: self._chosen(name) for name in self.settings},
            **self._honesty(),
        }
        return result | {"outside_ranges": outside_ranges(result)}

    def _data(self) -> dict[str, Any]:
        panel = self.panel
        return {
            "areas": panel.areas.count,
            "unit": panel.calendar.unit,
            "first_test": panel.calendar.start_of(0).isoformat(),
            "last_test": panel.calendar.start_of(panel.last).isoformat(),
            "periods": len(self.totals),
            "events": self.events,
            "as_of": "reported" if panel.is_as_of else None,
            "events_outside_areas": panel.count_outside,
            "events_without_report_date": panel.count_no_report_date,
            "context": self._context(),
        }

    def _chosen(self, name: str) -> dict[str, Any]:
        """What a baseline was set to at both ends of the test, and how often that changed between them."""
        settings = self.settings[name]
        changes = sum(before != after for before, after in pairwise(settings))
        return {"setting_at_first_test": settings[0], "setting_at_last_test": settings[-1], "changes": changes}

    def _honesty(self) -> dict[str, Any]:
        """Coverage of the intervals, level, and calibration of the top tenth."""
        covered = Coverage(*(float(share) for share in np.mean(self.covered, axis=0)))
        (observed, expected), level = np.sum(self.top, axis=0), float(np.sum(self.levels))
        return {
            "coverage_90": covered.covered,
            "coverage_90_top_tenth": covered.covered_top_tenth,
            "coverage_90_promised": covered.promised,
            "coverage_90_in_part": covered.in_part,
            "share_of_zero_counts": covered.zeros,
            "level_observed_over_expected": self.events / level if level else None,
            "top_tenth_observed_over_expected": float(observed / expected) if expected else None,
        }

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
