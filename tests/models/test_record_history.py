"""What became of a record: a return to an earlier text, a wrong time in a row, a delivery that is withdrawn."""

import csv
import io
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from conftest import share_keys
from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.ingest.collect import collect_files
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.withdrawal import withdraw_delivery
from hub.settings import Settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch, put_delivery, put_files
from models.tables import LINEAGE, OF_BUILDS, Rows, contents, differing
from models.test_incremental_build import differing_from_a_build_from_nothing

FEED = "true_vision_reports"
STRAND = "select array_to_string(strands, '|') from staging.stg_true_vision_reports where report_ref = 'TV-70000001'"
VERSIONS = """
    select (dense_rank() over (order by record_hash))::int, known_from < coalesce(known_to, 'infinity')
    from marts.fct_journey_event_versions where event_ref = 'TV-70000001' order by known_from
"""


@pytest.fixture
def report() -> Callable[..., dict[str, str]]:
    """A report of True Vision, with some of its columns changed."""
    sample = (Path(__file__).parents[2] / "expectations" / FEED / "samples" / "good.csv").read_text(encoding="utf-8")
    (first, *_) = csv.DictReader(io.StringIO(sample))

    def make(**changes: str) -> dict[str, str]:
        return first | {"report_ref": "TV-70000001"} | changes

    return make


