"""A made-up hub: cases, allocations, surveys, clocks and training over some years, each known from a month on.

Everything is counted from single events, so the counts add up as docs/measures.md says and by no other rule.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from proofs.protected_attack.figures import (
    ABROAD,
    ALL,
    CLOSED,
    FORCE_CARD,
    MEASURES,
    NOT_STATED,
    OUTCOMES,
    PROVIDER_CARD,
    RECORDED,
    STRANDS,
    UNKNOWN,
    Cell,
)

FIRST_YEAR = 2024
WITHIN = {
    "E23000001": "E12000007",
    "E23000034": "E12000007",
    "E23000032": "E12000008",
    "E23000033": "E12000008",
    "W15000001": "W92000004",
    "W15000002": "W92000004",
    "E12000007": ALL,
    "E12000008": ALL,
    "W92000004": ALL,
    ABROAD: ALL,
    UNKNOWN: ALL,
}
FORCES = tuple(area for area in WITHIN if area[:3] in ("E23", "W15"))
INCIDENTS = (
    *("incidents", "reports", "reports_criminal", "reports_investigated", "reports_referred_elsewhere"),
    *("victims", "victims_referred", "criminal_incidents", "criminal_investigated", "criminal_abroad", "criminal_uk"),
    *("criminal_awaiting_provider", "incidents_with_arrest", "charged_of_recorded", "other_positive_of_recorded"),
)
AS_CLOSED = ("closed", "charged_of_closed", "other_positive_of_closed")
CLOCKS = ("clocks_started", "clocks_decided", "victims_code_met", "victims_code_running")
VOLUNTEERS = ("volunteer_reports", "counter_narratives", "support_signposted")
TRAINING = ("training_invited", "training_attended", "training_completed")
QUESTIONS = ("confident", "kept_informed", "satisfied", "feels_safe")
WAVES = tuple(f"{question}_{wave}" for question in QUESTIONS for wave in ("start", "end"))
GROUPS = (INCIDENTS, AS_CLOSED, CLOCKS, VOLUNTEERS, TRAINING, *((wave, f"{wave}_answers") for wave in WAVES))
"""Measures that have a row in the same quarters: those in which there is anything of the group."""
CARD = ("received", "due", "acknowledged", "acknowledged_in_time", "outcomes")
REMOVED = (*CARD, "removed")
PROVIDERS = ("facebook|removal|flag", "x|information|request")
KINDS = ("ordinary", "ordinary", "alike", "nearly_alike", "none_charged", "few", "nothing")
"""Of quarters."""
KINDS_OF_BRISK = ("ordinary", "few", "few", "nothing", "nothing", "many_charged", "many_charged", "none_charged")
"""Of quarters of a hub in which little stays open: in those without a case some of the quarter before are closed."""


class Habits(NamedTuple):
    """What becomes of cases: the share of crimes that are closed in the end, that of open ones closed in a month, and
    whether somebody has worked on all that is no crime."""

    closed: float = 0.75
    each_month: float = 0.4
    is_triaged: bool = False


def quarter(month: int) -> str:
    """Code of the financial quarter of a month, counted from the first April."""
    year = FIRST_YEAR + month // 12
    return f"{year}/{(year + 1) % 100:02} Q{month % 12 // 3 + 1}"


class Event(NamedTuple):
    """Something that counts in a quarter, once it is known. ``silent_if``: the force without whose records in the
    quarter it is not in the public statistics."""

    month: int
    known: int
    counts: tuple[tuple[str, str, str, int], ...]
    """Measure, area, part, how many."""


@dataclass(frozen=True)
class World:
    """``silent``: forces and quarters for which they sent nothing."""

    events: Sequence[Event]
    silent: frozenset[tuple[str, str]]
    within: Mapping[str, str] = field(default_factory=lambda: WITHIN)

    def count(self, month: int) -> dict[Cell, int | None]:
        """Every cell as known at the end of a month; None where nothing was collected. Quarters in which there is
        nothing of a measure's group have no cell of it."""
        found: Counter[Cell] = Counter()
        for event in self.events:
            if event.known <= month and event.month <= month:
                for measure, area, part, many in event.counts:
                    found[Cell(measure, area, part, quarter(event.month))] += many
        quarters = [quarter(each) for each in range(0, month + 1, 3)]
        return self._public(found, quarters) | dict(_protected(found, quarters))

    def _public(self, found: Mapping[Cell, int], quarters: Sequence[str]) -> dict[Cell, int | None]:
        counts: dict[Cell, int | None] = {}
        years = dict.fromkeys(one.split(" ")[0] for one in quarters)
        leaves = [area for area in self.within if area not in self.within.values()]
        for area in (*self.within, ALL):
            inside = [leaf for leaf in leaves if area in (leaf, *larger(leaf, self.within))]
            for period in (*quarters, *years):
                heard = [
                    (leaf, one)
                    for leaf in inside
                    for one in quarters
                    if one.startswith(period) and (leaf, one) not in self.silent
                ]
                for measure, parts in ((RECORDED, (*STRANDS, NOT_STATED, ALL)), (CLOSED, (*OUTCOMES, ALL))):
                    for part in parts:
                        total = sum(found.get(Cell(measure, leaf, part, one), 0) for leaf, one in heard)
                        counts[Cell(measure, area, part, period)] = total if heard else None
        return counts

    def silent_quarters(self) -> frozenset[str]:
        """In which some force sent nothing."""
        return frozenset(period for _, period in self.silent)


