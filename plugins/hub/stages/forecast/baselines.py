"""What a forecast has to beat: long-run mean, last period, empirical Bayes, tuned kernel density, lag ensemble.

Each gets its best chance: counts that are zero in most areas are mixed with the uniform shape, by a weight fitted to
the reports known so far.
"""

import numpy as np

from hub.stages.forecast.calendar import Indices
from hub.stages.forecast.features import ShapeNames
from hub.stages.forecast.floor import HALF_LIFE_WEEKS, shrink
from hub.stages.forecast.mixture import fit_weights
from hub.stages.forecast.panel import Floats, Panel

LAGS = (1, 4, 8, 13)
"""Windows of the lag ensemble, in periods."""
TUNING_WEEKS = 52.0
"""The kernel density is tuned on the reports of this long before the first test."""
MIXED = ("long_run_mean", "last_period", "lag_ensemble")


class BaselineStream:
    """Shapes of the baselines as known at the start of each period, asked in the order of the periods."""

    def __init__(self, panel: Panel, names: ShapeNames) -> None:
        self._panel = panel
        self._names = names
        self._decay = 0.5 ** (1 / panel.calendar.periods_in(HALF_LIFE_WEEKS))
        self._weights = {name: np.array([0.5, 0.5]) for name in MIXED}
        self._likelihoods = np.full((len(panel.events.area), len(MIXED), 2), 1 / panel.areas.count)
        self._tuning = panel.calendar.periods_in(TUNING_WEEKS)
        self._density: int | None = None

    def shapes(self, period: int, shapes: Floats, likelihoods: Floats, told: Indices) -> dict[str, Floats]:
        """Shape (areas) of each baseline.

        Args:
            period: the one to forecast.
            shapes: the smoothed and unsmoothed shapes at its start, shapes x areas.
            likelihoods: reports x shapes, what each shape gave to each report known so far.
            told: reports of the period itself, by number, whose likelihoods are to be kept for later.
        """
        events, count = self._panel.events, self._panel.areas.count
        known = int(np.searchsorted(events.known, period))
        area, age = events.area[:known], period - events.occurred[:known]
        windows = [np.bincount(area[age <= lag], minlength=count).astype(np.float64) for lag in LAGS]
        plain = {
            "long_run_mean": _share(np.bincount(area, minlength=count).astype(np.float64)),
            "last_period": _share(windows[0]),
            "lag_ensemble": np.mean([_share(window) for window in windows], axis=0),
        }
        made = {}
        for number, name in enumerate(MIXED):
            own = self._likelihoods[:known, number]
            if known:
                self._weights[name] = fit_weights(own, np.ones(known), self._weights[name])
            share = max(LEAST_UNIFORM, float(self._weights[name][1]))
            made[name] = (1 - share) * plain[name] + share / count
            self._likelihoods[told, number, 0] = plain[name][events.area[told]]
        made["empirical_bayes"] = self._floor(shapes, age)
        if (density := self._tuned(period, known, likelihoods)) is not None:
            made["kernel_density"] = (1 - LEAST_UNIFORM) * shapes[density] + LEAST_UNIFORM / count
        return made

    def _floor(self, shapes: Floats, age: Indices) -> Floats:
        fading = self._decay ** (age - 1)
        total = float(fading.sum())
        faded = shapes[self._names.row(f"own_{HALF_LIFE_WEEKS:g}w")] * total
        return shrink(faded, float((fading**2).sum()) / total if total else 1.0)

    def _tuned(self, period: int, known: int, likelihoods: Floats) -> int | None:
        """The kernel and memory with the best log score over the year before the first test; fixed from then on."""
        rows = self._names.densities
        if not rows:
            return None
        if self._density is None or period <= 0:
            is_recent = self._panel.events.occurred[:known] >= period - self._tuning
            given = likelihoods[:known, rows.start : rows.stop][is_recent]
            floored = (1 - LEAST_UNIFORM) * given + LEAST_UNIFORM / self._panel.areas.count
            self._density = rows.start + int(np.log(floored).sum(axis=0).argmax())
        return self._density


LEAST_UNIFORM = 0.01
"""No baseline calls an area impossible: one report there would cost it everything."""


def _share(counts: Floats) -> Floats:
    return counts / counts.sum() if counts.any() else np.full(len(counts), 1 / len(counts))
