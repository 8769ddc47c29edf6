"""Which cells are kept back: small ones, what tells of a whole group, and what it takes that none can be worked out."""

import numpy as np

from hub.disclosure.attack import Attack, Knowledge
from hub.disclosure.breakdowns import as_read, dominated
from hub.disclosure.figures import Rules
from hub.disclosure.tables import Flags, Table


class CannotBeProtected(ArithmeticError):
    """Whatever else is kept back, a cell can be worked out."""


def protect(
    table: Table, revealed: Knowledge, small: Flags, rules: Rules, *, remembered: Knowledge | None = None
) -> Flags:
    """All cells to keep back: ``small``, breakdowns that tell of nearly everybody, and what must go with them.

    ``revealed`` is what each figure would give away if it were shown. ``remembered`` is what somebody knows who keeps
    earlier publishes and knows each report that came since: figures are protected against that reader too, as far as
    they have not been published before. For each cell that can still be bounded, the cheapest of the figures that bound
    it is kept back, until it no longer can: the same table always gives the same answer.
    Raises :class:`CannotBeProtected`.
    """
    hidden = small | dominated(table, rules.threshold)
    for cells, part in table.apart():
        # A reader who remembers nothing knows less: what is possible to one who does is possible to them.
        attack, mine = Attack(part, rules.possible_counts), revealed.of(cells)
        if remembered is not None:
            hidden[cells], _ = _cover(attack, mine, hidden[cells], rules, remembered.of(cells))
        hidden[cells], left = _cover(attack, mine, hidden[cells], rules, None)
        if left:
            raise CannotBeProtected(f"{left} cells of the public statistics can be worked out")
    return hidden


def _cover(
    attack: Attack, revealed: Knowledge, small: Flags, rules: Rules, remembered: Knowledge | None
) -> tuple[Flags, int]:
    """The cells to keep back, and how many can be bounded all the same."""
    hidden = small.copy()
    while True:
        before, left = hidden.copy(), 0
        unsettled = attack.unsettled(as_read(revealed, attack.table, hidden).joined(remembered), hidden)
        for cell in np.flatnonzero(unsettled).tolist():
            while found := attack.bounded(as_read(revealed, attack.table, hidden).joined(remembered), cell):
                covers = [
                    one for one in found.bound_by if not hidden[one] and _covers(one, attack.table, remembered, rules)
                ]
                if not covers:
                    left += 1
                    break
                hidden[min(covers, key=lambda one: (attack.table.weights[one], one))] = True
        if np.array_equal(before, hidden):
            return hidden, left


def _covers(cell: int, table: Table, remembered: Knowledge | None, rules: Rules) -> bool:
    """Whether keeping it back makes it less known. A zero covers nothing."""
    if table.counts[cell] == 0:
        return False
    return remembered is None or remembered.upper[cell] - remembered.lower[cell] + 1 >= rules.possible_counts
