"""Dates whose day and month are written the other way round.

Of a file in ``dd/MM/yyyy`` that is read as ``MM/dd/yyyy`` the days from 13 on fail, and those from 1 to 12 are silently
another day. So where dates fail that would be right the other way round, the delivery as a whole is not to be believed.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.contracts.model import Contract
from hub.contracts.values import Column
from hub.deliveries import RuleTally

LEAST_SHARE, LEAST_ROWS = 0.01, 2
"""Of the dates given, and so many of them; one alone is a slip of the pen, unless the file is short."""

SHORT_SHARE = 0.2


def swapped_tallies(contract: Contract, rows: pa.Table, hits: Mapping[str, np.ndarray]) -> tuple[RuleTally, ...]:
    """For each column of days, how many values are given and how many of those that break its type (``hits``, places
    by rule) would be right with day and month exchanged."""
    tallies = []
    for column in _days(contract):
        given = rows.column(column.name)
        wrong = given.take(pa.array(hits.get(f"{column.name}.type", ()), pa.int64()))
        tallies.append(RuleTally(_rule(column), len(given) - given.null_count, _count_swapped(column, wrong)))
    return tuple(tallies)


def swapped_reasons(contract: Contract, tallies: Sequence[RuleTally]) -> Iterator[str]:
    """Why a delivery with these tallies is held: one reason a column whose dates look swapped."""
    for column in _days(contract):
        looked_at = sum(tally.looked_at for tally in tallies if tally.rule == _rule(column))
        failed = sum(tally.failed for tally in tallies if tally.rule == _rule(column))
        share = failed / looked_at if looked_at else 0.0
        if share >= SHORT_SHARE or (share >= LEAST_SHARE and failed >= LEAST_ROWS):
            pattern = column.date_format
            other = pattern.swapped.notation if pattern.swapped else ""
            yield (
                f"{_rule(column)}: {share:.1%} of {looked_at} dates are not {pattern.notation} and would be {other}, "
                "so the day and month of the others may be exchanged as well"
            )


def _days(contract: Contract) -> list[Column]:
    return [column for column in contract.columns if column.format is not None and "dd" in column.format.parts]


def _rule(column: Column) -> str:
    return f"{column.name}.day_month"


def _count_swapped(column: Column, wrong: pa.ChunkedArray) -> int:
    swapped = column.date_format.swapped
    if swapped is None or not len(wrong):
        return 0
    return int(swapped.moments(pc.fill_null(wrong, "").combine_chunks()).notna().sum())
