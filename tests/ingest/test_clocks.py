"""Whatever the clock does between two arrivals, the later one is the newer one."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from hub.build.builds import must_start_from_nothing
from hub.contracts.model import Contract
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


def take_in_at(settings: Settings, engine: sa.Engine, contract: Contract, offset: str, note: str, name: str) -> None:
    """Take in a delivery while the clock by which the ledger notes receipts is off by so much."""
    with engine.begin() as connection:
        clock = f"alter table ledger.deliveries alter column received_at set default now() + interval '{offset}'"
        connection.execute(sa.text(clock))
    take_in(settings, engine, contract, f"place,note\nBow,{note}\n".encode(), name)
    is_off = (
        f"select abs(extract(epoch from received_at - (now() + interval '{offset}'))) < 600"
        f" from ledger.deliveries where file_name = '{name}'"
    )
    with engine.connect() as connection:
        assert connection.scalar(sa.text(is_off)), "the ledger does not note receipts by this clock"


def fetch(engine: sa.Engine, query: str) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(sa.text(query)).scalars())


@pytest.mark.parametrize(
    "offsets", [("1 year", "0", "-1 year"), ("-30 years", "1 hour", "0"), ("0", "-1 day", "-2 days")]
)
def test_deliveries_are_ordered_as_they_came(settings: Settings, engine: sa.Engine, offsets: tuple[str, ...]) -> None:
    for number, offset in enumerate(offsets):
        take_in_at(settings, engine, PLACES, offset, f"{number}", f"{number}.csv")
    assert fetch(engine, ORDER.format("places")) == ["0.csv", "1.csv", "2.csv"]
    numbers = "select cast(arrival_number as text) from ledger.deliveries order by file_name"
    assert fetch(engine, numbers) == ["1", "2", "3"]
    assert awaiting(engine, "places") == []


def test_the_last_issue_of_a_whole_table_is_in_force_though_the_clock_was_set_back(
    settings: Settings, engine: sa.Engine
) -> None:
    take_in_at(settings, engine, TABLE, "1 day", "old", "0.csv")
    take_in_at(settings, engine, TABLE, "0", "new", "1.csv")
    assert fetch(engine, "select status from ledger.deliveries order by file_name") == ["superseded", "loaded"]


def insert_build(engine: sa.Engine, offset: str) -> None:
    """A build that ended when the clock was off by so much."""
    build = (
        "insert into ledger.builds (status, code_sha256, seeds_sha256, finished_at)"
        f" values ('succeeded', 'x', 'x', now() + interval '{offset}')"
    )
    with engine.begin() as connection:
        connection.execute(sa.text(build))


@pytest.mark.parametrize(("offset", "is_behind"), [("0", False), ("1 hour", True)])
def test_a_build_after_the_clock_was_set_back_looks_at_everything(
    engine: sa.Engine, offset: str, is_behind: bool
) -> None:
    insert_build(engine, offset)
    assert must_start_from_nothing(engine, "x") is is_behind


@pytest.mark.parametrize(
    ("offset", "is_wrong"),
    [
        pytest.param(timedelta(), False, id="right"),
        pytest.param(timedelta(minutes=2), False, id="ahead"),
        pytest.param(timedelta(hours=-3), True, id="behind"),
    ],
)
def test_the_status_says_that_the_clock_is_behind(
    settings: Settings, engine: sa.Engine, offset: timedelta, is_wrong: bool
) -> None:
    take_in(settings, engine, PLACES, b"place,note\nBow,x\n")
    (clock,) = [one for one in conditions(settings, engine, datetime.now(UTC) + offset) if one.part == "clock"]
    assert clock.is_wrong is is_wrong, clock.said


@pytest.mark.parametrize(
    ("note", "is_wrong"),
    [
        pytest.param("update ledger.deliveries set withdrawn_at = now() + interval '3 hours'", True, id="withdrawn"),
        pytest.param("update ledger.builds set linked_at = now() + interval '3 hours'", True, id="linked"),
        pytest.param(
            "with published as ("
            "insert into ledger.publishes (publish_id, build_id, fingerprint, code_version, delivery_ids)"
            " select 1, build_id, 'x', 'x', '{}' from ledger.builds returning publish_id)"
            " insert into ledger.publish_switches (publish_id, kind, switched_at)"
            " select publish_id, 'published', now() + interval '3 hours' from published",
            False,
            id="switched",
        ),
    ],
)
def test_the_status_warns_of_the_clock_where_builds_start_from_nothing(
    settings: Settings, engine: sa.Engine, note: str, is_wrong: bool
) -> None:
    take_in(settings, engine, PLACES, b"place,note\nBow,x\n")
    insert_build(engine, "0")
    with engine.begin() as connection:
        connection.execute(sa.text(note))
    (clock,) = [one for one in conditions(settings, engine, datetime.now(UTC)) if one.part == "clock"]
    assert clock.is_wrong is is_wrong, clock.said
    assert must_start_from_nothing(engine, "x") is is_wrong
