"""The continuous ranked probability score of forecast counts."""

import numpy as np

from hub.forecast.calibration import LONGEST
from hub.forecast.panel import Floats
from hub.forecast.scores import Counts

NEGLIGIBLE = 1e-4


def crps(mean: Floats, dispersion: float, counts: Counts) -> float:
    """Mean over the areas of the sum over k of (F(k) - [count <= k]) squared, F the distribution function of a negative
    binomial count with this mean and dispersion, Poisson without. In reports; smaller is better."""
    if dispersion > 0:
        odds = dispersion * mean
        chance, ratio = np.exp(-np.log1p(odds) / dispersion), odds / (1 + odds)
    else:
        chance, ratio = np.exp(-mean), np.zeros(len(mean))
    reached, total, rows = chance.copy(), np.zeros(len(mean)), np.arange(len(mean))
    for count in range(1, LONGEST):
        total[rows] += (reached - (counts[rows] <= count - 1)) ** 2
        is_open = (reached < 1 - NEGLIGIBLE) | (counts[rows] >= count)
        rows, chance, reached = rows[is_open], chance[is_open], reached[is_open]
        if not rows.size:
            break
        step = ratio[rows] * (count - 1 + 1 / dispersion) if dispersion > 0 else mean[rows]
        chance = chance * step / count
        reached = reached + chance
    return float(total.mean())
