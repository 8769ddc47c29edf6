"""Forecast the period after a cut-off, and backtest the same model on the periods before it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hub.forecast.backtest import STACK, Backtest
from hub.forecast.calendar import Calendar
from hub.forecast.calibration import RIPE, interval, top_areas
from hub.forecast.crps import crps
from hub.forecast.features import CONTEXT, HALF_LIVES, ShapeStream
from hub.forecast.model import Forecast, Forecaster
from hub.forecast.panel import Floats, Panel
from hub.forecast.scores import BUDGETS, CURVE, Counts
from hub.forecast.verdict import Verdict

HORIZONS: Mapping[str, Mapping[str, int]] = {"week": {"week": 1, "four_weeks": 4}, "month": {"month": 1}}
"""Number of periods in each horizon, by the unit of the panel."""
LONG_RUN_WEEKS = 104.0
"""Half-lives from here on count as long run, shorter ones as recent."""
HONESTY = (
    "coverage_90",
    "coverage_90_promised",
    "coverage_90_in_part",
    "level_observed_over_expected",
    "top_tenth_observed_over_expected",
)
"""What a backtest says of the forecast's own intervals and level, which baselines do not have."""


@dataclass(frozen=True)
class _SpanPanel(Panel):
    """A panel whose counts for a period cover it and the following ``span - 1`` periods."""

    span: int = 1

    def actual(self, period: int) -> Counts:
        whole = [Panel.actual(self, period + after) for after in range(self.span)]
        return np.sum(whole, axis=0, dtype=np.int64)


@dataclass
class HorizonTest:
    """One horizon's test: the backtest, further scores, and reports caught in the top tenth by area."""

    span: int
    backtest: Backtest
    crps: list[float] = field(default_factory=list)
    reports: Counts = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    caught: Counts = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    first: int | None = None
    last: int = 0

    def add(self, forecast: Forecast) -> None:
        """Score a forecast of the periods that start at its own."""
        expected = forecast.expected * self.span
        low, high = interval(expected, forecast.dispersion)
        self.backtest.add(replace(forecast, expected=expected, low=low, high=high))
        counts = self.backtest.panel.actual(forecast.period)
        self.crps.append(crps(expected, forecast.dispersion, counts))
        is_top = np.zeros(len(counts), dtype=np.int64)
        is_top[top_areas(expected)] = 1
        self.reports = self.reports + counts
        self.caught = self.caught + counts * is_top
        self.first = forecast.period if self.first is None else self.first
        self.last = forecast.period


@dataclass(frozen=True)
class WalkResult:
    """Forecast at the cut-off; share of each kind of memory in it (kinds x areas, columns summing to 1); effective
    number of periods of reports; completeness of the latest periods, newest last; tests by horizon."""

    forecast: Forecast
    contributions: Mapping[str, Floats]
    periods_behind: float
    completeness: Floats
    tested: Mapping[str, HorizonTest]

    def verdict(self) -> Verdict:
        """Whether it may be published: decided by the shortest horizon, the first of ``HORIZONS``."""
        return next(iter(self.tested.values())).backtest.verdict()


def walk_forward(panel: Panel, target: int) -> WalkResult:
    """Walk from the first report to period ``target`` and forecast it; test each horizon on complete enough periods."""
    forecaster = Forecaster(panel)
    complete = forecaster.level.known(target)[1]
    ripe = target - 1 - int((complete < RIPE).sum())
    spans = HORIZONS[panel.calendar.unit]
    tested = {name: HorizonTest(span, Backtest(_longer(panel, span))) for name, span in spans.items()}
    for period in range(min(0, int(panel.events.occurred.min())), target):
        forecast = forecaster.step(period)
        for one in tested.values():
            if period >= 0 and period % one.span == 0 and period + one.span - 1 <= ripe:
                one.add(forecast)
    # Before the step, which moves the stream on.
    shapes = forecaster.stream.shapes(target)
    forecast = forecaster.step(target)
    return WalkResult(
        forecast=forecast,
        contributions=_contributions(forecaster.stream, forecaster.weights, shapes),
        periods_behind=_periods_behind(forecaster.stream.names.names, forecaster.weights, panel.calendar),
        completeness=complete,
        tested=tested,
    )


