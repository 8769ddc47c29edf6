"""The attack finds what tables give away that were made so by hand, and nothing in those that give nothing away.

``tests/models/test_public_attack.py`` lets it loose on a hub's own tables.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pytest

from proofs.public_attack.attack import attack
from proofs.public_attack.dates import told_by_revisions, told_within_a_month
from proofs.public_attack.promises import broken_promises
from proofs.public_attack.seen import CLOSED, RECORDED, Cell, Figure, Geography, Seen, Statement

QUARTER, YEAR = "2026/27 Q1", "2026/27"
HERE = Geography({"north": "all", "south": "all"})
Counts = Mapping[tuple[str, str], int]


def table(measure: str, counts: Counts, hidden: Iterable[tuple[str, str]], month: int = 0) -> Seen:
    """One quarter of a year of which no other is known yet; by area and part."""
    cells = {
        Cell(measure, area, part, period): (count, (area, part) in hidden)
        for (area, part), count in counts.items()
        for period in (QUARTER, YEAR)
    }
    return Seen(
        month + 1,
        month,
        {cell: figure(count, is_hidden) for cell, (count, is_hidden) in cells.items()},
        frozenset(),
        {cell: count for cell, (count, _) in cells.items()},
    )


def figure(count: int, is_hidden: bool) -> Figure:
    """As the rules have it."""
    if is_hidden:
        return Figure("suppressed", None)
    return Figure("shown", (count + 2) // 5 * 5) if count else Figure("zero", 0)


def closed(charged: int, other_positive: int, not_positive: int, area: str = "all") -> Counts:
    return {
        (area, "charged"): charged,
        (area, "other_positive"): other_positive,
        (area, "not_positive"): not_positive,
        (area, "all"): charged + other_positive + not_positive,
    }


def test_a_hidden_part_between_a_shown_whole_and_shown_parts_is_bounded() -> None:
    """Whole and part are rounded to 20 each: with a true zero beside them from one to four cases are left."""
    leaks = attack([table(CLOSED, closed(2, 0, 19), [("all", "charged")])], HERE)
    assert {str(leak) for leak in leaks} == {
        f"issue 0: closed_incidents all charged {period}: only 4 counts are possible" for period in (QUARTER, YEAR)
    } | {
        f"issue 0: closed_incidents all not_positive {period}: nearly all cases of the area and period are in it"
        for period in (QUARTER, YEAR)
    }


def test_a_second_hidden_part_leaves_enough_open() -> None:
    one = table(CLOSED, closed(2, 14, 33), [("all", "charged"), ("all", "other_positive")])
    assert attack([one], HERE) == []
    assert broken_promises([one], HERE) == []


def test_a_hidden_area_is_bounded_by_the_larger_one() -> None:
    """A small count in the north, nothing in the south: the shown sum of both is the count of the north."""
    counts = {("north", "all"): 6, ("south", "all"): 0, ("all", "all"): 6}
    leaks = attack([table(RECORDED, counts, [("north", "all")])], HERE)
    assert {leak.what for leak in leaks} == {"only 3 counts are possible"}


def test_strands_of_one_incident_are_not_beside_no_strand_at_all() -> None:
    """Of a whole of at most 22 at least 18 are of no strand: at most four are of race."""
    counts = {("all", "all"): 20, ("all", "race"): 2, ("all", "not_stated"): 18}
    leaks = attack([table(RECORDED, counts, [("all", "race")])], HERE)
    assert "only 4 counts are possible" in {leak.what for leak in leaks if leak.cell.part == "race"}


def test_a_breakdown_of_which_only_one_part_can_be_filled_tells_of_everybody() -> None:
    """Zeros of the whole country are zeros of each area, though nothing is shown of the area's own parts."""
    north, south = closed(0, 0, 9, "north"), closed(0, 0, 31, "south")
    both = closed(0, 0, 40)
    parts = ("charged", "other_positive", "not_positive")
    hidden = [(area, part) for area in ("north", "south") for part in parts]
    leaks = attack([table(CLOSED, {**north, **south, **both}, hidden)], HERE)
    assert Cell(CLOSED, "north", "not_positive", QUARTER) in {leak.cell for leak in leaks}


