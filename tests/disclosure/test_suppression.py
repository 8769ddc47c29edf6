"""What is kept back of a table cannot be worked out from the rest: held against an attack of another make."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from disclosure.cubes import RULES, grid, made_up, with_margins
from hub.disclosure.attack import attacked
from hub.disclosure.figures import Rules, is_small, learned, rounded
from hub.disclosure.knowledge import Knowledge
from hub.disclosure.suppress import protect
from hub.disclosure.tables import Dimension, Flags, Numbers, Table, make_table

EXACT = Rules(threshold=5, rounding_base=1, possible_counts=5, revision_threshold=5)
TWO_WAYS = [
    Dimension("force", {"a": ["all"], "b": ["all"]}),
    Dimension("strand", {"race": ["all"], "religion": ["all"]}),
]
BY_OUTCOME = [
    Dimension("force", {"a": ["all"], "b": ["all"], "c": ["all"]}),
    Dimension("outcome", {code: ["all"] for code in ("charged", "positive", "none")}, is_shared_trait=True),
]


def put(cells: pd.DataFrame, dimensions: list[Dimension], rules: Rules = RULES) -> tuple[Table, Numbers, Flags]:
    """The table of the cells, its figures, and what is kept back of it."""
    table = make_table(cells, dimensions)
    values = rounded(table.counts, rules)
    return table, values, protect(table, learned(values, rules), is_small(table.counts, rules), rules)


def range_left(table: Table, knowledge: Knowledge, cell: int) -> float:
    """Highest less lowest whole number that a cell can be in any whole-numbered table that fits: a branch and bound
    search for this one cell, which shares nothing with the attack that the hub makes."""
    found = []
    lines = [LinearConstraint(table.equal, 0, 0)] if table.equal.shape[0] else []
    lines += [LinearConstraint(table.at_most, -np.inf, 0)] if table.at_most.shape[0] else []
    for sign in (1, -1):
        goal = np.zeros(table.size)
        goal[cell] = sign
        upper = knowledge.upper.copy()
        upper[cell] = min(upper[cell], table.counts[cell] + 100)
        answer = milp(goal, constraints=lines, bounds=Bounds(knowledge.lower, upper), integrality=np.ones(table.size))
        found.append(round(sign * answer.fun))
    return float(found[1] - found[0])


def known(values: Numbers, hidden: Flags, rules: Rules = RULES) -> Knowledge:
    """What a reader knows of each cell: what is shown for it, and of the others that they are no zeros."""
    shown = learned(values, rules)
    return Knowledge(np.where(hidden, 1.0, shown.lower), np.where(hidden, np.inf, shown.upper))


def cell(table: Table, *codes: str) -> int:
    return int(np.flatnonzero((table.keys == list(codes)).all(axis=1))[0])


def test_a_small_count_alone_in_its_line_takes_others_with_it() -> None:
    cells = with_margins(grid({"force": ["a", "b"], "strand": ["race", "religion"]}, [3, 20, 30, 40]), TWO_WAYS)
    table, values, hidden = put(cells, TWO_WAYS, EXACT)
    alone = is_small(table.counts, EXACT)
    naive, _ = attacked(table, known(values, alone, EXACT), alone, EXACT.possible_counts)
    assert [(one.cell, one.upper) for one in naive] == [(cell(table, "a", "race"), 3)]
    assert hidden[[cell(table, *codes) for codes in (("a", "race"), ("a", "religion"), ("b", "race"))]].all()
    assert attacked(table, known(values, hidden, EXACT), hidden, EXACT.possible_counts) == ([], 0)


def test_a_rounded_total_may_still_tell_what_is_missing_from_it() -> None:
    """62 is shown as 60, 57 as 55: of one line alone the missing one is 5 give or take 4, but two lines can agree on
    less."""
    cells = with_margins(grid({"force": ["a", "b"], "strand": ["race", "religion"]}, [4, 53, 58, 0]), TWO_WAYS)
    table, values, hidden = put(cells, TWO_WAYS)
    knowledge = known(values, hidden)
    assert all(
        range_left(table, knowledge, one) >= RULES.possible_counts - 1 for one in np.flatnonzero(hidden).tolist()
    )


def test_what_is_left_for_small_counts_is_shared_out_in_whole_numbers_of_one_or_more() -> None:
    """A region of 17 with 14 in one force: both are shown as 15, and a reader who knows that a zero is shown as one
    shares out the four that may be left: one or two for each of the three others."""
    dimensions = [Dimension("force", {force: ["region"] for force in "abcde"})]
    cells = with_margins(grid({"force": list("abcde")}, [14, 1, 1, 1, 0]), dimensions)
    table, values, hidden = put(cells, dimensions)
    knowledge = known(values, hidden)
    assert not hidden[cell(table, "e")], "a zero is a zero"
    assert all(
        range_left(table, knowledge, one) >= RULES.possible_counts - 1 for one in np.flatnonzero(hidden).tolist()
    )


def test_a_zero_is_shown_as_one() -> None:
    cells = with_margins(grid({"force": ["a", "b"], "strand": ["race", "religion"]}, [0, 20, 30, 40]), TWO_WAYS)
    _, values, hidden = put(cells, TWO_WAYS)
    assert not hidden.any()
    assert values[0] == 0


def test_strands_that_overlap_are_no_sum_but_bound_their_total() -> None:
    strands = [Dimension("strand", {"race": ["all"], "religion": ["all"]}, overlaps=True)]
    cells = pd.DataFrame({"strand": ["race", "religion", "all"], "count": [3, 9, 10]})
    table, values, _ = put(cells, strands, EXACT)
    alone = is_small(table.counts, EXACT)
    (found,), _ = attacked(table, known(values, alone, EXACT), alone, 100)
    assert (found.lower, found.upper) == (1, 10), "no less than is missing from all, no more than all"
    with pytest.raises(ValueError, match="do not add up"):
        make_table(cells.assign(count=[3, 9, 13]), strands)


def test_what_was_published_before_covers_nothing_any_more() -> None:
    """Who remembers all other figures to the unit knows the small one whatever is done: then the rest is left to be
    shown, and the reader who does not remember learns nothing."""
    cells = with_margins(grid({"force": ["a", "b"], "strand": ["race", "religion"]}, [3, 20, 30, 40]), TWO_WAYS)
    table = make_table(cells, TWO_WAYS)
    small = is_small(table.counts, RULES)
    told = learned(rounded(table.counts, RULES), RULES)
    remembered = known(table.counts, small, Rules(1, 1, 5, 5))
    hidden = protect(table, told, small, RULES, remembered=remembered)
    assert (hidden == protect(table, told, small, RULES)).all()


def test_the_same_table_is_always_treated_alike() -> None:
    leaves, dimensions = made_up(6, 4, 4.0, seed=3)
    once, again = (put(with_margins(leaves, dimensions), dimensions)[2] for _ in range(2))
    assert (once == again).all()


@pytest.mark.parametrize("rest", [0, 4])
def test_an_area_of_which_nearly_all_cases_end_alike_does_not_say_how(rest: int) -> None:
    """59 of 59, or all but four: then everybody there knows of every other how the case ended."""
    codes = {"force": ["a", "b", "c"], "outcome": ["charged", "positive", "none"]}
    cells = with_margins(grid(codes, [0, rest, 59, 20, 30, 50, 10, 12, 40]), BY_OUTCOME)
    table, values, hidden = put(cells, BY_OUTCOME)
    of_a = [cell(table, "a", code) for code in codes["outcome"]]
    assert hidden[of_a].all(), "zeros too: they say that all the others end in one way"
    assert not hidden[cell(table, "a", "all")]
    assert not hidden[cell(table, "b", "charged")]
    shown = learned(values, RULES)
    lower = np.where(hidden, np.where(table.keys["force"] == "a", 0.0, 1.0), shown.lower)
    knowledge = Knowledge(lower, np.where(hidden, np.inf, shown.upper))
    assert all(range_left(table, knowledge, one) >= 4 for one in np.flatnonzero(hidden).tolist())


def test_a_zero_of_which_a_total_of_zero_tells_is_shown_all_the_same() -> None:
    cells = with_margins(
        grid({"force": ["a", "b", "c"], "outcome": ["charged", "positive", "none"]}, [0, 0, 9, 0, 30, 50, 0, 12, 40]),
        BY_OUTCOME,
    )
    table, _, hidden = put(cells, BY_OUTCOME)
    assert not hidden[cell(table, "a", "charged")]
    assert hidden[[cell(table, "a", "positive"), cell(table, "a", "none")]].all()


def must_be_safe(cells: pd.DataFrame, dimensions: list[Dimension], *, looked_at: int) -> None:
    """No small count is shown; and of cells that are kept back, the likeliest to give way, none is bounded by a search
    over whole numbers."""
    table, values, hidden = put(cells, dimensions)
    assert hidden[is_small(table.counts, RULES)].all()
    assert 0 < hidden.sum() < table.size, "a table of which all or nothing is shown proves little"
    for cells_of_part, part in table.apart():
        knowledge = known(values, hidden).of(cells_of_part)
        own = hidden[cells_of_part]
        assert attacked(part, knowledge, own, RULES.possible_counts - 1) == ([], 0)
        shown_beside = np.asarray(abs(part.equal).T @ (abs(part.equal) @ ~own))
        likely = sorted(np.flatnonzero(own).tolist(), key=lambda one: (-shown_beside[one], one))[:looked_at]
        assert all(range_left(part, knowledge, one) >= RULES.possible_counts - 1 for one in likely)


def test_a_zero_that_shown_zeros_tell_does_not_stop_the_protection() -> None:
    """Force a has one case in the year, so the year's breakdown is kept back, zeros too. But the zeros of its quarters
    are shown: in one nobody has a case of that strand, in the other the force has none at all."""
    codes = {"force": ["a", "b"], "strand": ["race", "disability", "religion"], "quarter": ["1 Q1", "1 Q2"]}
    dimensions = [
        Dimension("force", {"a": ["all"], "b": ["all"]}),
        Dimension("strand", {code: ["all"] for code in codes["strand"]}, is_shared_trait=True),
        Dimension("quarter", {"1 Q1": ["1"], "1 Q2": ["1"]}),
    ]
    table, _, hidden = put(with_margins(grid(codes, [1, 0, 0, 0, 0, 0, 40, 50, 30, 30, 0, 30]), dimensions), dimensions)
    year = cell(table, "a", "religion", "1")
    assert hidden[year]
    assert table.zeros_implied(hidden)[year]
    assert not table.zeros_implied(hidden)[cell(table, "a", "race", "1")]


@pytest.mark.parametrize("seed", [1, 2])
def test_made_up_tables_are_safe(seed: int) -> None:
    leaves, dimensions = made_up(5, 4, 5.0, seed)
    must_be_safe(with_margins(leaves, dimensions), dimensions, looked_at=10)
