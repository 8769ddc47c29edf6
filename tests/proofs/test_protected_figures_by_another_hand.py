"""Public statistics and protected figures, read together, tell no small count and nothing of a whole group.

The reader of ``proofs.protected_attack`` is written from the documents, without sight of the protection. Each test
says what the reader knows besides the figures and how they add up. ``HUB_ATTACK_SEED`` chooses other worlds for the
long form.
"""

import os
from collections.abc import Collection, Sequence
from functools import cache
from typing import NamedTuple

import pytest

from proofs.protected_attack.attack import Leak, attack
from proofs.protected_attack.figures import CLOSED, OUTCOMES, RECORDED, Cell, Issue, measure
from proofs.protected_attack.product import issue_of, issues
from proofs.protected_attack.world import INCIDENTS, make_world

KNOWLEDGE = {
    "silent": "where every force has sent records, measures and public statistics count the same cases",
    "groups": "of a breakdown that is shown, five or more cases are outside each part",
    "reports": "each incident has one report or more",
    "places": "who is ABROAD is counted as abroad, and of what awaits a provider no force is known",
    "triaged": "a report that was found to be no crime was worked on",
    "closed": "from the first quarter to any other, no more incidents are closed than were recorded",
    "charged": "up to each quarter, charges in closed incidents are of those recorded by then that are charged now",
    "other_positive": "the same of other positive outcomes",
    "not_positive": "the same of closed incidents without a positive outcome, and of recorded ones without any by now",
    "in_the_end": "over all quarters, as many of the closed incidents as of the recorded ones are charged or positive",
}
BESIDES = frozenset(KNOWLEDGE)
"""What a reader can know besides sums."""
SEED = int(os.environ.get("HUB_ATTACK_SEED", "20"))


class World(NamedTuple):
    """``months`` have an issue, and the last one is the world's last. ``is_brisk``: hardly any incident stays open."""

    seed: int
    cases_a_quarter: float
    months: tuple[int, ...]
    is_brisk: bool = False


