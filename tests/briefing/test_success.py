"""The five measures are shown against the month before, and a change that chance explains is not called one."""

import datetime as dt

import pytest

from briefing.published import filled, full_week, measured
from hub.briefing.sections import make_briefing
from hub.briefing.success import how_likely, success_section

AS_OF = dt.date(2026, 10, 11)


def test_the_last_month_that_is_over_stands_beside_the_one_before() -> None:
    section = next(one for one in make_briefing(full_week()).sections if one.anchor == "success")
    (table,) = section.tables
    assert table.header[1:3] == ("September 2026", "Month before")
    reports, victims = table.rows
    assert reports[:3] == ("Reports investigated", "300 reports", "210 reports")
    assert reports[4] == "+90, more than chance"
    assert victims[1:3] == ("55%", "50%")
    assert victims[4] == "+5 points, chance may be all"
    assert "on 3 of 21 working days" in section.points[0]
    assert "17 incidents stayed with their local forces for that (4 the month before)" in section.points[0]


def test_a_hub_in_its_first_month_shows_that_one_and_says_that_it_is_not_over() -> None:
    section = success_section([measured("Reports investigated", 10, 90)], [filled(10, 0, 0)], AS_OF)
    assert section.paragraphs[0].startswith("October 2026 is not over.")
    assert section.tables[0].rows[0][4] == "no month to compare"


def test_what_was_not_counted_is_not_called_none() -> None:
    uncounted = measured("Victims confident", 9, 0, 1) | {"measure_value": None, "base_size": None}
    section = success_section([uncounted, measured("Victims confident", 8, 3, 40)], [], AS_OF)
    assert section.tables[0].rows[0][1:] == ("-", "8%", "-", "no month to compare")
    assert success_section([], [], AS_OF).paragraphs == ("No measure has been counted yet.",)


@pytest.mark.parametrize(
    ("now", "before", "likely"),
    [
        # The lady tasting tea: Fisher's own table of 3 of 4 against 1 of 4.
        (measured("a", 9, 3, 4), measured("a", 8, 1, 4), 0.4857),
        # Two tosses of six heads and none: 2 / 64, with months of 31 days both.
        (measured("a", 8, 6), measured("a", 7, 0), 0.03125),
        # As many a day in February as in January.
        (measured("a", 2, 280), measured("a", 1, 310), 1.0),
        (measured("a", 9, 0), measured("a", 8, 0), 1.0),
    ],
)
def test_how_likely_a_change_is_without_any(now: dict[str, object], before: dict[str, object], likely: float) -> None:
    assert how_likely(now, before) == pytest.approx(likely, abs=0.0001)


def test_a_mean_is_no_share() -> None:
    mean = measured("Change of confidence", 9, 80, 40) | {"unit": "points of five"}
    section = success_section([mean], [], AS_OF)
    assert section.tables[0].rows[0][1] == "2.0 points of five"
    assert how_likely(mean, mean) is None


def test_of_hours_saved_nothing_is_said_of_chance() -> None:
    saved = measured("a", 9, 150) | {"value_form": "difference", "unit": "hours"}
    assert how_likely(saved, saved) is None