def larger(area: str, within: Mapping[str, str]) -> Iterator[str]:
    """All areas in which one lies."""
    while area in within:
        area = within[area]
        yield area


def _protected(found: Mapping[Cell, int], quarters: Sequence[str]) -> Iterator[tuple[Cell, int]]:
    cards = [(FORCE_CARD, force, CARD) for force in FORCES] + [(PROVIDER_CARD, one, REMOVED) for one in PROVIDERS]
    for period in quarters:
        for measure, area, parts in (*((MEASURES, ALL, group) for group in GROUPS), *cards):
            counts = [
                (Cell(measure, area, part, period), found.get(Cell(measure, area, part, period), 0)) for part in parts
            ]
            if any(count for _, count in counts):
                yield from counts


def brisk(seed: int) -> dict[str, Habits]:
    """Of each place: some close nearly all and soon, some much later. The hub looks at all that comes."""
    rng = np.random.default_rng((seed, 1))
    each = (Habits(1, 0.9, True), Habits(0.97, 0.6, True), Habits(1, 0.15, True))
    return {place: each[rng.choice(3, p=(0.5, 0.25, 0.25))] for place in (*FORCES, ABROAD, UNKNOWN)}


def make_world(seed: int, *, months: int, cases_a_quarter: float, is_brisk: bool = False) -> World:
    """``is_brisk``: hardly any incident stays open, and whatever is no crime was triaged."""
    kinds, habits = (KINDS_OF_BRISK, brisk(seed)) if is_brisk else (KINDS, {})
    rng = np.random.default_rng(seed)
    places = (*FORCES, ABROAD, UNKNOWN)
    shares = rng.dirichlet([*np.full(len(FORCES), 0.6), 0.3, 0.3])
    of_quarter = {quarter(month): str(rng.choice(kinds)) for month in range(0, months, 3)}
    if is_brisk:
        of_quarter[quarter(0)] = "ordinary"
    alike = dict(zip(rng.choice(FORCES, 2, replace=False).tolist(), OUTCOMES[1:], strict=True))
    size = {"few": 0.2, "nothing": 0.0}
    events: list[Event] = []
    for month in range(months):
        kind = of_quarter[quarter(month)]
        expected = cases_a_quarter / 3 * size.get(kind, 1.0)
        for place, share in zip(places, shares, strict=True):
            for _ in range(rng.poisson(expected * share)):
                events += _case(rng, month, place, of_quarter, alike.get(place), habits.get(place, Habits()))
        events += _others(rng, month, expected)
    named = [(force, one) for force in FORCES for one in of_quarter]
    silent = {named[index] for index in rng.choice(len(named), int(rng.integers(0, 4)), replace=False).tolist()}
    return World(events, frozenset(silent))


