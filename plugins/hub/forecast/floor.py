"""The floor under every forecast: empirical Bayes with exponential decay. Sums alone, so that SQL can do the same."""

import numpy as np

from hub.forecast.panel import Floats


def shrink(faded: Floats, noise_ratio: float) -> Floats:
    """Shape (areas) from faded reports an area: each area's rate drawn towards the mean of all, a gamma prior's way.

    The prior's strength is found by moments: what areas differ by beyond chance. Chance alone gives faded Poisson
    counts of mean m the variance m x ``noise_ratio``: the sum of squared fadings over the sum of fadings, 1 where
    nothing fades.
    """
    mean = float(faded.mean())
    if mean <= 0:
        return np.full(len(faded), 1 / len(faded))
    noise = mean * noise_ratio
    between = max(float(faded.var()) - noise, LEAST_BETWEEN * noise)
    kept = between / (between + noise)
    rate = mean + kept * (faded - mean)
    return np.asarray(rate / rate.sum())


LEAST_BETWEEN = 0.05
"""Areas are never taken to be all alike: that would keep every area at the mean for good."""
