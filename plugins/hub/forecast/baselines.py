"""What a forecast has to beat: plain counts, long-run mean, last period, lag ensemble, empirical Bayes, kernel density.

All but the plain counts are at their best: their settings (smoothing, memory, width) are chosen again before every
period, as those that would have given the events known by then the best log score, had each event been forecast from
what was known before its own period. The events of a period never have a say in its own forecast.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hub.forecast.calendar import Calendar, Indices
from hub.forecast.features import HALF_LIVES, ShapeNames
from hub.forecast.floor import shrink
from hub.forecast.panel import Floats, Panel

PSEUDO_COUNTS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""Reports credited to every area before any is counted."""
DOUBT = 1.0
"""Natural logarithms of likelihood by which a pseudo-count must be better for each doubling or halving of 1: a few
dozen events would choose by chance otherwise, and the baseline lose by it."""
LAGS = (1, 4, 8, 13)
"""Windows of the lag ensemble, in periods."""
MEMORIES = (104.0, 26.0, 52.0, 208.0, 416.0, None)
"""Half-lives of empirical Bayes, in weeks; None forgets nothing. The first is used until events decide."""
EVEN_SHARES = (0.01, 0.05, 0.2, 0.5)
"""Parts of the uniform shape in a kernel density: without any, one report far from all others costs it everything."""
COUNT_EVIDENCE_WEEKS, SHAPE_EVIDENCE_WEEKS = 104.0, 26.0
"""Half-lives of the evidence for a setting. The best pseudo-count is about the same however many events there are; the
best width and memory are not, and what suited the first few events must not be held on to."""

Setting = Mapping[str, float | None]
Areas = Indices | slice
EVERYWHERE = slice(None)


@dataclass
class Known:
    """Everything known at the start of a period."""

    long_run: Floats
    windows: Floats
    faded: Floats
    noise: Floats
    densities: Floats


class Baseline(Protocol):
    """One rule with the settings it may have, the log likelihood that each is credited with beforehand, and how long
    the evidence for one is remembered."""

    settings: list[Setting]
    credit: Floats
    evidence_weeks: float

    def values(self, known: Known, areas: Areas, numbers: Sequence[int]) -> Floats:
        """The shapes of the numbered settings at these areas: settings x areas."""


class SmoothedCounts:
    """Mean of the shares that each area has of one window's reports or several, each with a pseudo-count an area."""

    evidence_weeks = COUNT_EVIDENCE_WEEKS

    def __init__(self, windows: slice | None, pseudo_counts: Sequence[float] = PSEUDO_COUNTS) -> None:
        self.settings: list[Setting] = [{"pseudo_count": count} for count in pseudo_counts]
        self.credit = -DOUBT * np.abs(np.log2(pseudo_counts))
        self._windows, self._pseudo_counts = windows, np.array(pseudo_counts)

    def values(self, known: Known, areas: Areas, numbers: Sequence[int]) -> Floats:
        """The shares."""
        counts = known.long_run[None] if self._windows is None else known.windows[self._windows]
        added = self._pseudo_counts[numbers][:, None, None]
        totals = counts.sum(axis=1)[:, None] + added * counts.shape[1]
        return np.asarray(((counts[:, areas] + added) / totals).mean(axis=1))


class EmpiricalBayes:
    """Faded reports, drawn towards the mean of all areas as far as chance explains their differences."""

    evidence_weeks = SHAPE_EVIDENCE_WEEKS

    def __init__(self) -> None:
        self.settings: list[Setting] = [{"half_life_weeks": weeks} for weeks in MEMORIES]
        self.credit = np.zeros(len(MEMORIES))

    def values(self, known: Known, areas: Areas, numbers: Sequence[int]) -> Floats:
        """The shapes at each memory."""
        return np.array([shrink(known.faded[number], float(known.noise[number]))[areas] for number in numbers])


class KernelDensity:
    """Faded reports spread by Gaussian kernels, with a part of the uniform shape."""

    evidence_weeks = SHAPE_EVIDENCE_WEEKS

    def __init__(self, bandwidths_km: Sequence[float]) -> None:
        self.settings: list[Setting] = [
            {"bandwidth_km": width, "half_life_weeks": half, "uniform_share": even}
            for even in EVEN_SHARES
            for width in bandwidths_km
            for half in HALF_LIVES
        ]
        self.credit = np.zeros(len(self.settings))

    def values(self, known: Known, areas: Areas, numbers: Sequence[int]) -> Floats:
        """The densities."""
        even, density = np.divmod(np.array(numbers), len(known.densities))
        share = np.array(EVEN_SHARES)[even][:, None]
        return np.asarray((1 - share) * known.densities[:, areas][density] + share / known.densities.shape[1])


