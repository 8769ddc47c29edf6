"""What follows from the documents for every table that could be the true one: sums, and what a figure stands for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from proofs.protected_attack.course import of_the_way
from proofs.protected_attack.figures import (
    ABROAD,
    ALL,
    BASE,
    CLOSED,
    FORCE_CARD,
    MEASURES,
    NOT_STATED,
    OUTCOMES,
    PROVIDER_CARD,
    RECORDED,
    SMALL,
    STAYS_WITHIN,
    UNKNOWN,
    Breakdown,
    Cell,
    Issue,
    breakdowns,
    measure,
)
from proofs.protected_attack.sums import Row, less
from proofs.protected_attack.world import WAVES

NO_LIMIT = 100_000


PARTS = (
    ("incidents", "criminal_incidents"),
    ("reports", "reports_investigated"),
    ("reports", "reports_criminal"),
    ("reports_criminal", "reports_referred_elsewhere"),
    ("victims", "victims_referred"),
    ("criminal_incidents", "criminal_investigated"),
    ("criminal_incidents", "incidents_with_arrest"),
    ("criminal_incidents", "charged_of_recorded", "other_positive_of_recorded"),
    ("closed", "charged_of_closed", "other_positive_of_closed"),
    ("clocks_decided", "victims_code_met"),
    ("volunteer_reports", "counter_narratives", "support_signposted"),
    ("training_invited", "training_attended"),
    ("training_attended", "training_completed"),
    *((f"{wave}_answers", wave) for wave in WAVES),
)
"""Of measures: a whole and parts of it that have nothing in common. What is left has to stay open."""
WHOLE = (
    ("criminal_incidents", "criminal_abroad", "criminal_uk", "criminal_awaiting_provider"),
    ("clocks_started", "clocks_decided", "victims_code_running"),
)
"""Of measures: a whole and all of its parts."""
ORDERED = (
    ("reports_criminal", "criminal_incidents"),
    ("reports_investigated", "criminal_investigated"),
)
"""Of measures: reports of incidents, of which each has one or more, and the incidents."""
CARD_PARTS = (
    ("received", "due"),
    ("due", "acknowledged"),
    ("acknowledged", "acknowledged_in_time"),
    ("received", "outcomes"),
    ("outcomes", "removed"),
)


def remainders(issue: Issue) -> Iterator[Mapping[Cell, int]]:
    """What is left of a count besides its named parts: in no view, and open to as many counts as what is kept back."""
    cells = issue.figures
    for period in dict.fromkeys(cell.period for cell in cells if cell.measure == MEASURES):
        for whole, *parts in PARTS:
            if measure(whole, period) in cells:
                yield less(measure(whole, period), *(measure(part, period) for part in parts))
    for cell in cells:
        if cell.measure in (FORCE_CARD, PROVIDER_CARD):
            for whole, part in CARD_PARTS:
                if cell.part == whole and cell._replace(part=part) in cells:
                    yield less(cell, cell._replace(part=part))
    yield from (row.sum for row in _of_silent(issue) if not row.is_equal)


def rows(issue: Issue) -> Iterator[Row]:
    """All that holds between the counts of an issue."""
    cells = issue.figures
    yield from (Row(one) for one in remainders(issue))
    yield from (row for row in _of_silent(issue) if row.is_equal)
    yield from _of_measures(issue)
    for whole, parts in _margins(issue):
        yield Row(less(whole, *parts), is_equal=True)
    for one in breakdowns(cells):
        if one.whole.measure == CLOSED:
            yield Row(less(one.whole, *one.parts), is_equal=True)
        elif one.whole.measure == RECORDED:
            yield Row(dict.fromkeys(one.parts, 1) | {one.whole: -1})
            for part in one.parts:
                # An incident whose strand is not stated is in no other part.
                yield Row(less(one.whole, *{part, one.whole._replace(part=NOT_STATED)}))
    yield from _nothing_dominates(issue)
    yield from of_the_way(issue)


def _of_measures(issue: Issue) -> Iterator[Row]:
    cells = issue.figures
    for period in dict.fromkeys(cell.period for cell in cells if cell.measure == MEASURES):

        def of(part: str, period: str = period) -> Cell:
            return measure(part, period)

        for whole, *parts in WHOLE:
            if of(whole) in cells:
                yield Row(less(of(whole), *map(of, parts)), is_equal=True)
        if of("incidents") not in cells:
            continue
        for more, fewer in ORDERED:
            yield Row(less(of(more), of(fewer)), why="reports")
        # Each incident has a report: those that are no crimes, too, and crimes that nobody has worked on.
        crimes = of("criminal_incidents")
        no_crimes = {of("reports"): 1, of("reports_criminal"): -1, of("incidents"): -1, crimes: 1}
        yield Row(no_crimes, why="reports")
        idle = {of("reports"): 1, of("reports_investigated"): -1, crimes: -1, of("criminal_investigated"): 1}
        yield Row(idle, why="reports")
        yield Row(less(Cell(RECORDED, UNKNOWN, ALL, period), of("criminal_awaiting_provider")), why="places")
        yield Row(less(of("criminal_abroad"), Cell(RECORDED, ABROAD, ALL, period)), why="places")


def _of_silent(issue: Issue) -> Iterator[Row]:
    """Public statistics of the whole country and the measures of the same cases: what is more are the cases of forces
    that sent nothing, and where all sent something there are none."""
    for period in dict.fromkeys(cell.period for cell in issue.figures if cell.measure == MEASURES):
        none = period not in issue.silent
        closed, public = measure("closed", period), Cell(CLOSED, ALL, ALL, period)
        if measure("criminal_incidents", period) in issue.figures:
            yield Row(
                less(measure("criminal_incidents", period), public._replace(measure=RECORDED)),
                is_equal=none,
                why="silent" if none else "sums",
            )
        if closed not in issue.figures:
            continue
        positive = [measure(f"{name}_of_closed", period) for name in OUTCOMES[:2]]
        yield Row(less(closed, public), is_equal=none, why="silent" if none else "sums")
        for cell, name in zip(positive, OUTCOMES, strict=False):
            yield Row(less(cell, public._replace(part=name)), is_equal=none, why="silent" if none else "sums")
        yield Row(
            less(closed, *positive, public._replace(part=OUTCOMES[2])), is_equal=none, why="silent" if none else "sums"
        )


def _margins(issue: Issue) -> Iterator[tuple[Cell, list[Cell]]]:
    """Sums over areas and over quarters."""
    by_area: dict[Cell, list[Cell]] = {}
    by_period: dict[Cell, list[Cell]] = {}
    for cell in issue.figures:
        if cell.measure not in (RECORDED, CLOSED):
            continue
        if cell.area in issue.within:
            by_area.setdefault(cell._replace(area=issue.within[cell.area]), []).append(cell)
        if cell.period != cell.year:
            by_period.setdefault(cell._replace(period=cell.year), []).append(cell)
    yield from by_area.items()
    yield from by_period.items()


def _nothing_dominates(issue: Issue) -> Iterator[Row]:
    """A breakdown is kept back as a whole where fewer than five are outside one part. Of one that is not, five are."""
    for one in breakdowns(issue.figures):
        if issue.figures[one.whole] != 0 and not is_silent(issue, one):
            for _, part in one.sums():
                outside = {one.whole: 1}
                for cell, many in part.items():
                    outside[cell] = outside.get(cell, 0) - many
                yield Row({cell: many for cell, many in outside.items() if many}, least=SMALL, why="groups")


def is_silent(issue: Issue, one: Breakdown) -> bool:
    """Whether no part of a breakdown is shown. Zeros that zeros elsewhere tell are not counted as shown."""
    return all(issue.figures[part] is None or is_told_zero(issue, part) for part in one.parts)


def is_told_zero(issue: Issue, cell: Cell) -> bool:
    """Whether another zero tells that a cell is zero: of the whole, a larger area, the year, or all forces."""
    figures = issue.figures
    if figures[cell] != 0:
        return False
    if cell.measure == MEASURES:
        return any(figures.get(measure(whole, cell.period)) == 0 for whole in ("closed", "criminal_incidents"))
    for area in issue.larger(cell.area):
        for period in (cell.period, cell.year):
            for part in (cell.part, ALL):
                other = Cell(cell.measure, area, part, period)
                if other != cell and figures.get(other) == 0:
                    return True
    of_all_forces = {
        (CLOSED, OUTCOMES[0]): "charged_of_closed",
        (CLOSED, OUTCOMES[1]): "other_positive_of_closed",
        (CLOSED, ALL): "closed",
        (RECORDED, ALL): "criminal_incidents",
    }
    for part in (cell.part, ALL):
        name = of_all_forces.get((cell.measure, part))
        if name and figures.get(measure(name, cell.period)) == 0:
            return True
    return False


class Interval(NamedTuple):
    """Whole numbers from ``low`` to ``high``."""

    low: int
    high: int


def intervals(issue: Issue) -> dict[Cell, Interval]:
    """The counts that each figure stands for in the issue in which it was made."""
    may_be_zero = {part for one in breakdowns(issue.figures) if is_silent(issue, one) for part in one.parts}
    known: dict[Cell, Interval] = {}
    for cell, value in issue.figures.items():
        if value is None:
            known[cell] = Interval(0 if cell in may_be_zero else 1, NO_LIMIT)
        else:
            known[cell] = Interval(max(SMALL, value - BASE // 2), value + BASE // 2) if value else Interval(0, 0)
    return known


class Link(NamedTuple):
    """The count of a cell in one issue less that in an earlier one."""

    cell: Cell
    earlier: int
    later: int
    change: Interval


def links(issues: Sequence[Issue]) -> tuple[dict[tuple[int, Cell], int], list[Link]]:
    """In which issue each shown figure was made, and what they tell of each other: a figure stays until its count
    has changed by five."""
    made: dict[tuple[int, Cell], int] = {}
    found: list[Link] = []
    for place, issue in enumerate(issues):
        before = issues[place - 1].figures if place else {}
        for cell, value in issue.figures.items():
            if not value:
                continue
            earlier = before.get(cell)
            if earlier == value:
                made[place, cell] = made[place - 1, cell]
                found.append(Link(cell, made[place, cell], place, Interval(-STAYS_WITHIN, STAYS_WITHIN)))
                continue
            made[place, cell] = place
            if earlier:
                rises = Interval(STAYS_WITHIN + 1, NO_LIMIT)
                change = rises if value > earlier else Interval(-rises.high, -rises.low)
                found.append(Link(cell, made[place - 1, cell], place, change))
    return made, found
