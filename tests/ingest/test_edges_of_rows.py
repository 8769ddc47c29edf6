"""Rows at the edge of what a rule can look at: each is one row's fault, and stops nobody."""

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.contracts.rules import derive_rules
from hub.contracts.values import Classification, FileFormat, LogicalType, TimeLimit
from hub.deliveries import Chunk
from hub.ingest.bounds_again import quarantine_out_of_bounds
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.known_again import know_again, rows_at
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.release import DecisionRefused, reject_delivery, release_row
from hub.ingest.validation import validate_chunk
from hub.ingest.withdrawal import restore_delivery, withdraw_delivery
from hub.settings import Settings
from hub.warehouse.engine import WarehouseProblem
from hub.warehouse.tables import DELIVERIES
from ingest.deliveries import assert_nothing_is_lost, counts, ledger_rows, quarantined, raw_rows, take_in
from ingest.small_feeds import column, feed

MANY_DIGITS = "9" * 5_000
"""More than Python reads as a number."""


def test_a_number_of_thousands_of_digits_in_the_place_of_a_list_is_one_wrong_row(
    settings: Settings, engine: sa.Engine
) -> None:
    contract = feed(column("ref"), column("strands", kind=LogicalType.ARRAY), name="lists", form=FileFormat.JSONL)
    prepare_warehouse(engine, [contract])
    data = f'{{"ref": "A", "strands": ["race"]}}\n{{"ref": "B", "strands": {MANY_DIGITS}}}\n'
    assert counts(take_in(settings, engine, contract, data.encode(), "file.jsonl")) == (2, 1, 1, 0)
    assert [row.rule for row in quarantined(engine)] == ["strands.type"]


def test_a_gathered_count_of_thousands_of_digits_is_one_wrong_row() -> None:
    gathers = dataclasses.replace(
        column("counts", kind=LogicalType.OBJECT, collects="20[0-9]{4}"), time_limit=TimeLimit()
    )
    contract = dataclasses.replace(feed(gathers), row_rules=tuple(derive_rules(gathers)))
    rows = pa.table({"counts": [f'{{"202601": "{MANY_DIGITS}"}}', '{"202601": "1"}']})
    numbers = pa.array([1, 2], pa.int64())
    verdict = validate_chunk(contract, Chunk(rows, numbers, numbers), datetime.now(UTC))
    assert [(one.row_number, one.rule) for one in verdict.rejections] == [(1, "counts.type")]


EARLIER = feed(column("ref"), column("seen_on", kind=LogicalType.DATE), name="sightings", event_column="seen_on")
SEEN_ON = dataclasses.replace(EARLIER.column("seen_on"), minimum="2016-01-01", time_limit=TimeLimit())
LATER = dataclasses.replace(
    EARLIER, version="2.0.0", columns=(EARLIER.columns[0], SEEN_ON), row_rules=tuple(derive_rules(SEEN_ON))
)


def test_more_rows_than_a_statement_has_parameters_go_back_to_quarantine(settings: Settings, engine: sa.Engine) -> None:
    prepare_warehouse(engine, [EARLIER])
    lines = [f"{number},1026-01-01" for number in range(70_000)]
    take_in(settings, engine, EARLIER, "\n".join(["ref,seen_on", *lines, ""]).encode())
    (taken,) = quarantine_out_of_bounds(settings, engine, [LATER])
    assert taken.count_rows == 70_000
    assert_nothing_is_lost(engine, EARLIER)


def test_a_record_that_a_later_delivery_states_within_its_bounds_stays_when_the_first_goes_back_to_quarantine(
    settings: Settings, engine: sa.Engine
) -> None:
    prepare_warehouse(engine, [EARLIER])
    seen_on = datetime.now(UTC).date() - timedelta(days=3)
    take_in(settings, engine, EARLIER, f"ref,seen_on\nA,{seen_on}\n".encode(), "first.csv")
    with engine.begin() as connection:
        # It was received before the day that it tells of.
        connection.execute(sa.update(DELIVERIES).values(received_at=datetime.now(UTC) - timedelta(days=30)))
    again = take_in(settings, engine, EARLIER, f"ref,seen_on\nA,{seen_on}\nB,{seen_on}\n".encode(), "second.csv")
    assert counts(again) == (2, 1, 0, 1)
    quarantine_out_of_bounds(settings, engine, [LATER])
    assert [row.rule for row in quarantined(engine)] == ["seen_on.future"]
    assert sorted(str(row["ref"]) for row in raw_rows(engine, EARLIER)) == ["A", "B"], "the second delivery has both"
    assert_nothing_is_lost(engine, EARLIER)


