"""Score forecast shapes (shares of reports by area) against actual counts; compare two methods with intervals."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from hub.forecast.calibration import top_count
from hub.forecast.panel import Areas, Floats

BUDGETS = (0.01, 0.05, 0.10)
"""Shares of the areas that can be visited."""
CURVE = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.10, 0.15, 0.20, 0.30, 0.40, 0.50)
"""Shares of the areas at which caught reports are recorded; they contain ``BUDGETS``."""
RESAMPLES = 2000
SEED = 20240801
TAIL = 0.025
"""On each side of a 95% interval."""

Counts = npt.NDArray[np.int64]
Differences = Mapping[str, Mapping[str, float]]
"""For bits per event and each hit rate: the difference, its 95% interval and standard error."""


@dataclass
class MethodScores:
    """One entry per period: gain in bits over uniform areas, and reports caught at each share of ``CURVE``."""

    gain_bits: list[float] = field(default_factory=list)
    caught: list[Floats] = field(default_factory=list)

    def add(self, shape: Floats, counts: Counts) -> None:
        """Score one period's shape (areas, summing to 1)."""
        happened = counts > 0
        self.gain_bits.append(float(counts[happened] @ np.log2(shape[happened] * len(shape))))
        self.caught.append(catch(shape, counts))


def catch(shape: Floats, counts: Counts) -> Floats:
    """Reports in the areas ranked highest, one entry per share of ``CURVE``.

    Areas that tie at the edge share what is left of the budget equally, so that the order of the list decides nothing.
    """
    order = np.argsort(-shape, kind="stable")
    ordered = -shape[order]
    so_far = np.concatenate([[0], counts[order].cumsum()])
    caught = []
    for share in CURVE:
        budget = top_count(len(shape), share)
        edge = ordered[budget - 1]
        above, upto = np.searchsorted(ordered, edge, side="left"), np.searchsorted(ordered, edge, side="right")
        share_of_edge = (budget - above) / (upto - above)
        caught.append(so_far[above] + share_of_edge * (so_far[upto] - so_far[above]))
    return np.array(caught)


def best_catch(counts: Counts) -> Floats:
    """What a perfect forecast would have caught."""
    cumulated = np.sort(counts)[::-1].cumsum()
    return np.array([float(cumulated[top_count(len(counts), share) - 1]) for share in CURVE])


def summary(scores: MethodScores, best: list[Floats], totals: Floats, areas: Areas) -> dict[str, float]:
    """Bits per event over all periods, and at each budget the hit rate, the prediction accuracy index (PAI) and the
    prediction efficiency index (PEI)."""
    reports = float(totals.sum())
    result = {"bits_per_event": float(np.sum(scores.gain_bits)) / reports}
    caught, perfect = np.sum(scores.caught, axis=0), np.sum(best, axis=0)
    for budget in BUDGETS:
        position, name = CURVE.index(budget), f"{budget:.0%}"
        hit = float(caught[position]) / reports
        result[f"hit_rate_{name}"] = hit
        result[f"pai_{name}"] = hit / (top_count(areas.count, budget) / areas.count)
        result[f"pei_{name}"] = float(caught[position] / perfect[position]) if perfect[position] else 0.0
    return result


def differences(ours: MethodScores, theirs: MethodScores, totals: Floats, block: int) -> Differences:
    """Ours minus theirs, each with a 95% interval from a paired circular block bootstrap over the periods.

    With few blocks the bootstrap's interval is too short: it is widened by ``sqrt(n / (n - 1))`` and by the ratio of
    the quantiles of Student's t and the normal distribution, for ``n`` blocks.
    """
    columns = [np.array(ours.gain_bits) - np.array(theirs.gain_bits)]
    names = ["bits_per_event"]
    for budget in BUDGETS:
        at = CURVE.index(budget)
        columns.append(np.array([one[at] - other[at] for one, other in zip(ours.caught, theirs.caught, strict=True)]))
        names.append(f"hit_rate_{budget:.0%}")
    table = np.column_stack([*columns, totals])
    block = max(1, min(block, len(table) // 3))
    sums = _resample(table, block)
    drawn = np.where(sums[:, -1:] > 0, sums[:, :-1] / np.maximum(sums[:, -1:], 1e-9), 0.0)
    means = table.sum(axis=0)[:-1] / totals.sum()
    effective_blocks = max(2.0, len(table) / block)
    spread = math.sqrt(effective_blocks / (effective_blocks - 1))
    widened = spread * float(stdtrit(effective_blocks - 1, TAIL) / ndtri(TAIL))
    low, high = means + widened * (np.quantile(drawn, [TAIL, 1 - TAIL], axis=0) - means)
    results = [means, np.minimum(low, means), np.maximum(high, means), spread * drawn.std(axis=0)]
    keys = ("difference", "low", "high", "standard_error")
    return {
        name: dict(zip(keys, map(float, values), strict=True)) for name, *values in zip(names, *results, strict=True)
    }


def _resample(table: Floats, block: int) -> Floats:
    """Sums of each column over resampled periods: resamples x columns."""
    periods = len(table)
    blocks = -(-periods // block)
    starts = np.random.default_rng(SEED).integers(0, periods, size=(RESAMPLES, blocks))
    rows = (starts[:, :, None] + np.arange(block)).reshape(RESAMPLES, -1)[:, :periods] % periods
    return np.asarray(table[rows].sum(axis=1))
