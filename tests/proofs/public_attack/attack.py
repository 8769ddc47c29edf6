"""Which counts stay possible of what was kept back, for a reader of all issues."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from proofs.public_attack.history import Key, read_history
from proofs.public_attack.knowledge import NO_LIMIT, SMALL, Interval
from proofs.public_attack.moves import Moves, fitting
from proofs.public_attack.programme import Numbers, Question, System, read_system
from proofs.public_attack.search import Search
from proofs.public_attack.seen import SUPPRESSED, ZERO, Block, Cell, Figure, Geography, Seen, breakdowns

POSSIBLE = 5
"""So many different counts of each hidden cell must stay possible."""
ROUNDS = 6
"""How often tables are sought at random before single cells are looked at."""
MANY = 2 * POSSIBLE
"""Counts next to the true one that are looked at before it is asked which ones can be possible at all."""
PAIRS = 1000
"""Of changes that are made together, in each round."""


@dataclass(frozen=True)
class Leak:
    """What a reader can work out; no count is in it."""

    issue: int
    cell: Cell
    what: str

    def __str__(self) -> str:
        return f"issue {self.issue}: {' '.join(self.cell)}: {self.what}"


class Found:
    """Different counts of each hidden cell that could be the true ones, and the tables of an issue that have them."""

    def __init__(self, system: System, hidden: Sequence[Key]) -> None:
        self.system = system
        self.counts: dict[Key, set[int]] = {key: set() for key in hidden}
        self.tables: list[Numbers] = []
        """Of the issue that is looked at: some at a time, each with a column for each cell."""
        self.columns: dict[Key, int] = {}
        self.truth = system.truth[:0]
        """Of that issue."""

    def look_at(self, issue: int) -> None:
        """From now on."""
        self.columns = {key: column for column, key in enumerate(key for key in self.system.places if key[0] == issue)}
        self.tables = []
        self.truth = self.system.truth[self.system.issues == issue]

    def add(self, history: Numbers | None) -> None:
        """Counts of all issues: what is found for one tells of the others, too."""
        if history is None:
            return
        change, here = history - self.system.truth, self.system.issues == next(iter(self.columns))[0]
        self.add_changes(change[here][np.newaxis])
        if change[~here].any():
            for key in self.open():
                self.counts[key].add(int(history[self.system.places[key]]))

    def add_changes(self, changes: Numbers) -> None:
        """Of the true counts of the issue that is looked at."""
        tables = (self.truth + changes).astype(np.int32)
        self.tables.append(tables)
        for key in self.open(only_here=True):
            self.counts[key].update(np.unique(tables[:, self.columns[key]]).tolist())

    def open(self, *, only_here: bool = False) -> list[Key]:
        """Cells of which too few counts were found."""
        keys = [key for key in self.columns if key in self.counts] if only_here else list(self.counts)
        return [key for key in keys if len(self.counts[key]) < POSSIBLE]

    def pairs(self, whole: Key, part: Key) -> tuple[Numbers, Numbers]:
        """Cases in a part and outside of it, as found."""
        if len(self.tables) > 1:
            self.tables = [np.concatenate(self.tables)]
        inside = self.tables[0][:, self.columns[part]]
        return inside, self.tables[0][:, self.columns[whole]] - inside


def attack(seen: Sequence[Seen], geography: Geography, of: Collection[int] | None = None) -> list[Leak]:
    """Everything that the issues together tell of what they keep back. ``seen``: one for each issue, in their order;
    ``of``: the places of those whose hidden cells are looked at, where not all are."""
    blocks = sorted({cell.block for one in seen for cell in one.figures})
    places = range(len(seen)) if of is None else of
    return [leak for block in blocks for leak in _attack_block(block, seen, geography, places)]


def _attack_block(block: Block, seen: Sequence[Seen], geography: Geography, places: Collection[int]) -> Iterator[Leak]:
    tables = {place: table for place, table in _new_tables(block, seen) if place in places}
    system = read_system(read_history(block, seen, geography))
    search = Search(system)
    hidden = [(place, cell) for place, table in tables.items() for cell in table if table[cell].mark == SUPPRESSED]
    found, moves = Found(system, hidden), Moves(system)
    for place, table in tables.items():
        found.look_at(place)
        if system.fits(system.truth):
            found.add(system.truth)
        _seek(search, found, moves, place)
        for key in found.open(only_here=True):
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


def _seek(search: Search, found: Found, moves: Moves, place: int) -> None:
    """Counts of one issue beside the true ones of the others: by what was found in the issues before, in random
    directions, and then next to the true count of each cell that is open."""
    alone, rng = search.alone(place), np.random.default_rng(place)
    changes = fitting(alone, moves.of(place))
    found.add_changes(changes)
    for _ in range(ROUNDS if len(changes) else 0):
        one, other = rng.integers(len(changes), size=(2, PAIRS))
        found.add_changes(fitting(alone, changes[one] + changes[other]))
    for _ in range(ROUNDS):
        keys = found.open(only_here=True)
        if not keys:
            return
        found.add(alone.seek({key: float(rng.integers(-9, 10)) for key in keys}))
    own = found.system.issues == place
    for key in found.open(only_here=True):
        truth = int(found.system.truth[found.system.places[key]])
        for count in _nearest(truth, Interval(max(0, truth - POSSIBLE), truth + POSSIBLE)):
            if len(found.counts[key]) < POSSIBLE and count not in found.counts[key]:
                history = alone.answer([is_exactly(key, count)])
                found.add(history)
                if history is not None and count != truth:
                    change = (history - found.system.truth)[own]
                    found.add_changes(fitting(alone, moves.learn(change, place)))


def _settle(search: Search, found: Found, key: Key) -> None:
    """Decide of one count after the other whether a cell can have it, until as many as must be possible were found."""
    truth = int(found.system.truth[found.system.places[key]])
    bounds = search.bounds(key, frozenset({key[0]}))
    for tried, count in enumerate(_nearest(truth, bounds)):
        if len(found.counts[key]) >= POSSIBLE:
            return
        if tried == MANY:  # All issues together leave fewer.
            bounds = search.bounds(key, search.every)
        if count not in found.counts[key] and bounds.low <= count <= bounds.high:
            found.add(search.decide([is_exactly(key, count)], key[0]))


def is_exactly(key: Key, count: int) -> Question:
    """Whether a cell can have a count."""
    return Question({key: 1}, Interval(count, count))


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
    inside, outside = found.pairs(whole, part)
    return bool((((inside > 0) & (outside == 0)) | ((inside >= SMALL) & (outside < SMALL))).all())


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
