"""Who reported to whom: the reports of incidents, before each sender puts them into its own form."""

from dataclasses import dataclass, fields

import numpy as np

from hub.simulate.calendar import EPOCH_ORDINAL
from hub.simulate.cells import SECONDS_A_DAY, Mask, Numbers, drawn, zipf_shares
from hub.simulate.grades import HOME
from hub.simulate.incidents import YES, Incidents
from hub.simulate.people import People
from hub.simulate.plan import Plan
from hub.simulate.rows import NOBODY

SIZES: tuple[tuple[int, int, float], ...] = (
    (1, 1, 0.795), (2, 2, 0.105), (3, 3, 0.045), (4, 6, 0.035), (7, 20, 0.016), (21, 80, 0.0035), (81, 300, 0.0005),
)  # fmt: skip
"""From how many to how many reports an incident has, and the share of such incidents."""
LATE_SHARE, LATE_FROM, LATE_TO = 0.10, 14, 56
"""So many reports arrive weeks late, and how many days that is."""
LONG_AFTER = 0.04
"""Of the further reports, so many are made weeks after the first, by people who find the same post."""
WITHOUT_ADDRESS = 1 / 3
"""Of the reports on an incident that others report, too, so many carry no address."""
ALONE_WITHOUT_ADDRESS = 0.25
PORTAL, COMMUNITY, VOLUNTEERS, POLICE = range(4)
CHANNEL_SHARE = (0.5, 0.35, 0.15)
ONLY_RECORDED = 0.25
"""Of incidents that a force recorded and one report is about, so many are known from the force's record alone."""
LIVE = 300
"""Seconds after which the hub knows of a report that is not late."""
OPENING = 8 * 3600
BUSY_WITNESSES = 0.15
"""Of the witnesses, so many are the few who report again and again."""


@dataclass(frozen=True)
class Reports:
    """One value a report in each column: its incident, whether it is the incident's first, its channel, its reporter (a
    person, or -1 for an anonymous one), when it was made, on which day it is delivered (from the plan's first day),
    whether it says where the content is, and from when on the hub knows of it."""

    incident: Numbers
    is_first: Mask
    channel: Numbers
    reporter: Numbers
    is_victim: Mask
    reported_at: Numbers
    delivered_on: Numbers
    has_address: Mask
    known_at: Numbers

    def take(self, places: Numbers) -> "Reports":
        """Some of the reports."""
        return Reports(*[getattr(self, field.name)[places] for field in fields(self)])

    def of_channel(self, channel: int) -> "Reports":
        """The reports that came this way."""
        return self.take(np.flatnonzero(self.channel == channel))

    @property
    def count(self) -> int:
        """How many reports there are."""
        return len(self.incident)


def make_sizes(plan: Plan) -> Numbers:
    """How many reports each incident has; together they are the plan's."""
    chance = plan.chance("sizes")
    kind = drawn([share for _, _, share in SIZES], chance, plan.reports)
    least, most = (np.array([row[place] for row in SIZES])[kind] for place in (0, 1))
    sizes: Numbers = chance.integers(least, most + 1)
    ends = np.cumsum(sizes)
    count = int(np.searchsorted(ends, plan.reports)) + 1
    sizes = sizes[:count]
    sizes[-1] -= int(ends[count - 1]) - plan.reports
    return sizes


