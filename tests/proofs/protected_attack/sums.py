"""What a reader knows of counts: sums of cells that are zero, or not less than something."""

from collections.abc import Mapping
from typing import NamedTuple

from proofs.protected_attack.figures import Cell


class Row(NamedTuple):
    """A sum of cells is 0 (``is_equal``), or at least ``least``."""

    sum: Mapping[Cell, int]
    is_equal: bool = False
    least: int = 0
    why: str = "sums"
    """Which knowledge it is."""

    def holds(self, counts: Mapping[Cell, int]) -> bool:
        """Whether it is true of these counts."""
        total = sum(counts[cell] * many for cell, many in self.sum.items())
        return total == 0 if self.is_equal else total >= self.least


def less(whole: Cell, *parts: Cell) -> dict[Cell, int]:
    """What is left of a whole."""
    return {whole: 1} | dict.fromkeys(parts, -1)
