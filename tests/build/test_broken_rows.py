"""What broke a build leads back to deliveries and row numbers, and to no value of a row."""

import uuid

import pytest
import sqlalchemy as sa

from hub.build.broken_rows import Broken, RowPlace, first_row_that_fails, rows_behind
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from ingest.deliveries import ledger_rows, take_in
from ingest.small_feeds import column, feed

PLACES = feed(column("place"), column("count"), name="places")
RAW = "raw.places"
QUERY = f"select place, cast(count as integer) as count from {RAW} as records"


@pytest.fixture
def deliveries(settings: Settings, engine: sa.Engine) -> list[uuid.UUID]:
    """Three deliveries of three rows; the second row of the second has a count that is none."""
    prepare_warehouse(engine, [PLACES])
    for name, odd in (("a", "4"), ("b", "about five"), ("c", "6")):
        data = f"place,count\n{name}1,1\n{name}2,{odd}\n{name}3,\n"
        take_in(settings, engine, PLACES, data.encode(), f"{name}.csv")
    return [row.delivery_id for row in ledger_rows(engine)]


def test_a_row_that_cannot_be_cast_is_found_by_running_the_query_without_the_others(
    engine: sa.Engine, deliveries: list[uuid.UUID]
) -> None:
    found = first_row_that_fails(engine, QUERY, ["staging.nowhere", RAW])
    assert found == Broken((RowPlace("places", deliveries[1], 2),))
    assert found.in_words() == f"places delivery {deliveries[1]} row 2"


@pytest.mark.usefixtures("deliveries")
def test_no_row_is_blamed_for_a_query_that_fails_without_any(engine: sa.Engine) -> None:
    assert first_row_that_fails(engine, f"{QUERY} where 1 = 1 / (length('') + 0)", [RAW]) == Broken()
    assert first_row_that_fails(engine, f"select place from {RAW}", [RAW]) == Broken()


def test_rows_are_named_by_their_lineage_and_where_there_is_none_by_the_ids_that_the_hub_gave(
    engine: sa.Engine, deliveries: list[uuid.UUID]
) -> None:
    lineage = f"select _delivery_id as delivery_id, _row_number as row_number, place from {RAW}"
    found = rows_behind(engine, f"{lineage} where place in ('a1', 'a3', 'c2')")
    assert sorted(found.places, key=lambda one: (deliveries.index(one.delivery_id), one.row_number)) == [
        RowPlace("places", deliveries[0], 1),
        RowPlace("places", deliveries[0], 3),
        RowPlace("places", deliveries[2], 2),
    ]
    ids = rows_behind(engine, "select 7 as rule_id, 'secret' as place")
    assert (ids.places, ids.ids) == ((), ("rule_id 7",))
    assert rows_behind(engine, "select 'secret' as place") == Broken()
    assert rows_behind(engine, "select from nowhere") == Broken()


def test_the_rows_of_several_deliveries_are_told_together() -> None:
    one, other = uuid.UUID(int=1), uuid.UUID(int=2)
    places = (RowPlace("places", one, 3), RowPlace("places", one, 7), RowPlace("towns", other, 1))
    assert Broken(places).in_words() == f"places delivery {one} rows 3, 7; towns delivery {other} row 1"
