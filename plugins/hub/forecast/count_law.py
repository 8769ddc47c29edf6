"""How likely each count of reports is: negative binomial with a dispersion, Poisson without."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hub.forecast.panel import Floats

type Rows = slice | npt.NDArray[np.int64]
ALL = slice(None)


@dataclass(frozen=True)
class CountLaw:
    """Counts with these means (areas) and this dispersion. Its probabilities are logarithms: of a hundred areas one may
    expect a thousand reports, and the probability of none there is too small for a floating-point number."""

    mean: Floats
    dispersion: float

    def log_of_none(self) -> Floats:
        """Logarithm of the probability of no report (areas)."""
        if self.dispersion > 0:
            return np.asarray(-np.log1p(self.dispersion * self.mean) / self.dispersion)
        return -self.mean

    def log_ratio(self, count: int, rows: Rows = ALL) -> Floats:
        """Logarithm of the probability of ``count`` over that of one report fewer, of these areas."""
        size = math.log(count - 1 + 1 / self.dispersion) if self.dispersion > 0 else 0.0
        return self._log_odds[rows] + size - math.log(count)

    @cached_property
    def _log_odds(self) -> Floats:
        with np.errstate(divide="ignore"):  # where none is expected, more have no probability
            if self.dispersion > 0:
                odds = self.dispersion * self.mean
                return np.asarray(np.log(odds) - np.log1p(odds))
            return np.asarray(np.log(self.mean))
