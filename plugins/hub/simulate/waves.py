"""Waves: after an event in an area, more is reported there for weeks than usual.

A wave is highest at once, and fades; what it brings comes on top of the usual. An event that sets everything off
everywhere is another thing: a peak day (``calendar``).
"""

from dataclasses import dataclass

import numpy as np

from hub.simulate.calendar import day_weights
from hub.simulate.cells import Numbers
from hub.simulate.people import People
from hub.simulate.places import Places
from hub.simulate.plan import Plan
from hub.simulate.rows import NOBODY

DAYS_A_WAVE = 14
"""Days from one wave to the next, give or take."""
EXTRA = 0.6
"""At its beginning a wave brings to its area this share of what all areas usually see."""
FADING_DAYS = 30.0
"""After so many days a wave brings e times less."""


@dataclass(frozen=True)
class Waves:
    """``extra`` has a row a day of the plan and a column a wave: how many times the usual of all areas it brings.
    ``place`` is the area of each."""

    extra: np.ndarray
    place: Numbers

    def day_shares(self, plan: Plan) -> np.ndarray:
        """The share of each day with what waves bring on top; they add up to one."""
        weights = day_weights(plan)
        if not len(self.place):
            # To the last digit as it was: the same plan gives the same bytes.
            return weights
        weights = weights * (1 + self.extra.sum(axis=1))
        shares: np.ndarray = weights / weights.sum()
        return shares

    def place_of(self, chance: np.random.Generator, days: Numbers) -> Numbers:
        """For what is reported on each of these days (from the plan's first): the place of its wave, or -1."""
        odds = np.cumsum(self.extra, axis=1)[days]
        drawn = chance.random(len(days))[:, None] * (1 + self.extra.sum(axis=1)[days, None])
        wave = (drawn >= odds).sum(axis=1)
        places: Numbers = np.append(self.place, NOBODY)[wave]
        return places


def make_waves(plan: Plan, places: Places) -> Waves:
    """The waves of a plan; none where it has none."""
    chance = plan.chance("waves")
    slots = np.arange(0, plan.days if plan.has_waves else 0, DAYS_A_WAVE)
    starts = slots + chance.integers(0, DAYS_A_WAVE, len(slots))
    since = np.arange(plan.days)[:, None] - starts[None, :]
    extra = np.where(since >= 0, EXTRA * np.exp(-np.maximum(since, 0) / FADING_DAYS), 0.0)
    return Waves(extra, places.draw(chance, len(starts)))


def neighbours_of_waves(chance: np.random.Generator, people: People, victim: Numbers, wave_place: Numbers) -> Numbers:
    """Victims, those of a wave exchanged for people who live in its area; an area without people keeps them."""
    chosen = victim.copy()
    for place in np.unique(wave_place[wave_place >= 0]):
        residents = np.flatnonzero(people.home == place)
        hit = (wave_place == place) & (victim != NOBODY)
        if len(residents):
            chosen[hit] = chance.choice(residents, int(hit.sum()))
    return chosen
