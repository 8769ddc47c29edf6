"""How the text of a delivered cell is read, and how numbers are rounded."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def instant(text: str) -> datetime:
    """A time with its offset, as an instant."""
    return datetime.fromisoformat(text).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """Midnight in London at which a day begins."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def day_in_london(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()


def month_of_day(day: date) -> date:
    return day.replace(day=1)


def next_day(day: date) -> date:
    return day + timedelta(days=1)


def month_end(month: date) -> date:
    """The last day of a month that is given by its first."""
    return month_of_day(month + timedelta(days=31)) - timedelta(days=1)


def month_of(moment: datetime) -> date:
    """First day of the month in London."""
    return month_of_day(day_in_london(moment))


def month_due(moment: datetime) -> date:
    """The month to whose days a due time belongs: midnight ends a day, and does not begin one."""
    return month_of(moment - timedelta(microseconds=1))


def amount(text: str | None) -> Decimal | None:
    """Pounds with or without separators of thousands."""
    return None if text is None else Decimal(text.replace(",", ""))


def yes(text: str | None) -> bool:
    """Whether the answer is yes; no answer is not."""
    return text in ("yes", "true")


def codes(text: str | None) -> tuple[str, ...]:
    """A list of codes, joined by bars or as JSON: each once, in order."""
    if text is None:
        return ()
    listed = json.loads(text) if text.startswith("[") else text.split("|")
    return tuple(sorted({code.strip() for code in listed}))


def rounded(value: Decimal, places: int) -> Decimal:
    """Rounded as one does by hand: a half goes away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def median(values: list[Decimal]) -> Decimal | None:
    """The middle value, or the mean of the two in the middle; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def hours_between(start: datetime, end: datetime) -> Decimal:
    """Hours, day and night."""
    passed = end - start
    microseconds = (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
    return Decimal(microseconds) / 3_600_000_000
