"""The citywide level: how many reports the next period brings, from several memories weighed by how well each did."""

import numpy as np
from scipy.special import gammaln

from hub.forecast.completeness import ReportingTriangle
from hub.forecast.panel import Floats, Panel

HALF_LIVES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Memories of the level, in weeks: a shock shows in the first, a season in the last."""
MEMORY_WEEKS = 52.0
PRIOR_PERIODS = 0.05
"""Periods at the mean of all, known to each memory. More would hold a rising level down: at 1, by 7% in Toronto."""
LEAST_DISPERSION = 1.0


class LevelStream:
    """Levels as known at the start of each period; asked in the order of the periods."""

    def __init__(self, panel: Panel) -> None:
        self._triangle = ReportingTriangle(panel)
        self._decay = np.array([0.5 ** (1 / panel.calendar.periods_in(half)) for half in HALF_LIVES])
        self._forget = 0.5 ** (1 / panel.calendar.periods_in(MEMORY_WEEKS))
        self._levels: dict[int, Floats] = {}

    def forecast(self, period: int) -> float:
        """Reports expected in ``period``, once all of them are known."""
        known, complete = self.known(period)
        if not known.size:
            return 0.0
        age = np.arange(len(known))[::-1]
        weights = self._decay[:, None] ** age
        mean = known.sum() / complete.sum()
        levels = (weights @ known + PRIOR_PERIODS * mean) / (weights @ complete + PRIOR_PERIODS)
        self._levels[period] = levels
        return float(self._credit(period, known, complete) @ levels)

    def known(self, period: int) -> tuple[Floats, Floats]:
        """Known reports of each earlier period from the first with any on, and how complete each is; oldest first."""
        known = self._triangle.known_counts(period)
        if not known.any():
            return known[:0], known[:0]
        first = int(np.flatnonzero(known)[0])
        return known[first:], self._triangle.completeness(period)[first:]

    def _credit(self, period: int, known: Floats, complete: Floats) -> Floats:
        """Weight of each memory: its likelihood over the last year of periods, tempered by how much counts scatter."""
        past = [before for before in range(period - len(known), period) if before in self._levels]
        if not past:
            return np.full(len(HALF_LIVES), 1 / len(HALF_LIVES))
        rows = np.array(past) - (period - len(known))
        expected = np.array([self._levels[before] for before in past]) * complete[rows, None] + 1e-9
        seen = known[rows, None]
        fade = self._forget ** (period - 1 - np.array(past))
        scatter = (fade[:, None] * (seen - expected) ** 2 / expected).sum(axis=0) / fade.sum()
        dispersion = max(LEAST_DISPERSION, float(scatter.min()))
        score = (fade[:, None] * (seen * np.log(expected) - expected - gammaln(seen + 1))).sum(axis=0) / dispersion
        credit = np.exp(score - score.max())
        return np.asarray(credit / credit.sum())
