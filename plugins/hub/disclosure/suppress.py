"""Which cells are kept back: small ones, what tells of a whole group, and what it takes that none can be worked out."""

from collections.abc import Callable
from functools import partial

import numpy as np

from hub.disclosure.attack import Attack, Bounded, Group, Knowledge
from hub.disclosure.breakdowns import as_read, dominated, groups_of
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
    it is kept back, until it no longer can; and so for each breakdown of which it can still be told that nearly all
    cases are in one part. The same table always gives the same answer. Raises :class:`CannotBeProtected`.
    """
    hidden = small | dominated(table, rules.threshold)
    for cells, part in table.apart():
        # First as the reader who remembers. Each table that is possible for that one is possible for one who knows this
        # publish alone, so the tables that are found serve both.
        attack, mine = Attack(part, rules.possible_counts, groups_to_guard(part, rules)), revealed.of(cells)
        if remembered is not None:
            hidden[cells], _ = _cover(attack, mine, hidden[cells], rules, remembered.of(cells))
        hidden[cells], left = _cover(attack, mine, hidden[cells], rules, None)
        if left:
            raise CannotBeProtected(f"{left} cells or groups of the public statistics can be worked out")
    return hidden


def groups_to_guard(table: Table, rules: Rules) -> list[Group]:
    """The breakdowns of a table of which nobody may learn that nearly all cases are in one part."""
    found = groups_of(table, rules.threshold)
    pairs = zip(found.wholes.tolist(), found.largest.tolist(), strict=True)
    return [Group(whole, largest, rules.threshold) for whole, largest in pairs]


def _cover(
    attack: Attack, revealed: Knowledge, hidden_before: Flags, rules: Rules, remembered: Knowledge | None
) -> tuple[Flags, int]:
    """All cells to keep back, and of how many, or of how many groups, it can be worked out what they hold all the
    same."""
    hidden = hidden_before.copy()

    def known() -> Knowledge:
        return as_read(revealed, attack.table, hidden, rules.threshold).joined(remembered)

    def is_covered(bounded: Callable[[Knowledge], Bounded | None]) -> bool:
        while found := bounded(known()):
            covers = [
                one for one in found.bound_by if not hidden[one] and _covers(one, attack.table, remembered, rules)
            ]
            if not covers:
                return False
            hidden[min(covers, key=lambda one: (attack.table.weights[one], one))] = True
        return True

    while True:
        before, left = hidden.copy(), 0
        for cell in np.flatnonzero(attack.unsettled(known(), hidden)).tolist():
            left += not is_covered(partial(attack.bounded, cell=cell))
        if remembered is None:
            # Who remembers an earlier issue learnt of a group then.
            for group in attack.told:
                left += not is_covered(partial(attack.tells, group=group))
        if np.array_equal(before, hidden):
            return hidden, left


def _covers(cell: int, table: Table, remembered: Knowledge | None, rules: Rules) -> bool:
    """Whether keeping it back makes it less known. A zero covers nothing."""
    if table.counts[cell] == 0:
        return False
    return remembered is None or remembered.upper[cell] - remembered.lower[cell] + 1 >= rules.possible_counts
