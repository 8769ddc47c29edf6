"""The position of each delivery among those of its feed, by the name of its file and its receipt (decision 0087)."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from recomputed.contracts import file_name_pattern
from recomputed.inputs import Inputs, Row, rows_of
from recomputed.values import day_in_london, month_end


@dataclass(frozen=True, order=True)
class Position:
    """The later one is the greater one."""

    on: date
    number: int
    received_at: datetime


def positions_of(inputs: Inputs, feed: str) -> dict[str, Position]:
    """The position of each receipt of a feed by its delivery's id, whatever became of it."""
    return positions(_of_feed(inputs, feed), file_name_pattern(feed))


def positions(deliveries: list[Row], pattern: str) -> dict[str, Position]:
    """The same, of receipts of one feed; the pattern finds the parts of their files' names."""
    found: dict[str, Position] = {}
    of_sender: dict[str, list[Position]] = defaultdict(list)
    for row in sorted(deliveries, key=lambda row: row["received_at"]):
        received_on, (period, sequence) = day_in_london(row["received_at"]), _named(pattern, row["file_name"])
        if period is not None:
            on, number = min(last_day(period), received_on), sequence or 0
        elif sequence is not None:
            greater = [each.on for each in of_sender[row["sender"]] if each.number > sequence]
            on, number = min([received_on, *greater]), sequence
        else:
            on = received_on
            number = max((each.number for each in found.values() if each.on == received_on), default=0)
        found[row["delivery_id"]] = Position(on, number, row["received_at"])
        of_sender[row["sender"]].append(found[row["delivery_id"]])
    return found


def contents_stated_at(inputs: Inputs, feed: str) -> dict[str, Position]:
    """The position of all that a loaded delivery contains: that of the last receipt of the same file. A receipt that
    was withdrawn says nothing any more."""
    own, loaded = positions_of(inputs, feed), set(inputs.loaded.delivery_id)
    found: dict[str, Position] = {}
    for row in _of_feed(inputs, feed):
        position = own[row["delivery_id"]]
        contents = row["duplicate_of"] if row["status"] == "duplicate" else row["delivery_id"]
        if contents in loaded:
            found[contents] = max(found.get(contents, position), position)
    return found


def _of_feed(inputs: Inputs, feed: str) -> list[Row]:
    return [row for row in rows_of(inputs.deliveries) if row["feed"] == feed]


def _named(pattern: str, file_name: str) -> tuple[str | None, int | None]:
    """Period and sequence of a file's name, so far as it has them."""
    found = re.search(pattern, file_name)
    groups = found.groupdict() if found else {}
    sequence = groups.get("sequence")
    return groups.get("period"), None if sequence is None else int(re.sub(r"\D", "", sequence))


def last_day(period: str) -> date:
    """The last day of a year, quarter, month, week or day."""
    year, rest = int(period[:4]), period[4:].lstrip("-")
    if not rest:
        return date(year, 12, 31)
    if rest[0] == "Q":
        return month_end(date(year, 3 * int(rest[1:]), 1))
    if rest[0] == "W":
        return date.fromisocalendar(year, int(rest[1:]), 7)
    return month_end(date(year, int(rest), 1)) if len(rest) == 2 else date.fromisoformat(period)
