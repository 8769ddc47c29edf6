"""Adding up by month and cut."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

type Cut = tuple[str, str]
"""By what a figure is cut, and which one: ("force", "BTP")."""
WHOLE: Cut = ("all", "all")


@dataclass(frozen=True)
class Figure:
    """A measure of a month and cut, before its definition is put beside it."""

    measure: str
    month: date
    cut: Cut
    numerator: Decimal
    denominator: Decimal | None
    base_apart: Decimal | None = None
    """How many it rests on, where that is neither of the two."""


def cut(dimension: str, code: str | None) -> Cut:
    """A cut by something that may not be known."""
    return dimension, code or "unknown"


@dataclass(frozen=True)
class Part:
    """What one thing adds to a measure: in which month and cuts, and how much above and below the line."""

    month: date
    cuts: tuple[Cut, ...]
    numerator: Decimal | int
    denominator: Decimal | int | None = None
    base_apart: Decimal | int | None = None


def add_up(measure: str, parts: Iterable[Part]) -> list[Figure]:
    """A figure for each month and cut in which there is something, if only a nought."""
    found: dict[tuple[date, Cut], list[Part]] = defaultdict(list)
    for part in parts:
        for each in (WHOLE, *part.cuts):
            found[part.month, each].append(part)
    return [
        Figure(
            measure,
            month,
            each,
            _sum(part.numerator for part in group),
            None if group[0].denominator is None else _sum(part.denominator for part in group),
            None if group[0].base_apart is None else _sum(part.base_apart for part in group),
        )
        for (month, each), group in found.items()
    ]


def _sum(values: Iterable[Decimal | int | None]) -> Decimal:
    return sum((Decimal(value) for value in values if value is not None), Decimal(0))
