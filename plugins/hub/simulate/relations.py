"""Relations between separate incidents: the same thread, campaign text, triggering event or victim. Linkage must not
join such incidents."""

from dataclasses import dataclass

import numpy as np

from hub.simulate.calendar import EPOCH_ORDINAL, peak_days
from hub.simulate.cells import Mask, Numbers
from hub.simulate.plan import Plan

THREAD_SHARE, CAMPAIGN_SHARE, REPEAT_VICTIM_SHARE = 0.16, 0.08, 0.05
MAX_IN_THREAD, MAX_IN_CAMPAIGN = 8, 25
PEAK_SHARE = 0.75
"""Share of a peak day's incidents that are about its event."""


@dataclass(frozen=True)
class Relations:
    """For each incident the index of the first incident of its thread, campaign and series against one victim (its own
    where there is none), and the number of the event that triggered it, or -1."""

    thread: Numbers
    campaign: Numbers
    series: Numbers
    event: Numbers

    @property
    def in_thread(self) -> Mask:
        """Where the content is a comment below something that others comment on, too."""
        return _shared(self.thread)

    def from_thread(self, values: Numbers) -> Numbers:
        """Give every incident the value of the first one in its thread."""
        shared: Numbers = values[self.thread]
        return shared

    def from_campaign(self, values: Numbers) -> Numbers:
        """Give every incident the value of the first one in its campaign."""
        shared: Numbers = values[self.campaign]
        return shared

    def from_victim(self, values: Numbers) -> Numbers:
        """Give every incident the value of the first one in its series."""
        shared: Numbers = values[self.series]
        return shared


def make_relations(plan: Plan, reported_day: Numbers, is_online: Mask) -> Relations:
    """Relate incidents that follow each other closely; ``reported_day`` must be ascending."""
    chance = plan.chance("kinship")
    count = len(reported_day)
    again = chance.random(count) < REPEAT_VICTIM_SHARE
    again[:1] = False
    # No two repeats in a row: the incident before is the first of its series.
    again[1:] &= ~again[:-1]
    day = reported_day - (plan.start.toordinal() - EPOCH_ORDINAL)
    event = np.full(count, -1)
    for number, peak in enumerate(peak_days(plan)):
        event[(day == peak) & (chance.random(count) < PEAK_SHARE)] = number
    thread = _groups(chance, is_online & ~again, THREAD_SHARE, MAX_IN_THREAD)
    return Relations(
        thread=thread,
        campaign=_groups(chance, ~again & ~_shared(thread) & is_online, CAMPAIGN_SHARE, MAX_IN_CAMPAIGN),
        series=np.arange(count) - again,
        event=event,
    )


def _groups(rng: np.random.Generator, eligible: Mask, share: float, max_size: int) -> Numbers:
    """Index of the first incident of each incident's group; about ``share`` of all are in groups of 2 and more."""
    group = np.arange(len(eligible))
    free = np.flatnonzero(eligible)
    if len(free) < 2:
        return group
    count = max(1, round(len(eligible) * share / ((max_size + 2) / 2)))
    size = rng.integers(2, max_size + 1, min(count, len(free) // 2))
    # Each group gets an equal slot of the eligible incidents and a random start within it, so that none overlap.
    slot = len(free) / len(size)
    size = np.minimum(size, max(2, int(slot)))
    start = (np.arange(len(size)) * slot + rng.random(len(size)) * np.maximum(slot - size, 0)).astype(np.int64)
    members = np.repeat(start, size) + np.concatenate([np.arange(one) for one in size.tolist()])
    leaders = np.repeat(start, size)
    inside = members < len(free)
    group[free[members[inside]]] = free[leaders[inside]]
    return group


def _shared(group: Numbers) -> Mask:
    shared: Mask = np.bincount(group, minlength=len(group))[group] > 1
    return shared
