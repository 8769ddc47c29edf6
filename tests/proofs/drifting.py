"""Simulated deliveries as profiles, and the ways in which one sender or feed stops being as before."""

import dataclasses
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa

from hub.contracts.model import Contract
from hub.deliveries import Chunk
from hub.ingest.readers import read_chunks
from hub.monitoring.detect_drift import LONGEST_DAILY
from hub.monitoring.drift.alarms import Alarm, after_day
from hub.monitoring.drift.comparison import flag_column
from hub.monitoring.drift.history import ROWS, History, Key, Profiles
from hub.monitoring.profile import DeliveryProfile
from hub.settings import Settings

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


@dataclass(frozen=True)
class Raised:
    """An alarm, and the delivery day after which it closed by itself (None: it is open)."""

    alarm: Alarm
    closed_on: date | None = None


class HubDetector:
    """The hub's detector over folders of files: each delivery day profiled and compared as the hub does, in order. What
    it has worked out of a file, or of the same files up to a day, it does not work out again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._files: dict[tuple[str, str, bytes], Counter[Key]] = {}
        self._raised: dict[bytes, list[Raised]] = {}

    def __call__(
        self, contract: Contract, paths: Iterable[Path], change: Change | None = None, since: date = date.max
    ) -> list[Raised]:
        """All alarms on the files of a feed, which are changed from a day on."""
        by_day: dict[date, list[tuple[bytes, Counter[Key]]]] = defaultdict(list)
        for path in sorted(paths):
            day, _ = named(contract, path)
            is_changed = change is not None and day >= since
            by_day[day].append(self._profile(contract, path, change if is_changed else None))
        found: dict[Key, dict[date, int]] = defaultdict(dict)
        raised: list[Raised] = []
        known = contract.feed.encode()
        for day in sorted(by_day):
            for digest, counts in by_day[day]:
                known = sha256(known + digest).digest()
                for key, count in counts.items():
                    found[key][day] = found[key].get(day, 0) + count
            if known not in self._raised:
                self._raised[known] = alarms_after(contract, found, raised, day)
            raised = self._raised[known]
        return raised

    def _profile(self, contract: Contract, path: Path, change: Change | None) -> tuple[bytes, Counter[Key]]:
        digest = sha256(path.name.encode() + path.read_bytes() + repr(change).encode()).digest()
        key = (contract.feed, path.name, digest)
        if key not in self._files:
            day, sender = named(contract, path)
            profile = DeliveryProfile(contract, sender, day)
            with path.open("rb") as file:
                for chunk in read_chunks(self._settings, contract, file, []):
                    right = change(chunk) if change and chunk.rows.num_rows else chunk
                    profile.note(right, np.arange(right.rows.num_rows))
            rows = profile.rows(uuid.uuid4()).to_pylist()
            names = ("sender", "column_name", "statistic", "bucket")
            self._files[key] = Counter({_key(*(one[name] for name in names)): one["count_rows"] for one in rows})
        return digest, self._files[key]


def _key(sender: str, column: str, statistic: str, bucket: str) -> Key:
    return sender, column, statistic, bucket


def alarms_after(contract: Contract, profiles: Profiles, raised: list[Raised], day: date) -> list[Raised]:
    """The alarms after a day, given those before it."""
    read = (
        (key, {one: count for one, count in counts.items() if day - DAYS_READ <= one <= day})
        for key, counts in profiles.items()
    )
    history = History({key: counts for key, counts in read if counts})
    before = [one.alarm for one in raised]
    is_daily = contract.cadence.every_days <= LONGEST_DAILY
    after, new = after_day(history, before, day, is_daily=is_daily, is_complete=True)
    followed = [
        replace(one, alarm=alarm, closed_on=day if one.alarm.is_open and not alarm.is_open else one.closed_on)
        for one, alarm in zip(raised, after, strict=True)
    ]
    return [*followed, *(Raised(alarm) for alarm in new)]


def named(contract: Contract, path: Path) -> tuple[date, str]:
    """Day and sender of a file, as its name says them."""
    matched = contract.file_name_pattern.match(path.name) if contract.file_name_pattern else None
    parts = matched.groupdict() if matched else {}
    text = parts["period"]
    return date.fromisoformat(text if len(text) == 10 else f"{text}-01"), parts.get("sender") or contract.sender


def columns_of(alarm: Alarm) -> tuple[str, ...]:
    """The contract's columns that an alarm names: two for a pair, none for the number of rows."""
    if alarm.finding.column == ROWS:
        return ()
    return tuple(name for name in (alarm.finding.column, flag_column(alarm.finding)) if name)


def code_of(alarm: Alarm) -> str | None:
    """The code that an alarm names, of an exchange both joined by a bar; None where it is of no code."""
    finding = alarm.finding
    is_code = finding.statistic == "value" or (finding.statistic.startswith("with") and finding.bucket != "*")
    return "|".join(code for code in (finding.bucket, finding.other) if code) if is_code else None
