"""Figures and codes as people read them."""

from collections.abc import Sequence
from datetime import date

WHOLE_FROM = 10
"""Numbers from here on are shown without decimal places."""
UNKNOWN = "-"
NAMES = {
    "local_authority": "local authority",
    "lsoa": "small area (LSOA)",
    "recorded_crime": "small area, recorded crime",
    "stack": "this forecast",
    "long_run_mean": "long-run mean",
    "low_reporting": "reports less than areas like it",
    "explore": "the model knows least about it",
    "model": "most expected",
    "fifth_1": "smallest fifth",
    "fifth_2": "second fifth",
    "fifth_3": "third fifth",
    "fifth_4": "fourth fifth",
    "fifth_5": "largest fifth",
}


def words(code: str | None) -> str:
    """A code without underscores, or the name that it has here."""
    return "unknown" if code is None else NAMES.get(code, code.replace("_", " "))


def rounded(value: float) -> float:
    """A number of reports as it is shown: whole from ten on, else to one decimal place."""
    return round(value) if round(value, 1) >= WHOLE_FROM else round(value, 1)


def amount(value: float | None) -> str:
    """A number of reports: whole from ten on, else with one decimal place."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if round(value, 1) >= WHOLE_FROM else f"{value:.1f}"


def spread(low: float | None, high: float | None) -> str:
    """An interval, its ends included."""
    return UNKNOWN if low is None or high is None else f"{low:,.0f} to {high:,.0f}"


def share(value: float | None) -> str:
    """A share in percent; what is not quite all is never called all, and what is not quite nothing never nothing."""
    if value is None:
        return UNKNOWN
    text = f"{value:.0%}"
    if text == "0%" and value > 0:
        return "<1%"
    return ">99%" if text == "100%" and value < 1 else text


def times(value: float | None) -> str:
    """A ratio."""
    return UNKNOWN if value is None else f"{value:.1f} times"


def day(value: date | None) -> str:
    """A day in words."""
    return UNKNOWN if value is None else f"{value.day} {value:%B %Y}"


def month(value: date) -> str:
    """A month in words."""
    return f"{value:%B %Y}"


def listed(parts: Sequence[str]) -> str:
    """Parts of a sentence, at least one, the last after *and*."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def several(count: int, one: str) -> str:
    """A count and its noun: 1 area, 2 areas."""
    return f"{count:,} {one}{'' if count == 1 else 's'}"
