"""Who told whom: the reports of incidents, before each sender puts them into its own form."""

from dataclasses import dataclass

import numpy as np

from hub.simulate.cells import SECONDS_A_DAY, Mask, Numbers
from hub.simulate.incidents import Incidents
from hub.simulate.people import People
from hub.simulate.plan import Plan

REPORTS_AN_INCIDENT = 1.35
VIRAL_SHARE = 0.25
"""Of the further reports, so many are about posts that everybody sees."""
LATE_SHARE = 0.03
PORTAL_SHARE = 0.6


@dataclass(frozen=True)
class Reports:
    """One value a report in each column: its incident, its reporter (a person, or -1 for an anonymous one), when it was
    made and on which day it is delivered (from the plan's first day)."""

    incident: Numbers
    reporter: Numbers
    is_victim: Mask
    reported_at: Numbers
    delivered_on: Numbers
    to_portal: Mask

    def of_sender(self, mask: Mask) -> "Reports":
        """Some of the reports."""
        return Reports(
            self.incident[mask],
            self.reporter[mask],
            self.is_victim[mask],
            self.reported_at[mask],
            self.delivered_on[mask],
            self.to_portal[mask],
        )

    @property
    def count(self) -> int:
        """How many reports there are."""
        return len(self.incident)


def count_incidents(plan: Plan) -> int:
    """How many incidents so many reports are about."""
    return max(1, round(plan.reports / REPORTS_AN_INCIDENT))


def make_reports(plan: Plan, incidents: Incidents, people: People) -> Reports:
    """The plan's reports: one for each incident, the rest further ones about some of them."""
    chance = plan.chance("reports")
    count = plan.reports
    incident = np.concatenate([np.arange(incidents.count), _further(chance, incidents, count - incidents.count)])
    further = np.arange(count) >= incidents.count
    last = (int(np.datetime64(plan.end, "D").astype(np.int64)) + 1) * SECONDS_A_DAY - 1
    wait = (chance.exponential(1.5 * SECONDS_A_DAY, count) * further).astype(np.int64)
    reported_at = np.minimum(incidents.reported_at[incident] + wait, last)
    day = reported_at // SECONDS_A_DAY - int(np.datetime64(plan.start, "D").astype(np.int64))
    late = (chance.random(count) < LATE_SHARE) * chance.integers(1, 6, count)
    is_victim = ~further & (incidents.victim[incident] >= 0) & (chance.random(count) < 0.75)
    witness = chance.integers(0, len(people.home), count)
    anonymous = chance.random(count) < np.where(is_victim, 0.10, 0.35)
    order = np.argsort(reported_at, kind="stable")
    return Reports(
        incident=incident[order],
        reporter=np.where(anonymous, -1, np.where(is_victim, incidents.victim[incident], witness))[order],
        is_victim=is_victim[order],
        reported_at=reported_at[order],
        delivered_on=np.minimum(day + late, plan.days - 1)[order],
        to_portal=(chance.random(count) < PORTAL_SHARE)[order],
    )


def _further(chance: np.random.Generator, incidents: Incidents, count: int) -> Numbers:
    """The incidents of further reports: a few posts are reported by very many, others now and then by a second."""
    if count <= 0:
        return np.empty(0, dtype=np.int64)
    viral = chance.integers(0, incidents.count, max(1, incidents.count // 200))
    rank = np.minimum(chance.zipf(1.6, count) - 1, len(viral) - 1)
    return np.where(chance.random(count) < VIRAL_SHARE, viral[rank], chance.integers(0, incidents.count, count))