def test_every_row_that_states_a_record_out_of_bounds_goes_back_to_quarantine(
    settings: Settings, engine: sa.Engine
) -> None:
    prepare_warehouse(engine, [EARLIER])
    take_in(settings, engine, EARLIER, b"ref,seen_on\nA,1026-01-01\nA,1026-01-01\n", "first.csv")
    take_in(settings, engine, EARLIER, b"ref,seen_on\nB,2026-01-01\nA,1026-01-01\n", "second.csv")
    quarantine_out_of_bounds(settings, engine, [LATER])
    assert [str(row["ref"]) for row in raw_rows(engine, EARLIER)] == ["B"]
    found = [(one.rows_accepted, one.rows_quarantined, one.rows_duplicate) for one in ledger_rows(engine)]
    assert sorted(found) == [(0, 2, 0), (1, 1, 0)]
    assert_nothing_is_lost(engine, EARLIER)


def test_a_file_that_a_person_refused_stays_so_when_it_comes_again(settings: Settings, engine: sa.Engine) -> None:
    contract = feed(column("ref", required=True), column("place"), name="places")
    prepare_warehouse(engine, [contract])
    data = b"ref,place\n" + b",Bow\n" * 30
    held = take_in(settings, engine, contract, data, "first.csv")
    assert held.status == "held"
    reject_delivery(engine, held.delivery_id, "desk")
    take_in(settings, engine, contract, data, "again.csv")
    (repeat,) = [row for row in ledger_rows(engine) if row.file_name == "again.csv"]
    assert repeat.status == "duplicate"
    assert "refused" in repeat.reason
    assert "rejected by desk" in repeat.reason


def test_equal_rows_that_are_separate_records_are_so_when_they_are_released(
    settings: Settings, engine: sa.Engine
) -> None:
    contract = feed(column("crime_id"), column("place", max_length=3), name="crimes", separate_when_empty="crime_id")
    prepare_warehouse(engine, [contract])
    assert counts(take_in(settings, engine, contract, b"crime_id,place\n,Ealing\n,Ealing\n,Bow\n")) == (3, 1, 2, 0)
    for row in quarantined(engine):
        release_row(settings, engine, Catalogue({"crimes": contract}, {}), row.quarantine_id, "desk")
    (delivery,) = ledger_rows(engine)
    assert (delivery.rows_accepted, delivery.rows_quarantined, delivery.rows_duplicate) == (3, 0, 0)


def test_the_days_that_a_delivery_tells_of_take_in_a_row_that_is_released(
    settings: Settings, engine: sa.Engine
) -> None:
    contract = feed(
        column("ref", max_length=3), column("seen_on", kind=LogicalType.DATE), name="days", event_column="seen_on"
    )
    prepare_warehouse(engine, [contract])
    take_in(settings, engine, contract, b"ref,seen_on\nA,2026-01-02\nABCD,2026-01-09\n")
    (row,) = quarantined(engine)
    release_row(settings, engine, Catalogue({"days": contract}, {}), row.quarantine_id, "desk")
    (delivery,) = ledger_rows(engine)
    assert (delivery.first_event_on, delivery.last_event_on) == (date(2026, 1, 2), date(2026, 1, 9))


def test_a_file_that_was_refused_and_comes_again_is_received_when_it_comes_again(
    settings: Settings, engine: sa.Engine
) -> None:
    contract = feed(column("place"), name="places")
    prepare_warehouse(engine, [contract])
    path = settings.home / "file.csv"
    path.write_bytes(b"place,more\nBow,x\n")
    (receipt,) = collect_files(settings, engine, contract, [path])
    ingest_delivery(settings, engine, contract, receipt.delivery_id)
    with engine.begin() as connection:
        connection.execute(sa.update(DELIVERIES).values(received_at=datetime.now(UTC) - timedelta(days=40)))
    mended = feed(column("place"), column("more"), name="places", version="2.0.0")
    prepare_warehouse(engine, [mended])
    (again,) = collect_files(settings, engine, mended, [path])
    assert ingest_delivery(settings, engine, mended, again.delivery_id).status == "loaded"
    (delivery,) = ledger_rows(engine)
    assert delivery.received_at > datetime.now(UTC) - timedelta(days=1), "its feed is not fresh otherwise"
    assert delivery.position_on >= datetime.now(UTC).date() - timedelta(days=1)


@pytest.mark.parametrize(("attended", "completed"), [("99999999999", "0"), ("-99999999999", "0"), ("5", "99999999999")])
def test_a_count_that_the_warehouse_cannot_hold_is_not_released(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, attended: str, completed: str
) -> None:
    contract = catalogue.contracts["training_sessions"]
    good = (settings.expectations / contract.feed / "samples" / "good.csv").read_text().splitlines()
    names, cells = good[0].split(","), good[1].split(",")
    cells[names.index("count_attended")] = attended
    cells[names.index("count_completed")] = completed
    cells[0] = cells[0][:-1] + ("0" if cells[0][-1] != "0" else "1")
    # Among right ones, or the delivery would be held.
    take_in(settings, engine, contract, "\n".join([*good, ",".join(cells), ""]).encode())
    (row,) = quarantined(engine)
    with pytest.raises(DecisionRefused):
        release_row(settings, engine, catalogue, row.quarantine_id, "desk")


