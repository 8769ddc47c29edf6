"""How a count is put to the public: what is kept back, how it is rounded, and what a reader learns from the figure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np

from hub.disclosure.knowledge import Knowledge
from hub.disclosure.tables import Flags, Numbers

METHOD = 6
"""Counted up whenever other cells are kept back of the same counts: earlier decisions no longer hold."""


class Mark(StrEnum):
    """What stands in a cell."""

    SHOWN = "shown"
    ZERO = "zero"
    SUPPRESSED = "suppressed"
    NOT_COLLECTED = "not_collected"


@dataclass(frozen=True)
class Rules:
    """Counts from 1 to ``threshold`` - 1 are kept back; shown ones are rounded to a multiple of ``rounding_base``; of
    each cell that is kept back ``possible_counts`` different counts stay possible; a figure that was published stays
    until its count has changed by ``revision_threshold``."""

    threshold: int
    rounding_base: int
    possible_counts: int
    revision_threshold: int

    @property
    def as_text(self) -> str:
        """The number of the method, and the four numbers in their order."""
        return f"{METHOD}:{self.threshold}/{self.rounding_base}/{self.possible_counts}/{self.revision_threshold}"

    @classmethod
    def of_text(cls, text: str) -> Self:
        """The rules that :attr:`as_text` names, by whichever method."""
        return cls(*map(int, text.rpartition(":")[2].split("/")))


def is_small(counts: Numbers, rules: Rules) -> Flags:
    """Counts that may not be shown."""
    small: Flags = (counts > 0) & (counts < rules.threshold)
    return small


def rounds_clear_of_small(counts: Numbers, rules: Rules) -> Flags:
    """Counts whose figure stands for none that is small, nor for the lowest that is not."""
    clear: Flags = rounded(counts, rules) - rules.rounding_base // 2 > rules.threshold
    return clear


def rounded(counts: Numbers, rules: Rules) -> Numbers:
    """To the nearest multiple of the base; half way up."""
    base = rules.rounding_base
    values: Numbers = np.floor((counts + base // 2) / base) * base
    return values


def learned(values: Numbers, rules: Rules) -> Knowledge:
    """What figures tell that are shown: a zero is one, and a rounded figure stands for the counts that round to it and
    are not small."""
    base = rules.rounding_base
    lower = np.maximum(values - base // 2, rules.threshold)
    upper = values + (base - 1 - base // 2)
    return Knowledge(np.where(values == 0, 0.0, lower), np.where(values == 0, 0.0, upper))
