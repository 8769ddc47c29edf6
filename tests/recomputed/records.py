"""The newest version of each record: the one that the newest delivery states, and in that the last row (decision 0087).

No value of a row says which of two versions is newer: a wrong one would win for ever.
"""

from collections.abc import Iterator
from typing import Any

from recomputed.contracts import primary_key
from recomputed.inputs import Inputs, Row, rows_of
from recomputed.positions import Position, contents_stated_at

type Place = tuple[Position, int]
"""Where a record is stated: the position of the delivery, and the row number in it."""


def latest(inputs: Inputs, feed: str) -> list[Row]:
    """The newest version of each record of a feed, as raw holds it."""
    key = primary_key(feed)
    rows = {row["hash"]: row for row in rows_of(inputs.raw[feed])}
    newest: dict[tuple[Any, ...], tuple[Place, Row]] = {}
    for place, record in _statements(inputs, feed):
        row = rows[record]
        name = tuple(row[column] for column in key)
        if name not in newest or newest[name][0] < place:
            newest[name] = place, row
    return [row for _, row in newest.values()]


def _statements(inputs: Inputs, feed: str) -> Iterator[tuple[Place, str]]:
    """Each time that a loaded delivery states a record: for the first time, or one that raw already had."""
    stated_at = contents_stated_at(inputs, feed)
    for row in (*rows_of(inputs.raw[feed]), *rows_of(inputs.restated)):
        if row["delivery_id"] in stated_at:
            yield (stated_at[row["delivery_id"]], row["row_number"]), row["hash"]
