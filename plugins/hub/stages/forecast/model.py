"""The forecaster: one step a period, each made of what was known at the period's start and of nothing else."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from hub.stages.forecast.baselines import BaselineStream
from hub.stages.forecast.calibration import MEMORY_WEEKS, RIPE, Calibration, interval
from hub.stages.forecast.features import ShapeStream, covariates
from hub.stages.forecast.kernels import make_kernels
from hub.stages.forecast.level import LevelStream
from hub.stages.forecast.mixture import MEMORY_WEEKS as MIXTURE_WEEKS
from hub.stages.forecast.mixture import fit_weights
from hub.stages.forecast.panel import Floats, Panel
from hub.stages.forecast.regression import Slice, apply_coefficients, fit_coefficients, make_slice

LEARNING_WEEKS = 78.0
"""The regression and the calibration begin this long before the first test."""
REFIT_WEEKS, WINDOW_WEEKS, BURN_IN_WEEKS = 6.0, 156.0, 16.0
LEAST_REPORTS = 100
"""Below this many known reports there is nothing for a regression to learn: the mixture stands alone."""
LEAST_EVIDENCE = 1e-3


@dataclass(frozen=True)
class Forecast:
    """One period: reports expected an area, their 90% interval, the level, and the shapes of the baselines."""

    period: int
    expected: Floats
    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]
    level: float
    dispersion: float
    baselines: dict[str, Floats]


class Forecaster:
    """Walks over the periods of a panel. Refits lie at fixed distances from the first test, not from the first row."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        calendar = panel.calendar
        self.stream = ShapeStream(panel, make_kernels(panel.areas, np.unique(panel.events.area)))
        self.level = LevelStream(panel)
        self._baselines = BaselineStream(panel, self.stream.names)
        self._calibration_forget = 0.5 ** (1 / calendar.periods_in(MEMORY_WEEKS))
        self._calibration = Calibration(self._calibration_forget)
        names = self.stream.names
        self._chosen = [names.row(name) for name in names.names if name.endswith("_104w")]
        self._covariates = covariates(panel.areas)
        width = 1 + len(self._chosen) + self._covariates.shape[1]
        self.weights = np.full(len(names.names), 1 / len(names.names))
        self.coefficients = np.zeros(width)
        self._likelihoods = np.zeros((len(panel.events.area), len(names.names)))
        self._features = np.zeros((len(panel.events.area), width))
        self._slices: dict[int, Slice] = {}
        self._every = round(calendar.periods_in(REFIT_WEEKS))
        self._window, self._burn_in = calendar.periods_in(WINDOW_WEEKS), calendar.periods_in(BURN_IN_WEEKS)
        self._begin = -round(calendar.periods_in(LEARNING_WEEKS))
        self._mixture_forget = 0.5 ** (1 / calendar.periods_in(MIXTURE_WEEKS))
        self._threads = ThreadpoolController()

    def step(self, period: int) -> Forecast:
        """Forecast the period, then let it pass. Periods must be asked one after the other."""
        # The products are thin: threads of the linear algebra wait for each other, and cost twice the processor time.
        with self._threads.limit(limits=1):
            return self._step(period)

    def _step(self, period: int) -> Forecast:
        events = self.panel.events
        known = int(np.searchsorted(events.known, period))
        own = np.flatnonzero(events.occurred == period)
        shapes = self.stream.shapes(period)
        mixture = self._mix(period, known) @ shapes
        one = make_slice(mixture, shapes[self._chosen], self._covariates)
        self._likelihoods[own] = shapes[:, events.area[own]].T
        self._features[own] = one.features[events.area[own]]
        if period % self._every == 0:
            if period >= self._begin:
                self._learn_coefficients(period, known)
            self._slices[period] = one
        shape = apply_coefficients(one, self.coefficients) if self.coefficients.any() else mixture
        level = self.level.forecast(period)
        corrected = self._calibrate(period, shape, level)
        baselines = self._baselines.shapes(period, shapes, self._likelihoods, own)
        expected = np.round(level * corrected, 10)
        low, high = interval(expected, self._calibration.dispersion)
        self.stream.learn(period)
        return Forecast(period, expected, low, high, level, self._calibration.dispersion, baselines)

    def _mix(self, period: int, known: int) -> Floats:
        evidence = self._mixture_forget ** (period - 1 - self.panel.events.occurred[:known])
        is_recent = evidence > LEAST_EVIDENCE
        if is_recent.any():
            likelihoods = self._likelihoods[:known][is_recent]
            self.weights = fit_weights(likelihoods, evidence[is_recent], self.weights)
        return self.weights

    def _learn_coefficients(self, period: int, known: int) -> None:
        occurred = self.panel.events.occurred[:known]
        if known < LEAST_REPORTS:
            return
        since = max(period - self._window, float(occurred.min()) + self._burn_in)
        periods = [one for one in sorted(self._slices) if since <= one < period]
        counts = [float(((occurred >= one) & (occurred < one + self._every)).sum()) for one in periods]
        if sum(counts) < LEAST_REPORTS:
            return
        is_used = (occurred >= periods[0]) & (occurred < period)
        slices = [self._slices[one] for one in periods]
        if not self.coefficients.any():
            # What was learnt of the mixture alone does not hold of the mixture that a regression corrects.
            self._calibration = Calibration(self._calibration_forget)
        self.coefficients = fit_coefficients(slices, np.array(counts), self._features[:known][is_used])
        self._slices = {one: kept for one, kept in self._slices.items() if one >= period - self._window}

    def _calibrate(self, period: int, shape: Floats, level: float) -> Floats:
        if period < self._begin or not level:
            return shape
        complete = self.level.known(period)[1]
        events = self.panel.events
        is_known = events.known < period
        while (waiting := self._calibration.waiting) and complete[waiting[0] - period] >= RIPE:
            areas = events.area[is_known & (events.occurred == waiting[0])]
            counts = np.bincount(areas, minlength=len(shape)).astype(np.int64)
            self._calibration.learn(counts, float(complete[waiting[0] - period]))
        self._calibration.remember(period, shape, level)
        return self._calibration.correct(shape)
