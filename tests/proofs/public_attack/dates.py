"""What a reader who looks at every publish learns of the days on which reports came."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from proofs.public_attack.attack import Leak
from proofs.public_attack.seen import Cell, Figure, Seen

LONDON = ZoneInfo("Europe/London")
ABSENT = Figure("absent", None)


def told_within_a_month(seen: Sequence[Seen]) -> list[Leak]:
    """Differences between publishes of one issue. ``seen``: every publish, in the order in which readers saw them;
    one that was switched back to is of the month in which it came out first."""
    in_issues = groupby(sorted(seen, key=lambda one: one.month), key=lambda one: one.month)
    return [leak for _, publishes in in_issues for leak in _differences(list(publishes))]


def _differences(publishes: Sequence[Seen]) -> Iterator[Leak]:
    first, *others = publishes
    for other in others:
        for cell in first.figures.keys() | other.figures.keys():
            if first.figures.get(cell, ABSENT) != other.figures.get(cell, ABSENT):
                yield Leak(other.month, cell, "changes between two publishes of a month")
        # A month that has passed moves all dates by as much; what counts is that no row came or went.
        for statement in {one[:3] for one in first.statements} ^ {one[:3] for one in other.statements}:
            yield Leak(other.month, statement[0], "has another revision between two publishes of a month")


def told_by_revisions(one: Seen) -> list[Leak]:
    """Dates in the revisions that are finer than an issue: other days than the first (in London), or two publishes of
    one issue."""
    publishes: dict[datetime, set[int]] = {}
    for statement in one.statements:
        publishes.setdefault(statement.at, set()).add(statement.publish)
    return [
        Leak(one.month, _any_cell(one, at), "a revision is dated within the month")
        for at, ids in publishes.items()
        if len(ids) > 1 or at.astimezone(LONDON).day != 1
    ]


def _any_cell(one: Seen, at: datetime) -> Cell:
    return min(statement.cell for statement in one.statements if statement.at == at)
