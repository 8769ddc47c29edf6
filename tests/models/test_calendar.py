"""The bank holidays against a second source, and the calendar that is made of them."""

import csv
from datetime import date

import holidays
import pytest

from hub.settings import read_settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.conftest import Built
from models.rows import fetch

YEARS = range(2016, 2046)
DIVISIONS = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}


@pytest.mark.parametrize(("division", "subdivision"), DIVISIONS.items())
def test_bank_holidays_are_those_of_a_second_source(division: str, subdivision: str) -> None:
    with (read_settings({}).dbt_project / "seeds" / "bank_holidays.csv").open() as file:
        ours = {date.fromisoformat(row["holiday_on"]) for row in csv.DictReader(file) if row["division"] == division}
    theirs = holidays.country_holidays("GB", subdiv=subdivision, years=YEARS)
    # The library also names the day itself where a weekday stands in for it.
    assert ours == {day for day in theirs if day.weekday() < 5}


def test_the_calendar_has_every_day_of_every_division_once(built: Built) -> None:
    counts = fetch(
        open_warehouse(built.settings, Role.OWNER),
        "select division, count(*)::int, min(calendar_on), max(calendar_on) from intermediate.int_calendar group by 1",
    )
    days = (date(2046, 1, 1) - date(2016, 1, 1)).days
    assert sorted(counts) == [(name, days, date(2016, 1, 1), date(2045, 12, 31)) for name in sorted(DIVISIONS)]
