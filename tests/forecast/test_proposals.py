"""Which areas are proposed, and why: tiny forces, each odd in one way."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from hub.forecast.proposals import Candidates, propose

CUT_OFF = dt.date(2026, 10, 5)
WEEK = dt.timedelta(weeks=1)
PARAMETERS = {
    "slots_a_force": 8.0,
    "explore_slots": 1.0,
    "low_reporting_slots": 1.0,
    "review_days": 28.0,
    "least_strand_reports": 5.0,
}


def candidates(count: int, **rows: Any) -> Candidates:
    """One force of so many areas, the first the highest; each row can be given for all areas."""
    plain = {
        "rank": np.arange(1, count + 1),
        "rank_p05": np.arange(1, count + 1),
        "rank_p95": np.arange(1, count + 1),
        "expected_reports": np.linspace(9, 1, count),
        "p05": np.zeros(count, dtype=int),
        "p95": np.full(count, 9),
        "relative_risk": np.linspace(3, 0.5, count),
        "share_recent": np.zeros(count),
        "share_neighbours": np.zeros(count),
        "reports_4w": np.full(count, 3),
        "reports_12m": np.full(count, 20),
    }
    return Candidates(
        codes=[f"A{area}" for area in range(count)],
        names=[f"Area {area}" for area in range(count)],
        forces=["E23000001"] * count,
        bands=["fifth_1"] * count,
        residents=np.full(count, 1000.0),
        rows=plain | rows,
        strands={"race": np.full(count, 5), "religion": np.full(count, 4), "disability": np.full(count, 9)},
    )


def slots(given: Candidates, before: set[tuple[str, dt.date]] | None = None) -> list[dict[str, Any]]:
    return propose(given, PARAMETERS, CUT_OFF, before or set())


def test_a_tenth_of_a_forces_areas_is_proposed_with_why_in_one_line() -> None:
    [first, explored] = slots(candidates(10))
    assert (first["area_code"], first["selection"], first["action"]) == ("A0", "model", "engagement")
    assert first["why"] == "long-run high; 1 to 4 reports in 4 weeks, 9.0 expected in the next"
    assert first["review_by"] == dt.date(2026, 11, 2)
    assert explored["selection"] == "explore"
    assert "\n" not in first["why"]


def test_a_strand_with_four_reports_is_not_named() -> None:
    assert slots(candidates(10))[0]["strands"] == ["disability", "race"]


def test_an_area_with_four_reports_in_a_year_is_no_hotspot() -> None:
    assert slots(candidates(10, reports_12m=np.full(10, 4))) == []


def test_what_flares_up_is_answered_by_being_seen() -> None:
    [flare, _] = slots(candidates(10, share_recent=np.full(10, 0.6), share_neighbours=np.full(10, 0.3)))
    assert flare["action"] == "visibility"
    assert flare["why"].endswith("recent reports weigh most; neighbours tell of it too")


def test_the_area_of_which_least_is_known_is_explored() -> None:
    unsure = np.arange(1, 11)
    unsure[6] = 40
    [_, explored] = slots(candidates(10, rank_p95=unsure))
    assert explored["area_code"] == "A6"
    assert explored["why"] == "little is known of it: its place may be any from 7 to 40"


def test_an_area_that_reports_less_than_areas_like_it_is_offered_outreach() -> None:
    reports = np.full(10, 20)
    reports[8] = 6
    [*_, quiet] = slots(candidates(10, reports_12m=reports))
    assert (quiet["area_code"], quiet["selection"], quiet["action"]) == ("A8", "low_reporting", "reporting_outreach")
    assert quiet["why"] == "reports less than areas like it: 6 reports in twelve months against 19"


def test_a_small_force_has_one_slot_and_explores_nothing() -> None:
    assert [slot["selection"] for slot in slots(candidates(3))] == ["model"]


@pytest.mark.parametrize(("weeks", "told"), [([], 1), ([1], 2), ([1, 2, 4], 3), ([2], 1)])
def test_stability_is_counted_in_weeks_without_a_gap(weeks: list[int], told: int) -> None:
    before = {("A0", CUT_OFF - week * WEEK) for week in weeks}
    assert slots(candidates(10), before)[0]["stability_weeks"] == told


def test_an_area_that_is_high_by_its_latest_reports_alone_is_not_called_long_run_high() -> None:
    sudden = {"share_recent": np.full(10, 0.9), "reports_4w": np.full(10, 20), "reports_12m": np.full(10, 20)}
    [flare, _] = slots(candidates(10, **sudden))
    assert "recent reports weigh most" in flare["why"]
    assert "long-run high" not in flare["why"]
