"""What a reader of the public tables keeps, and what besides them everybody knows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

RECORDED, CLOSED = "criminal_incidents", "closed_incidents"
ALL, NOT_STATED = "all", "not_stated"
SHOWN, ZERO, SUPPRESSED, NOT_COLLECTED = "shown", "zero", "suppressed", "not_collected"


class Cell(NamedTuple):
    """What a public figure counts."""

    measure: str
    area: str
    part: str
    period: str

    @property
    def year(self) -> str:
        """Its financial year: a quarter is written as the year and its number."""
        return self.period.split(" ")[0]

    @property
    def block(self) -> "Block":
        """The measure and year: no sum goes beyond them."""
        return Block(self.measure, self.year)


class Block(NamedTuple):
    """Cells that can add up to each other: one measure and one financial year."""

    measure: str
    year: str


class Figure(NamedTuple):
    """What is shown of a cell."""

    mark: str
    value: int | None


class Statement(NamedTuple):
    """A row of the revisions."""

    cell: Cell
    figure: Figure
    publish: int
    at: datetime


@dataclass(frozen=True)
class Seen:
    """All that one publish showed. ``counts`` is the truth behind its figures: the attack does not use it to find
    anything, but a table that it finds may lean on it in other publishes."""

    publish: int
    month: int
    figures: Mapping[Cell, Figure]
    statements: frozenset[Statement]
    counts: Mapping[Cell, int]

    def of(self, block: Block) -> dict[Cell, Figure]:
        """The collected cells of a block: the others are in no sum."""
        return {
            cell: figure
            for cell, figure in self.figures.items()
            if cell.block == block and figure.mark != NOT_COLLECTED
        }


@dataclass(frozen=True)
class Geography:
    """The area in which each area lies, as everybody knows it; one area lies in no other."""

    within: Mapping[str, str]

    def larger(self, area: str) -> Iterable[str]:
        """All areas in which one lies, from the next larger on."""
        while area in self.within:
            area = self.within[area]
            yield area


def breakdowns(cells: Iterable[Cell]) -> dict[Cell, list[Cell]]:
    """The parts of each whole: strands or outcomes of one area and period."""
    found: dict[Cell, list[Cell]] = {}
    for cell in cells:
        if cell.part != ALL:
            found.setdefault(cell._replace(part=ALL), []).append(cell)
    return found
