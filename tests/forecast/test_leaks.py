"""Nothing of the future is in a forecast, and nothing is found where nothing is."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.towns import FIRST_TEST, add_context, forecast, make_context, make_town, read_town
from hub.forecast.backtest import STACK, Backtest
from hub.forecast.model import Forecast

CUT_OFF = 12
"""The first test period whose start is not after the cut-off."""


def _change_what_is_later(events: pd.DataFrame, by: str, seed: int) -> pd.DataFrame:
    """Remove, move, redate and add rows that are dated (or reported) on or after the cut-off."""
    random = np.random.default_rng(seed)
    cut_off = (pd.Timestamp(FIRST_TEST) + pd.Timedelta(weeks=CUT_OFF)).date().isoformat()
    later = events[by] >= cut_off
    kept = events[~later]
    changed = events[later].sample(frac=0.6, random_state=seed).copy()
    changed["area_id"] = "W000"
    burst = events[later].sample(n=200, replace=True, random_state=seed).copy()
    burst["area_id"] = random.choice(["W001", "W002"], size=len(burst))
    if by == "reported_on":
        # Said at last, but of long ago: before the first row that was known.
        burst["occurred_on"] = "2021-05-05"
    far = changed.head(1).assign(occurred_on="2023-12-24", reported_on="2023-12-25")
    return pd.concat([burst, changed, kept.sample(frac=1, random_state=seed), far])


def they_part_after_the_cut_off(before: dict[int, Forecast], after: dict[int, Forecast]) -> None:
    for period in range(CUT_OFF + 1):
        np.testing.assert_allclose(after[period].expected, before[period].expected, rtol=1e-6, atol=2e-10)
        np.testing.assert_array_equal(after[period].high, before[period].high)
        for name, shape in before[period].baselines.items():
            np.testing.assert_allclose(after[period].baselines[name], shape, rtol=1e-6, err_msg=name)
    assert not np.allclose(after[CUT_OFF + 1].expected, before[CUT_OFF + 1].expected, rtol=1e-3)


@pytest.mark.parametrize(("by", "as_of_reported"), [("occurred_on", False), ("reported_on", True)])
def test_what_is_dated_or_reported_after_a_cut_off_changes_no_earlier_forecast(
    tmp_path: Path, by: str, as_of_reported: bool
) -> None:
    events, areas = make_town()
    before = forecast(read_town(tmp_path, events, areas, as_of_reported=as_of_reported), upto=CUT_OFF + 1)
    changed = _change_what_is_later(events, by, seed=3)
    after = forecast(read_town(tmp_path, changed, areas, as_of_reported=as_of_reported), upto=CUT_OFF + 1)
    they_part_after_the_cut_off(before, after)


def test_counts_of_other_kinds_from_after_a_cut_off_change_no_earlier_forecast(tmp_path: Path) -> None:
    events, areas = make_town()
    panel, context = read_town(tmp_path, events, areas), make_context()
    before = forecast(add_context(tmp_path, panel, context), upto=CUT_OFF + 1)
    cut_off = (pd.Timestamp(FIRST_TEST) + pd.Timedelta(weeks=CUT_OFF)).date().isoformat()
    later = context["occurred_on"] >= cut_off
    moved = context[later].assign(area_id="W001", occurred_on=cut_off, count=400)
    unheard_of = moved.head(1).assign(kind="arson", count=9)
    far = moved.tail(1).assign(occurred_on="2023-12-24")
    changed = pd.concat([far, unheard_of, moved, context[~later].sample(frac=1, random_state=3)])
    after = forecast(add_context(tmp_path, panel, changed), upto=CUT_OFF + 1)
    they_part_after_the_cut_off(before, after)


def test_a_late_report_is_used_from_the_period_after_it_came(tmp_path: Path) -> None:
    events, areas = make_town()
    late = pd.DataFrame(
        {"area_id": ["W005"] * 30, "occurred_on": ["2023-03-14"] * 30, "reported_on": ["2023-04-05"] * 30}
    )
    plain = forecast(read_town(tmp_path, events, areas, as_of_reported=True), upto=6)
    with_late = forecast(read_town(tmp_path, pd.concat([events, late]), areas, as_of_reported=True), upto=6)
    np.testing.assert_allclose(with_late[4].expected, plain[4].expected, rtol=1e-6, atol=2e-10)
    assert with_late[5].expected[5] > 2 * plain[5].expected[5]


def test_permuted_reports_score_at_chance(tmp_path: Path) -> None:
    events, areas = make_town(weeks=110, reports_a_week=20)
    random = np.random.default_rng(5)
    events["area_id"] = random.choice(areas["area_id"].to_numpy(), size=len(events))
    done = Backtest(read_town(tmp_path, events, areas))
    for made in forecast(done.panel).values():
        done.add(made)
    result = done.result()
    assert abs(result["methods"][STACK]["bits_per_event"]) < 0.03
    assert abs(result["methods"][STACK]["hit_rate_10%"] - 8 / 77) < 0.03
    assert result["withheld"]
    assert result["verdict"] in ("worse", "not_surely_better")