def test_an_earlier_figure_bounds_a_later_one() -> None:
    """A shown ten that stays ten is at most four from what it was made of; a new figure is at least five from it."""
    before = table(CLOSED, closed(6, 7, 12), [], month=0)
    after = table(CLOSED, closed(6, 7, 18), [], month=1)
    stays = {cell: Figure("shown", 10) for cell in after.figures if cell.part == "not_positive"}
    kept = Seen(2, 1, {**after.figures, **stays}, frozenset(), after.counts)
    assert "a figure does not stay, or changes, as the rules say" in {
        one.what for one in broken_promises([before, kept], HERE)
    }
    assert broken_promises([before, after], HERE) == []


FOUR = Geography(dict.fromkeys(("north", "east", "south", "west"), "all"))


def of_areas(*counts: int) -> Counts:
    """All closed incidents of the areas of ``FOUR`` and of all of them."""
    return {(area, "all"): count for area, count in zip((*FOUR.within, "all"), (*counts, sum(counts)), strict=True)}


def test_figures_that_only_together_with_earlier_ones_tell_too_much_are_found() -> None:
    """Three areas were 5 to 7 and changed by five or more: they are at least 10, not 8, each. Of at most 32 at most two
    are left for the fourth, not eight."""
    before = table(CLOSED, of_areas(5, 5, 5, 1), [("west", "all"), ("all", "all")], month=0)
    after = table(CLOSED, of_areas(10, 10, 10, 1), [("west", "all")], month=1)
    assert attack([before], FOUR) == attack([after], FOUR) == []
    assert broken_promises([before, after], FOUR) == []
    assert {str(leak) for leak in attack([before, after], FOUR)} == {
        f"issue 1: closed_incidents west all {period}: only 2 counts are possible" for period in (QUARTER, YEAR)
    }


def test_counts_that_are_possible_only_if_earlier_ones_were_others_too_are_found() -> None:
    """Beside the true earlier counts, 7 and 17, the later ones can only be 12 and 22: they are shown as 10 and 20."""
    before = table(CLOSED, of_areas(7, 0, 0, 10), [("west", "all")], month=0)
    after = table(CLOSED, of_areas(12, 0, 0, 10), [("west", "all")], month=1)
    assert broken_promises([before, after], FOUR) == []
    assert attack([before, after], FOUR) == []


@pytest.mark.parametrize(
    ("hidden", "counts", "wrong"),
    [
        ((("all", "other_positive"),), closed(9, 0, 30), "a true zero is not shown"),
        ((), closed(3, 9, 30), "a small count is shown"),
        ((), closed(30, 1, 2), "a part is shown though nearly all cases are in one"),
    ],
)
def test_a_figure_that_breaks_a_rule_is_named(hidden: Iterable[tuple[str, str]], counts: Counts, wrong: str) -> None:
    assert wrong in {leak.what for leak in broken_promises([table(CLOSED, counts, hidden)], HERE)}


def test_a_figure_that_is_not_rounded_is_named() -> None:
    one = table(CLOSED, closed(9, 8, 30), [])
    exact = {cell: Figure("shown", one.counts[cell]) for cell in one.figures if cell.part == "charged"}
    opened = Seen(1, 0, {**one.figures, **exact}, frozenset(), one.counts)
    assert broken_promises([one], HERE) == []
    assert {leak.what for leak in broken_promises([opened], HERE)} == {"a figure is not rounded"}


def test_a_figure_that_changes_within_a_month_dates_a_report() -> None:
    first = table(CLOSED, closed(9, 0, 30), [])
    second = table(CLOSED, closed(9, 1, 30), [("all", "other_positive")])
    assert {leak.cell.part for leak in told_within_a_month([first, second])} == {"other_positive"}
    assert told_within_a_month([first, first]) == []


def test_a_revision_dated_within_the_month_is_named() -> None:
    one = table(CLOSED, closed(9, 0, 30), [])
    cell = min(one.figures)
    for day, is_named in ((1, False), (17, True)):
        dated = frozenset({Statement(cell, one.figures[cell], 1, datetime(2026, 7, day, tzinfo=UTC))})
        told = told_by_revisions(Seen(1, 0, one.figures, dated, one.counts))
        assert bool(told) == is_named
