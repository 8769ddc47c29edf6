"""What happened: the incidents that reports are about, and what is true of each."""

from dataclasses import dataclass

import numpy as np

from hub.simulate.calendar import EPOCH_ORDINAL, delay_days, time_of_day
from hub.simulate.cells import SECONDS_A_DAY, Mask, Numbers, drawn, zipf_shares
from hub.simulate.people import People
from hub.simulate.places import Places
from hub.simulate.plan import Plan
from hub.simulate.relations import Relations, make_relations
from hub.simulate.rows import NOBODY
from hub.simulate.waves import make_waves, neighbours_of_waves

STRANDS = ("race", "religion", "sexual_orientation", "disability", "transgender")
STRAND_SHARE = np.array([0.48, 0.20, 0.17, 0.10, 0.05])
SECOND_STRAND = 0.13
PLATFORMS = ("x", "facebook", "tiktok", "instagram", "youtube", "telegram", "snapchat", "reddit", "gaming", "website")
PLATFORM_SHARE = np.array([0.27, 0.22, 0.12, 0.12, 0.08, 0.06, 0.04, 0.03, 0.03, 0.03])
PROVIDERS = 8
"""So many of the platforms, from the first, can be asked about the owner of an account."""
YES, NO, UNKNOWN = 0, 1, 2
"""Answers to whether it happened online."""
SEEN_BY_MANY = 4
"""From so many reports on, an incident is nearly always one that everybody could see online."""
HAS_VICTIM, AWAY_SHARE, UNKNOWN_SHARE = 0.86, 0.25, 0.05
ABROAD_SHARE, SUSPECT_IN_COUNTRY = 0.50, 0.20
"""Of online incidents without a victim here: so many come from abroad, of so many more the suspect is found here."""


@dataclass(frozen=True)
class Incidents:
    """One value an incident in each column, in the order of their first days.

    Days and seconds count from 1970; ``strands`` are bits; ``victim`` is a person or -1 (a community is attacked, not a
    person), and ``home_day`` the day whose home counts; ``place`` is where it happened, or of what happened online
    where the victim lives, -1 if neither is known; ``force`` answers for it, -1 if none does; ``suspect_force`` is
    where the suspect is, if anywhere known; ``account`` posted it; ``size`` is how many reports there are.
    """

    size: Numbers
    occurred_day: Numbers
    home_day: Numbers
    reported_at: Numbers
    strands: Numbers
    online: Numbers
    platform: Numbers
    account: Numbers
    place: Numbers
    is_away: Mask
    force: Numbers
    suspect_force: Numbers
    victim: Numbers
    is_threat: Mask
    relations: Relations

    @property
    def count(self) -> int:
        """How many incidents there are."""
        return len(self.size)


def make_incidents(plan: Plan, places: Places, people: People, sizes: Numbers) -> Incidents:
    """Incidents with so many reports each, first reported within the plan's days."""
    chance = plan.chance("incidents")
    count = len(sizes)
    first = plan.start.toordinal() - EPOCH_ORDINAL
    waves = make_waves(plan, places)
    reported_day = first + np.sort(chance.choice(plan.days, size=count, p=waves.day_shares(plan)))
    online = np.where(
        (sizes >= SEEN_BY_MANY) & (chance.random(count) < 0.95), YES, drawn([0.76, 0.19, UNKNOWN_SHARE], chance, count)
    )
    relations = make_relations(plan, reported_day, online == YES)
    victim = np.where(chance.random(count) < HAS_VICTIM, chance.integers(0, people.count, count), NOBODY)
    in_waves = plan.chance("in waves")
    wave_place = waves.place_of(in_waves, reported_day - first)
    victim = neighbours_of_waves(in_waves, people, victim, wave_place)
    victim, online = relations.from_victim(victim), relations.from_victim(online)
    platform = relations.from_victim(relations.from_thread(chance.choice(len(PLATFORMS), size=count, p=PLATFORM_SHARE)))
    platform = np.where(online == YES, platform, NOBODY)
    occurred_day = reported_day - delay_days(chance, count)
    home = np.where(victim >= 0, people.home_on(np.maximum(victim, 0), occurred_day), NOBODY)
    # Somebody is attacked where they live, unless it is not online: then now and then on the way.
    away = (online != YES) & ((victim < 0) | (chance.random(count) < AWAY_SHARE))
    place = np.where(away, places.draw(chance, count), home)
    suspect = _suspects(chance, places, place)
    return Incidents(
        size=sizes,
        occurred_day=occurred_day,
        home_day=occurred_day,
        reported_at=reported_day * SECONDS_A_DAY + time_of_day(chance, count),
        strands=relations.from_campaign(_strands(chance, count)),
        online=online,
        platform=platform,
        account=relations.from_victim(relations.from_thread(_accounts(chance, count))),
        place=place,
        is_away=away,
        force=np.where(place >= 0, places.force[np.maximum(place, 0)], suspect),
        suspect_force=suspect,
        victim=victim,
        is_threat=chance.random(count) < 0.02,
        relations=relations,
    )


def _suspects(chance: np.random.Generator, places: Places, place: Numbers) -> Numbers:
    """The force where the suspect is. Of what attacks nobody here in person, that alone says who answers for it."""
    count = len(place)
    draw = chance.random(count)
    somewhere = places.force[places.draw(chance, count)]
    unplaced = np.where(
        draw < ABROAD_SHARE, places.abroad, np.where(draw < ABROAD_SHARE + SUSPECT_IN_COUNTRY, somewhere, NOBODY)
    )
    near = np.where(draw < 0.5, places.force[np.maximum(place, 0)], np.where(draw < 0.7, somewhere, NOBODY))
    return np.where(place < 0, unplaced, near)


def _accounts(chance: np.random.Generator, count: int) -> Numbers:
    """Some accounts post again and again, most once or twice."""
    busy = drawn(zipf_shares(max(2, count // 50), 0.8), chance, count)
    return np.where(chance.random(count) < 0.25, busy, count // 50 + chance.integers(0, max(1, count // 2), count))


def _strands(chance: np.random.Generator, count: int) -> Numbers:
    first = chance.choice(len(STRANDS), size=count, p=STRAND_SHARE)
    second = chance.choice(len(STRANDS), size=count, p=STRAND_SHARE)
    bits = 1 << first
    return np.where(chance.random(count) < SECOND_STRAND, bits | 1 << second, bits)
