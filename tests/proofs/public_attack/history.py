"""One block of figures over all issues, as a reader who knows the rules writes it down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from proofs.public_attack.knowledge import Interval, Link, Row, intervals, links, made_in, rounded_from, sums
from proofs.public_attack.seen import Block, Cell, Geography, Seen

Key = tuple[int, Cell]
"""The count of a cell in one of the issues, by its place."""


@dataclass(frozen=True)
class BlockHistory:
    """One block over all issues: the intervals of its counts, what adds up, and what links one issue to another."""

    intervals: Mapping[Key, Interval]
    rows: Mapping[int, Sequence[Row]]
    links: Sequence[Link]
    counts: Mapping[Key, int]
    """The truth."""


def read_history(block: Block, seen: Sequence[Seen], geography: Geography) -> BlockHistory:
    """``seen``: one for each issue, in their order."""
    tables = {place: one.of(block) for place, one in enumerate(seen) if one.of(block)}
    known = {
        (place, cell): interval
        for place, table in tables.items()
        for cell, interval in intervals(table, geography).items()
    }
    for (place, cell), first in made_in(block, seen).items():
        value = seen[place].figures[cell].value
        if first == place and value is not None:
            known[place, cell] = rounded_from(value)
    return BlockHistory(
        known,
        {place: list(sums(table, geography)) for place, table in tables.items()},
        list(links(block, seen)),
        {(place, cell): seen[place].counts[cell] for place, table in tables.items() for cell in table},
    )
