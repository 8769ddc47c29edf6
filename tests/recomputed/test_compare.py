"""The comparison can fail: every way in which two tables can differ is said with the figure that differs."""

from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import pytest

from recomputed.compare import differences
from recomputed.public_counts import quarter_of, year_of
from recomputed.public_statistics import wrong_value

OURS = pd.DataFrame([{"code": "a", "month": date(2026, 5, 1), "value": Decimal("0.250000")}])


@pytest.mark.parametrize(
    ("published", "said"),
    [
        ([{"code": "a", "month": date(2026, 5, 1), "value": Decimal("0.25")}], []),
        ([{"code": "a", "month": datetime(2026, 5, 1), "value": 0.25, "publish_id": 7}], []),
        (
            [{"code": "a", "month": date(2026, 5, 1), "value": Decimal("0.250001")}],
            ["v a 2026-05-01: value is 0.25, published 0.250001"],
        ),
        (
            [{"code": "a", "month": date(2026, 5, 1), "value": None}],
            ["v a 2026-05-01: value is 0.25, published None"],
        ),
        (
            [{"code": "b", "month": date(2026, 5, 1), "value": Decimal("0.25")}],
            ["v a 2026-05-01: recomputed, not published", "v b 2026-05-01: published, not recomputed"],
        ),
        (
            [{"code": "a", "month": date(2026, 5, 1), "value": Decimal("0.25"), "more": 1}],
            ["v: columns are ['code', 'month', 'more', 'value'], recomputed ['code', 'month', 'value']"],
        ),
    ],
)
def test_each_difference_is_named(published: list[dict[str, object]], said: list[str]) -> None:
    assert differences("v", ["code", "month"], OURS, pd.DataFrame(published)) == said


@pytest.mark.parametrize(
    ("count", "mark", "value", "is_right"),
    [
        (12, "shown", 10, True),
        (13, "shown", 15, True),
        (12, "shown", 12, False),
        (4, "shown", 5, False),
        (0, "shown", 0, False),
        (4, "suppressed", None, True),
        (12, "suppressed", None, True),
        (0, "suppressed", None, True),
        (4, "suppressed", 4, False),
        (0, "zero", 0, True),
        (1, "zero", 0, False),
        (None, "not_collected", None, True),
        (0, "not_collected", None, False),
        (None, "suppressed", None, False),
        (12, "of no list", 10, False),
    ],
)
def test_what_is_small_is_not_shown_and_what_is_shown_is_rounded(
    count: int | None, mark: str, value: int | None, is_right: bool
) -> None:
    assert (wrong_value(count, mark, value, threshold=5, base=5) is None) is is_right


def test_the_financial_year_begins_in_april() -> None:
    assert [year_of(day).code for day in (date(2027, 3, 31), date(2027, 4, 1))] == ["2026/27", "2027/28"]
    assert [quarter_of(day).code for day in (date(2027, 1, 1), date(2026, 6, 30))] == ["2026/27 Q4", "2026/27 Q1"]
    assert (quarter_of(date(2026, 11, 5)).first, quarter_of(date(2026, 11, 5)).last) == (
        date(2026, 10, 1),
        date(2026, 12, 31),
    )
