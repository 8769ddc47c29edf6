"""Whether intervals hold what they promise, for counts that are nearly always 0 too; and what lies outside its range.

Where a count is 0 in 998 of 1,000 cells, the narrowest interval of whole counts, from 0 to 0, covers .998 however right
the forecast is. So three shares are given: what the intervals covered; what the forecast itself says that they cover,
steps of counts included; and what they covered when each count is credited with the part of its own step of the
distribution function that lies inside (the randomised probability integral transform of Czado, Gneiting and Held,
Biometrics 65, 2009, in expectation), which is .90 for a right forecast of any count.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from hub.forecast.calibration import HIGH, LONGEST, LOW, top_areas
from hub.forecast.count_law import CountLaw
from hub.forecast.panel import Floats
from hub.forecast.scores import Counts


class Coverage(NamedTuple):
    """Shares of the areas of one period, from 0 to 1, and the share of them without any report."""

    covered: float
    covered_top_tenth: float
    promised: float
    in_part: float
    zeros: float


def cover(expected: Floats, low: Counts, high: Counts, dispersion: float, counts: Counts) -> Coverage:
    """Hold intervals (``low`` to ``high``, areas) with their means and dispersion against the counts (areas)."""
    is_covered = (counts >= low) & (counts <= high)
    below, promised, credit = np.zeros(len(counts)), np.zeros(len(counts)), np.zeros(len(counts))
    last = min(int(max(high.max(), counts.max())), LONGEST)
    for count, chance in zip(range(last + 1), probabilities(expected, dispersion), strict=False):
        upto = below + chance
        promised += np.where((count >= low) & (count <= high), chance, 0.0)
        here = counts == count
        inside = np.clip(np.minimum(upto[here], HIGH) - np.maximum(below[here], LOW), 0, None)
        credit[here] = inside / np.maximum(chance[here], LEAST_CHANCE)
        below = upto
    top = top_areas(expected)
    shares = (is_covered, is_covered[top], promised, credit, counts == 0)
    return Coverage(*(float(share.mean()) for share in shares))


def probabilities(mean: Floats, dispersion: float) -> Iterator[Floats]:
    """Probability of a count of 0, 1, 2, ... with these means (areas): negative binomial, or Poisson."""
    law, count = CountLaw(mean, dispersion), 0
    logs = law.log_of_none()
    while True:
        yield np.exp(logs)
        count += 1
        logs = logs + law.log_ratio(count)


LEAST_CHANCE = 1e-300
RANGES = {
    "coverage_90": (0.90, 0.98),
    "top_tenth_observed_over_expected": (0.90, 1.15),
    "level_observed_over_expected": (0.95, 1.05),
}
"""Where each figure of a backtest must lie, or else it is said that it does not."""
NAMES = {
    "coverage_90": "coverage of the 90% interval",
    "top_tenth_observed_over_expected": "observed over expected in the top tenth",
    "level_observed_over_expected": "observed over expected in all",
}


def outside_ranges(result: Mapping[str, Any]) -> list[str]:
    """A sentence for each figure of a backtest's result that lies outside its range; empty where none does."""
    sentences = []
    for figure, (least, most) in RANGES.items():
        value = result[figure]
        if value is None:
            sentences.append(f"{NAMES[figure]} is unknown: nothing was expected")
        elif not least <= value <= most:
            sentences.append(f"{NAMES[figure]} is {value:.3f}, outside {least:g} to {most:g}{_why(figure, result)}")
    return sentences


def _why(figure: str, result: Mapping[str, Any]) -> str:
    if figure != "coverage_90" or result["coverage_90"] < result["coverage_90_promised"] - NEAR:
        return ""
    return (
        f": {result['share_of_zero_counts']:.1%} of counts are 0, so that intervals of whole counts promise "
        f"{result['coverage_90_promised']:.3f}; with the steps of counts taken in part they cover "
        f"{result['coverage_90_in_part']:.3f}"
    )


NEAR = 0.01
"""Coverage that is short of what was promised by more is not explained by the steps of counts."""