SHORT = (World(4, 60, (5,)), World(5, 60, (5,)), World(13, 20, (1, 2)))
SHORT_BRISK = (World(8, 100, (5,), True),)
SIZES = (20, 60, 200, 1000, 4000)
MONTHS = ((5,), (4, 5), (8,), (3, 4, 5, 6), (11, 14))
LONG = tuple(World(SEED + number, SIZES[number % 5], MONTHS[(number + number // 5) % 5]) for number in range(25))
BRISK_SIZES = (60, 100, 200, 400)
BRISK_MONTHS = ((5,), (8,), (14,), (14, 17), (4, 5))
BRISK = tuple(World(SEED + number, BRISK_SIZES[number % 4], BRISK_MONTHS[number % 5], True) for number in range(20))
LONG_ONES = [pytest.param(one, marks=pytest.mark.long) for one in LONG]
BRISK_ONES = [pytest.param(one, marks=pytest.mark.long) for one in BRISK]
WORLDS = [*SHORT, *LONG_ONES, *SHORT_BRISK, *BRISK_ONES]


@cache
def shown(world: World) -> Sequence[Issue]:
    made = make_world(
        world.seed,
        months=world.months[-1] + 1,
        cases_a_quarter=world.cases_a_quarter,
        is_brisk=world.is_brisk,
    )
    return list(issues(made, world.months))


@cache
def learned(world: World, knows: frozenset[str]) -> Sequence[Leak]:
    return attack(shown(world), without=BESIDES - knows)


def told(leaks: Collection[Leak]) -> str:
    return "\n".join(map(str, sorted(leaks, key=str)[:40]))


def found(world: World, *knows: str, kinds: Collection[str]) -> list[Leak]:
    leaks = learned(world, frozenset(knows))
    assert not [leak for leak in leaks if leak.kind == "misfit"], told(leaks)
    return [leak for leak in leaks if leak.kind in kinds]


@pytest.mark.parametrize("world", WORLDS)
def test_figures_are_what_the_documents_allow(world: World) -> None:
    leaks = found(world, kinds=("promise",))
    assert not leaks, told(leaks)


@pytest.mark.parametrize("world", WORLDS)
def test_each_count_that_is_kept_back_or_left_over_can_be_five(world: World) -> None:
    leaks = found(world, kinds=("count",))
    assert not leaks, told(leaks)


@pytest.mark.parametrize("world", WORLDS)
def test_nothing_tells_what_nearly_all_of_an_area_share(world: World) -> None:
    leaks = found(world, kinds=("group",))
    assert not leaks, told(leaks)


def learned_besides(world: World, *knows: str) -> str:
    """What a reader learns from the documents, and not from sums alone."""
    before = {(one.issue, one.what, one.kind) for one in found(world, kinds=("count", "group"))}
    leaks = found(world, *knows, kinds=("count", "group"))
    more = [one for one in leaks if (one.issue, one.what, one.kind) not in before]
    return "\n".join([*(KNOWLEDGE[one] for one in knows), told(more)]) if more else ""


@pytest.mark.parametrize("world", [*SHORT, *SHORT_BRISK, *BRISK_ONES])
def test_a_reader_of_all_documents_learns_no_more(world: World) -> None:
    assert not learned_besides(world, *KNOWLEDGE)


@pytest.mark.long
@pytest.mark.parametrize("knows", KNOWLEDGE)
@pytest.mark.parametrize("world", [*LONG, *BRISK])
def test_a_reader_of_one_document_learns_no_more(world: World, knows: str) -> None:
    assert not learned_besides(world, knows)


@pytest.mark.long
def test_a_reader_of_closings_learns_no_more_of_fifteen_months() -> None:
    assert not learned_besides(World(132, 200, (11, 14)), "closed")


QUARTER, YEAR = "2026/27 Q1", "2026/27"
WITHIN = {"north": "all", "south": "all"}


def of_closed(north: Sequence[int], south: Sequence[int], silent: Sequence[int] = (0, 0, 0)) -> dict[Cell, int]:
    """Closed incidents by outcome: of two forces, all, and of a third one that sent nothing: measures count it."""
    areas = {"north": north, "south": south, "all": [a + b for a, b in zip(north, south, strict=True)]}
    counts = {
        Cell(CLOSED, area, part, period): count
        for area, each in areas.items()
        for period in (QUARTER, YEAR)
        for part, count in zip((*OUTCOMES, "all"), (*each, sum(each)), strict=True)
    }
    every = [a + b for a, b in zip(areas["all"], silent, strict=True)]
    names = ("charged_of_closed", "other_positive_of_closed", "closed")
    return counts | {measure(name, QUARTER): count for name, count in zip(names, (*every[:2], sum(every)), strict=True)}


def opened(counts: dict[Cell, int], hidden: Collection[Cell], silent: Collection[str] = ()) -> Issue:
    """Figures as somebody may have decided."""
    figures = {cell: None if cell in hidden else (count + 2) // 5 * 5 for cell, count in counts.items()}
    return Issue(figures, counts, frozenset(silent), WITHIN)


def kinds(issue: Issue, *knows: str) -> set[str]:
    return {leak.kind for leak in attack([issue], without=BESIDES - set(knows))}


def test_the_attack_finds_zeros_of_measures_beside_a_breakdown_that_is_kept_back() -> None:
    counts = of_closed((0, 0, 40), (0, 0, 59), (0, 0, 7))
    parts = {cell for cell in counts if cell.measure == CLOSED and cell.part in OUTCOMES}
    measures = {measure(f"{name}_of_closed", QUARTER) for name in OUTCOMES[:2]}
    assert {"promise", "group"} <= kinds(opened(counts, parts, [QUARTER]))
    assert kinds(opened(counts, {cell for cell in parts if cell.part == "not_positive"}, [QUARTER])) >= {"promise"}
    assert kinds(opened(counts, parts | measures, [QUARTER])) == set()


def test_the_attack_finds_what_is_left_of_a_count() -> None:
    counts = {Cell("force_scorecard", "north", part, QUARTER): count for part, count in (("received", 7), ("due", 6))}
    assert kinds(opened(counts, ())) == {"count"}
    assert kinds(opened(counts, [cell for cell in counts if cell.part == "due"])) == set()


def test_the_attack_finds_what_measures_tell_of_public_statistics() -> None:
    counts = of_closed((3, 20, 20), (3, 20, 20))
    hidden = [cell for cell in counts if cell.part in OUTCOMES[:2]]
    alone = {cell: count for cell, count in counts.items() if cell.measure == CLOSED}
    assert kinds(opened(alone, hidden), "silent") == set()
    assert kinds(opened(counts, hidden), "silent") == {"count"}


def test_the_attack_finds_a_hidden_count_that_an_earlier_issue_tells() -> None:
    """Three parts were 5 to 7 and have risen by five or more to 10 to 12: of 32 at most two are left for the fourth."""
    names = ("a", "b", "c", "d")
    within = dict.fromkeys(names, "all")

    def recorded(*each: int) -> dict[Cell, int]:
        areas = zip((*names, "all"), (*each, sum(each)), strict=True)
        return {Cell(RECORDED, area, "all", period): many for area, many in areas for period in (QUARTER, YEAR)}

    def issue(counts: dict[Cell, int], *hidden: str) -> Issue:
        figures = {cell: None if cell.area in hidden else (many + 2) // 5 * 5 for cell, many in counts.items()}
        return Issue(figures, counts, frozenset(), within)

    before, after = issue(recorded(5, 5, 5, 1), "d", "all"), issue(recorded(10, 10, 10, 1), "d")
    assert attack([before]) == attack([after]) == []
    assert {(one.issue, one.kind) for one in attack([before, after])} == {(1, "count")}


def test_the_attack_finds_what_closed_incidents_tell_of_recorded_ones() -> None:
    """8 to 12 were closed in a quarter. So 8 or more of the 12 of a year at most were recorded in it."""
    earlier = "2026/27 Q1", "2026/27 Q2", "2026/27"

    def issue(*recorded: int) -> Issue:
        closed = 9, 0, 9
        counts = {Cell(RECORDED, "all", "all", one): many for one, many in zip(earlier, recorded, strict=True)}
        counts |= {Cell(CLOSED, "all", "all", one): many for one, many in zip(earlier, closed, strict=True)}
        return opened(counts, [cell for cell in counts if cell.measure == RECORDED and cell.period != cell.year])

    assert kinds(issue(10, 2, 12)) == set()
    assert kinds(issue(10, 2, 12), "closed") == {"count"}
    # Where it is not so, as after a quarter for which nothing was sent, nobody can know it.
    assert kinds(issue(6, 6, 12), "closed") == set()


def test_the_attack_finds_what_triage_tells_of_work() -> None:
    """Of 23 to 27 reports 8 to 12 are of crimes. So 11 or more of the 8 to 12 that were worked on are of no crime."""
    shown = {"reports": 23, "reports_criminal": 12, "reports_investigated": 12}
    hidden = {"incidents": 17, "criminal_incidents": 12, "criminal_uk": 12, "criminal_investigated": 1}
    hidden |= {"charged_of_recorded": 0, "other_positive_of_recorded": 0}
    zeros = dict.fromkeys(INCIDENTS, 0)
    counts = {measure(name, QUARTER): many for name, many in (zeros | shown | hidden).items()}
    for area, many in (("all", 12), ("ABROAD", 0), ("unknown", 0)):
        counts |= {Cell(RECORDED, area, "all", period): many for period in (QUARTER, YEAR)}
    issue = opened(counts, [cell for cell in counts if cell.part in hidden or (cell.area, cell.part) == ("all", "all")])
    assert kinds(issue) == set()
    assert kinds(issue, "triaged") == {"count"}


@pytest.mark.parametrize(
    ("north", "south", "silent"),
    [
        # All 30 of the north have one outcome; nobody is charged, and the other positive ones are in the south.
        ((0, 0, 30), (0, 9, 60), (0, 0, 0)),
        # All but one; a force that sent nothing has all other positive outcomes of the measures.
        ((0, 1, 20), (0, 0, 28), (0, 7, 0)),
        # All, or nearly all, of the whole country, and of those of the force that sent nothing.
        ((0, 0, 40), (0, 0, 59), (0, 0, 7)),
        ((0, 0, 40), (0, 3, 59), (0, 0, 7)),
        # Nearly all of the whole country, and not of the measures.
        ((0, 0, 40), (0, 2, 59), (9, 9, 9)),
        # Six and seven charged: both would be five, and leave at most two of the force that sent nothing.
        ((3, 20, 20), (3, 20, 20), (1, 5, 30)),
    ],
)
def test_what_is_decided_of_two_forces_gives_nothing_away(
    north: Sequence[int], south: Sequence[int], silent: Sequence[int]
) -> None:
    issue = issue_of(of_closed(north, south, silent), frozenset([QUARTER] if any(silent) else []), WITHIN)
    leaks = attack([issue], without=BESIDES)
    assert not leaks, told(leaks)
