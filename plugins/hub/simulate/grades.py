"""How well it is known where each incident happened."""

import numpy as np

from hub.simulate.cells import Mask, Numbers, drawn
from hub.simulate.incidents import PROVIDERS, Incidents
from hub.simulate.plan import Plan

PLACE_NAMED, HOME, FORCE, PROVIDER_ANSWER, NOTHING = range(5)
"""Grades: a place is named, only the victim's home, only a force, only a provider knows the suspect, nothing at all."""
WITHOUT_PLACE_NAMED = 0.25
PLACED_GRADES = (0.40, 0.28, 0.17, 0.15)
"""Shares of the grades below a named place, of what attacked somebody here."""
UNPLACED_GRADES = (0.25, 0.50, 0.25)
"""Shares of the grades below home, of what attacked nobody here in person."""
RECORDED_SHARE = 0.3


def grade_incidents(plan: Plan, incidents: Incidents) -> Numbers:
    """The grade of each incident. What happened away from home is always placed: its victim's home would mislead."""
    chance = plan.chance("grades")
    count = incidents.count
    placed = incidents.place >= 0
    has_provider = (incidents.platform >= 0) & (incidents.platform < PROVIDERS)
    may_be_downgraded = placed & ~incidents.is_away
    # So that this share of all incidents, unplaced ones included, is below a named place.
    chance_below = max(0.0, (WITHOUT_PLACE_NAMED * count - int((~placed).sum())) / max(1, int(may_be_downgraded.sum())))
    below = HOME + drawn(PLACED_GRADES, chance, count)
    # Only of an account on a platform can a provider know the owner.
    below = np.where((below == PROVIDER_ANSWER) & ~has_provider, NOTHING, below)
    below = np.where((below == HOME) & (incidents.victim < 0), FORCE, below)
    grade = np.where(may_be_downgraded & (chance.random(count) < chance_below), below, PLACE_NAMED)
    unplaced = FORCE + drawn(UNPLACED_GRADES, chance, count)
    unplaced = np.where((unplaced == PROVIDER_ANSWER) & ~has_provider, FORCE, unplaced)
    unplaced = np.where(incidents.suspect_force < 0, NOTHING, unplaced)
    return np.where(placed, grade, unplaced)


def recorded_incidents(plan: Plan, incidents: Incidents, grades: Numbers) -> Mask:
    """Which incidents a force has recorded. None without a known force or place is."""
    known = np.isin(grades, (PLACE_NAMED, HOME, FORCE)) & (incidents.place >= 0)
    is_recorded: Mask = known & (plan.chance("recorded").random(incidents.count) < RECORDED_SHARE)
    return is_recorded
