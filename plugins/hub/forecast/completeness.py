"""Completeness by lag: which share of a period's reports is known so many periods later, from what is known now."""

import numpy as np

from hub.forecast.panel import Floats, Panel


class ReportingTriangle:
    """Reports by period of occurrence and lag, in periods; read as of any period."""

    def __init__(self, panel: Panel) -> None:
        events = panel.events
        self.first = int(events.occurred.min())
        self.count = panel.last + 1 - self.first
        rows, lags = events.occurred - self.first, np.minimum(events.known - events.occurred, self.count)
        self._cells = np.zeros((self.count, self.count + 1), dtype=np.int64)
        np.add.at(self._cells, (rows, lags), events.count)
        self._up_to_lag = self._cells.cumsum(axis=1)
        self._older = self._cells.cumsum(axis=0)
        self._older_up_to_lag = self._up_to_lag.cumsum(axis=0)

    def known_counts(self, period: int) -> Floats:
        """Reports of each earlier period, the oldest first, that are known at the start of ``period``."""
        rows = np.arange(period - self.first)
        return self._up_to_lag[rows, len(rows) - 1 - rows].astype(np.float64)

    def completeness(self, period: int) -> Floats:
        """Share known at the start of ``period`` of each earlier period's reports, the oldest first.

        Chain ladder: of the reports known within a lag, how many took exactly that lag, over the periods that are old
        enough to have shown it. Lags that fewer than :data:`LEAST_REPORTS` reports could have shown yet count as having
        no reports.
        """
        count = period - self.first
        lags = np.arange(count)
        rows = count - 1 - lags
        exactly, within = self._older[rows, lags], self._older_up_to_lag[rows, lags]
        stays = np.ones(count + 1)
        stays[:count] = 1 - np.divide(exactly, within, out=np.zeros(count), where=within >= LEAST_REPORTS)
        stays[0] = 1.0
        later = np.cumprod(stays[::-1])[::-1]
        return np.asarray(np.maximum(later[1 : count + 1], LEAST_COMPLETE)[::-1])


LEAST_COMPLETE = 0.05
"""A share below this says that next to nothing is known; dividing by it would make a level of one report."""
LEAST_REPORTS = 100
"""Reports behind a lag: one late report of long ago then changes its share by a hundredth at most."""
