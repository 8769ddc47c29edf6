"""Changes of cells: what a sender writes into a column means something else than before, in the same form."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from proofs.drift_mutations.deliveries import Row

type Change = Callable[[Sequence[Row], float, Random], list[Row]]
"""Records of the senders that changed, in one delivery; the part of them that has changed by now (1 once the turn is
complete); chance. Gives the records as they are delivered instead."""
type Edit = Callable[[Row, Random], Row]

OPPOSITE: dict[object, object] = {"yes": "no", "no": "yes", "Yes": "No", "No": "Yes", True: False, False: True}
DAY_LENGTH = 10
CLOCK_LENGTH = 19


def edited(edit: Edit, part: float = 1) -> Change:
    """Each record edited with the chance ``part``."""

    def change(rows: Sequence[Row], turned: float, chance: Random) -> list[Row]:
        return [edit(row, chance) if chance.random() < part * turned else row for row in rows]

    return change


def of_all(change: Callable[[Sequence[Row]], list[Row]]) -> Change:
    """All of the records changed, without chance."""
    return lambda rows, _turned, _chance: change(rows)


def inverted(column: str) -> Edit:
    """Yes becomes no and no becomes yes; other answers stay."""
    return lambda row, _: {**row, column: OPPOSITE.get(row.get(column), row.get(column))}


def recoded(column: str, codes: dict[str, str]) -> Edit:
    """Codes become others, also within lists."""

    def edit(row: Row, _: Random) -> Row:
        parts = parts_of(row.get(column))
        return {**row, column: like(row.get(column), list(dict.fromkeys(codes.get(part, part) for part in parts)))}

    return edit


def set_to(column: str, code: str) -> Edit:
    """The given values become one code; what is not given stays so."""
    return lambda row, _: {**row, column: like(row.get(column), [code])} if row.get(column) is not None else row


def first_part_only(column: str) -> Edit:
    """Lists keep their first entry."""
    return lambda row, _: {**row, column: like(row.get(column), parts_of(row.get(column))[:1])}


def emptied(*columns: str) -> Edit:
    """The columns are not given."""
    return lambda row, _: {**row, **dict.fromkeys(columns)}


def emptied_of(column: str, code: str) -> Edit:
    """The column is not given where it was ``code``."""
    return lambda row, _: {**row, column: None} if row.get(column) == code else row


def clock_shifted(column: str, hours: int) -> Edit:
    """The clock goes wrong by hours; the offset that is written beside it stays."""
    return _text_edit(column, lambda text: _moved(text, timedelta(hours=hours)))


def offset_shifted(column: str, hours: int) -> Edit:
    """The clock is right, and the offset beside it is wrong by hours."""

    def moved(text: str) -> str:
        offset = datetime.fromisoformat(text).utcoffset() or timedelta()
        minutes = int((offset + timedelta(hours=hours)).total_seconds() // 60)
        return f"{text[:CLOCK_LENGTH]}{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"

    return _text_edit(column, moved)


def days_shifted(columns: Sequence[str], days: int) -> Edit:
    """Dates, or times with their clock kept, some days off."""

    def edit(row: Row, chance: Random) -> Row:
        for column in columns:
            row = _text_edit(column, lambda text: _moved(text, timedelta(days=days)))(row, chance)
        return row

    return edit


def first_of_month(column: str) -> Edit:
    """Only the month is told; the day is always the first."""
    return _text_edit(column, lambda text: f"{text[:8]}01{text[DAY_LENGTH:]}")


def scaled(columns: Sequence[str], factor: float, digits: int, largest: float | None = None) -> Edit:
    """Numbers times ``factor``, and rounded; one that would pass ``largest`` stays."""

    def scale(text: str) -> str:
        number = float(text.replace(",", "")) * factor
        if largest is not None and number > largest:
            return text
        written = f"{number:.{digits}f}"
        return written.rstrip("0").rstrip(".") if digits else written

    def edit(row: Row, chance: Random) -> Row:
        for column in columns:
            row = _text_edit(column, scale)(row, chance)
        return row

    return edit


def cut_to(column: str, length: int) -> Edit:
    """Texts lose what is beyond a length."""
    return _text_edit(column, lambda text: text[:length].rstrip())


def host_only(column: str) -> Edit:
    """Addresses lose what comes after the site."""
    return _text_edit(column, lambda text: "/".join(text.split("/")[:3]) + "/")


def shuffled(columns: Sequence[str]) -> Change:
    """Given values change places among the records, so that shares stay and what hung together no longer does."""

    def change(rows: Sequence[Row], _: float, chance: Random) -> list[Row]:
        given = [place for place, row in enumerate(rows) if all(row.get(column) is not None for column in columns)]
        sources = chance.sample(given, len(given))
        changed = list(rows)
        for place, source in zip(given, sources, strict=True):
            changed[place] = {**rows[place], **{column: rows[source][column] for column in columns}}
        return changed

    return change


def parts_of(value: object) -> list[str]:
    """The entries of a list, of a text joined by bars, or of a JSON list; a plain code is one entry."""
    if value is None:
        return []
    if isinstance(value, list):
        return [str(part) for part in value]
    text = str(value)
    return [str(part) for part in json.loads(text)] if text.startswith("[") else text.split("|")


def like(value: object, parts: list[str]) -> Any:
    """Entries in the form that ``value`` has."""
    if value is None or isinstance(value, list):
        return None if value is None else parts
    return json.dumps(parts) if str(value).startswith("[") else "|".join(parts)


def _text_edit(column: str, write: Callable[[str], str]) -> Edit:
    return lambda row, _: {**row, column: write(str(row[column]))} if row.get(column) is not None else row


def _moved(text: str, by: timedelta) -> str:
    if len(text) == DAY_LENGTH:
        return (date.fromisoformat(text) + by).isoformat()
    moved = datetime.fromisoformat(text[:CLOCK_LENGTH]) + by
    return moved.isoformat(sep=text[DAY_LENGTH]) + text[CLOCK_LENGTH:]
