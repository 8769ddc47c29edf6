"""What a reader knows of the way of an incident: it is reported, then somebody works on it, then it is closed.

From the first quarter to any other, no more incidents can have been closed than were recorded. This does not have to be
so of what an issue shows: a case may have been recorded in a quarter in which its force sent nothing, and work is
matched with reports apart from what was decided of them. Each line is known where it is true, because somebody who
believes it learns from it.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from proofs.protected_attack.figures import ALL, CLOSED, OUTCOMES, RECORDED, Cell, Issue, measure
from proofs.protected_attack.sums import Row

POSITIVE = OUTCOMES[:2]
Sum = dict[Cell, int]


def of_the_way(issue: Issue) -> Iterator[Row]:
    """All such lines that are true of an issue."""
    for found in (_closed_of_areas(issue), _closed_of_measures(issue), _outcomes(issue), _triaged(issue)):
        yield from (row for row in found if row.sum and row.holds(issue.counts))


def _closed_of_areas(issue: Issue) -> Iterator[Row]:
    """In public statistics: of each area the quarters in which it has a row."""
    quarters = _quarters(issue)
    for area in dict.fromkeys(cell.area for cell in issue.figures if cell.measure == RECORDED):
        changes = [
            _shown(issue, {Cell(RECORDED, area, ALL, one): 1, Cell(CLOSED, area, ALL, one): -1}) for one in quarters
        ]
        yield from (Row(one, why="closed") for one in _up_to_each(changes))


def _closed_of_measures(issue: Issue) -> Iterator[Row]:
    changes = [{measure("criminal_incidents", one): 1, measure("closed", one): -1} for one in _quarters(issue)]
    yield from (Row(one, why="closed") for one in _up_to_each([_shown(issue, one) for one in changes]))


def _outcomes(issue: Issue) -> Iterator[Row]:
    """Who was charged by a quarter is in an incident that was recorded by then and has since been charged. In the end
    both are the same incidents."""
    quarters = _quarters(issue)
    changes: dict[str, list[Sum]] = {}
    for name in POSITIVE:
        by_quarter = [
            {measure(f"{name}_of_recorded", one): 1, measure(f"{name}_of_closed", one): -1} for one in quarters
        ]
        changes[name] = [_shown(issue, one) for one in by_quarter]
        up_to = list(_up_to_each(changes[name]))
        yield from (Row(one, why=name) for one in up_to)
        yield from (Row(one, is_equal=True, why="in_the_end") for one in up_to[-1:])
    # The same of all others: what was closed without a positive outcome was recorded, and has none.
    others: list[Sum] = []
    for place, one in enumerate(quarters):
        rest = _shown(issue, {measure("criminal_incidents", one): 1, measure("closed", one): -1})
        for name in POSITIVE:
            rest |= {cell: -many for cell, many in changes[name][place].items()}
        others.append(rest)
    yield from (Row(one, why="not_positive") for one in _up_to_each(others))


def _triaged(issue: Issue) -> Iterator[Row]:
    """Who found that a report is no crime has worked on it. Of each crime that was worked on a report was, too."""
    for one in _quarters(issue):
        if measure("incidents", one) in issue.figures:
            plus, minus = ("reports_investigated", "reports_criminal"), ("criminal_investigated", "reports")
            yield Row(
                {measure(name, one): 1 for name in plus} | {measure(name, one): -1 for name in minus}, why="triaged"
            )


def _quarters(issue: Issue) -> list[str]:
    """All that the issue has, the first one first."""
    return sorted({cell.period for cell in issue.figures if cell.period != cell.year})


def _shown(issue: Issue, one: Sum) -> Sum:
    """Without cells that the issue does not have: there was nothing to count, or nothing was sent."""
    return {cell: many for cell, many in one.items() if cell in issue.figures}


def _up_to_each(changes: Sequence[Sum]) -> Iterator[Sum]:
    """Sums of quarters from the first to each."""
    yield from accumulate(changes, lambda before, one: before | one)
