"""What the hub makes of an incident: which report it works under, from when, and what it decides it to be."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hub.simulate.calendar import EPOCH_ORDINAL
from hub.simulate.cells import SECONDS_A_DAY, Mask, Numbers, drawn, pick_from
from hub.simulate.rows import CLEAN, NOBODY, FeedRows
from hub.simulate.world import NEVER, World

DECISIONS = ("crime", "nchi", "intelligence_report", "asb", "not_police_matter")
DECISION_SHARE = (0.72, 0.13, 0.05, 0.04, 0.06)
CRIME = 0
TRIAGE_DAYS, SENDING_DAYS = 0.25, 0.15
KEYS = {"true_vision_reports": "report_ref", "community_reports": "case_ref", "volunteer_reports": "report_ref"}


@dataclass(frozen=True)
class Cases:
    """One value an incident in each column: the reference of the first right report that the hub got of it (null where
    there was none) and when; what was decided and when; when it was sent to the body that answers for it. Seconds count
    from 1970; times without a reference are ``NEVER``."""

    references: pa.Array
    known_at: Numbers
    decision: Numbers
    decided_at: Numbers
    sent_at: Numbers

    def is_crime(self, incident: Numbers) -> Mask:
        """Which of these incidents were decided to be crimes."""
        crime: Mask = self.decision[incident] == CRIME
        return crime

    def reference(self, incident: Numbers) -> pa.Array:
        """The references of incidents."""
        return pick_from(self.references, incident)


def make_cases(world: World, senders: Sequence[FeedRows]) -> Cases:
    """Cases of the incidents that ``senders`` reported."""
    chance = world.plan.chance("cases")
    count = world.incidents.count
    row, known_at = _first_right(senders, count)
    keys = pa.concat_arrays([rows.cells[KEYS[rows.feed]].combine_chunks() for rows in senders])
    decision = drawn(DECISION_SHARE, chance, count)
    decision = np.where(world.incidents.is_threat | (world.recorded_at < NEVER), CRIME, decision)
    decided_at = known_at + _wait(chance, TRIAGE_DAYS, count)
    sent_at = decided_at + _wait(chance, SENDING_DAYS, count)
    has_case = row >= 0
    return Cases(
        references=pick_from(keys, row),
        known_at=np.where(has_case, known_at, NEVER),
        decision=np.where(has_case, decision, NOBODY),
        decided_at=np.where(has_case, decided_at, NEVER),
        sent_at=np.where(has_case, sent_at, NEVER),
    )


def days_after(chance: np.random.Generator, moments: Numbers, mean_days: float) -> Numbers:
    """Moments that follow others, after so many days in the mean and at least two minutes."""
    later: Numbers = moments + _wait(chance, mean_days, len(moments))
    return later


def end_of(world: World) -> int:
    """The second at which the plan is over: what comes later has not happened yet."""
    return (world.plan.end.toordinal() - EPOCH_ORDINAL + 1) * SECONDS_A_DAY


def day_of(world: World, moments: Numbers) -> Numbers:
    """The plan's day of each moment, as the number of its daily file."""
    days: Numbers = moments // SECONDS_A_DAY - (world.plan.start.toordinal() - EPOCH_ORDINAL)
    return days.clip(min=0)


def _wait(chance: np.random.Generator, mean_days: float, count: int) -> Numbers:
    return 120 + chance.exponential(mean_days * SECONDS_A_DAY, count).astype(np.int64)


def _first_right(senders: Sequence[FeedRows], count_incidents: int) -> tuple[Numbers, Numbers]:
    """For each incident the place, in the senders' records one after the other, of the first right one and the second
    from which it was known; -1 where there is none."""
    incident = np.concatenate([rows.truth.incident for rows in senders])
    known_at = np.concatenate([rows.truth.known_at for rows in senders])
    order = np.argsort(known_at, kind="stable")
    order = order[np.concatenate([rows.broken_rule == CLEAN for rows in senders])[order]]
    found, first = np.unique(incident[order], return_index=True)
    row = np.full(count_incidents, NOBODY)
    row[found] = order[first]
    return row, np.where(row >= 0, known_at[row], 0)
