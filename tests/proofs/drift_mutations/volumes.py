"""Changes of whole records: more, fewer, later, or under another sender's name."""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from proofs.drift_mutations.cells import Change, of_all
from proofs.drift_mutations.deliveries import Delivery, Row

type FeedChange = Callable[[Sequence[Delivery], "Turn"], list[Delivery]]
"""All files of a feed, and when the change happens → the files as they are delivered instead."""


@dataclass(frozen=True)
class Turn:
    """From when on, over how many days, and by which chance a change happens."""

    first: date
    full: date
    """The first day on which all of it has happened; ``first`` itself where it happens at once."""
    seed: str

    def part(self, day: date) -> float:
        """How much of the change has happened on a day: from 0 to 1."""
        if day < self.first:
            return 0
        return min(1.0, ((day - self.first).days + 1) / ((self.full - self.first).days + 1))

    def chance(self, delivery: Delivery) -> Random:
        """The same for the same file, whatever else is mutated."""
        return Random(f"{self.seed}/{delivery.file_name}")


def in_deliveries(senders: Sequence[str], change: Change) -> FeedChange:
    """The records of the senders changed in each delivery since the turn; all others stay."""

    def changed(deliveries: Sequence[Delivery], turn: Turn) -> list[Delivery]:
        return [_changed(delivery, senders, change, turn) for delivery in deliveries]

    return changed


def copied(times: int, unique: str | None) -> Change:
    """Each record ``times`` times; the copies are records of their own, with keys that nobody else uses."""

    return of_all(lambda rows: [*rows, *(_as_new(row, unique, copy) for row in rows for copy in range(1, times))])


def every_nth_left_out(count: int) -> Change:
    """One record in ``count`` is missing, in the order of the file."""
    return of_all(lambda rows: [row for place, row in enumerate(rows, 1) if place % count])


def left_out(column: str | None = None, code: str | None = None) -> Change:
    """All records are missing, or those with a code."""
    return of_all(lambda rows: [row for row in rows if column is not None and row.get(column) != code])


def delivered_later(senders: Sequence[str], days: int) -> FeedChange:
    """What was due on a day comes in the file of some days later."""

    def changed(deliveries: Sequence[Delivery], turn: Turn) -> list[Delivery]:
        late: dict[date, list[Row]] = defaultdict(list)
        kept = []
        for delivery in deliveries:
            if delivery.day < turn.first:
                kept.append(delivery)
                continue
            of_senders = [row for row in delivery.rows if delivery.sender_of(row) in senders]
            late[delivery.day + timedelta(days=days)] += of_senders
            others = [row for row in delivery.rows if delivery.sender_of(row) not in senders]
            kept.append(delivery.with_rows(others + late.pop(delivery.day, [])))
        return kept

    return changed


def swapped(column: str, one: str, other: str) -> FeedChange:
    """Two senders' records come under each other's name."""
    names = {one: other, other: one}
    return in_deliveries((one, other), of_all(lambda rows: [{**row, column: names[row[column]]} for row in rows]))


def imitated(sender: str, model: str, columns: Sequence[str]) -> FeedChange:
    """A sender's columns are filled as another sender fills them in the same file."""

    def changed(deliveries: Sequence[Delivery], turn: Turn) -> list[Delivery]:
        models = {d.file_name: [row for row in d.rows if d.sender_of(row) == model] for d in deliveries}
        return [
            _changed(delivery, [sender], _filled_from(models[delivery.file_name], columns), turn)
            for delivery in deliveries
        ]

    return changed


def _filled_from(models: Sequence[Row], columns: Sequence[str]) -> Change:
    def change(rows: Sequence[Row], _: float, chance: Random) -> list[Row]:
        if not models:
            return list(rows)
        shown = [chance.choice(models) for _ in rows]
        return [{**row, **{c: one.get(c) for c in columns}} for row, one in zip(rows, shown, strict=True)]

    return change


def _changed(delivery: Delivery, senders: Sequence[str], change: Change, turn: Turn) -> Delivery:
    if delivery.day < turn.first:
        return delivery
    of_senders = [row for row in delivery.rows if delivery.sender_of(row) in senders]
    others = [row for row in delivery.rows if delivery.sender_of(row) not in senders]
    return delivery.with_rows(others + change(of_senders, turn.part(delivery.day), turn.chance(delivery)))


def _as_new(row: Row, unique: str | None, copy: int) -> Row:
    """The record under a key of the same form that no simulated record has."""
    column = unique or "crime_id"
    key = row.get(column)
    if key is None:
        return row
    digest = hashlib.sha256(f"{key}/{copy}".encode()).hexdigest()
    return {**row, column: _new_key(str(key), digest, copy)}


def _new_key(key: str, digest: str, copy: int) -> str:
    if len(key) == len(digest):
        return digest
    if key.count("-") == 4:
        return str(uuid.UUID(digest[:32], version=4))
    letters, _, number = key.rpartition("-")
    return f"{letters}-{copy}{number[1:]}" if number.startswith("0") else f"{key}{copy}"
