"""Periods and numbers in file names: which are read, which patterns are refused, and what has no gaps."""

import re
from datetime import date

import pytest
import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.contracts.periods import PeriodRefused, missing_ranges, read_period, refuse_unreadable
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from ingest.deliveries import ledger_rows, take_in
from ingest.small_feeds import column, feed


def monthly(pattern: str) -> Contract:
    return feed(column("place"), name="monthly", file_name_pattern=pattern)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("202402", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026_02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-01-31", date(2026, 1, 31), date(2026, 1, 31)),
        ("20260131", date(2026, 1, 31), date(2026, 1, 31)),
        ("2026Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026W01", date(2025, 12, 29), date(2026, 1, 4)),
    ],
)
def test_a_period_in_a_usual_form_is_read(text: str, first: date, last: date) -> None:
    assert read_period(text) == (first, last)


@pytest.mark.parametrize(
    "text",
    ["", "2026-13", "2026-1", "20260230", "2026Q5", "2026Q0", "2026W54", "31-01-2026", "0000", "20261", "2026-01_31"],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(PeriodRefused):
        read_period(text)


@pytest.mark.parametrize(
    "group",
    [
        r"\d{4}",
        r"\d{4}-\d{2}(-\d{2})?",
        r"\d{6}",
        r"20\d{6}",
        r"\d{4}-?Q[1-4]",
        r"(?:19|20)\d\d[-_]\d\d",
        r"\d{4}W\d\d",
    ],
)
def test_a_pattern_whose_period_can_be_read_is_accepted(group: str) -> None:
    refuse_unreadable(re.compile(rf"^x[(]_(?P<sender>[a-z]+)_(?P<period>{group})_(?P<sequence>\d+)\.csv$"))


@pytest.mark.parametrize(
    "group", [r".+", r"\d+", r"[0-9-]+", r"\d{2}-\d{4}", r"\d{4}-\d{1,2}", r"[A-Z][a-z]{2}\d{4}", r"\w+"]
)
def test_a_pattern_that_lets_in_what_is_no_period_is_refused(group: str) -> None:
    with pytest.raises(PeriodRefused, match="which cannot be read"):
        refuse_unreadable(re.compile(rf"^x_(?P<period>{group})\.csv$"))


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        ([1, 2, 4, 9], [(3, 3), (5, 8)]),
        ([7], []),
        ([20260131, 20260201, 20260215], []),
        ([202611, 202612, 202701], []),
        ([20260131093000, 20260201090000], []),
        ([202612, 202613, 202615], [(202614, 202614)]),
        ([20261231, 20261232, 20261234], [(20261233, 20261233)]),
    ],
)
def test_numbers_that_are_dates_have_no_gaps(numbers: list[int], missing: list[tuple[int, int]]) -> None:
    assert missing_ranges(numbers) == missing


def test_a_period_that_is_none_is_said_and_the_file_is_taken_all_the_same(
    settings: Settings, engine: sa.Engine
) -> None:
    contract = monthly(r"^places_(?P<period>\d{4}-\d{2})\.csv$")
    prepare_warehouse(engine, [contract])
    result = take_in(settings, engine, contract, b"place\nBow\n", "places_2026-13.csv")
    said = "the period in the file's name cannot be read: the calendar has no such period"
    assert (result.status, result.rows_accepted, result.reason) == ("loaded", 1, said)
    with engine.connect() as connection:
        alerts = sa.text("select kind, detail from ledger.alerts where closed_at is null")
        assert connection.execute(alerts).all() == [("unread_period", said)]
    right = take_in(settings, engine, contract, b"place\nHam\n", "places_2026-12.csv")
    assert right.reason is None
    assert ledger_rows(engine)[-1].period_end == date(2026, 12, 31)
    with engine.connect() as connection:
        assert connection.execute(alerts).all() == []
