"""What a reader works out from the rules of disclosure control themselves is known to the attack."""

import numpy as np
import pandas as pd
import pytest

from disclosure.cubes import RULES, grid, with_margins
from hub.disclosure.breakdowns import knowing_the_rule
from hub.disclosure.history import Past, read_past
from hub.disclosure.key import KEY
from hub.disclosure.tables import Dimension, make_table

CELL = dict(zip(KEY, ("criminal_incidents", "north", "all", "2026/27"), strict=True))


def past_of(now: int, *stated: tuple[str, int]) -> Past:
    """Of one cell, after these publishes: mark and count of each."""
    rows = [
        {**CELL, "publish_id": number, "stated_count": count, "mark": mark}
        | {"public_value": None if mark == "suppressed" else (count + 2) // 5 * 5}
        for number, (mark, count) in enumerate(stated, 1)
    ]
    statements = pd.DataFrame(rows).astype({"public_value": "Int64"})
    return read_past(pd.DataFrame([{**CELL, "count": now}]), statements, RULES)


@pytest.mark.parametrize(
    ("now", "stated", "least", "most"),
    [
        # 5 stands for 5 to 7, and has risen by five or more.
        (12, [("shown", 7)], 10, np.inf),
        # 20 stands for 18 to 22, and has fallen.
        (14, [("shown", 20)], 0, 17),
        # It stays as long as fewer than five came or went.
        (21, [("shown", 20)], 14, 26),
        # Twice: 10 to 12 after the first rise.
        (17, [("shown", 5), ("shown", 11)], 15, np.inf),
        # Nobody knows whether one that was kept back has moved.
        (17, [("shown", 11), ("suppressed", 4)], 0, np.inf),
        (17, [("suppressed", 4)], 0, np.inf),
    ],
)
def test_a_figure_that_moves_or_stays_tells_of_its_count(
    now: int, stated: list[tuple[str, int]], least: float, most: float
) -> None:
    told = past_of(now, *stated).told_by_moves
    assert (told.lower[0], told.upper[0]) == (least, most)
    assert told.holds(np.array([float(now)]))


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
