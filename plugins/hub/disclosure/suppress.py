"""Which cells are kept back: small ones, those that reveal a whole group, and others so that none can be worked out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hub.disclosure.attack import Attack, attacked
from hub.disclosure.breakdowns import as_read, dominated, groups_of
from hub.disclosure.figures import Rules
from hub.disclosure.issues import Issues
from hub.disclosure.knowledge import Group, Knowledge
from hub.disclosure.tables import Flags, Places, Table


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
        has_cases = part.counts > 0  # a zero covers nothing
        if remembered is not None:
            then = remembered.of(cells)
            # Who knows nearly all of a count learns nothing more of its figure.
            may_cover = has_cases & (then.upper - then.lower + 1 >= rules.possible_counts)
            first = _Cover(attack, mine, hidden[cells], may_cover, rules, then)
            first.until_safe()
            hidden[cells] = first.hidden
        cover = _Cover(attack, mine, hidden[cells], has_cases, rules)
        if left := cover.until_safe():
            raise CannotBeProtected(f"{left} cells or groups of the public statistics can be worked out")
        hidden[cells] = cover.hidden
    return hidden


def protect_beside_earlier(issues: Issues, rules: Rules) -> Flags:
    """All cells of the present issue to keep back: those that are, and what must go with them, that nothing can be
    worked out from all issues together. What earlier ones tell alone is told, and left out.

    Raises :class:`CannotBeProtected`.
    """
    table = issues.table
    attack = Attack(table, rules.possible_counts, groups_to_guard(table, rules))
    may_cover, is_told = issues.is_present & (table.counts > 0), told_by(issues.earlier, rules)
    cover = _Cover(attack, issues.revealed, issues.hidden.copy(), may_cover, rules, is_told=is_told)
    if left := cover.until_safe():
        raise CannotBeProtected(f"{left} cells or groups can be worked out from this issue and those before it")
    return cover.hidden[issues.is_present]


def told_by(issues: Issues, rules: Rules) -> Callable[[int | Group], bool]:
    """Whether a cell or group can be worked out from some issues."""
    table = issues.table
    attack = Attack(table, rules.possible_counts, groups_to_guard(table, rules))
    known = as_read(issues.revealed, table, issues.hidden, rules.threshold)

    def is_told(one: int | Group) -> bool:
        place = one.whole if isinstance(one, Group) else one
        return place < table.size and attack.worked_out(known, one) is not None

    return is_told


def worked_out(issues: Issues, rules: Rules) -> tuple[int, int]:
    """Of how many cells, and of how many groups, all issues together tell what the earlier ones do not."""
    known = as_read(issues.revealed, issues.table, issues.hidden, rules.threshold)
    groups, before = groups_to_guard(issues.table, rules), told_by(issues.earlier, rules)
    found, told = attacked(issues.table, known, issues.hidden, rules.possible_counts, groups, before)
    return len(found), told


def groups_to_guard(table: Table, rules: Rules) -> list[Group]:
    """The breakdowns of a table of which nobody may learn that nearly all cases are in one part."""
    found = groups_of(table, rules.threshold)
    pairs = zip(found.wholes.tolist(), found.largest.tolist(), strict=True)
    return [Group(whole, largest, rules.threshold) for whole, largest in pairs]


@dataclass
class _Cover:
    """Keeps back what it takes. ``may_cover``: figures that it would help not to show; ``is_told``: of which cells and
    groups it is known what they hold, whatever is kept back."""

    attack: Attack
    revealed: Knowledge
    hidden: Flags
    may_cover: Flags
    rules: Rules
    remembered: Knowledge | None = None
    is_told: Callable[[int | Group], bool] | None = None

    def until_safe(self) -> int:
        """Of how many cells or groups it can be worked out what they hold, whatever is kept back."""
        while True:
            before, left = self.hidden.copy(), 0
            for cell in np.flatnonzero(self.attack.unsettled(self._known(), self.hidden)).tolist():
                left += not self._is_covered(cell)
            if self.remembered is None:
                # Who remembers an earlier issue learnt of a group then.
                for group in self.attack.told:
                    left += not self._is_covered(group)
            if np.array_equal(before, self.hidden):
                return left

    def _known(self) -> Knowledge:
        table = self.attack.table
        return as_read(self.revealed, table, self.hidden, self.rules.threshold).joined(self.remembered)

    def _is_covered(self, one: int | Group) -> bool:
        reaches = self.attack.reaches(one)
        # To be open in one of the smaller places is enough; whether it is told is sought everywhere, which costs most.
        if any(self.attack.bounds(self._known(), one, places) is None for places in reaches[:-1]):
            return True
        if self.is_told is not None and self.is_told(one):
            return True
        return any(self._is_covered_by(one, places) for places in reaches)

    def _is_covered_by(self, one: int | Group, places: Places) -> bool:
        while found := self.attack.bounds(self._known(), one, places):
            covers = [other for other in found.bound_by if self.may_cover[other] and not self.hidden[other]]
            if not covers:
                return False
            cover = min(covers, key=lambda other: (self.attack.table.weights[other], other))
            self.hidden[cover] = True
            self.attack.keep_back(cover)
        return True
