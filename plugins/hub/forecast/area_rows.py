"""What a forecast says of each area, as rows for a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hub.forecast.calibration import interval, top_count
from hub.forecast.panel import Floats
from hub.forecast.walk_forward import WalkResult

SEED = 20_160_401
DRAWS = 400
STRAND_PRIOR = 10.0
"""Reports for which an area is credited with the shares of strands of all areas together."""
LEAST_BEHIND = 0.5
"""Reports to assume behind the rate of an area with nearly none: chance could hide as many."""
Rows = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Known:
    """Reports of each area at the cut-off: of the last 4 and 52 weeks, and of the 4 once all have come. Counts by month
    have the last month in place of 4 weeks, and the last 12."""

    reports_4w: Floats
    reports_12m: Floats
    nowcast_4w: Floats


def whole_rows(walked: WalkResult, span: int, known: Known, residents: Floats) -> Rows:
    """Columns (an entry an area) of all strands together, over ``span`` periods."""
    rate = walked.forecast.expected
    ranks = _ranks(rate, walked.periods_behind)
    return {
        **_expected(rate * span, walked.forecast.dispersion, residents),
        "rank": _places(rate),
        **ranks,
        **{f"share_{kind}": share for kind, share in walked.contributions.items()},
        "reports_4w": known.reports_4w.astype(np.int64),
        "reports_12m": known.reports_12m.astype(np.int64),
        "nowcast_4w": known.nowcast_4w,
    }


def strand_rows(walked: WalkResult, span: int, whole: Known, strand: Known, residents: Floats) -> Rows:
    """Columns of one strand: the area's expectation times the strand's share in it, drawn towards its share in all."""
    everywhere = strand.reports_12m.sum() / max(1.0, float(whole.reports_12m.sum()))
    share = (strand.reports_12m + STRAND_PRIOR * everywhere) / (whole.reports_12m + STRAND_PRIOR)
    rate = walked.forecast.expected * share
    return {
        **_expected(rate * span, walked.forecast.dispersion, residents),
        "rank": _places(rate),
        "reports_4w": strand.reports_4w.astype(np.int64),
        "reports_12m": strand.reports_12m.astype(np.int64),
        "nowcast_4w": strand.nowcast_4w,
    }


def _expected(expected: Floats, dispersion: float, residents: Floats) -> Rows:
    low, high = interval(expected, dispersion)
    none = np.exp(-np.log1p(dispersion * expected) / dispersion) if dispersion > 0 else np.exp(-expected)
    has_all = bool(np.isfinite(residents).all())
    base = residents if has_all else np.ones(len(expected))
    with np.errstate(invalid="ignore", divide="ignore"):
        risk = (expected / base) / (expected.sum() / base.sum())
    return {
        "expected_reports": expected,
        "p05": low,
        "p50": _median(expected, dispersion),
        "p95": high,
        "p_at_least_1": 1 - none,
        "rate_per_10000": 10_000 * expected / residents,
        "relative_risk": risk,
    }


def _median(mean: Floats, dispersion: float) -> npt.NDArray[np.int64]:
    from scipy.stats import nbinom, poisson  # noqa: PLC0415 - a second to import

    if dispersion <= 0:
        return np.asarray(poisson(mean).ppf(0.5), dtype=np.int64)
    size = 1 / dispersion
    return np.asarray(np.nan_to_num(nbinom(size, size / (size + mean)).ppf(0.5)), dtype=np.int64)


def _places(rate: Floats) -> npt.NDArray[np.int64]:
    places = np.empty(len(rate), dtype=np.int64)
    places[np.argsort(-rate, kind="stable")] = np.arange(1, len(rate) + 1)
    return places


def _ranks(rate: Floats, periods_behind: float) -> Mapping[str, npt.NDArray[Any]]:
    """How sure the places are: rates drawn from a gamma distribution with as many reports behind each as its memory
    holds. An approximation: it takes the weights of the mixture for known."""
    behind = np.maximum(rate * periods_behind, LEAST_BEHIND)
    drawn = np.random.default_rng(SEED).gamma(behind, rate / behind, size=(DRAWS, len(rate)))
    places = np.apply_along_axis(_places, 1, drawn)
    low, high = np.quantile(places, [0.05, 0.95], axis=0, method="nearest")
    return {
        "prob_in_top_tenth": (places <= top_count(len(rate), 0.1)).mean(axis=0),
        "rank_p05": low.astype(np.int64),
        "rank_p95": high.astype(np.int64),
    }
