"""Shapes: how the reports of the next period spread over the areas, each learnt at one memory and one smoothing.

A shape is a distribution over the areas. Every one is a sum over known events of (kernel share) x (decay since it
occurred); so it is kept up to date as events become known, and cannot hold what is not known yet.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hub.forecast.context import ContextStream
from hub.forecast.kernels import Kernel
from hub.forecast.panel import Areas, Floats, Panel

HALF_LIVES = (2.0, 8.0, 26.0, 104.0, 416.0)
"""Memories, in weeks: from near repeats to what an area has always been."""
LONG_RUN = HALF_LIVES.index(104.0)
CONTEXT = "context_104w"
"""The shape that counts of other kinds give; the last one, where there are any."""
PRIOR_REPORTS = 0.5
"""Reports spread evenly that every shape begins with: no area is ever impossible."""


@dataclass(frozen=True)
class ShapeNames:
    """What the rows of a shapes array are, in order."""

    bandwidths: int
    has_context: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Uniform, the areas' own reports, then one smoothing after the other."""
        plain = [f"own_{half:g}w" for half in HALF_LIVES]
        smooth = [f"near{width}_{half:g}w" for width in range(1, self.bandwidths + 1) for half in HALF_LIVES]
        return ("uniform", *plain, *smooth, *([CONTEXT] if self.has_context else []))

    @property
    def densities(self) -> range:
        """Rows of the smoothings."""
        first = 1 + len(HALF_LIVES)
        return range(first, first + self.bandwidths * len(HALF_LIVES))

    def row(self, name: str) -> int:
        """Number of the row of that name."""
        return self.names.index(name)


class ShapeStream:
    """The shapes as known at the start of each period, one period after the other."""

    def __init__(self, panel: Panel, kernels: tuple[Kernel, ...]) -> None:
        context = panel.context if panel.context is not None and panel.context.kinds else None
        self.names = ShapeNames(len(kernels), context is not None)
        self._kernels = kernels
        self._count = panel.areas.count
        self._events = panel.events
        self._decay = np.array([0.5 ** (1 / panel.calendar.periods_in(half)) for half in HALF_LIVES])
        self._sums = np.zeros((1 + len(kernels), len(HALF_LIVES), self._count))
        self._context = None if context is None else ContextStream(context, panel.calendar, self._count)

    def shapes(self, period: int) -> Floats:
        """The shapes at the start of the period, shapes x areas; each row sums to 1."""
        sums = self._sums.reshape(-1, self._count)
        if self._context is not None:
            sums = np.concatenate([sums, self._context.expected(period, self._sums[0, LONG_RUN])[None]])
        return np.concatenate([np.full((1, self._count), 1 / self._count), _normalised(sums)])

    @property
    def context_share(self) -> Floats:
        """Part (areas) of the latest shape ``CONTEXT`` that comes from counts of other kinds."""
        return np.zeros(self._count) if self._context is None else self._context.share

    def learn(self, period: int) -> None:
        """Let a period pass: older events fade, and those that became known in it are added, faded by their age."""
        if self._context is not None:
            self._context.learn(period)
        self._sums *= self._decay[None, :, None]
        low, high = np.searchsorted(self._events.known, [period, period + 1])
        areas, occurred = self._events.area[low:high], self._events.occurred[low:high]
        if not areas.size:
            return
        weights = self._events.count[low:high, None] * self._decay ** (period - occurred)[:, None]
        np.add.at(self._sums[0].T, areas, weights)
        places, compact = np.unique(areas, return_inverse=True)
        gathered = np.zeros((len(places), len(HALF_LIVES)))
        np.add.at(gathered, compact, weights)
        for number, kernel in enumerate(self._kernels, start=1):
            self._sums[number] += kernel.spread(places, gathered).T


def covariates(areas: Areas) -> Floats:
    """Logarithms of population and surface, centred, areas x those that every area gives (0, 1 or 2)."""
    given = [values for values in (areas.population, areas.area_km2) if np.isfinite(values).all() and values.max() > 0]
    columns = [np.log(values / values.mean() + 1e-3) for values in given]
    return np.column_stack([column - column.mean() for column in columns]) if columns else np.zeros((areas.count, 0))


def _normalised(sums: Floats) -> Floats:
    return np.asarray((sums + PRIOR_REPORTS / sums.shape[1]) / (sums.sum(axis=1, keepdims=True) + PRIOR_REPORTS))
