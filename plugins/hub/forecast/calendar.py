"""Periods of a panel: weeks in sevens from the first-test date, or calendar months; period 0 is the first tested."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Unit = Literal["week", "month"]
Days = npt.NDArray[np.datetime64]
Indices = npt.NDArray[np.int64]

WEEKS_PER_PERIOD: dict[Unit, float] = {"week": 1.0, "month": 365.25 / 12 / 7}


@dataclass(frozen=True)
class Calendar:
    """Numbers the periods: negative before the first test period, which is 0."""

    unit: Unit
    first_test: dt.date

    def index_of(self, days: Days) -> Indices:
        """The period of each day (datetime64[D])."""
        if self.unit == "week":
            since = (days - np.datetime64(self.first_test, "D")).astype(np.int64)
            return np.floor_divide(since, 7)
        first = np.datetime64(self.first_test, "M").astype(np.int64)
        return np.asarray(days.astype("datetime64[M]").astype(np.int64) - first)

    def start_of(self, index: int) -> dt.date:
        """First day of a period; the one that a forecast of it may not look beyond."""
        if self.unit == "week":
            return self.first_test + dt.timedelta(days=7 * index)
        months = self.first_test.year * 12 + self.first_test.month - 1 + index
        return dt.date(months // 12, months % 12 + 1, 1)

    def periods_in(self, weeks: float) -> float:
        """How many periods, at least one, a span of weeks is."""
        return max(1.0, weeks / WEEKS_PER_PERIOD[self.unit])
