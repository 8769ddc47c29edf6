"""What a reader of the five views keeps: figures, by what they count and for which period."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

RECORDED, CLOSED, MEASURES = "criminal_incidents", "closed_incidents", "measures"
FORCE_CARD, PROVIDER_CARD = "force_scorecard", "provider_scorecard"
ALL, NOT_STATED = "all", "not_stated"
STRANDS = ("race", "religion", "sexual_orientation", "disability", "transgender")
OUTCOMES = ("charged", "other_positive", "not_positive")
ANSWERS = "_answers"
"""How the number of those who answered a question of a survey is named, after those who said yes."""
ABROAD, UNKNOWN = "ABROAD", "unknown"
SMALL, BASE, POSSIBLE, STAYS_WITHIN = 5, 5, 5, 4


class Cell(NamedTuple):
    """What a figure counts."""

    measure: str
    area: str
    part: str
    period: str

    @property
    def year(self) -> str:
        """Its financial year."""
        return self.period.split(" ")[0]


Sum = Mapping[Cell, int]
"""Cells with what each counts for, to be added up."""


@dataclass(frozen=True)
class Issue:
    """What one issue shows of all that was collected, with the counts behind it."""

    figures: Mapping[Cell, int | None]
    """None where it is kept back."""
    counts: Mapping[Cell, int]
    silent: frozenset[str]
    """Quarters in which some force sent nothing, as ``count_forces_reported`` tells."""
    within: Mapping[str, str]
    """The larger area of each area."""

    def larger(self, area: str) -> Iterator[str]:
        """The area and all in which it lies."""
        yield area
        while area in self.within:
            area = self.within[area]
            yield area


def measure(part: str, period: str) -> Cell:
    """One measure of the whole hub."""
    return Cell(MEASURES, ALL, part, period)


class Breakdown(NamedTuple):
    """The parts of one whole by what people share. Of measures the last part is what is left of the whole."""

    whole: Cell
    parts: tuple[Cell, ...]
    has_rest: bool = False

    def sums(self) -> Iterator[tuple[str, dict[Cell, int]]]:
        """Each part by its name, as a sum of cells."""
        for part in self.parts:
            yield part.part, {part: 1}
        if self.has_rest:
            yield "neither", {self.whole: 1} | dict.fromkeys(self.parts, -1)


def breakdowns(cells: Mapping[Cell, object]) -> Iterator[Breakdown]:
    """All of an issue: strands, outcomes, outcomes and opinions of measures."""
    named = {RECORDED: (*STRANDS, NOT_STATED), CLOSED: OUTCOMES}
    bases = {"closed": "closed", "criminal_incidents": "recorded"}
    for cell in cells:
        names: tuple[str, ...] = ()
        if cell.measure == MEASURES and cell.part in bases:
            names = tuple(f"{name}_of_{bases[cell.part]}" for name in OUTCOMES[:2])
        elif cell.measure == MEASURES and cell.part.endswith(ANSWERS):
            names = (cell.part.removesuffix(ANSWERS),)
        elif cell.part == ALL:
            names = named.get(cell.measure, ())
        parts = tuple(part for part in (cell._replace(part=name) for name in names) if part in cells)
        if parts:
            yield Breakdown(cell, parts, has_rest=cell.measure == MEASURES)