class BaselineStream:
    """Shapes of the baselines as known at the start of each period, asked in the order of the periods."""

    def __init__(self, panel: Panel, names: ShapeNames, bandwidths_km: Sequence[float]) -> None:
        self._panel = panel
        self._names = names
        self._counts = _Counts(panel)
        self.baselines: dict[str, Baseline] = {
            "counts_plus_one": SmoothedCounts(None, [1.0]),
            "long_run_mean": SmoothedCounts(None),
            "last_period": SmoothedCounts(slice(0, 1)),
            "lag_ensemble": SmoothedCounts(slice(0, len(LAGS))),
            "empirical_bayes": EmpiricalBayes(),
        }
        if bandwidths_km:
            self.baselines["kernel_density"] = KernelDensity(bandwidths_km)
        self._choices = {name: _Choice(one, panel.calendar) for name, one in self.baselines.items()}

    def shapes(self, period: int, shapes: Floats) -> tuple[dict[str, Floats], dict[str, Setting]]:
        """Shape (areas) of each baseline, and the setting it has.

        ``shapes`` are the forecaster's own at the start of the period, shapes x areas: densities are among them.
        """
        rows = self._names.densities
        known = self._counts.at(period, shapes[rows.start : rows.stop])
        events = self._panel.events
        entries = self._counts.entries(period)
        made, settings = {}, {}
        for name, one in self.baselines.items():
            choice = self._choices[name]
            number = choice.best(period)
            made[name] = one.values(known, EVERYWHERE, [number])[0]
            settings[name] = one.settings[number]
            # The outcome: it is kept back until the period in which it is known.
            logs = np.log(one.values(known, events.area[entries], range(len(one.settings))))
            choice.learn(logs * events.count[entries], events.known[entries])
        return made, settings


class _Choice:
    """The evidence for each setting: the log score it would have had, of the events known so far."""

    def __init__(self, baseline: Baseline, calendar: Calendar) -> None:
        self._credit = baseline.credit
        self._forget = _decay(baseline.evidence_weeks, calendar)
        self._evidence = np.zeros(len(baseline.settings))
        self._gained: dict[int, Floats] = {}

    def learn(self, scores: Floats, known: Indices) -> None:
        """Keep the scores (settings x entries) for the periods after those in which the entries are ``known``."""
        for period in np.unique(known).tolist():
            came = scores[:, known == period].sum(axis=1)
            self._gained[period] = self._gained.get(period, 0.0) + came

    def best(self, period: int) -> int:
        """Number of the best setting at the start of the period; asked once a period."""
        self._evidence = self._forget * self._evidence + self._gained.pop(period - 1, 0.0)
        return int((self._evidence + self._credit).argmax())


class _Counts:
    """Counts that the baselines are made of, kept up to date as events become known."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        count = panel.areas.count
        self._decay = np.array([_decay(half, panel.calendar) for half in MEMORIES])
        self._faded = np.zeros((len(MEMORIES), count))
        self._squares = np.zeros(len(MEMORIES))
        self._by_occurrence = np.argsort(panel.events.occurred, kind="stable")
        self._occurred = panel.events.occurred[self._by_occurrence]

    def entries(self, period: int, periods: int = 1) -> Indices:
        """Entries of the events that occurred in the periods that end with this one."""
        low, high = np.searchsorted(self._occurred, [period - periods + 1, period + 1])
        return self._by_occurrence[low:high]

    def at(self, period: int, densities: Floats) -> Known:
        """Everything known at the start of the period; asked once a period."""
        self._learn(period - 1)
        totals = self._faded.sum(axis=1)
        noise = np.divide(self._squares, totals, out=np.ones(len(totals)), where=totals > 0)
        windows = np.array([self._window(period, lag) for lag in LAGS])
        return Known(self._faded[MEMORIES.index(None)], windows, self._faded, noise, densities)

    def _learn(self, period: int) -> None:
        events = self._panel.events
        self._faded *= self._decay[:, None]
        self._squares *= self._decay**2
        low, high = np.searchsorted(events.known, [period, period + 1])
        fading = self._decay[:, None] ** (period - events.occurred[low:high])
        np.add.at(self._faded.T, events.area[low:high], (fading * events.count[low:high]).T)
        self._squares += fading**2 @ events.count[low:high]

    def _window(self, period: int, lag: int) -> Floats:
        events = self._panel.events
        entries = self.entries(period - 1, lag)
        entries = entries[events.known[entries] < period]
        return np.bincount(events.area[entries], weights=events.count[entries], minlength=self._panel.areas.count)


def _decay(weeks: float | None, calendar: Calendar) -> float:
    return 1.0 if weeks is None else float(0.5 ** (1 / calendar.periods_in(weeks)))
