"""Simulated deliveries as profiles, and the ways in which one sender or feed stops being as before."""

import dataclasses
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa

from hub.contracts import Contract
from hub.deliveries import Chunk
from hub.drift.alarms import Alarm, after_day
from hub.drift.history import History, Key, Profiles
from hub.settings import Settings
from hub.stages.profile import DeliveryProfile
from hub.stages.read import read_chunks

DAYS_READ = timedelta(days=160)

Row = dict[str, str | None]
Change = Callable[[Chunk], Chunk]
Who = Callable[[Row], bool]


@dataclass(frozen=True)
class Mutation:
    """A feed that changes, how, and the sender and column of which one must be named (``*``: all senders; rows)."""

    feed: str
    change: Change
    sender: str
    column: str


def everybody(_: Row) -> bool:
    """Whose rows change: all."""
    return True


def swapped(column: str, codes: dict[str, str], who: Who = everybody) -> Change:
    """Some codes of a column written as others."""
    return lambda chunk: _with(chunk, column, lambda row, text: codes.get(text, text) if who(row) else text)


def halved(who: Who = everybody) -> Change:
    """Every second row left out."""
    return lambda chunk: _kept(chunk, lambda place, row: not who(row) or place % 2 == 0)


def without(who: Who) -> Change:
    """Some rows left out."""
    return lambda chunk: _kept(chunk, lambda _, row: not who(row))


def tripled(chunk: Chunk) -> Chunk:
    """Every row three times."""
    return dataclasses.replace(chunk, rows=pa.concat_tables([chunk.rows] * 3))


def partly(column: str, code: str | None, every: int) -> Change:
    """A code, or nothing, in every so manieth row."""

    def change(chunk: Chunk) -> Chunk:
        texts = chunk.rows.column(column).to_pylist()
        texts[::every] = [code] * len(texts[::every])
        return _put(chunk, column, texts)

    return change


def in_new_york(column: str) -> Change:
    """The same instants by another clock."""
    zone = timezone(timedelta(hours=-5))
    return lambda chunk: _with(chunk, column, lambda _, text: _instant(text, lambda at: at.astimezone(zone)))


def hours_later(column: str, hours: int) -> Change:
    """The clock wrong by some hours, the offset as ever."""
    return lambda chunk: _with(
        chunk, column, lambda _, text: _instant(text, lambda at: at + timedelta(hours=hours), text[10])
    )


def days_later(column: str, days: int) -> Change:
    """Dates wrong by some days."""
    return lambda chunk: _with(chunk, column, lambda _, text: f"{date.fromisoformat(text) + timedelta(days=days)}")


def numbers_times(column: str, factor: float) -> Change:
    """Numbers in another unit."""
    return lambda chunk: _with(chunk, column, lambda _, text: f"{float(text) * factor:g}")


def _instant(text: str, change: Callable[[datetime], datetime], between: str = "T") -> str:
    try:
        return change(datetime.fromisoformat(text)).isoformat(sep=between)
    except ValueError:
        return text


def _with(chunk: Chunk, column: str, change: Callable[[Row, str], str]) -> Chunk:
    rows = chunk.rows.to_pylist()
    return _put(chunk, column, [None if row[column] is None else change(row, row[column]) for row in rows])


def _put(chunk: Chunk, column: str, texts: list[str | None]) -> Chunk:
    place = chunk.rows.schema.get_field_index(column)
    return dataclasses.replace(chunk, rows=chunk.rows.set_column(place, column, pa.array(texts, pa.string())))


def _kept(chunk: Chunk, stays: Callable[[int, Row], bool]) -> Chunk:
    kept = [stays(place, row) for place, row in enumerate(chunk.rows.to_pylist())]
    return dataclasses.replace(chunk, rows=chunk.rows.filter(pa.array(kept, pa.bool_())))


def profiles(
    settings: Settings, contract: Contract, paths: Iterable[Path], change: Change | None = None, since: date = date.max
) -> Profiles:
    """Of deliveries of a feed, changed from a day on."""
    found: dict[Key, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for path in paths:
        day, sender = named(contract, path)
        profile = DeliveryProfile(contract, sender, day)
        with path.open("rb") as file:
            for chunk in read_chunks(settings, contract, file, []):
                right = change(chunk) if change and day >= since else chunk
                profile.note(right, np.arange(right.rows.num_rows))
        for one in profile.rows(uuid.uuid4()).to_pylist():
            found[one["sender"], one["column_name"], one["statistic"], one["bucket"]][day] += one["count_rows"]
    return found


def named(contract: Contract, path: Path) -> tuple[date, str]:
    """Day and sender of a file, as its name says them."""
    matched = contract.file_name_pattern.match(path.name) if contract.file_name_pattern else None
    parts = matched.groupdict() if matched else {}
    text = parts["period"]
    return date.fromisoformat(text if len(text) == 10 else f"{text}-01"), parts.get("sender") or contract.sender


def put_together(first: Profiles, second: Profiles, since: date) -> Profiles:
    """The first before a day, the second from it on."""
    found: dict[Key, dict[date, int]] = defaultdict(dict)
    for key, counts in first.items():
        found[key].update({day: count for day, count in counts.items() if day < since})
    for key, counts in second.items():
        found[key].update({day: count for day, count in counts.items() if day >= since})
    return {key: counts for key, counts in found.items() if counts}


def alarms(contract: Contract, profiles: Profiles, since: date) -> list[Alarm]:
    """All alarms from a day on, each day judged as the hub does, after the one before."""
    days = sorted({day for counts in profiles.values() for day in counts})
    raised: list[Alarm] = []
    for day in (one for one in days if one >= since):
        read = (
            (key, {one: n for one, n in counts.items() if day - DAYS_READ <= one <= day})
            for key, counts in profiles.items()
        )
        history = History({key: counts for key, counts in read if counts})
        kept, new = after_day(history, raised, day, is_daily=contract.cadence.every_days <= 7, is_complete=True)
        raised = [*kept, *new]
    return raised
