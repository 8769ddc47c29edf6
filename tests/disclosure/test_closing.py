"""That an incident is closed after it was recorded tells a reader nothing of a count that is kept back."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from disclosure.cubes import RULES
from hub.disclosure.attack import Attack
from hub.disclosure.breakdowns import as_read
from hub.disclosure.disclose import decide
from hub.disclosure.figures import learned
from hub.disclosure.history import read_past
from hub.disclosure.key import KEY
from hub.disclosure.protected_tables import with_rests
from hub.disclosure.public_tables import whole_table
from hub.disclosure.tables import Numbers, Table

RECORDED, CLOSED = "criminal_incidents", "closed_incidents"
QUARTERS = ("2025/26 Q1", "2025/26 Q2", "2026/27 Q1", "2026/27 Q2")
NOTHING = pd.DataFrame(columns=[*KEY, "publish_id", "stated_count", "mark", "public_value"])


def of_quarters(recorded: tuple[int, ...], closed: tuple[int, ...]) -> pd.DataFrame:
    """Public statistics of one area, with the sums of both years."""
    cells = [
        {"measure_code": measure, "period_code": period, "parent_period_code": parent, "count": count}
        for measure, counts in ((RECORDED, recorded), (CLOSED, closed))
        for period, parent, count in (
            *zip(QUARTERS, (quarter[:7] for quarter in QUARTERS), counts, strict=True),
            (QUARTERS[0][:7], None, sum(counts[:2])),
            (QUARTERS[2][:7], None, sum(counts[2:])),
        )
    ]
    return pd.DataFrame(cells).assign(area_code="all", part_code="all", parent_area_code=None)


def place(table: Table, measure: str, period: str) -> int:
    keys = table.keys
    return int(np.flatnonzero((keys["part_code"] == f"{measure}/all") & (keys["period_code"] == period))[0])


def counts_of(table: Table, changes: Mapping[tuple[str, str], int]) -> Numbers:
    counts = table.counts.copy()
    for (measure, period), by in changes.items():
        for one in {period, period[:7]}:
            counts[place(table, measure, one)] += by
    return counts


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        # Four of eight are open after three quarters, and of ten after all.
        ({(CLOSED, QUARTERS[2]): 4}, True),
        ({(CLOSED, QUARTERS[2]): 5, (CLOSED, QUARTERS[3]): -1}, False),
        ({(CLOSED, QUARTERS[2]): 4, (CLOSED, QUARTERS[3]): 1}, False),
        # One more is recorded too late for those that are closed before.
        ({(RECORDED, QUARTERS[0]): -2, (RECORDED, QUARTERS[3]): 2}, False),
        ({(RECORDED, QUARTERS[0]): -1, (RECORDED, QUARTERS[3]): 1}, True),
    ],
)
def test_no_more_are_closed_than_recorded_up_to_any_quarter(changes: dict[tuple[str, str], int], fits: bool) -> None:
    table = whole_table(of_quarters((4, 2, 2, 2), (3, 1, 0, 2)), RULES)
    assert table.fits(table.counts)
    assert table.fits(counts_of(table, changes)) is fits


def test_nothing_is_known_up_to_a_quarter_in_which_it_is_not_so() -> None:
    """Of some that were closed no record was sent when they came."""
    table = whole_table(of_quarters((4, 2, 2, 9), (5, 0, 0, 2)), RULES)
    assert table.fits(table.counts)
    assert table.fits(counts_of(table, {(CLOSED, QUARTERS[0]): 1}))
    assert not table.fits(counts_of(table, {(CLOSED, QUARTERS[1]): 2}))


def test_a_hub_in_which_nothing_is_closed_yet_can_be_published() -> None:
    """All 25 are without an outcome, which the zero of closed ones tells; no count that is kept back could cover it."""
    counts = {"criminal_incidents": 25, "closed": 0}
    for outcome in ("charged", "other_positive"):
        counts |= {f"{outcome}_of_recorded": 0, f"{outcome}_of_closed": 0}
    rows = [{"part_code": part, "count": count} for part, count in counts.items()]
    key = {"measure_code": "measures", "area_code": "all", "period_code": QUARTERS[0]}
    cells = with_rests(pd.DataFrame(rows).assign(**key, parent_area_code=None, parent_period_code=None))
    hidden = decide(cells, read_past(cells, NOTHING, RULES), RULES)
    is_closed = (cells["part_code"] == "closed").to_numpy()
    assert not hidden[is_closed].any()


def test_years_are_tied_by_nothing_else() -> None:
    table = whole_table(of_quarters((4, 2, 2, 2), (3, 1, 0, 2)), RULES)
    assert len(table.years()) == 2 * 2  # recorded and closed ones have only closings in common
    assert len(list(table.apart())) == 1


def test_what_is_open_in_all_years_together_needs_no_cover() -> None:
    """Three that were recorded in a year are closed in the next one, in which none is recorded. Who knew what was open
    when it began would know that three at most are closed; but that is kept back, too, and can be more."""
    cells = of_quarters((9, 3, 0, 0), (9, 0, 3, 0))
    hidden = decide(cells, read_past(cells, NOTHING, RULES), RULES)
    table = whole_table(cells, RULES)
    cell = place(table, CLOSED, QUARTERS[2])
    assert hidden[cell]
    assert hidden[place(table, RECORDED, QUARTERS[1])]
    values = np.where(cells["count"] == 0, 0.0, (cells["count"] + 2) // 5 * 5).astype(np.float64)
    known = as_read(learned(values, RULES), table, hidden, RULES.threshold)
    attack = Attack(table, RULES.possible_counts)
    year, everywhere = attack.reaches(cell)
    assert attack.bounds(known, cell, year) is not None
    assert attack.bounds(known, cell, everywhere) is None


def test_a_recorded_count_is_covered_from_what_was_closed_of_it() -> None:
    """Of 9 closed in the first quarter 8 or more were recorded there. That leaves at most 4 of 12 for the other one."""
    cells = of_quarters((10, 2, 0, 0), (9, 0, 0, 0))
    hidden = decide(cells, read_past(cells, NOTHING, RULES), RULES)
    table = whole_table(cells, RULES)
    shown = np.where(cells["count"] == 0, 0.0, (cells["count"] + 2) // 5 * 5).astype(np.float64)
    known = as_read(learned(shown, RULES), table, hidden, RULES.threshold)
    attack = Attack(table, RULES.possible_counts)
    assert [attack.worked_out(known, cell) for cell in np.flatnonzero(hidden).tolist()] == [None] * hidden.sum()
    shown_closed = known.upper[place(table, CLOSED, QUARTERS[0])] < np.inf
    shown_sum = known.upper[place(table, RECORDED, QUARTERS[0][:7])] < np.inf
    assert not (shown_closed and shown_sum)
