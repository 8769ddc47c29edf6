"""What becomes of a published figure when its count changes a little."""

import numpy as np
import pandas as pd
import pytest

from disclosure.cubes import RULES
from hub.disclosure.checks import findings, repeated
from hub.disclosure.disclose import decide
from hub.disclosure.figures import Mark
from hub.disclosure.history import read_past
from hub.disclosure.key import KEY
from hub.disclosure.public_tables import figures
from hub.disclosure.tables import Flags

PARTS = ("all", "charged", "other_positive", "not_positive")


def year(*counts: int) -> pd.DataFrame:
    """The outcomes of one year of one area."""
    frame = pd.DataFrame({"measure_code": "closed_incidents", "area_code": "all", "part_code": PARTS})
    return frame.assign(period_code="2026/27", parent_area_code=None, parent_period_code=None, count=counts)


def shown_before(counts: pd.DataFrame, hidden: Flags) -> pd.DataFrame:
    """The statements of an issue of these counts, by themselves."""
    values = [
        None if is_hidden else (count + 2) // 5 * 5 for is_hidden, count in zip(hidden, counts["count"], strict=True)
    ]
    marks = [
        Mark.SUPPRESSED if is_hidden else Mark.SHOWN if count else Mark.ZERO
        for is_hidden, count in zip(hidden, counts["count"], strict=True)
    ]
    return counts[list(KEY)].assign(
        publish_id=1, stated_count=counts["count"], mark=marks, public_value=pd.array(values, dtype="Int64")
    )


def issued_after(before: pd.DataFrame, now: pd.DataFrame) -> dict[str, str]:
    """How each part is shown in an issue of ``now`` that follows one of ``before``; the checks of a publish hold."""
    nothing = shown_before(before, np.zeros(len(before), dtype=bool)).head(0)
    statements = shown_before(before, decide(before, read_past(before, nothing, RULES), RULES))
    past = read_past(now, statements, RULES)
    hidden, values = decide(now, past, RULES), figures(past, RULES)
    shown = ["suppressed" if is_hidden else str(int(value)) for is_hidden, value in zip(hidden, values, strict=True)]
    marks = [
        "suppressed" if is_hidden else "shown" if value else "zero"
        for is_hidden, value in zip(hidden, values, strict=True)
    ]
    public = pd.array(
        [None if is_hidden else int(value) for is_hidden, value in zip(hidden, values, strict=True)], "Int64"
    )
    candidate = now[list(KEY)].assign(mark=marks, value=public)
    decided = now.assign(mark=marks, public_value=public, decided_by=RULES.as_text)
    assert [one for one in findings(candidate, decided, statements) if not one.holds] == []
    return dict(zip(PARTS, shown, strict=True))


def test_a_published_five_is_kept_back_when_its_count_becomes_four() -> None:
    assert issued_after(year(40, 6, 20, 14), year(40, 6, 20, 14))["charged"] == "5"
    assert issued_after(year(40, 6, 20, 14), year(40, 4, 22, 14))["charged"] == "suppressed"


@pytest.mark.parametrize(("before", "now"), [(3, 0), (6, 0), (20, 0)])
def test_a_count_that_becomes_zero_is_shown_as_zero(before: int, now: int) -> None:
    assert issued_after(year(60, before, 40, 20 - before), year(60, now, 40, 20 - now))["charged"] == "0"


def test_a_figure_that_is_not_small_stays_until_its_count_has_changed_by_five() -> None:
    assert issued_after(year(60, 20, 20, 20), year(64, 24, 20, 20))["charged"] == "20"
    assert issued_after(year(60, 20, 20, 20), year(65, 25, 20, 20))["charged"] == "25"


def test_between_two_issues_a_figure_that_is_not_the_one_that_came_out_is_found() -> None:
    counts = year(60, 3, 40, 17)
    nothing = shown_before(counts, np.zeros(4, dtype=bool)).head(0)
    statements = shown_before(counts, decide(counts, read_past(counts, nothing, RULES), RULES))
    shown = statements[list(KEY)].assign(mark=statements["mark"], value=statements["public_value"])
    assert [one.holds for one in repeated(shown, statements)] == [True]
    other = shown.assign(mark=Mark.SHOWN, value=shown["value"].fillna(5))
    (found,) = repeated(other, statements)
    assert not found.holds
    assert found.detail.endswith("of 4 figures are not those that came out")
