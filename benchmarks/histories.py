"""Simulated deliveries: a history in a few large files a sender, then days on top of it, each taken in at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.own_hub import delivered_files, delivered_on
from hub.simulate.history import HISTORY
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate

REPORTS_A_YEAR = 140_000
"""What England and Wales record. How close in time reports are decides how many could be about the same incident."""
REPORTS_A_DAY = 5_000
"""Of a measured day: what comes in two weeks, delivered at once."""
DAYS_AFTER = 14
"""Days that are simulated after the measured ones. What would come after the last of them comes on it, so that the last
day is twice any other; and the responses to the reports of these days are none of the measured days'."""
SEED = 20_260_401


@dataclass(frozen=True)
class History:
    """The files of a history, and of each day after it."""

    before: Sequence[Path]
    days: Sequence[Sequence[Path]]


def simulated(folder: Path, plan: Plan, first_day: date, *, days: int, width: int) -> History:
    """Simulate a plan, whose truth is then under ``folder``; what comes from ``first_day`` on is in ``days`` parts of
    ``width`` days each, and what comes after them is left out."""
    simulate(plan, folder, files_from=first_day)
    parts: list[list[Path]] = [[] for _ in range(days)]
    for path in delivered_files(folder):
        if path.is_file() and (place := (delivered_on(path) - first_day).days // width) < days:
            parts[place].append(path)
    return History(delivered_files(folder / HISTORY), parts)


def history_of(folder: Path, reports: int, *, days: int, of_a_day: int = REPORTS_A_DAY) -> History:
    """A history of so many reports, and days of ``of_a_day`` each after it."""
    width = max(1, round(365 * of_a_day / REPORTS_A_YEAR))
    length = math.ceil(365 * reports / REPORTS_A_YEAR) + days * width + DAYS_AFTER
    plan = Plan(reports=round(length * REPORTS_A_YEAR / 365), days=length, seed=SEED)
    first_day = plan.end - timedelta(days=days * width + DAYS_AFTER - 1)
    return simulated(folder, plan, first_day, days=days, width=width)
