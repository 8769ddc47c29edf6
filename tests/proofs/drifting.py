"""Simulated deliveries as profiles, and the ways in which one sender or feed stops being as before."""

import dataclasses
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa

from hub.contracts import Contract
from hub.deliveries import Chunk
from hub.drift_choice import Finding
from hub.drift_findings import Judge
from hub.drift_history import History, ProfileRow
from hub.settings import Settings
from hub.stages.profile import DeliveryProfile
from hub.stages.read import read_chunks

WEEK = timedelta(days=7)

Row = dict[str, str | None]
Change = Callable[[Chunk], Chunk]


@dataclass(frozen=True)
class Mutation:
    """A feed that changes, how, and the sender and column of which one must be named (``*``: the feed; its rows)."""

    feed: str
    change: Change
    senders: frozenset[str]
    column: str


def everybody(_: Row) -> bool:
    """Whose rows change: all."""
    return True


def swapped(column: str, codes: dict[str, str], who: Callable[[Row], bool] = everybody) -> Change:
    """Some codes of a column written as others."""
    return lambda chunk: _with(chunk, column, lambda row, text: codes.get(text, text) if who(row) else text)


def halved(who: Callable[[Row], bool] = everybody) -> Change:
    """Every second row left out."""

    def change(chunk: Chunk) -> Chunk:
        stays = [not who(row) or place % 2 == 0 for place, row in enumerate(chunk.rows.to_pylist())]
        return dataclasses.replace(chunk, rows=chunk.rows.filter(pa.array(stays)))

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


def _instant(text: str, change: Callable[[datetime], datetime], between: str = "T") -> str:
    try:
        return change(datetime.fromisoformat(text)).isoformat(sep=between)
    except ValueError:
        return text


def _with(chunk: Chunk, column: str, change: Callable[[Row, str], str]) -> Chunk:
    rows = chunk.rows.to_pylist()
    texts = [None if row[column] is None else change(row, row[column]) for row in rows]
    place = chunk.rows.schema.get_field_index(column)
    return dataclasses.replace(chunk, rows=chunk.rows.set_column(place, column, pa.array(texts, pa.string())))


def profiles(
    settings: Settings, contract: Contract, folder: Path, change: Change | None = None, since: date = date.max
) -> Iterator[ProfileRow]:
    """Of all deliveries of a feed in a folder, changed from a day on."""
    for path in sorted(folder.iterdir()):
        matched = contract.file_name_pattern.match(path.name) if contract.file_name_pattern else None
        named = matched.groupdict() if matched else {}
        text = named["period"]
        day = date.fromisoformat(text if len(text) == 10 else f"{text}-01")
        profile = DeliveryProfile(contract, named.get("sender") or contract.sender, day)
        with path.open("rb") as file:
            for chunk in read_chunks(settings, contract, file, []):
                right = change(chunk) if change and day >= since else chunk
                profile.note(right, np.arange(right.rows.num_rows))
        for one in profile.rows(uuid.uuid4()).to_pylist():
            yield ProfileRow(
                day,
                one["sender"],
                one["column_name"],
                one["statistic"],
                one["bucket"],
                one["count_rows"],
                one["amount"],
            )


def findings(
    contract: Contract, rows: list[ProfileRow], days: Callable[[History], list[date]]
) -> list[tuple[date, Finding]]:
    """What is found on some days, each judged as if no drift were known."""
    history = History(rows)
    judge = Judge(history, contract.cadence.every_days <= 7, {})
    return [(day, one) for day in days(history) for one in judge.findings(day, is_complete=True)]


def alarms(found: list[tuple[date, Finding]]) -> list[tuple[date, Finding]]:
    """As many as incidents are opened: what is found again within a week of the last time is the same one."""
    last: dict[tuple[str, str], date] = {}
    opened = []
    for day, one in found:
        key = (one.sender, one.column)
        if key not in last or day - last[key] > WEEK:
            opened.append((day, one))
        last[key] = day
    return opened
