"""What there is to report about, by whom, and what they write: all that the senders' files are then made of."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from hub.simulate.addresses import written_addresses
from hub.simulate.calendar import EPOCH_ORDINAL
from hub.simulate.cells import SECONDS_A_DAY, Numbers
from hub.simulate.clues import Clues, make_clues
from hub.simulate.grades import grade_incidents, recorded_incidents
from hub.simulate.incidents import Incidents, make_incidents
from hub.simulate.people import People, make_people
from hub.simulate.places import Places, read_places
from hub.simulate.plan import Plan
from hub.simulate.reports import POLICE, Reports, first_reported_days, make_reports, make_sizes
from hub.simulate.stories import tell

PEOPLE_AN_INCIDENT = 0.8
RECORDED_FIRST = 0.2
"""Of the incidents that a force recorded, so many before anybody told the hub."""
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class World:
    """``grades`` and ``recorded_at`` (by a force, or ``NEVER``) have a value an incident; ``clues``, ``stories`` and
    ``addresses`` one a report."""

    plan: Plan
    places: Places
    people: People
    incidents: Incidents
    grades: Numbers
    recorded_at: Numbers
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
    grades = grade_incidents(plan, incidents)
    is_recorded = recorded_incidents(plan, incidents, grades)
    reports = make_reports(plan, incidents, people, grades, is_recorded)
    occurred = np.minimum(incidents.occurred_day, first_reported_days(reports, incidents.count))
    incidents = replace(incidents, occurred_day=occurred)
    return World(
        plan=plan,
        places=places,
        people=people,
        incidents=incidents,
        grades=grades,
        recorded_at=np.where(is_recorded, _recorded_at(plan, incidents, reports), NEVER),
        reports=reports,
        clues=make_clues(plan, places, incidents, reports, grades),
        stories=tell(plan, incidents, reports.incident),
        addresses=written_addresses(plan, incidents, reports.incident, reports.has_address),
    )


def _recorded_at(plan: Plan, incidents: Incidents, reports: Reports) -> Numbers:
    """When a force records an incident: mostly some days after the hub hears of it, which passes it on."""
    chance = plan.chance("recorded_at")
    after = 4 * 3600 + chance.exponential(2 * SECONDS_A_DAY, incidents.count)
    before = -chance.uniform(3600, 2 * SECONDS_A_DAY, incidents.count)
    wait = np.where(chance.random(incidents.count) < RECORDED_FIRST, before, after).astype(np.int64)
    recorded_at = incidents.reported_at + wait
    alone = reports.channel == POLICE
    recorded_at[reports.incident[alone]] = reports.reported_at[alone]
    recorded: Numbers = np.maximum(recorded_at, incidents.occurred_day * SECONDS_A_DAY + 3600)
    return recorded
