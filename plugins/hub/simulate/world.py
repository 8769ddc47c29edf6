"""What there is to report about, by whom, and what they write: all that the senders' files are then made of."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from hub.simulate.addresses import written_addresses
from hub.simulate.calendar import EPOCH_ORDINAL
from hub.simulate.cells import Mask, Numbers
from hub.simulate.clues import DIRECT, FORCE, HOME, Clues, grade_incidents, make_clues
from hub.simulate.incidents import Incidents, make_incidents
from hub.simulate.people import People, make_people
from hub.simulate.places import Places, read_places
from hub.simulate.plan import Plan
from hub.simulate.reports import Reports, first_reported_days, make_reports, make_sizes
from hub.simulate.stories import tell

PEOPLE_AN_INCIDENT = 0.8
RECORDED_SHARE = 0.3


@dataclass(frozen=True)
class World:
    """``grades`` and ``is_recorded`` (by a force) have a value an incident; ``clues``, ``stories`` and ``addresses``
    one a report."""

    plan: Plan
    places: Places
    people: People
    incidents: Incidents
    grades: Numbers
    is_recorded: Mask
    reports: Reports
    clues: Clues
    stories: pa.Array
    addresses: pa.Array

    def of_channel(self, channel: int) -> "World":
        """The same with the reports of one channel only."""
        chosen = np.flatnonzero(self.reports.channel == channel)
        return replace(
            self,
            reports=self.reports.take(chosen),
            clues=self.clues.take(chosen),
            stories=self.stories.take(pa.array(chosen)),
            addresses=self.addresses.take(pa.array(chosen)),
        )


def make_world(plan: Plan) -> World:
    """People, what happens to them, and what is reported."""
    places = read_places()
    sizes = make_sizes(plan)
    first_day = plan.start.toordinal() - EPOCH_ORDINAL
    count = max(2, round(len(sizes) * PEOPLE_AN_INCIDENT))
    people = make_people(plan.chance("people"), places, count, first_day, plan.days)
    incidents = make_incidents(plan, places, people, sizes)
    reports = make_reports(plan, incidents, people)
    occurred = np.minimum(incidents.occurred_day, first_reported_days(reports, incidents.count))
    incidents = replace(incidents, occurred_day=occurred)
    grades = grade_incidents(plan, incidents)
    return World(
        plan=plan,
        places=places,
        people=people,
        incidents=incidents,
        grades=grades,
        is_recorded=_recorded(plan, incidents, grades),
        reports=reports,
        clues=make_clues(plan, places, incidents, reports, grades),
        stories=tell(plan, incidents, reports.incident),
        addresses=written_addresses(plan, incidents, reports.incident, reports.has_address),
    )


def _recorded(plan: Plan, incidents: Incidents, grades: Numbers) -> Mask:
    """Which incidents a force has recorded. Of what is known too little of to be placed, none has."""
    known = np.isin(grades, (DIRECT, HOME, FORCE)) & (incidents.place >= 0)
    is_recorded: Mask = known & (plan.chance("recorded").random(incidents.count) < RECORDED_SHARE)
    return is_recorded