def evaluation_rows(walked: WalkResult, panel: Panel) -> Iterator[dict[str, Any]]:
    """One row per horizon, method and budget."""
    for horizon, one in walked.tested.items():
        if one.first is None or not one.backtest.events:
            continue
        result = one.backtest.result()
        shared = {
            "horizon": horizon,
            "first_period": panel.calendar.start_of(one.first),
            "last_period": panel.calendar.start_of(one.last),
            "count_periods": len(one.backtest.totals),
            "count_areas": panel.areas.count,
            "count_reports": one.backtest.events,
        }
        honesty: dict[str, Any] = {"crps": float(np.mean(one.crps)), **{name: result[name] for name in HONESTY}}
        honesty["outside_ranges"] = "; ".join(result["outside_ranges"]) or None
        for method, scores in result["methods"].items():
            for budget in BUDGETS:
                caught = np.sum(one.backtest.methods[method].caught, axis=0)[CURVE.index(budget)]
                yield {
                    **shared,
                    "method_code": method,
                    "budget": budget,
                    "count_caught": round(float(caught)),
                    **_scores(scores, f"{budget:.0%}"),
                    **_gains(result["paired"].get(method), f"{budget:.0%}"),
                    **(honesty if method == STACK else dict.fromkeys(honesty)),
                }


def _longer(panel: Panel, span: int) -> Panel:
    return _SpanPanel(**{name: getattr(panel, name) for name in Panel.__dataclass_fields__}, span=span)


def _scores(scores: Mapping[str, float], budget: str) -> dict[str, float]:
    return {
        "bits_per_event": scores["bits_per_event"],
        "hit_rate": scores[f"hit_rate_{budget}"],
        "pai": scores[f"pai_{budget}"],
        "pei": scores[f"pei_{budget}"],
    }


def _gains(paired: Mapping[str, Mapping[str, float]] | None, budget: str) -> dict[str, float | None]:
    gains: dict[str, float | None] = {}
    for name, column in (("bits", "bits_per_event"), ("hit", f"hit_rate_{budget}")):
        gain = paired[column] if paired is not None else {}
        gains[f"{name}_gain"] = gain.get("difference")
        gains[f"{name}_gain_low"], gains[f"{name}_gain_high"] = gain.get("low"), gain.get("high")
    return gains


def _half_life(name: str) -> float:
    return float(name.rpartition("_")[2].removesuffix("w"))


def _kind(name: str) -> str:
    if name == "uniform":
        return "citywide"
    if name.startswith("near"):
        return "neighbours"
    return "long_run" if _half_life(name) >= LONG_RUN_WEEKS else "recent"


def _contributions(stream: ShapeStream, weights: Floats, shapes: Floats) -> dict[str, Floats]:
    parts = weights[:, None] * shapes
    names = np.array(stream.names.names)
    kinds = np.array([_kind(name) for name in names])
    shares = {kind: parts[kinds == kind].sum(axis=0) for kind in ("long_run", "recent", "neighbours", "citywide")}
    # The context's shape is part of the long run: its own share is shown apart.
    shares["context"] = parts[names == CONTEXT].sum(axis=0) * stream.context_share
    shares["long_run"] -= shares["context"]
    whole = parts.sum(axis=0)
    return {kind: part / whole for kind, part in shares.items()}


def _periods_behind(names: tuple[str, ...], weights: Floats, calendar: Calendar) -> float:
    """Effective periods of reports: a half-life of h periods weighs 1 / (1 - 0.5^(1/h)); the uniform shape counts as
    the longest."""
    half_lives = [max(HALF_LIVES) if name == "uniform" else _half_life(name) for name in names]
    held = [1 / (1 - 0.5 ** (1 / calendar.periods_in(weeks))) for weeks in half_lives]
    return float(weights @ np.array(held))
