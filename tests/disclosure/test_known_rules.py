"""What a reader works out from the rules of disclosure control themselves is known to the attack."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from disclosure.cubes import RULES, grid, with_margins
from hub.disclosure.breakdowns import knowing_the_rule
from hub.disclosure.checks import findings
from hub.disclosure.disclose import decide
from hub.disclosure.history import read_past
from hub.disclosure.issues import Issues, read_together
from hub.disclosure.key import KEY
from hub.disclosure.knowledge import Knowledge
from hub.disclosure.tables import Dimension, Flags, make_table

AREAS = ("a", "b", "c", "d")


def issue_of(month: int, counts: Sequence[int], hidden: Flags | None = None) -> pd.DataFrame:
    """Crimes of the areas, and of all of them, as they came out."""
    each = [*counts, sum(counts)]
    kept_back = np.zeros(len(each), dtype=bool) if hidden is None else hidden
    values = [None if is_hidden else (one + 2) // 5 * 5 for one, is_hidden in zip(each, kept_back, strict=True)]
    return pd.DataFrame(
        {
            "measure_code": "criminal_incidents",
            "area_code": [*AREAS[: len(counts)], "all"],
            "part_code": "all",
            "period_code": "2026/27",
            "parent_area_code": [*["all"] * len(counts), None],
            "parent_period_code": None,
            "count": each,
            "issue_month": month,
            "mark": ["suppressed" if value is None else "shown" if value else "zero" for value in values],
            "public_value": pd.array(values, dtype="Int64"),
            "decided_by": RULES.as_text,
        }
    )


def joined(*issues: pd.DataFrame) -> Issues:
    """The last one, read with those before it."""
    *earlier, now = issues
    values = now["public_value"].to_numpy(dtype=np.float64, na_value=np.nan)
    nothing = Knowledge(np.zeros(len(now)), np.full(len(now), np.inf))
    return read_together(pd.concat(earlier), now, values, nothing, RULES)


@pytest.mark.parametrize(
    ("shown", "possible", "not_possible"),
    [
        # A figure that is another now has risen, or fallen, by five or more.
        ([7, 12], [5, 10], [6, 10]),
        ([20, 14], [19, 14], [18, 14]),
        # It stays as long as fewer than five came or went since it was made.
        ([20, 21], [18, 22], [17, 22]),
        ([20, 21, 22], [18, 14, 22], [18, 14, 23]),
        ([5, 11, 17], [5, 10, 15], [5, 10, 14]),
        # Nobody knows whether one that was kept back has moved.
        ([11, None, 17], [12, 1, 13], None),
    ],
)
def test_a_figure_that_moves_or_stays_tells_of_its_count(
    shown: list[int | None], possible: list[int], not_possible: list[int] | None
) -> None:
    issues = [
        issue_of(month, [4 if one is None else one], np.array([one is None, one is None]))
        for month, one in enumerate(shown)
    ]
    table = joined(*issues).table
    assert table.fits(table.counts)
    assert table.fits(np.repeat(possible, 2).astype(np.float64))
    assert not_possible is None or not table.fits(np.repeat(not_possible, 2).astype(np.float64))


def test_issues_before_the_rules_changed_are_not_read_together() -> None:
    old, other, now = (issue_of(month, [20, 30]) for month in range(3))
    other["decided_by"] = "0:5/5/5/5"
    assert joined(old, other, now).is_present.all()
    assert not joined(old, other.assign(decided_by=RULES.as_text), now).is_present.all()


def test_what_is_shown_now_does_not_tell_what_was_or_is_kept_back() -> None:
    """Three areas were 5 to 7 and have risen by five or more, to 10 to 12: of 28 to 32 at most two are left."""
    nothing = pd.DataFrame(columns=[*KEY, "publish_id", "stated_count", "mark", "public_value"])
    first, now = issue_of(1, [5, 5, 5, 1]), issue_of(2, [10, 10, 10, 1])
    hidden = decide(first, read_past(first, nothing, RULES), RULES)
    came_out = issue_of(1, [5, 5, 5, 1], hidden)
    assert not came_out["public_value"].isna().all()
    statements = came_out[[*KEY, "mark", "public_value"]].assign(publish_id=1, stated_count=came_out["count"])
    past = read_past(now, statements, RULES)
    alone, beside = decide(now, past, RULES), decide(now, past, RULES, issued=came_out)
    assert beside.sum() > alone.sum()
    for hidden, is_safe in ((alone, False), (beside, True)):
        decided = issue_of(2, [10, 10, 10, 1], hidden)
        candidate = decided[[*KEY, "mark"]].assign(value=decided["public_value"])
        found = {one.name: one.holds for one in findings(candidate, decided, statements, came_out)}
        assert found["attack"] is is_safe


def test_of_a_breakdown_that_is_not_kept_back_few_cases_cannot_be_outside_a_part() -> None:
    shape = [
        Dimension("area", {"north": ["all"], "south": ["all"]}),
        Dimension("outcome", {"a": ["total"], "b": ["total"]}, is_shared_trait=True),
    ]
    leaves = grid({"area": ["north", "south"], "outcome": ["a", "b"]}, [8, 12, 30, 2])
    cells = with_margins(leaves, shape)
    table = make_table(cells, shape)
    known = knowing_the_rule(table, RULES.threshold)
    assert known.fits(known.counts)

    def moved(area: str, by: int) -> np.ndarray:
        """Cases of an area that have another outcome."""
        counts = known.counts.copy()
        for outcome, sign in (("a", -1), ("b", 1)):
            for place in (area, "all"):
                at = (cells["area"] == place) & (cells["outcome"] == outcome)
                counts[at.to_numpy()] += sign * by
        return counts

    assert table.fits(moved("north", 4))
    assert not known.fits(moved("north", 4))  # four of another outcome: it would have been kept back
    assert known.fits(moved("north", 3))
    assert known.fits(moved("south", 1))  # kept back as a whole, so nothing is known of it
