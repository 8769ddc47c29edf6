"""Which cells are kept back: the small ones, and as many others as it takes that no small one can be worked out."""

import numpy as np

from hub.disclosure.attack import Attack, Knowledge
from hub.disclosure.figures import Rules
from hub.disclosure.tables import Flags, Table


class CannotBeProtected(ArithmeticError):
    """Whatever else is kept back, a cell can be worked out."""


def protect(table: Table, told: Knowledge, small: Flags, rules: Rules, *, remembered: Knowledge | None = None) -> Flags:
    """All cells to keep back: ``small`` and the others that must go with them.

    ``told`` is what each figure would tell, were it shown. ``remembered`` is what a reader of earlier publishes knows
    who knows of each report that came since: what can be is done against that one, too, but what was published before
    cannot be taken back. Each round keeps back, for each cell that can still be bounded, the cheapest of the figures
    that bound it: the same table always gives the same answer. Raises :class:`CannotBeProtected`.
    """
    hidden = small.copy()
    for cells, part in table.apart():
        # Whoever remembers nothing knows less: what is possible to the one who does is possible to them.
        attack, mine = Attack(part, rules.protection_range), told.of(cells)
        if remembered is not None:
            hidden[cells], _ = _cover(attack, mine, hidden[cells], rules, remembered.of(cells))
        hidden[cells], left = _cover(attack, mine, hidden[cells], rules, None)
        if left:
            raise CannotBeProtected(f"{left} cells of the public statistics can be worked out")
    return hidden


def _cover(
    attack: Attack, told: Knowledge, small: Flags, rules: Rules, remembered: Knowledge | None
) -> tuple[Flags, int]:
    """The cells to keep back, and how many can be bounded all the same."""
    hidden = small.copy()
    while bounded := attack.bounded(told.without(hidden).joined(remembered), hidden):
        before = hidden.copy()
        for found in bounded:
            if np.any(hidden[list(found.bound_by)] & ~before[list(found.bound_by)]):
                continue  # another cell's cover may be its cover, too: the next round will tell
            cover = [cell for cell in found.bound_by if not hidden[cell] and _is_open(cell, remembered, rules)]
            if cover:
                hidden[min(cover, key=lambda cell: (attack.table.weights[cell], cell))] = True
        if np.array_equal(before, hidden):
            break
    return hidden, len(bounded)


def _is_open(cell: int, remembered: Knowledge | None, rules: Rules) -> bool:
    """Whether keeping it back makes it less known."""
    return remembered is None or remembered.upper[cell] - remembered.lower[cell] >= rules.protection_range
