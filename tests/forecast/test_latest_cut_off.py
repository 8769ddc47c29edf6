"""The cut-off is a Monday that is over, whatever the clock of a sender says."""

import datetime as dt
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from hub.forecast.hotspot_forecasts import latest_cut_off


def cut_off_of(engine: sa.Engine, *known_on: dt.date) -> dt.date | None:
    """The cut-off where reports became known on these days."""
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "create table intermediate.int_hotspots__incidents (is_trained_on boolean, known_on date)"
        )
        for day in known_on:
            statement = sa.text("insert into intermediate.int_hotspots__incidents values (true, :day)")
            connection.execute(statement, {"day": day})
        return latest_cut_off(connection)


def test_a_report_that_is_stamped_ahead_moves_the_cut_off_no_week_early(engine: sa.Engine) -> None:
    today = dt.datetime.now(ZoneInfo("Europe/London")).date()
    this_monday = today - dt.timedelta(days=today.weekday())
    assert cut_off_of(engine, today, today + dt.timedelta(days=7)) == this_monday


def test_a_report_of_an_earlier_week_gives_the_monday_before_it(engine: sa.Engine) -> None:
    assert cut_off_of(engine, dt.date(2026, 3, 4)) == dt.date(2026, 3, 2)


def test_without_a_report_there_is_no_cut_off(engine: sa.Engine) -> None:
    assert cut_off_of(engine) is None
