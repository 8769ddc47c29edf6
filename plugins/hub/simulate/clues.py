"""What reports say of where it happened: the place itself, the victim's home, a force, nothing; and now and then what
is wrong. Every incident has a grade of evidence, and its first report has at least that."""

from dataclasses import dataclass, fields, replace

import numpy as np

from hub.simulate.cells import Mask, Numbers
from hub.simulate.grades import FORCE, NOTHING, PLACE_NAMED, PROVIDER_ANSWER
from hub.simulate.incidents import Incidents
from hub.simulate.places import Places
from hub.simulate.plan import Plan
from hub.simulate.reports import VOLUNTEERS, Reports
from hub.simulate.rows import NOBODY

CONTRADICTED = 0.05


@dataclass(frozen=True)
class Clues:
    """One value a report in each column: whether it gives the small area and the postcode district; the place whose
    name and the force whose code it gives (or -1); whether it may give the victim's postcode."""

    has_area: Mask
    has_district: Mask
    borough: Numbers
    force: Numbers
    may_tell_home: Mask

    def take(self, places: Numbers) -> "Clues":
        """Those of some reports."""
        return Clues(*[getattr(self, field.name)[places] for field in fields(self)])


def make_clues(plan: Plan, places: Places, incidents: Incidents, reports: Reports, grades: Numbers) -> Clues:
    """What each report says, by the grade of its incident."""
    chance = plan.chance("clues")
    incident, count = reports.incident, reports.count
    grade, place = grades[incident], incidents.place[incident]
    direct = grade == PLACE_NAMED
    must = direct & reports.is_first
    area = direct & (chance.random(count) < np.where(must, 0.6, 0.35))
    district = direct & (chance.random(count) < np.where(must, 0.75, 0.5))
    # A first report that gives neither of the two at least names the borough.
    borough = direct & (must & (~(area | district) | (reports.channel == VOLUNTEERS)) | (chance.random(count) < 0.65))
    force = (grade == FORCE) & reports.is_first | np.isin(grade, (PLACE_NAMED, FORCE)) & (chance.random(count) < 0.35)
    clues = Clues(
        has_area=area,
        has_district=district,
        borough=np.where(borough, place, NOBODY),
        force=np.where(force, incidents.force[incident], NOBODY),
        may_tell_home=~np.isin(grade, (PROVIDER_ANSWER, NOTHING)),
    )
    return _contradicted(chance, places, incidents, reports, clues, grades)


def _contradicted(
    chance: np.random.Generator, places: Places, incidents: Incidents, reports: Reports, clues: Clues, grades: Numbers
) -> Clues:
    """One incident in twenty contradicts itself: the first report names its small area or district and another borough
    or force. What is better evidence stays right."""
    direct = grades == PLACE_NAMED
    share = CONTRADICTED * incidents.count / max(1, int(direct.sum()))
    wrong = (direct & (chance.random(incidents.count) < share))[reports.incident]
    # Volunteers name a borough at most: were it wrong, nothing would be right.
    wrong &= reports.is_first & (reports.channel != VOLUNTEERS)
    count = reports.count
    elsewhere = places.draw(chance, count)
    place = incidents.place[reports.incident]
    same_force = places.force[elsewhere] == places.force[np.maximum(place, 0)]
    elsewhere = np.where(same_force, _of_another_force(places, place, elsewhere), elsewhere)
    by_borough = chance.random(count) < 0.7
    return replace(
        clues,
        has_area=clues.has_area | wrong & (chance.random(count) < 0.6),
        has_district=clues.has_district | wrong,
        borough=np.where(wrong & by_borough, elsewhere, clues.borough),
        force=np.where(wrong & ~by_borough, places.force[elsewhere], clues.force),
    )


def _of_another_force(places: Places, place: Numbers, draw: Numbers) -> Numbers:
    """For each place one under another force: the first of each force in turn."""
    firsts = np.unique(places.force, return_index=True)[1]
    chosen = firsts[draw % len(firsts)]
    same = places.force[chosen] == places.force[np.maximum(place, 0)]
    other: Numbers = np.where(same, firsts[(draw + 1) % len(firsts)], chosen)
    return other
