"""Months as the numbers of monthly files."""

import numpy as np

from hub.simulate.cells import Numbers
from hub.simulate.plan import Plan


def month_of(plan: Plan, seconds: Numbers) -> Numbers:
    """The place of each second's month (UTC) among the plan's; what is earlier than the first is in its file."""
    first = int(np.datetime64(plan.months[0], "M").astype(np.int64))
    months: Numbers = seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) - first
    return months.clip(min=0)
