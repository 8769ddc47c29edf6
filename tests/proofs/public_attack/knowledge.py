"""What follows from the published rules: which sums hold, and the counts that a figure stands for, alone and beside its
earlier ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from proofs.public_attack.seen import (
    CLOSED,
    NOT_STATED,
    SHOWN,
    SUPPRESSED,
    ZERO,
    Block,
    Cell,
    Figure,
    Geography,
    Seen,
    breakdowns,
)

SMALL = 5
"""The lowest count that may be shown, besides zero."""
BASE = 5
STAYS_WITHIN = 4
"""A figure stays while its count differs by no more from the one that it was made of."""
NO_LIMIT = 10_000
Figures = Mapping[Cell, Figure]


class Interval(NamedTuple):
    """Whole numbers from ``low`` to ``high``."""

    low: int
    high: int


class Row(NamedTuple):
    """The sum of ``plus`` less the sum of ``minus`` lies within ``bounds``."""

    plus: tuple[Cell, ...]
    minus: tuple[Cell, ...]
    bounds: Interval


class Link(NamedTuple):
    """The count of a cell in one publish less that in an earlier one lies within ``change``."""

    cell: Cell
    later: int
    earlier: int
    change: Interval


def sums(cells: Figures, geography: Geography) -> Iterator[Row]:
    """What holds for every true table of a block, whatever its figures."""
    nothing, at_least_nothing = Interval(0, 0), Interval(0, NO_LIMIT)
    for whole, parts in (
        *_parts_of(cells, lambda cell: cell._replace(area=geography.within.get(cell.area, cell.area))),
        *_parts_of(cells, lambda cell: cell._replace(period=cell.year)),
    ):
        yield Row(tuple(parts), (whole,), nothing)
    for whole, parts in breakdowns(cells).items():
        if whole not in cells:
            continue
        if whole.measure == CLOSED:
            yield Row(tuple(parts), (whole,), nothing)
            continue
        yield Row(tuple(parts), (whole,), at_least_nothing)
        unknown = whole._replace(part=NOT_STATED)
        for part in parts:
            # An incident whose strand is not stated is in no other part.
            others = (part, unknown) if part != unknown and unknown in cells else (part,)
            yield Row((whole,), others, at_least_nothing)


def _parts_of(cells: Figures, whole_of: Callable[[Cell], Cell]) -> Iterator[tuple[Cell, list[Cell]]]:
    found: dict[Cell, list[Cell]] = {}
    for cell in cells:
        if whole_of(cell) != cell:
            found.setdefault(whole_of(cell), []).append(cell)
    return ((whole, parts) for whole, parts in found.items() if whole in cells)


def intervals(cells: Figures, geography: Geography) -> dict[Cell, Interval]:
    """The counts that each figure of a block stands for by itself. A figure may be older than its count."""
    may_be_zero = {
        part
        for parts in breakdowns(cells).values()
        if all(_says_nothing(cells, part, geography) for part in parts)
        for part in parts
    }
    return {cell: _interval(figure, cell in may_be_zero) for cell, figure in cells.items()}


def _interval(figure: Figure, may_be_zero: bool) -> Interval:
    if figure.mark == ZERO:
        return Interval(0, 0)
    if figure.mark == SUPPRESSED:
        return Interval(0 if may_be_zero else 1, NO_LIMIT)
    assert figure.value is not None
    made_of = rounded_from(figure.value)
    return Interval(max(SMALL, made_of.low - STAYS_WITHIN), made_of.high + STAYS_WITHIN)


def rounded_from(value: int) -> Interval:
    """The counts that a shown value is made of."""
    return Interval(max(SMALL, value - BASE // 2), value + BASE // 2)


def _says_nothing(cells: Figures, part: Cell, geography: Geography) -> bool:
    """Whether a cell of a breakdown leaves open that the breakdown is hidden as a whole: it is suppressed, or a zero
    that the zero of a larger area or of the year shows anyhow."""
    if cells[part].mark != ZERO:
        return cells[part].mark == SUPPRESSED
    areas, periods = (part.area, *geography.larger(part.area)), {part.period, part.year}
    larger = (
        part._replace(area=area, period=period, part=name)
        for area in areas
        for period in periods
        for name in (part.part, "all")
    )
    return any(cells[cell].mark == ZERO for cell in larger if cell != part and cell in cells)


def made_in(block: Block, seen: Sequence[Seen]) -> dict[tuple[int, Cell], int]:
    """For each shown cell of each issue the one in which its figure was made: the first that shows it on end."""
    made: dict[tuple[int, Cell], int] = {}
    for place, one in enumerate(seen):
        for cell, figure in one.of(block).items():
            if figure.mark == SHOWN:
                stays = place > 0 and seen[place - 1].figures.get(cell) == figure
                made[place, cell] = made[place - 1, cell] if stays else place
    return made


def links(block: Block, seen: Sequence[Seen]) -> Iterator[Link]:
    """What the shown figures of a block tell of each other over the issues."""
    made = made_in(block, seen)
    for (place, cell), first in made.items():
        if first < place:
            yield Link(cell, place, first, Interval(-STAYS_WITHIN, STAYS_WITHIN))
        elif (place - 1, cell) in made:
            # A new figure tells that the count has changed by more than lets a figure stay, and in which direction.
            earlier = made[place - 1, cell]
            rises = _value(seen[place], cell) > _value(seen[earlier], cell)
            change = Interval(STAYS_WITHIN + 1, NO_LIMIT) if rises else Interval(-NO_LIMIT, -STAYS_WITHIN - 1)
            yield Link(cell, place, earlier, change)


def _value(seen: Seen, cell: Cell) -> int:
    value = seen.figures[cell].value
    assert value is not None
    return value
