"""Values of one column at the edges of its type, length, range and codes, as the text that a file would hold."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random

from proofs.contract_rows.patterns import list_of_every_code, text_matching
from proofs.contract_rows.reading import Field
from proofs.contract_rows.texts import odd_text, text_of_format

LONGEST = 3_000
"""Of a text that has no limit."""
HIGHEST_WHOLE = 1_000_000
"""Of a whole number that has no limit of its own but is held against another column."""
EVERY_CODE = 0.1
"""How often a list has every code there is."""
TRAILED = 0.003
"""How often a line break follows a text. Its row goes to quarantine; of a feed with thirty patterns so few that no
delivery is held for its share of bad rows."""
DAY = timedelta(days=1)
ZONES = [UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))]
TIMES = [
    datetime(2016, 2, 29, 23, 59, 59, tzinfo=UTC),
    datetime(2024, 2, 29, tzinfo=UTC),
    datetime(2025, 3, 30, 1, 30, tzinfo=UTC),
    datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 9, 30, 23, 30, tzinfo=UTC),
    datetime(2026, 10, 1, 8, 15, tzinfo=UTC),
    datetime(2026, 10, 2, 17, 0, 1, tzinfo=UTC),
]
PYTHON_FORMATS = {
    "yyyy-MM-dd": "%Y-%m-%d",
    "yyyy-MM": "%Y-%m",
    "yyyyMM": "%Y%m",
    "yyyyMMdd": "%Y%m%d",
    "dd/MM/yyyy": "%d/%m/%Y",
    "yyyy-MM-dd HH:mm:ss": "%Y-%m-%d %H:%M:%S",
}


def edge_value(rng: Random, field: Field, today: datetime) -> str:
    """A value that this column's own rules allow, at an edge more often than not."""
    if field.codes:
        return rng.choice(field.codes)
    if field.kind in {"date", "timestamp"}:
        return _time(rng, field, today)
    makers: dict[str, Callable[[Random, Field], str]] = {"boolean": _truth, "integer": _whole, "number": _decimal}
    if field.kind == "object":
        return json.dumps(_gathered(rng, field, today))
    return makers.get(field.kind, _text)(rng, field)


def _text(rng: Random, field: Field) -> str:
    longest = int(field.options.get("maxLength", LONGEST))
    if field.options.get("format"):
        return text_of_format(rng, field.options["format"])
    if field.pattern is None:
        return odd_text(rng, longest)
    every = list_of_every_code(field.pattern) if rng.random() < EVERY_CODE else None
    if every is not None and len(every) <= longest:
        return every
    found = text_matching(rng, field.pattern)
    while len(found) > longest:
        found = text_matching(rng, field.pattern)
    if rng.random() < TRAILED and re.search(field.pattern, f"{found}\n"):
        # To most readers of patterns, the end of a text is also before its last line break.
        return f"{found}\n"
    # The longest address that may be
    return found.ljust(longest, "x") if found.startswith("http") and rng.random() < 0.2 else found


def _truth(rng: Random, _: Field) -> str:
    return rng.choice(("true", "false"))


def _whole(rng: Random, field: Field) -> str:
    lowest, highest = int(field.options.get("minimum", 0)), int(field.options.get("maximum", HIGHEST_WHOLE))
    return str(rng.choice((lowest, lowest + 1, highest - 1, highest, rng.randint(lowest, highest))))


def _decimal(rng: Random, field: Field) -> str:
    lowest, highest = float(field.options["minimum"]), float(field.options["maximum"])
    inside = rng.uniform(lowest, highest)
    just = (highest - lowest) / 1e6
    edges = (f"{lowest:g}", f"{highest:g}", f"{lowest + just:.9f}", f"{highest - just:.9f}", f"{highest:.6f}")
    return rng.choice((*edges, f"{inside:.2f}", f"{inside:.15f}"))


def _earliest(field: Field) -> datetime:
    """The first time that the column may hold."""
    return _moment(field.options.get("minimum", "1900-01-01"))


def _latest(field: Field, today: datetime) -> datetime:
    """The last time: the contract's own, or what lies ahead of the receipt by no more than it says (a day)."""
    if "maximum" in field.options:
        return _moment(field.options["maximum"])
    ahead = field.custom.get("mayLieAhead", {"days": 1})
    # An hour is left for the run itself and for clocks.
    return today + timedelta(days=int(ahead["days"])) - timedelta(hours=1)


def _time(rng: Random, field: Field, today: datetime) -> str:
    first, last = _earliest(field), _latest(field, today)
    at_edge = (first, first + DAY, last, last - DAY, today, today - DAY)
    inside = [one for one in TIMES if first <= one <= last]
    moment = rng.choice(at_edge) if rng.random() < 0.4 else rng.choice(inside)
    pattern = field.options.get("format", "yyyy-MM-dd" if field.kind == "date" else None)
    if pattern is not None:
        return moment.strftime(PYTHON_FORMATS[pattern])
    zone = rng.choice(ZONES)
    text = moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S%:z")
    return text.replace("+00:00", "Z") if rng.random() < 0.5 else text


def _gathered(rng: Random, field: Field, today: datetime) -> dict[str, int]:
    """Numbers under headers of their own, as in a wide file: months."""
    gathers = field.custom["collectsHeaders"]
    highest = int(gathers["maximum"]) if isinstance(gathers, dict) and "maximum" in gathers else HIGHEST_WHOLE
    first = date(2008, 1, 1)
    months = [first, date(2019, 12, 1), date(today.year, today.month, 1)]
    return {f"{month:%Y%m}": rng.choice((0, 1, 4, 5, highest, rng.randint(0, 40))) for month in months}


def _moment(written: str | date) -> datetime:
    """YAML may have read it as a date already; of a month it is the first day."""
    if isinstance(written, datetime):
        found = written
    elif isinstance(written, date):
        found = datetime(written.year, written.month, written.day)
    else:
        found = datetime.fromisoformat(written if len(str(written)) > len("2010-12") else f"{written}-01")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
