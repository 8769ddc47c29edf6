"""What counts of other kinds, such as other offences, say of where events happen.

Where an area's own events are few, what else is recorded there tells more than its neighbours do. A Poisson regression
of the faded events on the logarithms of the faded counts of each kind gives every area a prior mean; the area's own
events move it, a gamma prior's way. The mixture weighs the outcome as it weighs every other shape.
"""

import numpy as np
from sklearn.linear_model import PoissonRegressor

from hub.forecast.calendar import Calendar
from hub.forecast.panel import Context, Floats
from hub.forecast.regression import LARGEST_CHANGE, SHRINKAGE

HALF_LIFE_WEEKS = 104.0
REFIT_WEEKS = 4.0
HALF_A_COUNT = 0.5
"""Added to every count before its logarithm."""
MOST_CREDIT = 1e6
"""Events for which a prior mean is credited where areas differ from theirs by no more than chance."""


class ContextStream:
    """What the counts known at the start of each period say, one period after the other.

    ``share`` (areas) is the part of the latest answer that comes from them; the rest is the area's own events.
    """

    def __init__(self, context: Context, calendar: Calendar, areas: int) -> None:
        self.share = np.ones(areas)
        self._context = context
        self._decay = 0.5 ** (1 / calendar.periods_in(HALF_LIFE_WEEKS))
        self._refit = round(calendar.periods_in(REFIT_WEEKS))
        self._sums = np.zeros((areas, len(context.kinds)))
        self._learnt = 0
        self._coefficients = np.zeros(len(context.kinds))

    def learn(self, period: int) -> None:
        """Let a period pass: counts fade, and those of it and of before the first one asked for are added."""
        context, low = self._context, self._learnt
        self._sums *= self._decay
        high = self._learnt = int(np.searchsorted(context.occurred, period, side="right"))
        faded = context.count[low:high] * self._decay ** (period - context.occurred[low:high])
        np.add.at(self._sums, (context.area[low:high], context.kind[low:high]), faded)

    def expected(self, period: int, own: Floats) -> Floats:
        """Expected events (areas) at the start of the period, as many in all as there are faded events (areas)."""
        total = float(own.sum())
        prior = total * self._prior(period, own)
        beyond_chance = float(((own - prior) ** 2 - prior).sum())
        credit = float((prior**2).sum()) / beyond_chance if beyond_chance > 0 else MOST_CREDIT
        credit = min(max(credit, 1 / MOST_CREDIT), MOST_CREDIT)
        self.share = credit / (own + credit)
        rate = prior * (own + credit) / (prior + credit)
        return np.asarray(rate * (total / rate.sum())) if total else rate

    def _prior(self, period: int, own: Floats) -> Floats:
        """Prior shape (areas)."""
        features = np.log(self._sums + HALF_A_COUNT)
        spread = features.std(axis=0)
        features = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        if own.any() and period % self._refit == 0:
            model = PoissonRegressor(alpha=SHRINKAGE / own.sum(), solver="newton-cholesky", max_iter=30, tol=1e-5)
            self._coefficients = np.asarray(model.fit(features, own / own.mean()).coef_, dtype=np.float64)
        change = np.clip(features @ self._coefficients, -LARGEST_CHANGE, LARGEST_CHANGE)
        rate = np.exp(change)
        return np.asarray(rate / rate.sum())