def make_reports(plan: Plan, incidents: Incidents, people: People, grades: Numbers, is_recorded: Mask) -> Reports:
    """The plan's reports, in the order in which they were made. ``grades`` of evidence and ``is_recorded`` are of
    incidents."""
    chance = plan.chance("reports")
    count = plan.reports
    incident = np.repeat(np.arange(incidents.count), incidents.size)
    is_first = np.concatenate([[True], incident[1:] != incident[:-1]])
    reported_at, delivered_on = _times(plan, chance, incidents, incident, is_first)
    channel = _channels(chance, incidents, incident, is_first, grades, is_recorded)
    is_victim = is_first & (channel <= COMMUNITY) & (incidents.victim[incident] >= 0) & (chance.random(count) < 0.75)
    busy = drawn(zipf_shares(min(people.count, 400)), chance, count)
    witness = np.where(chance.random(count) < BUSY_WITNESSES, busy, chance.integers(0, people.count, count))
    anonymous = chance.random(count) < np.where(is_victim, 0.10, 0.35)
    reports = Reports(
        incident=incident,
        is_first=is_first,
        channel=channel,
        reporter=np.where(anonymous, NOBODY, np.where(is_victim, incidents.victim[incident], witness)),
        is_victim=is_victim,
        reported_at=reported_at,
        delivered_on=delivered_on,
        has_address=_addressed(chance, incidents, incident, is_recorded),
        known_at=_known(plan, reported_at, delivered_on),
    )
    return reports.take(np.argsort(reported_at, kind="stable"))


def _times(
    plan: Plan, chance: np.random.Generator, incidents: Incidents, incident: Numbers, is_first: Mask
) -> tuple[Numbers, Numbers]:
    """When reports are made and on which day they are delivered.

    A late one is delivered weeks after; where the plan ends before that, it was made weeks before and is delivered now.
    """
    count = len(incident)
    first_day = plan.start.toordinal() - EPOCH_ORDINAL
    last = (first_day + plan.days) * SECONDS_A_DAY - 1
    wait = chance.exponential(1.5, count) + (chance.random(count) < LONG_AFTER) * chance.integers(14, 40, count)
    reported_at = np.minimum(
        incidents.reported_at[incident] + (wait * ~is_first * SECONDS_A_DAY).astype(np.int64), last
    )
    day = reported_at // SECONDS_A_DAY - first_day
    late = (chance.random(count) < LATE_SHARE) * chance.integers(LATE_FROM, LATE_TO + 1, count)
    too_late = day + late >= plan.days
    return np.where(too_late, reported_at - late * SECONDS_A_DAY, reported_at), np.where(too_late, day, day + late)


def _channels(
    chance: np.random.Generator,
    incidents: Incidents,
    incident: Numbers,
    is_first: Mask,
    grades: Numbers,
    is_recorded: Mask,
) -> Numbers:
    """Volunteers look at what is online and know no victim; a force's record may be all that there is."""
    channel = drawn(CHANNEL_SHARE, chance, len(incident))
    cannot = (incidents.online[incident] != YES) | is_first & (grades[incident] == HOME)
    channel = np.where((channel == VOLUNTEERS) & cannot, PORTAL, channel)
    alone = is_recorded & (incidents.size == 1) & (chance.random(incidents.count) < ONLY_RECORDED)
    return np.where(alone[incident], POLICE, channel)


def _known(plan: Plan, reported_at: Numbers, delivered_on: Numbers) -> Numbers:
    """At once, or when the office opens on the day on which a late report is delivered."""
    day = plan.start.toordinal() - EPOCH_ORDINAL + delivered_on
    late = reported_at // SECONDS_A_DAY < day
    return np.where(late, day * SECONDS_A_DAY + OPENING, reported_at + LIVE)


def _addressed(chance: np.random.Generator, incidents: Incidents, incident: Numbers, is_recorded: Mask) -> Mask:
    """Which reports say where the content is: only of what happened online; of shared incidents (a
    force's record counts as another report), two thirds of all."""
    online = incidents.online[incident] == YES
    several = incidents.size[incident] > 1
    share = np.full(len(incident), 1 - ALONE_WITHOUT_ADDRESS)
    for shared in (several, ~several & is_recorded[incident]):
        share[shared] = (1 - WITHOUT_ADDRESS) * int(shared.sum()) / max(1, int((shared & online).sum()))
    addressed: Mask = online & (chance.random(len(incident)) < share)
    return addressed


def first_reported_days(reports: Reports, count_incidents: int) -> Numbers:
    """The day (from 1970) of each incident's earliest report: nothing is reported before it happens."""
    days = np.full(count_incidents, np.iinfo(np.int64).max)
    np.minimum.at(days, reports.incident, reports.reported_at // SECONDS_A_DAY)
    return days
