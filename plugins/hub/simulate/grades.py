"""How well it is known where each incident happened."""

import numpy as np

from hub.simulate.cells import Mask, Numbers, drawn
from hub.simulate.incidents import PROVIDERS, Incidents
from hub.simulate.plan import Plan

DIRECT, HOME, FORCE, ANSWER, NOTHING = range(5)
"""Grades: a place is named, only the victim's home, only a force, only a provider knows the suspect, nothing at all."""
WITHOUT_DIRECT = 0.25
PLACED_GRADES = (0.40, 0.28, 0.17, 0.15)
"""Shares of the grades below direct, of what attacked somebody here."""
UNPLACED_GRADES = (0.25, 0.50, 0.25)
"""Shares of the grades below home, of what attacked nobody here in person."""
RECORDED_SHARE = 0.3


def grade_incidents(plan: Plan, incidents: Incidents) -> Numbers:
    """The grade of each incident. What happened away from home is always placed: its victim's home would mislead."""
    chance = plan.chance("grades")
    count = incidents.count
    placed = incidents.place >= 0
    has_provider = (incidents.platform >= 0) & (incidents.platform < PROVIDERS)
    free = placed & ~incidents.is_away
    wanted = max(0.0, (WITHOUT_DIRECT * count - int((~placed).sum())) / max(1, int(free.sum())))
    below = HOME + drawn(PLACED_GRADES, chance, count)
    # Only of an account on a platform can a provider know the owner.
    below = np.where((below == ANSWER) & ~has_provider, NOTHING, below)
    below = np.where((below == HOME) & (incidents.victim < 0), FORCE, below)
    grade = np.where(free & (chance.random(count) < wanted), below, DIRECT)
    unplaced = FORCE + drawn(UNPLACED_GRADES, chance, count)
    unplaced = np.where((unplaced == ANSWER) & ~has_provider, FORCE, unplaced)
    unplaced = np.where(incidents.suspect_force < 0, NOTHING, unplaced)
    return np.where(placed, grade, unplaced)


def recorded_incidents(plan: Plan, incidents: Incidents, grades: Numbers) -> Mask:
    """Which incidents a force has recorded. Of what is known too little of to be placed, none has."""
    known = np.isin(grades, (DIRECT, HOME, FORCE)) & (incidents.place >= 0)
    is_recorded: Mask = known & (plan.chance("recorded").random(incidents.count) < RECORDED_SHARE)
    return is_recorded
