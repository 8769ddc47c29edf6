"""Which counts stay possible of what was kept back, for a reader of all issues."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from proofs.public_attack.history import Key, read_history
from proofs.public_attack.knowledge import NO_LIMIT, SMALL, Interval
from proofs.public_attack.programme import Numbers, Question, System, read_system
from proofs.public_attack.search import Search
from proofs.public_attack.seen import SUPPRESSED, ZERO, Block, Cell, Figure, Geography, Seen, breakdowns

POSSIBLE = 5
"""So many different counts of each hidden cell must stay possible."""
ROUNDS = 12
"""Tables sought at random before single cells are looked at."""


@dataclass(frozen=True)
class Leak:
    """What a reader can work out; no count is in it."""

    issue: int
    cell: Cell
    what: str

    def __str__(self) -> str:
        return f"issue {self.issue}: {' '.join(self.cell)}: {self.what}"


class Found:
    """Counts that could be the true ones of all issues, and the different ones among them of each hidden cell."""

    def __init__(self, system: System, hidden: Sequence[Key]) -> None:
        self.system = system
        self.counts: dict[Key, set[int]] = {key: set() for key in hidden}
        self.histories: list[Numbers] = []

    def add(self, history: Numbers | None) -> None:
        """Of every issue: what is found for one tells of the others, too."""
        if history is None:
            return
        self.histories.append(history.astype(np.int32))
        for key in self.open():
            self.counts[key].add(int(history[self.system.places[key]]))

    def open(self, issue: int | None = None) -> list[Key]:
        """Cells of which too few counts were found."""
        return [
            key for key, values in self.counts.items() if len(values) < POSSIBLE and (issue is None or key[0] == issue)
        ]

    def pairs(self, whole: Key, part: Key) -> set[tuple[int, int]]:
        """Cases in a part and outside of it, as found."""
        inside, everything = self.system.places[part], self.system.places[whole]
        return {(int(one[inside]), int(one[everything] - one[inside])) for one in self.histories}


def attack(seen: Sequence[Seen], geography: Geography) -> list[Leak]:
    """Everything that the issues together tell of what they keep back. ``seen``: one for each issue, in their order."""
    blocks = sorted({cell.block for one in seen for cell in one.figures})
    return [leak for block in blocks for leak in _attack_block(block, seen, geography)]


def _attack_block(block: Block, seen: Sequence[Seen], geography: Geography) -> Iterator[Leak]:
    tables = dict(_new_tables(block, seen))
    system = read_system(read_history(block, seen, geography))
    search = Search(system, seen)
    hidden = [(place, cell) for place, table in tables.items() for cell in table if table[cell].mark == SUPPRESSED]
    found = Found(system, hidden)
    if system.fits(system.truth):
        found.add(system.truth)
    for place, table in tables.items():
        _seek(search, found, place)
        for key in found.open(place):
            _settle(search, found, key)
            values = found.counts[key]
            # Of a zero alone the zeros that are shown tell, and there is nobody behind it.
            if len(values) < POSSIBLE and values != {0}:
                yield Leak(seen[place].month, key[1], f"only {len(values)} counts are possible")
        yield from _groups(search, found, place, table, seen[place].month)


def _new_tables(block: Block, seen: Sequence[Seen]) -> Iterator[tuple[int, dict[Cell, Figure]]]:
    """Of the issues those whose figures or counts are not the ones of the issue before: what a reader could work out
    of the others could be worked out there."""
    before: object = None
    for place, one in enumerate(seen):
        table = one.of(block)
        same = (table, {cell: one.counts[cell] for cell in table})
        if table and same != before:
            before = same
            yield place, table


def _seek(search: Search, found: Found, place: int) -> None:
    """Counts of one issue in random directions, beside the true ones of the others."""
    rng = np.random.default_rng(place)
    for _ in range(ROUNDS):
        keys = found.open(place)
        if not keys:
            return
        found.add(search.alone(place).seek({key: float(rng.integers(-9, 10)) for key in keys}))


def _settle(search: Search, found: Found, key: Key) -> None:
    """Decide of one count after the other whether a cell can have it, until as many as must be possible were found."""
    values = found.counts[key]
    bounds = search.bounds(key)
    for count in _nearest(int(found.system.truth[found.system.places[key]]), bounds):
        if len(values) >= POSSIBLE:
            return
        if count not in values:
            found.add(search.decide([Question({key: 1}, Interval(count, count))], key[0]))


def _nearest(middle: int, bounds: Interval) -> Iterator[int]:
    """All whole numbers within bounds, those next to the middle first."""
    for step in range(max(middle - bounds.low, bounds.high - middle) + 1):
        for count in dict.fromkeys((middle + step, middle - step)):
            if bounds.low <= count <= bounds.high:
                yield count


def _groups(search: Search, found: Found, place: int, table: dict[Cell, Figure], month: int) -> Iterator[Leak]:
    """Parts that all or nearly all cases of an area and period are in, for sure."""
    for whole, parts in breakdowns(table).items():
        if whole not in table or table[whole].mark == ZERO:
            continue
        for part in parts:
            pair = (place, whole), (place, part)
            if table[part].mark != ZERO and _tells(found, *pair) and not _refuted(search, found, *pair):
                yield Leak(month, part, "nearly all cases of the area and period are in it")


def _tells(found: Found, whole: Key, part: Key) -> bool:
    """Whether in all that was found all cases are in the part, or enough to be told of and few outside."""
    pairs = found.pairs(whole, part)
    return all((inside > 0 and outside == 0) or inside >= SMALL > outside for inside, outside in pairs)


def _refuted(search: Search, found: Found, whole: Key, part: Key) -> bool:
    """Whether many cases can be outside of the part, or none in it, or few both in it and outside."""
    outside = {whole: 1, part: -1}
    for questions in (
        [Question(outside, Interval(SMALL, NO_LIMIT))],
        [Question({part: 1}, Interval(0, 0))],
        [Question(outside, Interval(1, SMALL - 1)), Question({part: 1}, Interval(1, SMALL - 1))],
    ):
        history = search.decide(questions, whole[0])
        if history is not None:
            found.add(history)
            return True
    return False
