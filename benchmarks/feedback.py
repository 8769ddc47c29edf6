"""What happens when forecasts send officers, and what officers find comes back: a simulation whose truth is known.

``python -m benchmarks.feedback``. Every four weeks the areas that rank highest are chosen and visited, and visits turn
up incidents that nobody would have reported. A forecast that learns from everything comes to believe in its own visits;
one that learns from what the public reported must not. Where all areas are equal, every area that is rated above the
others is rated too high (inflation); where they differ, visits are held against those of somebody who knows the rates.
"""

import datetime as dt
import sys
from dataclasses import dataclass

import numpy as np

from benchmarks.report import Line, print_lines
from hub.forecast.calendar import Calendar
from hub.forecast.model import Forecaster
from hub.forecast.panel import Areas, Events, Floats, Panel
from hub.forecast.scores import Counts

AREAS, VISITED, WEEKS, LEARNING, CYCLE = 77, 8, 104, 52, 4
REPORTS, FOUND = 0.3, 1.0
"""Reports of the public an area and week, and incidents that a visit turns up beyond those."""
MOST_INFLATION, LEAST_OF_ORACLE = 1.7, 0.90
SEED = 8


@dataclass(frozen=True)
class Feedback:
    """Forecast over truth where visited, share of visits to the eight most visited, visits against the oracle's."""

    inflation: float
    share_of_top: float
    of_oracle: float


def simulate(rates: Floats, *, learns_from_visits: bool, seed: int = SEED) -> Feedback:
    """Let the forecaster choose visits for ``WEEKS`` weeks after ``LEARNING`` weeks without any."""
    random = np.random.default_rng(seed)
    reported = random.poisson(rates, size=(LEARNING + WEEKS, len(rates)))
    known, visits, rated, true = reported.copy(), np.zeros(len(rates)), 0.0, 0.0
    for week in range(0, WEEKS, CYCLE):
        forecaster = Forecaster(_panel(known[: LEARNING + week + 1]))
        expected = [forecaster.step(period).expected for period in range(-LEARNING, week + 1)][-1]
        chosen = np.argsort(-expected, kind="stable")[:VISITED]
        visits[chosen] += CYCLE
        rated, true = rated + float(expected[chosen].sum()), true + float(rates[chosen].sum())
        found = random.poisson(FOUND, size=(CYCLE, VISITED))
        if learns_from_visits:
            known[LEARNING + week : LEARNING + week + CYCLE, chosen] += found
    best = float(np.sort(rates)[-VISITED:].sum()) * (WEEKS // CYCLE)
    return Feedback(rated / true, float(np.sort(visits)[-VISITED:].sum() / visits.sum()), true / best)


def _panel(counts: Counts) -> Panel:
    """A panel of these weekly counts (weeks x areas), the first ``LEARNING`` weeks before the first test."""
    nothing = np.full(counts.shape[1], np.nan)
    areas = Areas(tuple(str(one) for one in range(counts.shape[1])), nothing, nothing, nothing, nothing)
    weeks, numbers = np.nonzero(counts)
    events = Events.tally(numbers, weeks - LEARNING, weeks - LEARNING, counts[weeks, numbers])
    last = len(counts) - LEARNING - 1
    return Panel(areas, events, Calendar("week", dt.date(2024, 1, 1)), last, False, 0, 0)


def run() -> bool:
    """Simulate both ways of learning; returns whether the limits are kept by the one that is used."""
    equal = np.full(AREAS, REPORTS)
    unequal = np.random.default_rng(SEED).gamma(1.0, REPORTS, size=AREAS)
    good, bad = simulate(equal, learns_from_visits=False), simulate(equal, learns_from_visits=True)
    against = simulate(unequal, learns_from_visits=False).of_oracle
    return print_lines(
        [
            Line("inflation, learning from all", bad.inflation, "x"),
            Line("share of visits to eight areas, from all", bad.share_of_top, ""),
            Line("inflation, from reports alone", good.inflation, "x", good.inflation, MOST_INFLATION, "x truth"),
            Line("share of visits to eight areas, reports alone", good.share_of_top, ""),
            Line("visits against the oracle's, reports alone", against, "", LEAST_OF_ORACLE / against, 1.0, "of .90"),
        ]
    )


if __name__ == "__main__":
    sys.exit(0 if run() else 1)
