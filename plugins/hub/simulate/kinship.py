"""What incidents have in common without being one: a thread, a text that is sent to many, an event that sets many off,
a victim who is attacked again. Whoever links reports must tell these apart."""

from dataclasses import dataclass

import numpy as np

from hub.simulate.calendar import EPOCH_ORDINAL, peak_days
from hub.simulate.cells import Mask, Numbers
from hub.simulate.plan import Plan

THREAD_SHARE, CAMPAIGN_SHARE, AGAIN_SHARE = 0.16, 0.08, 0.05
MOST_IN_THREAD, MOST_IN_CAMPAIGN = 8, 25
PEAK_SHARE = 0.75
"""Of the incidents on a peak day, so many are about the event of that day."""


@dataclass(frozen=True)
class Kinship:
    """For each incident the first incident of its thread, of its campaign and of its series against one victim (itself
    where there is none before), and the number of the event that set it off, or -1."""

    thread: Numbers
    campaign: Numbers
    series: Numbers
    event: Numbers

    @property
    def in_thread(self) -> Mask:
        """Where the content is a comment below something that others comment on, too."""
        return _shared(self.thread)

    def same_thread(self, values: Numbers) -> Numbers:
        """Every incident has the value of the first in its thread."""
        shared: Numbers = values[self.thread]
        return shared

    def same_campaign(self, values: Numbers) -> Numbers:
        """Every incident has the value of the first in its campaign."""
        shared: Numbers = values[self.campaign]
        return shared

    def same_victim(self, values: Numbers) -> Numbers:
        """Every incident has the value of the first in its series."""
        shared: Numbers = values[self.series]
        return shared


def make_kinship(plan: Plan, reported_day: Numbers, is_online: Mask) -> Kinship:
    """Groups of incidents that follow each other closely; ``reported_day`` rises."""
    chance = plan.chance("kinship")
    count = len(reported_day)
    again = chance.random(count) < AGAIN_SHARE
    again[:1] = False
    again[1:] &= ~again[:-1]
    day = reported_day - (plan.start.toordinal() - EPOCH_ORDINAL)
    event = np.full(count, -1)
    for number, peak in enumerate(peak_days(plan)):
        event[(day == peak) & (chance.random(count) < PEAK_SHARE)] = number
    thread = _groups(chance, is_online & ~again, THREAD_SHARE, MOST_IN_THREAD)
    return Kinship(
        thread=thread,
        campaign=_groups(chance, ~again & ~_shared(thread) & is_online, CAMPAIGN_SHARE, MOST_IN_CAMPAIGN),
        series=np.arange(count) - again,
        event=event,
    )


def _groups(chance: np.random.Generator, may: Mask, share: float, most: int) -> Numbers:
    """For each place the first of its group; about so large a share is in groups of two to ``most``."""
    group = np.arange(len(may))
    free = np.flatnonzero(may)
    if len(free) < 2:
        return group
    size = chance.integers(2, most + 1, max(1, round(len(may) * share / ((most + 2) / 2))))
    # Groups stand in equal rooms, so that they never overlap; within its room each begins where chance will have it.
    room = len(free) / len(size)
    size = np.minimum(size, max(2, int(room)))
    start = (np.arange(len(size)) * room + chance.random(len(size)) * np.maximum(room - size, 0)).astype(np.int64)
    members = np.repeat(start, size) + np.concatenate([np.arange(one) for one in size.tolist()])
    leaders = np.repeat(start, size)
    inside = members < len(free)
    group[free[members[inside]]] = free[leaders[inside]]
    return group


def _shared(group: Numbers) -> Mask:
    shared: Mask = np.bincount(group, minlength=len(group))[group] > 1
    return shared
