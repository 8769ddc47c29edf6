"""What past forecasts teach about the next: how counts scatter, and what the top tenth holds of what it was given."""

import math
from collections import deque

import numpy as np
import numpy.typing as npt

from hub.forecast.count_law import CountLaw
from hub.forecast.panel import Floats

TOP_SHARE = 0.1
MEMORY_WEEKS = 104.0
PRIOR_REPORTS = 50.0
"""Reports for which the top tenth is credited with being right, before any is seen."""
RIPE = 0.9
"""A period is evaluated once this share of its reports is known."""
LARGEST_POWER = 3.0
LOW, HIGH = 0.05, 0.95


def top_count(count: int, share: float) -> int:
    """How many areas a share of them is; at least one."""
    return max(1, round(share * count))


def top_areas(shape: Floats) -> npt.NDArray[np.int64]:
    """Numbers of the areas in the top tenth; ties by their place in the list."""
    return np.argsort(-shape, kind="stable")[: top_count(len(shape), TOP_SHARE)]


class _Scatter:
    """By how much counts scatter more than Poisson counts around their means, and how well that is known.

    A short history may show no excess by chance, so the dispersion that intervals use lies one standard error above
    the one that was seen. The error is that of Poisson counts, and of all excess being errors of the level, which every
    area of a period shares.
    """

    def __init__(self, forget: float) -> None:
        self._forget = forget
        self._excess = self._squares = 0.0
        self._noise = self._shared = 0.0

    def learn(self, counts: npt.NDArray[np.int64], mean: Floats) -> None:
        """Take in one period's counts and means (areas)."""
        squares = float((mean**2).sum())
        self._excess = self._forget * self._excess + float(((counts - mean) ** 2 - mean).sum())
        self._squares = self._forget * self._squares + squares
        self._noise = self._forget**2 * self._noise + 2 * squares + float(mean.sum())
        self._shared = self._forget**2 * self._shared + squares**2

    @property
    def dispersion(self) -> float:
        if not self._squares:
            return UNKNOWN_DISPERSION
        seen = max(0.0, self._excess / self._squares)
        return seen + math.sqrt(self._noise + 2 * seen**2 * self._shared) / self._squares


UNKNOWN_DISPERSION = 1.0
"""Before any outcome is known: counts as scattered as those of rates that have an exponential distribution."""


class Calibration:
    """Fed with each forecast, and with the outcome of each period once it is ripe."""

    def __init__(self, forget: float) -> None:
        self._forget = forget
        self._scatter = _Scatter(forget)
        self.begin_again()

    def begin_again(self) -> None:
        """Forget what the top tenth held: the shapes to come are made in another way. Counts scatter as before."""
        self._waiting: deque[tuple[int, Floats, float]] = deque()
        self._observed_top = self._expected_top = 0.0

    def remember(self, period: int, shape: Floats, level: float) -> None:
        """Keep the uncorrected forecast until its period is ripe."""
        self._waiting.append((period, shape, level))

    @property
    def waiting(self) -> tuple[int, ...]:
        """Periods whose outcome has not been taken in, the oldest first."""
        return tuple(period for period, _, _ in self._waiting)

    def learn(self, counts: npt.NDArray[np.int64], complete: float) -> None:
        """Take in the counts (areas), as known, of the oldest waiting period."""
        _, shape, level = self._waiting.popleft()
        mean = shape * level * complete
        top = top_areas(shape)
        self._observed_top = self._forget * self._observed_top + float(counts[top].sum())
        self._expected_top = self._forget * self._expected_top + float(shape[top].sum() * counts.sum())
        self._scatter.learn(counts, mean)

    @property
    def dispersion(self) -> float:
        """Variance of a count beyond the Poisson's, in squares of its mean."""
        return self._scatter.dispersion

    def correct(self, shape: Floats) -> Floats:
        """Sharpen or flatten the shape, keeping its order, until the top tenth holds what it should."""
        now = float(shape[top_areas(shape)].sum())
        factor = (self._observed_top + PRIOR_REPORTS) / (self._expected_top + PRIOR_REPORTS)
        wanted = min(now * factor, 0.5 * (1 + now))
        powers = [0.0, LARGEST_POWER]
        logs = np.log(shape / shape.max())
        top = top_areas(shape)
        for _ in range(20):
            power = 0.5 * (powers[0] + powers[1])
            sharpened = np.exp(power * logs)
            powers[int(sharpened[top].sum() > wanted * sharpened.sum())] = power
        return np.asarray(sharpened / sharpened.sum())


def interval(mean: Floats, dispersion: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The 5% and 95% quantile of counts with this mean (areas): negative binomial, or Poisson without dispersion.

    The smallest count whose cumulative probability reaches the share, as the quantile of a count is defined.
    """
    low, high = np.zeros(len(mean), dtype=np.int64), np.zeros(len(mean), dtype=np.int64)
    law = CountLaw(mean, dispersion)
    logs = law.log_of_none()
    reached, rows, count = np.exp(logs), np.arange(len(mean)), 0
    while (is_open := reached < HIGH).any():
        rows, logs, reached = rows[is_open], logs[is_open], reached[is_open]
        low[rows[reached < LOW]] += 1
        high[rows] += 1
        count += 1
        logs = logs + law.log_ratio(count, rows)
        reached = reached + np.exp(logs)
        if count > LONGEST:
            break
    return low, high


LONGEST = 10_000
"""No count of a period and area goes beyond; the sum of probabilities may stop short of the quantile by rounding."""
