"""What a reader of published figures knows, and may not learn."""

from dataclasses import dataclass

import numpy as np

from hub.disclosure.tables import Flags, Numbers, Places


@dataclass(frozen=True)
class Knowledge:
    """What an attacker knows of each cell besides the table's structure: it is at least ``lower``, at most ``upper``
    (which may be infinite)."""

    lower: Numbers
    upper: Numbers

    def of(self, cells: Places) -> "Knowledge":
        """Of some cells alone."""
        return Knowledge(self.lower[cells], self.upper[cells])

    def without(self, hidden: Flags, may_be_zero: Flags) -> "Knowledge":
        """When cells are kept back: each is at least one where it may not be zero."""
        lowest = np.where(may_be_zero, 0.0, 1.0)
        return Knowledge(np.where(hidden, lowest, self.lower), np.where(hidden, np.inf, self.upper))

    def moved(self, by: Numbers) -> "Knowledge":
        """Of counts to which ``by`` was added since."""
        return Knowledge(np.maximum(self.lower + by, 0.0), self.upper + by)

    def widened(self, by: Numbers) -> "Knowledge":
        """Of counts that may have moved by as much since, up or down."""
        return Knowledge(np.maximum(self.lower - by, 0.0), self.upper + by)

    def holds(self, counts: Numbers) -> bool:
        """Whether it is true."""
        return bool(np.all((self.lower <= counts) & (counts <= self.upper)))

    def joined(self, other: "Knowledge | None") -> "Knowledge":
        """The knowledge of a reader who knows both."""
        if other is None:
            return self
        return Knowledge(np.maximum(self.lower, other.lower), np.minimum(self.upper, other.upper))


@dataclass(frozen=True)
class Group:
    """A breakdown of which nobody may learn that nearly all cases are in its largest part: the places of both, and how
    many cases outside of that are enough."""

    whole: int
    largest: int
    enough: int

    def is_open(self, counts: Numbers) -> bool:
        """Whether a reader who takes these counts for the true ones learns nothing of the group."""
        inside, outside = counts[self.largest], counts[self.whole] - counts[self.largest]
        return bool(outside >= self.enough or (outside >= 1 and inside < self.enough))