def test_a_row_that_goes_back_to_quarantine_keeps_its_other_dates_as_its_contract_writes_them(
    settings: Settings, engine: sa.Engine
) -> None:
    earlier = feed(
        column("ref"),
        column("seen_on", kind=LogicalType.DATE, date_format="dd/MM/yyyy"),
        column("said_on", kind=LogicalType.DATE, date_format="dd/MM/yyyy"),
        name="british",
    )
    seen_on = dataclasses.replace(earlier.column("seen_on"), minimum="2016-01-01", time_limit=TimeLimit())
    ref, _, said_on = earlier.columns
    rules = tuple(derive_rules(seen_on))
    later = dataclasses.replace(earlier, version="2.0.0", columns=(ref, seen_on, said_on), row_rules=rules)
    prepare_warehouse(engine, [earlier])
    take_in(settings, engine, earlier, b"ref,seen_on,said_on\nA,31/01/1026,01/02/2026\n")
    quarantine_out_of_bounds(settings, engine, [later])
    (row,) = quarantined(engine)
    corrected = {"seen_on": "31/01/2026"}
    release_row(settings, engine, Catalogue({"british": later}, {}), row.quarantine_id, "desk", corrected)
    (loaded,) = raw_rows(engine, later)
    assert (loaded["seen_on"], loaded["said_on"]) == ("2026-01-31", "2026-02-01")


def test_a_column_that_holds_clear_values_becomes_personal_only_when_they_are_gone(
    settings: Settings, engine: sa.Engine
) -> None:
    earlier = feed(column("ref"), column("officer"), name="answers")
    prepare_warehouse(engine, [earlier])
    taken = take_in(settings, engine, earlier, b"ref,officer\nA,Ada Quill\n")
    personal = column("officer", classification=Classification.PERSONAL)
    later = feed(column("ref"), personal, name="answers", version="2.0.0")
    with pytest.raises(WarehouseProblem, match="officer in the clear"):
        prepare_warehouse(engine, [later])
    before, after = (Catalogue({"answers": one}, {}) for one in (earlier, later))
    withdraw_delivery(settings, before, taken.delivery_id, because="a test", decided_by="desk")
    prepare_warehouse(engine, [later])
    restore_delivery(settings, after, taken.delivery_id, because="a test", decided_by="desk")
    with engine.connect() as connection:
        (row,) = connection.execute(sa.text("select * from raw.answers")).mappings()
    assert row["officer_token"]
    assert "Ada Quill" not in str(dict(row))


@pytest.mark.parametrize("value", [" ", "\N{NO-BREAK SPACE}", "\udcff"])
def test_a_correction_is_text_as_a_file_could_bring_it(settings: Settings, engine: sa.Engine, value: str) -> None:
    contract = feed(column("ref", required=True, max_length=3), column("note"), name="cases")
    prepare_warehouse(engine, [contract])
    take_in(settings, engine, contract, b"ref,note\nABCD,x\n")
    (row,) = quarantined(engine)
    with pytest.raises(DecisionRefused):
        release_row(settings, engine, Catalogue({"cases": contract}, {}), row.quarantine_id, "desk", {"ref": value})


def test_deliveries_that_a_restored_ledger_gets_to_know_again_keep_their_order(
    settings: Settings, engine: sa.Engine
) -> None:
    contract = feed(column("ref"), name="cases")
    prepare_warehouse(engine, [contract])
    for name in ("first.csv", "second.csv"):
        take_in(settings, engine, contract, f"ref\n{name}\n".encode(), name)
    order = "select file_name from ledger.deliveries order by position_on, position_number, arrival_number"
    with engine.begin() as connection:
        # As a withdrawal or a new name does: PostgreSQL puts a changed row behind the others.
        change = "update ledger.deliveries set reason = 'looked at' where file_name = 'first.csv'"
        connection.execute(sa.text(change))
        rows = rows_at(connection, [row.landing_path for row in ledger_rows(engine)])
        connection.execute(sa.text("delete from ledger.deliveries"))
        assert know_again(connection, rows) == 2
        assert list(connection.execute(sa.text(order)).scalars()) == ["first.csv", "second.csv"]


def test_the_days_that_a_delivery_tells_of_leave_out_a_row_that_repeats_a_unique_value(
    settings: Settings, engine: sa.Engine
) -> None:
    contract = feed(
        column("ref", unique=True), column("seen_on", kind=LogicalType.DATE), name="days", event_column="seen_on"
    )
    prepare_warehouse(engine, [contract])
    result = take_in(settings, engine, contract, b"ref,seen_on\nA,2026-01-02\nA,2026-01-09\n")
    assert counts(result) == (2, 1, 1, 0)
    assert (result.first_event_on, result.last_event_on) == (date(2026, 1, 2), date(2026, 1, 2))
