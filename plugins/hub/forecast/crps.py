"""The continuous ranked probability score of forecast counts."""

import numpy as np

from hub.forecast.calibration import LONGEST
from hub.forecast.count_law import CountLaw
from hub.forecast.panel import Floats
from hub.forecast.scores import Counts

NEGLIGIBLE = 1e-4


def crps(mean: Floats, dispersion: float, counts: Counts) -> float:
    """Mean over the areas of the sum over k of (F(k) - [count <= k]) squared, F the distribution function of a negative
    binomial count with this mean and dispersion, Poisson without. In reports; smaller is better."""
    law = CountLaw(mean, dispersion)
    logs = law.log_of_none()
    reached, total, rows = np.exp(logs), np.zeros(len(mean)), np.arange(len(mean))
    for count in range(1, LONGEST):
        total[rows] += (reached - (counts[rows] <= count - 1)) ** 2
        is_open = (reached < 1 - NEGLIGIBLE) | (counts[rows] >= count)
        rows, logs, reached = rows[is_open], logs[is_open], reached[is_open]
        if not rows.size:
            break
        logs = logs + law.log_ratio(count, rows)
        reached = reached + np.exp(logs)
    return float(total.mean())
