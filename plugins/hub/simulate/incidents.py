"""What happened: the incidents that reports are about."""

from dataclasses import dataclass

import numpy as np

from hub.simulate.cells import SECONDS_A_DAY, Mask, Numbers
from hub.simulate.people import People
from hub.simulate.places import Places
from hub.simulate.plan import Plan

STRANDS = ("race", "religion", "sexual_orientation", "disability", "transgender")
STRAND_SHARE = np.array([0.48, 0.20, 0.17, 0.10, 0.05])
SECOND_STRAND = 0.13
PLATFORMS = ("x", "facebook", "tiktok", "instagram", "youtube", "telegram", "snapchat", "reddit", "gaming", "website")
PLATFORM_SHARE = np.array([0.27, 0.22, 0.12, 0.12, 0.08, 0.06, 0.04, 0.03, 0.03, 0.03])
YES, NO, UNKNOWN = 0, 1, 2
"""Answers to whether it happened online."""

SAME_DAY, SAME_WEEK = 0.61, 0.80
WEEKDAY_WEIGHT = np.array([1.05, 1.0, 1.0, 1.0, 1.0, 1.1, 1.0])
EPOCH_ORDINAL = 719_163


@dataclass(frozen=True)
class Incidents:
    """One value an incident in each column. Days and seconds count from 1970; ``strands`` are bits; ``victim`` is a
    person or -1 (a community is attacked, not a person); ``force`` answers for it; ``place`` is -1 abroad."""

    occurred_day: Numbers
    reported_at: Numbers
    strands: Numbers
    online: Numbers
    platform: Numbers
    place: Numbers
    force: Numbers
    victim: Numbers
    is_threat: Mask
    kind: Numbers

    @property
    def count(self) -> int:
        """How many incidents there are."""
        return len(self.kind)


def make_incidents(plan: Plan, places: Places, people: People, count: int) -> Incidents:
    """So many incidents, first reported within the plan's days."""
    chance = plan.chance("incidents")
    first = plan.start.toordinal() - EPOCH_ORDINAL
    weights = WEEKDAY_WEIGHT[[day.weekday() for day in plan.dates]]
    reported_day = first + np.sort(chance.choice(plan.days, size=count, p=weights / weights.sum()))
    second = _time_of_day(chance, count)
    victim = np.where(chance.random(count) < 0.82, chance.integers(0, len(people.home), count), -1)
    online = chance.choice(3, size=count, p=[0.74, 0.20, 0.06])
    home = people.home[np.maximum(victim, 0)]
    # Somebody is attacked where they live, unless it is not online: then now and then on the way.
    away = (victim < 0) | ((online != YES) & (chance.random(count) < 0.25))
    place = np.where(away, places.draw(chance, count), home)
    abroad = (online == YES) & (victim < 0) & (chance.random(count) < 0.30)
    return Incidents(
        occurred_day=reported_day - delay_days(chance, count),
        reported_at=reported_day * SECONDS_A_DAY + second,
        strands=_strands(chance, count),
        online=online,
        platform=np.where(online == YES, chance.choice(len(PLATFORMS), size=count, p=PLATFORM_SHARE), -1),
        place=np.where(abroad, -1, place),
        force=np.where(abroad, places.abroad, places.force[place]),
        victim=victim,
        is_threat=chance.random(count) < 0.02,
        kind=chance.integers(0, 10_000, count),
    )


def delay_days(chance: np.random.Generator, count: int) -> Numbers:
    """Days from the event to the report: most the same day, most of the rest within the week, some after months."""
    draw = chance.random(count)
    within_week = chance.integers(1, 7, count)
    later = 7 + chance.geometric(0.04, count)
    return np.where(draw < SAME_DAY, 0, np.where(draw < SAME_WEEK, within_week, later))


def _time_of_day(chance: np.random.Generator, count: int) -> Numbers:
    """Seconds from midnight, most of them in the evening."""
    hour = chance.normal(18.5, 4.5, count) % 24
    return (hour * 3600).astype(np.int64)


def _strands(chance: np.random.Generator, count: int) -> Numbers:
    first = chance.choice(len(STRANDS), size=count, p=STRAND_SHARE)
    second = chance.choice(len(STRANDS), size=count, p=STRAND_SHARE)
    bits = 1 << first
    return np.where(chance.random(count) < SECOND_STRAND, bits | 1 << second, bits)
