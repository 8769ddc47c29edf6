"""The forecaster: one step a period, each made of what was known at the period's start and of nothing else."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from hub.forecast.baselines import BaselineStream, Setting
from hub.forecast.calibration import MEMORY_WEEKS, RIPE, Calibration, interval
from hub.forecast.features import ShapeStream, covariates
from hub.forecast.kernels import make_kernels
from hub.forecast.level import LevelStream
from hub.forecast.mixture import MEMORY_WEEKS as MIXTURE_WEEKS
from hub.forecast.mixture import fit_weights
from hub.forecast.panel import Floats, Panel
from hub.forecast.regression import Slice, apply_coefficients, fit_coefficients, make_slice

LEARNING_WEEKS = 78.0
"""The regression and the calibration begin this long before the first test."""
REFIT_WEEKS, WINDOW_WEEKS, BURN_IN_WEEKS = 6.0, 156.0, 16.0
LEAST_REPORTS = 100
"""Below this many known reports there is nothing for a regression to learn: the mixture is used alone."""
LEAST_EVIDENCE = 1e-3


@dataclass(frozen=True)
class Forecast:
    """One period: reports expected an area, their 90% interval, the level, and the baselines' shapes and settings."""

    period: int
    expected: Floats
    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]
    level: float
    dispersion: float
    baselines: dict[str, Floats]
    settings: dict[str, Setting]


class Forecaster:
    """Walks over the periods of a panel. Refits lie at fixed distances from the first test, not from the first row."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        calendar = panel.calendar
        kernels = make_kernels(panel.areas, np.unique(panel.events.area))
        self.stream = ShapeStream(panel, kernels)
        self.level = LevelStream(panel)
        self._baselines = BaselineStream(panel, self.stream.names, [kernel.bandwidth_km for kernel in kernels])
        self._calibration = Calibration(0.5 ** (1 / calendar.periods_in(MEMORY_WEEKS)))
        names = self.stream.names
        self._chosen = [names.row(name) for name in names.names if name.endswith("_104w")]
        self._covariates = covariates(panel.areas)
        width = 1 + len(self._chosen) + self._covariates.shape[1]
        self.weights = np.full(len(names.names), 1 / len(names.names))
        self.coefficients = np.zeros(width)
        self._cells = panel.cells
        self._counts = np.zeros(len(self._cells.area), dtype=np.int64)
        self._likelihoods = np.zeros((len(self._cells.area), len(names.names)))
        self._features = np.zeros((len(self._cells.area), width))
        self._slices: dict[int, Slice] = {}
        self._every = round(calendar.periods_in(REFIT_WEEKS))
        self._window, self._burn_in = calendar.periods_in(WINDOW_WEEKS), calendar.periods_in(BURN_IN_WEEKS)
        self._begin = -round(calendar.periods_in(LEARNING_WEEKS))
        self._mixture_forget = 0.5 ** (1 / calendar.periods_in(MIXTURE_WEEKS))
        self._mixture_window = calendar.periods_in(MIXTURE_WEEKS * np.log2(1 / LEAST_EVIDENCE))
        self._threads = ThreadpoolController()

    def step(self, period: int) -> Forecast:
        """Forecast the period, then let it pass. Periods must be asked one after the other."""
        # The products are thin: threads of the linear algebra wait for each other, and cost twice the processor time.
        with self._threads.limit(limits=1):
            return self._step(period)

    def _step(self, period: int) -> Forecast:
        self._learn_counts(period)
        own = self._cells.between(period, period + 1)
        shapes = self.stream.shapes(period)
        mixture = self._mix(period) @ shapes
        one = make_slice(mixture, shapes[self._chosen], self._covariates)
        self._likelihoods[own] = shapes[:, self._cells.area[own]].T
        self._features[own] = one.features[self._cells.area[own]]
        if period % self._every == 0:
            if period >= self._begin:
                self._learn_coefficients(period)
            self._slices[period] = one
        shape = apply_coefficients(one, self.coefficients) if self.coefficients.any() else mixture
        level = self.level.forecast(period)
        corrected = self._calibrate(period, shape, level)
        baselines, settings = self._baselines.shapes(period, shapes)
        expected = np.round(level * corrected, 10)
        low, high = interval(expected, self._calibration.dispersion)
        self.stream.learn(period)
        return Forecast(period, expected, low, high, level, self._calibration.dispersion, baselines, settings)

    def _learn_counts(self, period: int) -> None:
        """Add what became known in the period before to the counts of the cells."""
        events = self.panel.events
        low, high = np.searchsorted(events.known, [period - 1, period])
        np.add.at(self._counts, self._cells.of_entry[low:high], events.count[low:high])

    def _mix(self, period: int) -> Floats:
        recent = self._cells.between(period - self._mixture_window, period)
        evidence = self._counts[recent] * self._mixture_forget ** (period - 1 - self._cells.occurred[recent])
        if (is_known := evidence > 0).any():
            self.weights = fit_weights(self._likelihoods[recent][is_known], evidence[is_known], self.weights)
        return self.weights

    def _learn_coefficients(self, period: int) -> None:
        if self._counts.sum() < LEAST_REPORTS:
            return
        first = float(self._cells.occurred[self._counts > 0][0])
        since = max(period - self._window, first + self._burn_in)
        periods = [one for one in sorted(self._slices) if since <= one < period]
        spans = [self._cells.between(one, min(one + self._every, period)) for one in periods]
        counts = [float(self._counts[span].sum()) for span in spans]
        if sum(counts) < LEAST_REPORTS:
            return
        used = self._cells.between(periods[0], period)
        if not self.coefficients.any():
            # What was learnt about the mixture alone does not apply to the mixture that a regression corrects.
            self._calibration.begin_again()
        slices = [self._slices[one] for one in periods]
        self.coefficients = fit_coefficients(slices, np.array(counts), self._features[used], self._counts[used])
        self._slices = {one: kept for one, kept in self._slices.items() if one >= period - self._window}

    def _calibrate(self, period: int, shape: Floats, level: float) -> Floats:
        if period < self._begin or not level:
            return shape
        complete = self.level.known(period)[1]
        while (waiting := self._calibration.waiting) and complete[waiting[0] - period] >= RIPE:
            here = self._cells.between(waiting[0], waiting[0] + 1)
            counts = np.zeros(len(shape), dtype=np.int64)
            counts[self._cells.area[here]] = self._counts[here]
            self._calibration.learn(counts, float(complete[waiting[0] - period]))
        self._calibration.remember(period, shape, level)
        return self._calibration.correct(shape)