def _case(
    rng: np.random.Generator, month: int, place: str, of_quarter: Mapping[str, str], alike: str | None, habits: Habits
) -> Iterator[Event]:
    known = _late(rng, month)
    reports, victims = int(rng.geometric(0.85)), int(rng.integers(0, 3))
    counts = {"incidents": 1, "reports": reports, "victims": victims}
    counts["victims_referred"] = int(rng.binomial(victims, 0.4))
    is_worked_on, is_crime = rng.random() < 0.8, rng.random() < 0.9
    if is_worked_on or (habits.is_triaged and not is_crime):
        counts["reports_investigated"] = reports
    public: list[tuple[str, str, str, int]] = []
    if is_crime:
        is_abroad = place == ABROAD or rng.random() < 0.04
        where = "criminal_abroad" if is_abroad else "criminal_awaiting_provider" if place == UNKNOWN else "criminal_uk"
        counts |= {"criminal_incidents": 1, "reports_criminal": reports, where: 1}
        counts["criminal_investigated"] = int(is_worked_on)
        counts["reports_referred_elsewhere"] = reports * int(rng.random() < 0.3)
        counts["incidents_with_arrest"] = int(rng.random() < 0.1)
        strands = [
            one for one, chance in zip(STRANDS, (0.6, 0.25, 0.15, 0.1, 0.05), strict=True) if rng.random() < chance
        ]
        strands = ["religion"] if alike else strands or [NOT_STATED]
        public = [(RECORDED, place, part, 1) for part in (*strands, ALL)]
    yield Event(month, known, (*_measured(counts), *public))
    if not is_crime or rng.random() < 1 - habits.closed:
        return
    closed = known + int(rng.geometric(habits.each_month)) - 1
    outcome = alike or _outcome(rng, of_quarter.get(quarter(closed), "ordinary"))
    of_recorded = {f"{outcome}_of_recorded": 1} if outcome != OUTCOMES[2] else {}
    yield Event(month, closed, tuple(_measured(of_recorded)))
    of_closed = {"closed": 1} | ({f"{outcome}_of_closed": 1} if outcome != OUTCOMES[2] else {})
    yield Event(closed, closed, (*_measured(of_closed), (CLOSED, place, outcome, 1), (CLOSED, place, ALL, 1)))


def _outcome(rng: np.random.Generator, kind: str) -> str:
    chances = {"alike": (0, 0, 1), "nearly_alike": (0.01, 0.02, 0.97), "none_charged": (0, 0.3, 0.7)}
    chances["many_charged"] = (0.6, 0.1, 0.3)
    return str(rng.choice(OUTCOMES, p=chances.get(kind, (0.2, 0.1, 0.7))))


def _measured(counts: Mapping[str, int]) -> Iterator[tuple[str, str, str, int]]:
    return ((MEASURES, ALL, part, many) for part, many in counts.items() if many)


def _nested(rng: np.random.Generator, parts: Sequence[str], *chances: float) -> list[str]:
    """Of parts, each of which lies in the one before, those that hold."""
    held = [parts[0]]
    for part, chance in zip(parts[1:], chances, strict=True):
        if rng.random() > chance:
            break
        held.append(part)
    return held


def _late(rng: np.random.Generator, month: int) -> int:
    """The month in which something is known."""
    return month + int(rng.geometric(0.6)) - 1


def _others(rng: np.random.Generator, month: int, expected: float) -> Iterator[Event]:
    """What is counted besides cases."""
    held: list[list[str]] = []
    for _ in range(rng.poisson(expected * 0.5)):
        runs = ["victims_code_running"] if rng.random() < 0.15 else None
        held.append(["clocks_started", *(runs or _nested(rng, ("clocks_decided", "victims_code_met"), 0.85))])
    for wave in WAVES:
        held += [_nested(rng, (f"{wave}_answers", wave), 0.6) for _ in range(rng.poisson(expected * 0.1))]
    for _ in range(rng.poisson(expected * 0.4)):
        action = rng.choice(3, p=(0.2, 0.1, 0.7))
        held.append([VOLUNTEERS[0], *VOLUNTEERS[1:][action : action + 1]])
    held += [_nested(rng, TRAINING, 0.8, 0.9) for _ in range(rng.poisson(expected * 0.3))]
    for parts in held:
        yield Event(month, _late(rng, month), tuple(_measured(dict.fromkeys(parts, 1))))
    for card, areas, names in ((FORCE_CARD, FORCES, CARD), (PROVIDER_CARD, PROVIDERS, REMOVED)):
        for _ in range(rng.poisson(expected * 0.6)):
            parts = _nested(rng, names[:4], 0.9, 0.9, 0.8)
            if rng.random() < 0.4:
                parts += _nested(rng, names[4:], *[0.5] * (len(names) - 5))
            area = areas[min(int(rng.geometric(0.4)) - 1, len(areas) - 1)]
            yield Event(month, _late(rng, month), tuple((card, area, part, 1) for part in parts))
