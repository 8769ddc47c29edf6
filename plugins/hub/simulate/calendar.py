"""When things happen: seasons, days of the week, days on which everything comes at once, and delays."""

import numpy as np

from hub.simulate.cells import Numbers
from hub.simulate.plan import Plan

EPOCH_ORDINAL = 719_163
SAME_DAY, SAME_WEEK = 0.61, 0.80
WEEKDAY_WEIGHT = np.array([1.05, 1.0, 1.0, 1.0, 1.0, 1.1, 1.0])
SEASON = 0.2
"""Summer has so much more than the year's mean, winter so much less."""
SHORTEST_WITH_PEAK, DAYS_A_PEAK = 7, 60


def peak_days(plan: Plan) -> dict[int, float]:
    """Days (from the plan's first) after an event that sets everything off, and how many times the usual they bring."""
    if plan.days < SHORTEST_WITH_PEAK:
        return {}
    chance = plan.chance("peaks")
    # Not the very last days: what follows a peak must have time to arrive.
    days = chance.choice(plan.days - 3, size=max(1, plan.days // DAYS_A_PEAK), replace=False)
    return {int(day): float(chance.uniform(6.5, 10.0)) for day in np.sort(days)}


def day_weights(plan: Plan) -> np.ndarray:
    """The share of each day; they add up to one."""
    season = np.array([1 + SEASON * np.sin((day.timetuple().tm_yday - 110) * 2 * np.pi / 365) for day in plan.dates])
    weights = WEEKDAY_WEIGHT[[day.weekday() for day in plan.dates]] * season
    for day, times in peak_days(plan).items():
        weights[day] = times * np.median(weights)
    shares: np.ndarray = weights / weights.sum()
    return shares


def delay_days(chance: np.random.Generator, count: int) -> Numbers:
    """Days from the event to the report: most the same day, most of the rest within the week, some after months."""
    draw = chance.random(count)
    within_week = chance.integers(1, 7, count)
    later = 7 + chance.geometric(0.04, count)
    return np.where(draw < SAME_DAY, 0, np.where(draw < SAME_WEEK, within_week, later))


def time_of_day(chance: np.random.Generator, count: int) -> Numbers:
    """Seconds from midnight, most of them in the evening."""
    hour = chance.normal(18.5, 4.5, count) % 24
    return (hour * 3600).astype(np.int64)
