"""A forecast of the period after a cut-off, and what the same forecaster was worth over the periods before it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hub.forecast.backtest import STACK, Backtest
from hub.forecast.calibration import RIPE, interval, top_areas
from hub.forecast.crps import crps
from hub.forecast.features import CONTEXT, HALF_LIVES, ShapeStream
from hub.forecast.model import Forecast, Forecaster
from hub.forecast.panel import Floats, Panel
from hub.forecast.scores import BUDGETS, CURVE, Counts
from hub.forecast.verdict import Verdict

HORIZONS: Mapping[str, Mapping[str, int]] = {"week": {"week": 1, "four_weeks": 4}, "month": {"month": 1}}
"""How many periods each horizon is, by the unit of the panel."""
LONG_RUN_WEEKS = 104.0
"""A memory of this half-life and more is the long run; a shorter one is recent."""
HONESTY = (
    "coverage_90",
    "coverage_90_promised",
    "coverage_90_in_part",
    "level_observed_over_expected",
    "top_tenth_observed_over_expected",
)
"""What a backtest says of the forecast's own intervals and level, which baselines do not have."""


@dataclass(frozen=True)
class _Longer(Panel):
    """The panel as the forecast of several periods sees it: a period's reports are those of it and the next ones."""

    span: int = 1

    def actual(self, period: int) -> Counts:
        whole = [Panel.actual(self, period + after) for after in range(self.span)]
        return np.sum(whole, axis=0, dtype=np.int64)


@dataclass
class Tested:
    """One horizon's test: the backtest, what it measured beside, and reports caught in the top tenth by area."""

    span: int
    backtest: Backtest
    crps: list[float] = field(default_factory=list)
    reports: Counts = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    caught: Counts = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    first: int | None = None
    last: int = 0

    def add(self, forecast: Forecast) -> None:
        """Score the forecast of the periods from its own on."""
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
class Walked:
    """The forecast at the cut-off, how much of it each kind of memory says (kinds x areas, columns summing to 1), how
    many weeks of reports stand behind it, completeness of the latest periods (the newest last), and the tests."""

    forecast: Forecast
    contributions: Mapping[str, Floats]
    weeks_behind: float
    completeness: Floats
    tested: Mapping[str, Tested]

    def verdict(self) -> Verdict:
        """Whether it may be published: what the shortest horizon's test says decides."""
        return next(iter(self.tested.values())).backtest.verdict()


def walk_forward(panel: Panel, target: int) -> Walked:
    """Walk from the first report to period ``target``, which is forecast; test each horizon on what is ripe by then."""
    forecaster = Forecaster(panel)
    complete = forecaster.level.known(target)[1]
    ripe = target - 1 - int((complete < RIPE).sum())
    spans = HORIZONS[panel.calendar.unit]
    tested = {name: Tested(span, Backtest(_longer(panel, span))) for name, span in spans.items()}
    for period in range(min(0, int(panel.events.occurred.min())), target):
        forecast = forecaster.step(period)
        for one in tested.values():
            if period >= 0 and period % one.span == 0 and period + one.span - 1 <= ripe:
                one.add(forecast)
    shapes = forecaster.stream.shapes(target)
    forecast = forecaster.step(target)
    return Walked(
        forecast=forecast,
        contributions=_contributions(forecaster.stream, forecaster.weights, shapes),
        weeks_behind=_weeks_behind(forecaster.stream.names.names, forecaster.weights),
        completeness=complete,
        tested=tested,
    )


def evaluation_rows(walked: Walked, panel: Panel) -> Iterator[dict[str, Any]]:
    """One row a horizon, method and budget."""
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
    return _Longer(**{name: getattr(panel, name) for name in Panel.__dataclass_fields__}, span=span)


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
        told = paired[column] if paired is not None else {}
        gains[f"{name}_gain"] = told.get("difference")
        gains[f"{name}_gain_low"], gains[f"{name}_gain_high"] = told.get("low"), told.get("high")
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
    told = {kind: parts[kinds == kind].sum(axis=0) for kind in ("long_run", "recent", "neighbours", "citywide")}
    # The shape of other kinds is drawn towards the area's own reports: they stand in its long run, where they are now.
    told["context"] = parts[names == CONTEXT].sum(axis=0) * stream.context_share
    told["long_run"] -= told["context"]
    whole = parts.sum(axis=0)
    return {kind: part / whole for kind, part in told.items()}


def _weeks_behind(names: tuple[str, ...], weights: Floats) -> float:
    """Weeks of reports that the mixture is made of: a memory of half-life h holds the sum of its fadings."""
    longest = 1 / (1 - 0.5 ** (1 / max(HALF_LIVES)))
    held = [longest if name == "uniform" else 1 / (1 - 0.5 ** (1 / _half_life(name))) for name in names]
    return float(weights @ np.array(held))
