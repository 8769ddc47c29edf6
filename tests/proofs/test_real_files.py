"""The real published files, through the real stages: every row is accounted for, and a second time brings nothing."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.settings import Settings, read_settings
from ingest.deliveries import assert_nothing_is_lost

OPEN_DATA = read_settings().open_data
pytestmark = pytest.mark.skipif(OPEN_DATA is None, reason="HUB_OPEN_DATA is not set: no real open data here")
LONG = pytest.mark.long
KIND = "RACE OR RELIGIOUS AGG PUBLIC FEAR"


def real(pattern: str) -> list[Path]:
    assert OPEN_DATA is not None
    return sorted(OPEN_DATA.glob(pattern))


def take_in(settings: Settings, engine: sa.Engine, contract: Contract, paths: Sequence[Path]) -> list[DeliveryResult]:
    receipts = collect_files(settings, engine, contract, paths)
    return [ingest_delivery(settings, engine, contract, receipt.delivery_id) for receipt in receipts]


def count_rows(engine: sa.Engine, contract: Contract) -> int:
    with engine.connect() as connection:
        return int(connection.execute(sa.text(f"select count(*) from raw.{contract.feed}")).scalar() or 0)


def sums(engine: sa.Engine, contract: Contract, status: DeliveryStatus) -> tuple[int, ...]:
    """Deliveries of a status, and their rows read, accepted, quarantined and duplicate."""
    with engine.connect() as connection:
        query = sa.text(
            "select count(*), sum(rows_read), sum(rows_accepted), sum(rows_quarantined), sum(rows_duplicate)"
            " from ledger.deliveries where feed = :feed and status = :status"
        )
        return tuple(
            int(one or 0) for one in connection.execute(query, {"feed": contract.feed, "status": status}).one()
        )


@pytest.mark.parametrize(
    ("feed", "pattern", "count_files", "count_records", "count_duplicate"),
    [
        # Some rows repeat a Crime ID and all else to the letter; equal rows without one are separate incidents.
        ("police_uk_street", "police_uk_city_of_london/2023-0*-street.csv", 5, 3_808, 3),
        ("police_uk_outcomes", "police_uk_city_of_london/outcomes/2016-0[1-3]-*-outcomes.csv", 3, 1_673, None),
        pytest.param("police_uk_street", "police_uk_city_of_london/*-street.csv", 25, 19_950, 15, marks=LONG),
        pytest.param(
            "police_uk_outcomes", "police_uk_city_of_london/outcomes/*-outcomes.csv", 18, 9_136, None, marks=LONG
        ),
    ],
)
def test_every_row_of_the_city_of_london_files_is_accounted_for_and_a_second_time_brings_nothing(
    feed: str,
    pattern: str,
    count_files: int,
    count_records: int,
    count_duplicate: int | None,
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
) -> None:
    contract = catalogue.contracts[feed]
    paths = real(pattern)
    results = take_in(settings, engine, contract, paths)
    assert {result.status for result in results} == {DeliveryStatus.LOADED}
    files, read, accepted, held_back, duplicate = sums(engine, contract, DeliveryStatus.LOADED)
    assert (files, read, held_back) == (count_files, count_records, 0)
    assert accepted + duplicate == count_records
    assert count_duplicate is None or duplicate == count_duplicate
    assert count_rows(engine, contract) == accepted
    assert_nothing_is_lost(engine, contract)

    take_in(settings, engine, contract, paths)
    copies = settings.home / "copies"
    copies.mkdir()
    renamed = [shutil.copyfile(path, copies / f"again-{path.name}") for path in paths]
    take_in(settings, engine, contract, renamed)
    # The same text in other bytes is another file, of the same records.
    other = []
    for path in paths[:5]:
        other.append(copies / path.name)
        other[-1].write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    rewritten = take_in(settings, engine, contract, other)
    assert [result.rows_duplicate for result in rewritten] == [result.rows_read for result in rewritten]

    assert count_rows(engine, contract) == accepted
    assert sums(engine, contract, DeliveryStatus.DUPLICATE) == (count_files, count_records, 0, 0, count_records)
    assert_nothing_is_lost(engine, contract)


def recorded(engine: sa.Engine, first: str, last: str) -> int:
    """Offences of the kind in the months from ``first`` to ``last``, in what raw holds."""
    with engine.connect() as connection:
        query = sa.text(
            "select sum(cast(count as bigint))"
            " from raw.mps_recorded_crime, jsonb_each_text(counts) as one(month, count)"
            " where minor_category = :kind and month between :first and :last"
        )
        return int(connection.execute(query, {"kind": KIND, "first": first, "last": last}).scalar() or 0)


@pytest.mark.parametrize("first_form", ["parquet", pytest.param("csv", marks=LONG)])
def test_recorded_crime_has_the_published_totals_in_either_form_and_the_other_brings_nothing(
    first_form: str, settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    contract = catalogue.contracts["mps_recorded_crime"]
    (parquet,) = real("london_recorded_crime/recorded-crime-lsoa.parquet")
    as_csv = settings.home / "recorded-crime-lsoa.csv"
    pa_csv.write_csv(pq.read_table(parquet), as_csv)
    paths = [parquet, as_csv] if first_form == "parquet" else [as_csv, parquet]

    first, second, again = take_in(settings, engine, contract, [*paths, paths[0]])

    assert (first.status, first.rows_read, first.rows_quarantined) == (DeliveryStatus.LOADED, 105_620, 0)
    assert first.rows_accepted + first.rows_duplicate == 105_620
    assert (second.status, second.rows_read, second.rows_duplicate) == (DeliveryStatus.LOADED, 105_620, 105_620)
    assert again.delivery_id == first.delivery_id
    assert count_rows(engine, contract) == first.rows_accepted
    assert recorded(engine, "202403", "202602") == 26_258
    assert recorded(engine, "202408", "202408") == 1_382
    assert_nothing_is_lost(engine, contract)
