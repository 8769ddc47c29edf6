"""Working days and the hours of the desk, by the clock in London."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import takewhile

from recomputed.inputs import Inputs
from recomputed.values import LONDON, day_in_london, hours_between, rounded, start_of_day

FIRST_DAY, LAST_DAY = date(2016, 1, 1), date(2030, 12, 31)
DIVISIONS = {"POLICE_SCOTLAND": "scotland", "PSNI": "northern-ireland"}
"""Whose bank holidays count; all other targets have those of England and Wales."""
HOME = "england-and-wales"


@dataclass(frozen=True)
class Calendar:
    """The working days of one division, each with its opening and closing, in order."""

    days: list[date]
    opens: list[datetime]
    closes: list[datetime]

    def on_or_after(self, day: date) -> date:
        """The day itself if it is a working day, else the next one."""
        return self.days[bisect_left(self.days, day)]

    def after(self, day: date, count: int) -> date:
        """The working day so many after a day; with none, the same working day."""
        if count == 0:
            return self.on_or_after(day)
        return self.days[bisect_right(self.days, day) + count - 1]

    def desk_day(self, moment: datetime) -> date:
        """The working day on which the desk has something before it: what comes at closing time is the next one's."""
        return self.days[bisect_right(self.closes, moment)]

    def end_of(self, day: date) -> datetime:
        """The midnight with which a day ends."""
        return start_of_day(day + timedelta(days=1))

    def hours(self, start: datetime, end: datetime) -> Decimal:
        """Working hours between two moments, to four places."""
        return rounded(sum((hours_between(*piece) for piece in self._pieces(start, end)), Decimal(0)), 4)

    def add_hours(self, start: datetime, hours: int) -> datetime:
        """The moment by which so many working hours have passed; what ends at closing time is due then."""
        left = timedelta(hours=hours)
        for opens, closes in self._from(start):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
        raise ValueError("the calendar ends before these hours do")

    def _from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        for number in range(bisect_right(self.closes, start), len(self.days)):
            yield max(start, self.opens[number]), self.closes[number]

    def _pieces(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        for opens, closes in takewhile(lambda piece: piece[0] < end, self._from(start)):
            yield opens, min(closes, end)


def calendars(inputs: Inputs) -> dict[str, Calendar]:
    """The calendar of each division."""
    holidays = {(row["division"], date.fromisoformat(row["holiday_on"])) for row in inputs.seed("bank_holidays")}
    patterns = inputs.seed("working_patterns")
    found = {}
    for division in sorted({division for division, _ in holidays}):
        days, opens, closes = [], [], []
        for number in range((LAST_DAY - FIRST_DAY).days + 1):
            day = FIRST_DAY + timedelta(days=number)
            pattern = [row for row in patterns if row["iso_weekday"] == str(day.isoweekday()) and holds(row, day)]
            if pattern and (division, day) not in holidays:
                days.append(day)
                opens.append(_at(day, pattern[0]["opens"]))
                closes.append(_at(day, pattern[0]["closes"]))
        found[division] = Calendar(days, opens, closes)
    return found


def holds(row: dict[str, str | None], day: date) -> bool:
    """Whether a dated row holds on a day: from its first day to its last."""
    first, last = row["valid_from"], row["valid_to"]
    return (first is None or date.fromisoformat(first) <= day) and (last is None or day <= date.fromisoformat(last))


def holds_at(row: dict[str, str | None], moment: datetime) -> bool:
    """Whether a dated row holds at a moment, by the day in London."""
    return holds(row, day_in_london(moment))


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), LONDON).astimezone(UTC)
