"""What a file's name says of its period and its number, and which patterns of names can be read."""

import calendar
import itertools
import re
from collections.abc import Iterable, Iterator
from datetime import date

FIRST_YEAR, LAST_YEAR = 1900, 2199
SEPARATOR = "[-_.]?"
FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?P<year>\d{4})",
        rf"(?P<year>\d{{4}}){SEPARATOR}(?P<month>\d{{2}})",
        rf"(?P<year>\d{{4}})(?P<separator>{SEPARATOR})(?P<month>\d{{2}})(?P=separator)(?P<day>\d{{2}})",
        rf"(?P<year>\d{{4}}){SEPARATOR}[Qq](?P<quarter>\d)",
        rf"(?P<year>\d{{4}}){SEPARATOR}[Ww](?P<week>\d{{2}})",
    )
)
"""A year, a month, a day, a quarter, a week: as ``2026``, ``2026-01`` or ``202601``, ``2026-01-31`` or ``20260131``,
``2026Q1`` or ``2026-Q1``, ``2026W05`` or ``2026-W05``. ``-``, ``_`` or ``.`` may part them."""

PROBES = (
    *("1" * length for length in (1, 2, 3, 5, 7, 9, 10, 12, 14)),
    *("2026-1", "2026-1-1", "01-2026", "31-01-2026", "2026-01-1", "2026-011", "26-01", "26-01-31"),
    *("2026Q", "Q12026", "Q1-2026", "2026-Q12", "2026W5", "2026-W5", "2026H1", "2026-031"),
    *("2026-Jan", "Jan2026", "2026 01", "2026/01", "2026-01-31T00", "2026-01_2026-02", "x", "latest", "weekly"),
)
"""Texts that are no period, one of every kind that a pattern may let in by mistake."""


UNREAD_PERIOD = "the period in the file's name cannot be read"


class PeriodRefused(ValueError):
    """A period that cannot be read; the message says why."""


def read_period(text: str) -> tuple[date, date]:
    """First and last day of the period that a file's name gives. Raises :class:`PeriodRefused`."""
    found = next((one for form in FORMS if (one := form.fullmatch(text))), None)
    if found is None or not text.isascii():
        raise PeriodRefused("it is no year, month, day, quarter or week")
    parts = {name: int(part) for name, part in found.groupdict().items() if name != "separator"}
    year = parts["year"]
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PeriodRefused(f"its year is not from {FIRST_YEAR} to {LAST_YEAR}")
    try:
        if "day" in parts:
            return (day := date(year, parts["month"], parts["day"])), day
        if "week" in parts:
            return date.fromisocalendar(year, parts["week"], 1), date.fromisocalendar(year, parts["week"], 7)
        if "quarter" in parts:
            return _months(year, 3 * parts["quarter"] - 2, 3 * parts["quarter"])
        return _months(year, parts.get("month", 1), parts.get("month", 12))
    except ValueError as error:
        raise PeriodRefused("the calendar has no such period") from error


def unread_period(pattern: re.Pattern[str] | None, file_name: str) -> str | None:
    """What to say about a file whose name gives a period that cannot be read; None if nothing."""
    found = pattern.search(file_name) if pattern is not None else None
    text = found.groupdict().get("period") if found is not None else None
    try:
        if text:
            read_period(text)
    except PeriodRefused as refusal:
        return f"{UNREAD_PERIOD}: {refusal}"
    return None


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    if not 1 <= first <= last <= 12:
        raise PeriodRefused("the calendar has no such period")
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def refuse_unreadable(pattern: re.Pattern[str]) -> None:
    """Raise :class:`PeriodRefused` if the group ``period`` of a name pattern matches something that is no period."""
    text = _group_text(pattern.pattern, "(?P<period>")
    if text is None:
        return
    group = re.compile(text, pattern.flags)
    if let_in := [probe for probe in PROBES if group.fullmatch(probe)]:
        raise PeriodRefused(
            f"the group period lets in {let_in[0]!r}, which cannot be read; write YYYY, YYYY-MM, YYYYMM, YYYY-MM-DD, "
            r"YYYYMMDD, YYYYQn or YYYY-Qn, as in (?P<period>\d{4}-\d{2})"
        )


def _group_text(pattern: str, opening: str) -> str | None:
    """The text between the brackets of a group that begins with ``opening``; None where the pattern has none."""
    begin = pattern.find(opening)
    if begin < 0:
        return None
    start = begin + len(opening)
    depth, in_set, index = 1, False, start
    while index < len(pattern):
        character = pattern[index]
        if character == "\\":
            index += 1
        elif in_set:
            in_set = character != "]"
        elif character == "[":
            in_set = True
        elif character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return pattern[start:index]
        index += 1
    return None


def missing_ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """The ranges (first and last) that are missing among a sender's numbers. Numbers that are dates or months have
    gaps by their nature; that such a delivery is late the feed's cadence says."""
    known = sorted(set(numbers))
    if all(is_of_calendar(number) for number in known):
        return []
    return list(_between(known))


def _between(known: list[int]) -> Iterator[tuple[int, int]]:
    for previous, number in itertools.pairwise(known):
        if number - previous > 1:
            yield previous + 1, number - 1


def is_of_calendar(number: int) -> bool:
    """Whether a number is written like a month (202601), a day (20260131), or a day with a time or a count of up to
    six digits after it (20260131093000, 2026013101)."""
    digits = str(number)
    if len(digits) not in (6, *range(8, 15)):
        return False
    try:
        read_period(digits[:6] if len(digits) == 6 else digits[:8])
    except PeriodRefused:
        return False
    return True