def write(path: Path, *rows: Mapping[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.long
def test_a_return_to_an_earlier_text_is_a_change_in_every_table(
    warehouse: Settings, catalogue: Catalogue, report: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    other = report(report_ref="TV-70000002", strands="disability")
    one, two = report(strands="race"), report(strands="religion")
    names = iter(f"true_vision_2026-10-05_00010{number}.csv" for number in range(1, 9))

    def take_in(*rows: dict[str, str]) -> str:
        put_files(warehouse, catalogue.contracts[FEED], [write(tmp_path / next(names), *rows)])
        assert not build_warehouse(warehouse).is_full
        return str(fetch(engine, STRAND)[0])

    assert take_in(one) == "race"
    assert take_in(two) == "religion"
    assert take_in(one, other) == "race"
    # The same bytes as the second file.
    again = write(tmp_path / next(names), two)
    (receipt,) = collect_files(warehouse, engine, catalogue.contracts[FEED], [again])
    assert not receipt.is_first
    assert not build_warehouse(warehouse).is_full
    assert fetch(engine, STRAND) == ["religion"]
    numbers = [number for number, is_known in fetch(engine, VERSIONS) if is_known]
    assert numbers in ([1, 2, 1, 2], [2, 1, 2, 1])
    assert differing_from_a_build_from_nothing(warehouse, engine) == {}


@pytest.mark.long
@pytest.mark.usefixtures("without_data_tests")
def test_a_wrong_time_in_a_row_does_not_hold_the_newest_place(warehouse: Settings, catalogue: Catalogue) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    for reported_at, strands in (("2031-01-01T10:00:00+00:00", "race"), ("2026-10-03T10:00:00+00:00", "religion")):
        row: dict[str, object] = {"report_ref": "TV-70000001"}
        row |= {"reported_at": reported_at, "strands": strands, "description_token": "t"}
        put_delivery(engine, catalogue.contracts[FEED], row)
    build_warehouse(warehouse, select=f"+stg_{FEED}")
    assert fetch(engine, STRAND) == ["religion"]


PLAN = Plan(reports=300, days=3, seed=20_170_501)
SMALL = Plan(reports=60, days=2, seed=20_171_101)
NOT_COMPARED = (
    "marts.fct_deliveries",
    "marts.dim_feed",
    "linkage.people_runs",
    "linkage.incident_changes",
    "linkage.person_changes",
)
"""Receipts, how linkage ran, and which ids it gave up for others: a hub that never had a delivery gave up none."""
WITHDRAWN = {FEED: 0, "community_reports": -1, "victim_support_events": 0, "force_responses": -1}
"""Which of a feed's deliveries is withdrawn."""
TIMES = (
    "first_seen_at",
    "_loaded_at",
    "encrypted",
    "wrapped",
    "reporter",
    "victim",
    "text",
    "decided_at",
    "linked_at",
    "told_at_build",
    "run_id",
    "made_at",
    "_delivery_id",
    "_row_number",
    "data_as_of",
    "due_at",
    "found_at",
    "last_loaded_at",
    "last_received_at",
    "matched_known_at",
    "valid_from",
    "valid_to",
    "version_order",
)
"""Times of receipt or of work, and places in deliveries: two hubs never share them."""


def simulated(plan: Plan, folder: Path) -> dict[str, list[Path]]:
    simulate(plan, folder)
    return {one.name: sorted(one.iterdir()) for one in folder.iterdir() if one.name != "truth"}


OF_DELIVERIES = {
    "vault.subject_keys": "select concat_ws('/', delivery_id, row_number, subject) from vault.subject_keys order by 1",
    "vault.places": "select concat_ws('/', _delivery_id, _row_number) from vault.true_vision_reports order by 1",
    "raw.places": "select concat_ws('/', _delivery_id, _row_number) from raw.true_vision_reports order by 1",
    "ledger.profiles": 'select to_jsonb(p)::text collate "C" from ledger.profiles p order by 1',
    "ledger.counts": """select concat_ws('/', delivery_id, rows_read, rows_accepted, rows_quarantined, rows_duplicate)
                        from ledger.deliveries where status = 'loaded' order by 1""",
}


def every_table(settings: Settings, *schemas: str) -> dict[str, Rows]:
    engine = open_warehouse(settings, Role.OWNER)
    found = contents(engine, *schemas, without=(*LINEAGE, *OF_BUILDS, *TIMES))
    # Where what is known of people lies; the values themselves are encrypted under keys of their own.
    with engine.connect() as connection:
        for name, query in OF_DELIVERIES.items():
            found[name] = tuple(connection.scalars(sa.text(query)))
    return {name: rows for name, rows in found.items() if name not in NOT_COMPARED and "int_affected_" not in name}


def with_and_without(
    make_settings: Callable[[], Settings], catalogue: Catalogue, files: dict[str, list[Path]], folder: Path
) -> tuple[Settings, Settings, list[uuid.UUID]]:
    """A hub that has every delivery, one that never had some of them, and the ids of those. Half of the rows of one of
    them come in another delivery, too."""
    hub, other = make_settings(), make_settings()
    withdrawn = {feed: files[feed][place] for feed, place in WITHDRAWN.items()}
    with withdrawn[FEED].open(encoding="utf-8", newline="") as file:
        rows = [row for number, row in enumerate(csv.DictReader(file)) if number % 2 and None not in row.values()]
    overlap = write(folder / "true_vision_2026-10-30_900001.csv", *rows)
    for settings in (hub, other):
        if settings is other:  # the keys are made when they are first needed
            share_keys(hub, other)
        prepare_warehouse(open_warehouse(settings, Role.OWNER), catalogue.contracts.values())
        for feed, paths in files.items():
            chosen = [path for path in paths if settings is hub or path != withdrawn.get(feed)]
            put_files(settings, catalogue.contracts[feed], chosen)
        put_files(settings, catalogue.contracts[FEED], [overlap])
    names = ", ".join(f"'{path.name}'" for path in withdrawn.values())
    query = f"select delivery_id from ledger.deliveries where file_name in ({names})"
    return hub, other, fetch(open_warehouse(hub, Role.OWNER), query)


def withdraw(hub: Settings, catalogue: Catalogue, ids: list[uuid.UUID]) -> None:
    assert len(ids) == len(WITHDRAWN)
    for one in ids:
        done = withdraw_delivery(hub, catalogue, one, because="a test of the sender's", decided_by="a person")
        assert done.records_gone > 0


def test_the_hubs_own_tables_are_those_of_a_hub_that_never_had_what_was_withdrawn(
    make_settings: Callable[[], Settings], catalogue: Catalogue, tmp_path: Path
) -> None:
    """Of the feeds of which something is withdrawn: what others brought is in tables of their own."""
    files = {feed: paths for feed, paths in simulated(SMALL, tmp_path / "deliveries").items() if feed in WITHDRAWN}
    hub, other, ids = with_and_without(make_settings, catalogue, files, tmp_path)
    withdraw(hub, catalogue, ids)
    found = every_table(other, "quarantine", "raw")
    assert found["raw.true_vision_reports"]
    assert found["quarantine.rows"]
    assert differing(found, every_table(hub, "quarantine", "raw")) == {}


@pytest.mark.long
def test_what_is_left_of_a_withdrawn_delivery_is_what_a_hub_has_that_never_had_it(
    make_settings: Callable[[], Settings], catalogue: Catalogue, tmp_path: Path
) -> None:
    files = simulated(PLAN, tmp_path / "deliveries")
    hub, other, ids = with_and_without(make_settings, catalogue, files, tmp_path)
    build_warehouse(hub)
    withdraw(hub, catalogue, ids)
    assert build_warehouse(hub).is_full
    build_warehouse(other)
    schemas = ("marts", "intermediate", "candidate", "linkage", "quarantine", "raw")
    found = every_table(other, *schemas)
    assert found["marts.fct_reports"]
    assert differing(found, every_table(hub, *schemas)) == {}
    assert not build_warehouse(hub).is_full
