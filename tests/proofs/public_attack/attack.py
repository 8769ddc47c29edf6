"""Which counts stay possible of what was kept back, for a reader of all issues."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from proofs.public_attack.knowledge import SMALL, Interval
from proofs.public_attack.programme import BlockHistory, Key, Programme, Undecided, make_programme, read_history
from proofs.public_attack.seen import SUPPRESSED, ZERO, Block, Cell, Geography, Seen, breakdowns

POSSIBLE = 5
"""So many different counts of each hidden cell must stay possible."""
ROUNDS = 12
"""Tables sought at random before single cells are looked at."""
Table = dict[Key, int]


@dataclass
class Found:
    """Tables that could be true, and the counts that they have of each hidden cell."""

    counts: dict[Key, set[int]]
    tables: list[Table] = field(default_factory=list)

    def add(self, table: Table | None) -> None:
        if table is None:
            return
        self.tables.append(table)
        for key, values in self.counts.items():
            if key in table:
                values.add(table[key])

    def open(self) -> list[Key]:
        """Cells of which too few counts were found."""
        return [key for key, values in self.counts.items() if len(values) < POSSIBLE]


@dataclass(frozen=True)
class Leak:
    """What a reader can work out; no count is in it."""

    issue: int
    cell: Cell
    what: str

    def __str__(self) -> str:
        return f"issue {self.issue}: {' '.join(self.cell)}: {self.what}"


def attack(seen: Sequence[Seen], geography: Geography) -> list[Leak]:
    """Everything that the issues together tell of what they keep back. ``seen``: one for each issue, in their order."""
    blocks = sorted({cell.block for one in seen for cell in one.figures})
    return [leak for block in blocks for leak in _attack_block(block, seen, geography)]


def _attack_block(block: Block, seen: Sequence[Seen], geography: Geography) -> Iterator[Leak]:
    history = read_history(block, seen, geography)
    before: object = None
    for place, one in enumerate(seen):
        table = one.of(block)
        same = (table, {cell: one.counts[cell] for cell in table})
        if not table or same == before:
            continue  # What a reader could work out of these figures could be worked out of the issue before.
        before = same
        yield from _attack_issue(history, place, one, table)


def _attack_issue(history: BlockHistory, place: int, one: Seen, table: Collection[Cell]) -> Iterator[Leak]:
    hidden = [(place, cell) for cell in table if one.figures[cell].mark == SUPPRESSED]
    found = Found({key: set() for key in hidden})
    found.add({key: count for key, count in history.counts.items() if key[0] == place})
    _seek(make_programme(history, {place}, leaning=True), found, place)
    if found.open():
        _settle(history, place, found)
    for key in found.open():
        values = found.counts[key]
        if values == {0}:
            continue  # Zeros that are shown tell of it, and there is nobody behind it.
        yield Leak(one.month, key[1], f"only {len(values)} counts are possible")
    yield from _groups(history, place, one, found)


def _seek(programme: Programme, found: Found, seed: int) -> None:
    """Tables in random directions, then for each cell that is open the counts next to those found."""
    rng = np.random.default_rng(seed)
    for _ in range(ROUNDS):
        if not found.open():
            return
        found.add(programme.solve({key: float(rng.integers(-9, 10)) for key in found.open()}))
    for key in found.open():
        for count in _near(found.counts[key]):
            if len(found.counts[key]) >= POSSIBLE:
                break
            aim = {other: float(rng.integers(-9, 10)) for other in found.open() if other != key}
            found.add(programme.solve(aim, {key: Interval(count, count)}))


def _near(values: Collection[int]) -> list[int]:
    """Counts that were not found, the nearest first."""
    middle = sorted(values)[len(values) // 2]
    around = [count for step in range(1, 2 * POSSIBLE) for count in (middle + step, middle - step)]
    return [count for count in around if count >= 0 and count not in values]


def _settle(history: BlockHistory, place: int, found: Found) -> None:
    """Decide what is open: first with the figures of the issue alone, which tell less than all; what they leave
    possible is sought with ever more issues at a time."""
    alone = Found({key: set(found.counts[key]) for key in found.open()})
    _seek_all(make_programme(history, {place}, leaning=False), alone)
    left = [key for key in found.open() if len(alone.counts[key]) >= POSSIBLE]
    every = {key[0] for key in history.intervals}
    for issues in (history.linked(place), every):
        if not left:
            return
        programme = make_programme(history, issues, leaning=True)
        wider = Found({key: found.counts[key] for key in left})
        _seek_all(programme, wider)
        found.tables += wider.tables
        left = wider.open()


def _seek_all(programme: Programme, found: Found) -> None:
    """Every count of each cell that is open, up to as many as must be possible."""
    for key in found.open():
        least, most = programme.solve({key: 1.0}), programme.solve({key: -1.0})
        if least is None or most is None:
            raise Undecided(f"no table fits {' '.join(key[1])}")
        found.add(least)
        found.add(most)
        for count in range(least[key], most[key] + 1):
            if len(found.counts[key]) >= POSSIBLE:
                break
            if count not in found.counts[key]:
                found.add(programme.solve({}, {key: Interval(count, count)}))


def _groups(history: BlockHistory, place: int, one: Seen, found: Found) -> Iterator[Leak]:
    """Parts that all or nearly all cases of an area and period are in, for sure."""
    cells = {key[1] for key in history.intervals if key[0] == place}
    for whole, parts in breakdowns(cells).items():
        if whole not in cells or one.figures[whole].mark == ZERO:
            continue
        for part in parts:
            pair = (place, whole), (place, part)
            if one.figures[part].mark != ZERO and _tells(found.tables, *pair):
                found.tables += _extremes(history, place, *pair)
                if _tells(found.tables, *pair):
                    yield Leak(one.month, part, "nearly all cases of the area and period are in it")


def _tells(tables: Collection[Table], whole: Key, part: Key) -> bool:
    """Whether every table has all cases in the part, or enough in it to be told of and few outside."""
    pairs = {(table[part], table[whole] - table[part]) for table in tables if part in table and whole in table}
    return all((inside > 0 and outside == 0) or inside >= SMALL > outside for inside, outside in pairs)


def _extremes(history: BlockHistory, place: int, whole: Key, part: Key) -> list[Table]:
    """The tables with the most cases outside of a part and with the fewest in it: beside the true other issues, and
    if that is not enough among all issues."""
    tables: list[Table] = []
    for issues in ({place}, {key[0] for key in history.intervals}):
        programme = make_programme(history, issues, leaning=True)
        for aim in ({whole: -1.0, part: 1.0}, {part: 1.0}):
            tables += [table for table in (programme.solve(aim),) if table is not None]
        if not _tells(tables, whole, part):
            break
    return tables
