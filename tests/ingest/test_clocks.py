"""Whatever the clock does between two arrivals, the later one is the newer one."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from hub.build.builds import must_start_from_nothing
from hub.ingest.ingest import awaiting
from hub.ingest.prepare import prepare_warehouse
from hub.local.condition import conditions
from hub.settings import Settings
from ingest.deliveries import take_in
from ingest.small_feeds import column, feed

PLACES = feed(column("place", required=True), column("note"), name="places")
TABLE = feed(column("place", required=True), column("note"), name="whole_table", key=("place",), most_withdrawn=1.0)
ORDER = (
    "select file_name from ledger.deliveries where feed = '{}' order by position_on, position_number, arrival_number"
)


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine) -> None:
    prepare_warehouse(engine, [PLACES, TABLE])


def set_clock(engine: sa.Engine, by: str) -> None:
    """The clock by which the ledger notes receipts."""
    with engine.begin() as connection:
        clock = f"alter table ledger.deliveries alter column received_at set default now() + interval '{by}'"
        connection.execute(sa.text(clock))


def fetch(engine: sa.Engine, query: str) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(sa.text(query)).scalars())


@pytest.mark.parametrize(
    "clocks", [("1 year", "0", "-1 year"), ("-30 years", "1 hour", "0"), ("0", "-1 day", "-2 days")]
)
def test_deliveries_stand_in_the_order_in_which_they_came(
    settings: Settings, engine: sa.Engine, clocks: tuple[str, ...]
) -> None:
    for number, by in enumerate(clocks):
        set_clock(engine, by)
        take_in(settings, engine, PLACES, f"place,note\nBow,{number}\n".encode(), f"{number}.csv")
    assert fetch(engine, ORDER.format("places")) == ["0.csv", "1.csv", "2.csv"]
    numbers = "select cast(arrival_number as text) from ledger.deliveries order by file_name"
    assert fetch(engine, numbers) == ["1", "2", "3"]
    assert awaiting(engine, "places") == []


def test_the_last_issue_of_a_whole_table_is_in_force_though_the_clock_was_set_back(
    settings: Settings, engine: sa.Engine
) -> None:
    set_clock(engine, "1 day")
    take_in(settings, engine, TABLE, b"place,note\nBow,old\n", "0.csv")
    set_clock(engine, "0")
    take_in(settings, engine, TABLE, b"place,note\nBow,new\n", "1.csv")
    assert fetch(engine, "select status from ledger.deliveries order by file_name") == ["superseded", "loaded"]


def test_a_build_after_the_clock_was_set_back_looks_at_everything(engine: sa.Engine) -> None:
    done = (
        "insert into ledger.builds (status, code_sha256, seeds_sha256, finished_at)"
        " values ('succeeded', 'x', 'x', now() + interval '{}')"
    )
    for by, is_behind in (("0", False), ("1 hour", True)):
        with engine.begin() as connection:
            connection.execute(sa.text(done.format(by)))
        assert must_start_from_nothing(engine, "x") is is_behind


def test_the_status_says_that_the_clock_is_behind(settings: Settings, engine: sa.Engine) -> None:
    take_in(settings, engine, PLACES, b"place,note\nBow,x\n")
    now = datetime.now(UTC)
    for behind, is_wrong in ((timedelta(), False), (timedelta(minutes=-2), False), (timedelta(hours=3), True)):
        (clock,) = [one for one in conditions(settings, engine, now - behind) if one.part == "clock"]
        assert clock.is_wrong is is_wrong, clock.said
