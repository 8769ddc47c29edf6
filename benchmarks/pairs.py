"""Pairs of records that a linkage put together, against those that belong together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pairs:
    """How many pairs truly belong together (``true``), were put together (``found``), and both (``right``)."""

    true: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """Of the pairs that were put together, the share that belongs together."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Of the pairs that belong together, the share that was put together."""
        return self.right / self.true if self.true else 1.0
