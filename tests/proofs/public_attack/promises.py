"""Whether the figures are what their rules promise: without that a reader's conclusions are of nothing."""

from collections.abc import Iterator, Sequence

from proofs.public_attack.attack import Leak
from proofs.public_attack.history import BlockHistory, read_history
from proofs.public_attack.knowledge import BASE, SMALL, Row
from proofs.public_attack.seen import NOT_COLLECTED, SHOWN, SUPPRESSED, ZERO, Geography, Seen, breakdowns


def broken_promises(seen: Sequence[Seen], geography: Geography) -> list[Leak]:
    """``seen``: one for each issue, in their order."""
    blocks = sorted({cell.block for one in seen for cell in one.figures})
    found = [wrong for one in seen for wrong in _of_figures(one)]
    for block in blocks:
        found += _of_counts(read_history(block, seen, geography), seen)
    return found


def _of_figures(one: Seen) -> Iterator[Leak]:
    whole_hidden = {
        part
        for whole, parts in breakdowns(one.figures).items()
        if all(one.figures[part].mark != SHOWN for part in parts)
        for part in parts
    }
    for cell, figure in one.figures.items():
        count = one.counts.get(cell)
        if (figure.mark == NOT_COLLECTED) != (count is None):
            yield Leak(one.month, cell, "collected or not is told wrongly")
        if figure.mark == ZERO and count != 0:
            yield Leak(one.month, cell, "a zero is shown where there are cases")
        if figure.mark == SUPPRESSED and count == 0 and cell not in whole_hidden:
            yield Leak(one.month, cell, "a true zero is not shown")
        if figure.mark == SHOWN and (count is None or count < SMALL):
            yield Leak(one.month, cell, "a small count is shown")
        if figure.mark == SHOWN and (figure.value is None or figure.value % BASE):
            yield Leak(one.month, cell, "a figure is not rounded")
    yield from _groups(one)


def _groups(one: Seen) -> Iterator[Leak]:
    for whole, parts in breakdowns(one.counts).items():
        largest = max(one.counts[part] for part in parts)
        if one.counts[whole] and one.counts[whole] - largest < SMALL:
            for part in parts:
                if one.figures[part].mark == SHOWN:
                    yield Leak(one.month, part, "a part is shown though nearly all cases are in one")


def _of_counts(history: BlockHistory, seen: Sequence[Seen]) -> Iterator[Leak]:
    for (place, cell), interval in history.intervals.items():
        if not interval.low <= history.counts[place, cell] <= interval.high:
            yield Leak(seen[place].month, cell, "the count is none of those that the figure stands for")
    for place, rows in history.rows.items():
        for row in rows:
            if not row.bounds.low <= _sum(history, place, row) <= row.bounds.high:
                yield Leak(seen[place].month, row.plus[0], "the counts do not add up as a reader expects")
    for link in history.links:
        change = history.counts[link.later, link.cell] - history.counts[link.earlier, link.cell]
        if not link.change.low <= change <= link.change.high:
            yield Leak(seen[link.later].month, link.cell, "a figure does not stay, or changes, as the rules say")


def _sum(history: BlockHistory, place: int, row: Row) -> int:
    return sum(history.counts[place, cell] for cell in row.plus) - sum(
        history.counts[place, cell] for cell in row.minus
    )
