"""Made-up cases over some years: reported late, corrected, withdrawn with their delivery, erased with a person."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from proofs.public_attack.seen import ALL, CLOSED, NOT_STATED, RECORDED, Cell, Geography

STRANDS = ("race", "religion", "sexual_orientation", "disability", "transgender")
OUTCOMES = ("charged", "other_positive", "not_positive")
UNKNOWN = "unknown"
NEVER = 10_000


@dataclass(frozen=True)
class Months:
    """Months numbered from the first one, which begins a financial year."""

    first_year: int

    def quarter(self, month: int) -> str:
        """The code of the financial quarter in which a month lies."""
        year = self.first_year + month // 12
        return f"{year}/{(year + 1) % 100:02} Q{month % 12 // 3 + 1}"

    def first_day(self, month: int) -> date:
        """Of the month."""
        return date(self.first_year + (month + 3) // 12, (month + 3) % 12 + 1, 1)


@dataclass(frozen=True)
class Case:
    """A crime. It counts from ``known`` to before ``gone``; from ``corrected`` on as of ``strands_after``."""

    force: str
    strands: frozenset[str]
    reported: int
    known: int
    outcome: str
    closed: int
    delivery: int
    person: int
    gone: int = NEVER
    corrected: int = NEVER
    strands_after: frozenset[str] = frozenset()

    def parts(self, month: int) -> Iterator[tuple[str, str, int]]:
        """Measure, part and month in which it counts, as known in a month."""
        if not self.known <= month < self.gone:
            return
        strands = self.strands_after if self.corrected <= month else self.strands
        for part in (*(strands or (NOT_STATED,)), ALL):
            yield RECORDED, part, self.reported
        if self.closed <= month:
            for part in (self.outcome, ALL):
                yield CLOSED, part, self.closed


@dataclass(frozen=True)
class World:
    """Cases in an area of forces, some of which send nothing in some quarters."""

    geography: Geography
    months: Months
    forces: tuple[str, ...]
    silent: frozenset[tuple[str, str]]
    """Force and quarter."""
    cases: tuple[Case, ...]

    def count(self, month: int) -> dict[Cell, int | None]:
        """Every cell as known at the end of a month, quarters before it alone; None where nothing was collected."""
        periods = [self.months.quarter(each) for each in range(0, month + 1, 3)]
        counts: Counter[Cell] = Counter()
        for case in self.cases:
            for measure, part, when in case.parts(month):
                quarter = self.months.quarter(when)
                if (case.force, quarter) in self.silent:
                    continue
                for area in (case.force, *self.geography.larger(case.force)):
                    for period in (quarter, quarter.split(" ")[0]):
                        counts[Cell(measure, area, part, period)] += 1
        return {cell: counts[cell] if self._is_collected(cell, periods) else None for cell in self._cells(periods)}

    def _cells(self, quarters: Sequence[str]) -> Iterator[Cell]:
        areas = [*self.forces, *dict.fromkeys(area for force in self.forces for area in self.geography.larger(force))]
        for measure, parts in ((RECORDED, (*STRANDS, NOT_STATED, ALL)), (CLOSED, (*OUTCOMES, ALL))):
            for area in areas:
                for part in parts:
                    for period in (*quarters, *dict.fromkeys(quarter.split(" ")[0] for quarter in quarters)):
                        yield Cell(measure, area, part, period)

    def _is_collected(self, cell: Cell, quarters: Sequence[str]) -> bool:
        inside = [quarter for quarter in quarters if quarter.startswith(cell.period)]
        forces = [force for force in self.forces if cell.area in (force, *self.geography.larger(force))]
        return any((force, quarter) not in self.silent for force in forces for quarter in inside)


def make_world(within: Mapping[str, str], *, months: int, cases_a_month: float, seed: int) -> World:
    """``within``: the larger area of each area. Most forces are small; of two all cases are alike."""
    rng = np.random.default_rng(seed)
    forces = tuple(area for area in within if area not in within.values())
    calendar = Months(2024)
    shares = dict(zip(forces, rng.dirichlet(np.full(len(forces), 0.6)), strict=True))
    alike = set(rng.choice(forces, 2, replace=False).tolist())
    cases = [
        _case(rng, force, month, is_alike=force in alike)
        for month in range(months)
        for force, share in shares.items()
        for _ in range(rng.poisson(cases_a_month * share))
    ]
    named = [force for force in forces if force != UNKNOWN]
    silent = {(str(rng.choice(named)), calendar.quarter(int(rng.integers(months)))) for _ in range(2)}
    return World(Geography(within), calendar, forces, frozenset(silent), tuple(_unmade(rng, cases, months)))


def _case(rng: np.random.Generator, force: str, month: int, *, is_alike: bool) -> Case:
    strands = frozenset(
        strand for strand, chance in zip(STRANDS, (0.6, 0.25, 0.15, 0.1, 0.05), strict=True) if rng.random() < chance
    )
    outcome = str(rng.choice(OUTCOMES, p=(0.2, 0.1, 0.7)))
    known = month + int(rng.geometric(0.6)) - 1
    closed = known + int(rng.geometric(0.2)) if rng.random() < 0.7 else NEVER
    corrected = known + int(rng.integers(1, 9)) if rng.random() < 0.05 else NEVER
    return Case(
        force,
        frozenset({"religion"}) if is_alike else strands,
        month,
        known,
        "not_positive" if is_alike else outcome,
        closed,
        delivery=int(rng.integers(400)),
        person=int(rng.integers(400)),
        corrected=corrected,
        strands_after=frozenset({str(rng.choice(STRANDS))}),
    )


def _unmade(rng: np.random.Generator, cases: Sequence[Case], months: int) -> Iterator[Case]:
    """Of the cases, some whose delivery is withdrawn or whose person is erased in a later month."""
    deliveries = {int(rng.integers(400)): int(rng.integers(2, months)) for _ in range(8)}
    persons = {int(rng.integers(400)): int(rng.integers(2, months)) for _ in range(8)}
    for case in cases:
        gone = min(deliveries.get(case.delivery, NEVER), persons.get(case.person, NEVER))
        yield case if gone == NEVER else Case(**{**case.__dict__, "gone": gone})
