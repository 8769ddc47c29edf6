"""What a person decides of quarantined rows and held deliveries, carried out."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from encrypting import vault_rows
from hub.contracts.model import Catalogue
from hub.contracts.rules import ROW_COUNT, Rule, derive_rules
from hub.contracts.values import Classification, LogicalType, TimeLimit
from hub.deliveries import DeliveryStatus, Rejection, RowState
from hub.ingest.error_files import write_errors
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.release import DecisionRefused, reject_delivery, reject_row, release_delivery, release_row
from hub.settings import Settings
from hub.warehouse.engine import begin, lock_feed
from hub.warehouse.tables import MASKED_ROWS
from ingest.deliveries import assert_nothing_is_lost, counts, ledger_rows, quarantined, raw_rows, take_in
from ingest.small_feeds import column, feed

CASES = feed(
    column("ref", required=True, unique=True, max_length=3),
    column("seen_on", kind=LogicalType.DATE),
    column("name", classification=Classification.PERSONAL),
    name="cases",
    delivery_rules=(Rule("delivery.rows", ROW_COUNT, {"min_value": 3}, "three come each day", None),),
)
FEEDS = Catalogue({"cases": CASES}, {})
HEADER = b"ref,seen_on,name\n"
ROWS = (
    HEADER + b'A,2026-01-01,Ann\nABCD,2026-01-02,Bob\nB,soon,Cat\nA,2026-01-04,Dan\nC,"2026-01-05\nD,2026-01-06,Eve\n'
)
TOO_LONG, UNTYPED, REPEATED, UNSPLIT = range(4)
DESK = "a person at the desk"


@pytest.fixture
def rows(settings: Settings, engine: sa.Engine) -> list[uuid.UUID]:
    """Ids of rows in which a value is too long, of the wrong type, or repeated, and of one that cannot be read."""
    prepare_warehouse(engine, [CASES])
    assert counts(take_in(settings, engine, CASES, ROWS)) == (6, 2, 4, 0)
    found = quarantined(engine)
    assert [row.rule for row in found] == ["ref.length", "seen_on.type", "ref.unique", "row.quoting"]
    return [row.quarantine_id for row in found]


def state(engine: sa.Engine, quarantine_id: uuid.UUID) -> tuple[str, str | None, bool]:
    (row,) = [row for row in quarantined(engine) if row.quarantine_id == quarantine_id]
    return row.state, row.decided_by, row.decided_at is not None


def in_ledger(engine: sa.Engine) -> tuple[int, int, int, int]:
    (row,) = ledger_rows(engine)
    return row.rows_read, row.rows_accepted, row.rows_quarantined, row.rows_duplicate


def errors_listed(settings: Settings) -> list[str]:
    return [line.split(",")[0] for path in settings.outbox.rglob("*.csv") for line in path.read_text().splitlines()[1:]]


def test_a_released_row_goes_in_as_it_is_with_the_number_it_came_with(
    rows: list[uuid.UUID], settings: Settings, engine: sa.Engine
) -> None:
    decision = release_row(settings, engine, FEEDS, rows[TOO_LONG], DESK)
    assert (decision.state, decision.is_new) == (RowState.RELEASED, True)
    assert state(engine, rows[TOO_LONG]) == ("released", DESK, True)
    assert in_ledger(engine) == (6, 3, 3, 0)
    (row,) = [row for row in raw_rows(engine, CASES) if row["_row_number"] == 2]
    assert (row["ref"], row["seen_on"]) == ("ABCD", "2026-01-02")
    assert str(row["name_token"]).startswith("t1_")
    assert [row["name"] for row in vault_rows(settings, engine, CASES) if row["_row_number"] == 2] == ["Bob"]
    assert errors_listed(settings) == ["3", "4", "5"]
    assert_nothing_is_lost(engine, CASES)


def test_a_row_without_what_must_be_given_cannot_go_in_as_it_is(settings: Settings, engine: sa.Engine) -> None:
    prepare_warehouse(engine, [CASES])
    take_in(settings, engine, CASES, HEADER + b",2026-01-02,Bob\nB,2026-01-02,Cat\nC,2026-01-02,Dan\n")
    (row,) = quarantined(engine)
    with pytest.raises(DecisionRefused, match=r"ref\.required"):
        release_row(settings, engine, FEEDS, row.quarantine_id, DESK)
    corrected = release_row(settings, engine, FEEDS, row.quarantine_id, DESK, {"ref": "A"})
    assert corrected.state is RowState.CORRECTED


@pytest.mark.parametrize("name", ["ref.known", "ref.of_this_year"])
def test_a_code_that_is_not_of_its_list_cannot_go_in_whatever_the_rule_is_called(
    name: str, settings: Settings, engine: sa.Engine
) -> None:
    """Models rest on code lists: one row without would stop the build for all."""
    rule = Rule(name, "expect_column_values_to_be_in_set", {"column": "ref", "value_set": ["A", "B"]}, "two", "ref")
    cases = replace(CASES, row_rules=(*CASES.row_rules, rule), delivery_rules=())
    prepare_warehouse(engine, [cases])
    take_in(settings, engine, cases, HEADER + b"A,2026-01-01,Ann\nX,2026-01-02,Bob\n")
    (row,) = quarantined(engine)
    with pytest.raises(DecisionRefused, match=name):
        release_row(settings, engine, Catalogue({"cases": cases}, {}), row.quarantine_id, DESK)


def test_a_text_that_no_index_takes_cannot_go_in_as_it_is(settings: Settings, engine: sa.Engine) -> None:
    cases = replace(CASES, delivery_rules=())
    prepare_warehouse(engine, [cases])
    take_in(settings, engine, cases, HEADER + b"A" * 2_001 + b",2026-01-02,Fay\n")
    (row,) = quarantined(engine)
    with pytest.raises(DecisionRefused, match=r"ref\.length"):
        release_row(settings, engine, Catalogue({"cases": cases}, {}), row.quarantine_id, DESK)


def test_a_time_after_the_receipt_cannot_go_in_however_late_it_is_decided(
    settings: Settings, engine: sa.Engine
) -> None:
    timed = replace(CASES.column("seen_on"), time_limit=TimeLimit())
    future = next(rule for rule in derive_rules(timed) if rule.name == "seen_on.future")
    columns = tuple(timed if one.name == timed.name else one for one in CASES.columns)
    cases = replace(CASES, columns=columns, row_rules=(*CASES.row_rules, future), delivery_rules=())
    prepare_warehouse(engine, [cases])
    tomorrow, later = (datetime.now(UTC).date() + timedelta(days=days) for days in (1, 3))
    take_in(settings, engine, cases, HEADER + f"A,{tomorrow},Ann\nB,{later},Bob\n".encode())
    (row,) = quarantined(engine)
    assert (row.rule, row.row_number) == ("seen_on.future", 2)
    with engine.begin() as connection:
        # As if it had come ten days before: a day that has gone by since is not one that it could tell of.
        connection.execute(sa.text("update ledger.deliveries set received_at = received_at - interval '10 days'"))
    for correction in (None, {"seen_on": str(tomorrow)}):
        with pytest.raises(DecisionRefused, match=r"seen_on\.future"):
            release_row(settings, engine, Catalogue({"cases": cases}, {}), row.quarantine_id, DESK, correction)
    corrected = {"seen_on": str(tomorrow - timedelta(days=20))}
    decision = release_row(settings, engine, Catalogue({"cases": cases}, {}), row.quarantine_id, DESK, corrected)
    assert decision.state is RowState.CORRECTED


def test_a_repeated_value_can_be_let_in_by_a_person(
    rows: list[uuid.UUID], settings: Settings, engine: sa.Engine
) -> None:
    assert release_row(settings, engine, FEEDS, rows[REPEATED], DESK).state is RowState.RELEASED
    assert in_ledger(engine) == (6, 3, 3, 0)


def test_a_row_of_the_wrong_type_cannot_go_in_as_it_is(
    rows: list[uuid.UUID], settings: Settings, engine: sa.Engine
) -> None:
    with pytest.raises(DecisionRefused, match=r"seen_on\.type") as refusal:
        release_row(settings, engine, FEEDS, rows[UNTYPED], DESK)
    assert "soon" not in str(refusal.value)
    assert "Cat" not in str(refusal.value)
    assert state(engine, rows[UNTYPED]) == ("open", None, False)
    assert in_ledger(engine) == (6, 2, 4, 0)


def test_a_corrected_row_goes_in_with_what_was_corrected_and_the_rest_as_it_came(
    rows: list[uuid.UUID], settings: Settings, engine: sa.Engine
) -> None:
    decision = release_row(settings, engine, FEEDS, rows[UNTYPED], DESK, {"seen_on": "2026-01-03"})
    assert decision.state is RowState.CORRECTED
    (row,) = [row for row in raw_rows(engine, CASES) if row["_row_number"] == 3]
    assert (row["ref"], row["seen_on"]) == ("B", "2026-01-03")
    assert [row["name"] for row in vault_rows(settings, engine, CASES) if row["_row_number"] == 3] == ["Cat"]
    assert in_ledger(engine) == (6, 3, 3, 0)
    assert_nothing_is_lost(engine, CASES)


@pytest.mark.parametrize(
    ("which", "correction", "reason"),
    [
        (UNTYPED, {"seen_on": "later"}, r"still breaks seen_on\.type"),
        (UNTYPED, {"seen_on": "2026-01-03", "ref": ""}, r"still breaks ref\.required"),
        (TOO_LONG, {"ref": "D"}, r"still breaks ref\.unique"),
        (REPEATED, {"seen_on": "2026-02-02"}, r"still breaks ref\.unique"),
        (UNTYPED, {"colour": "red"}, "no column colour"),
        (UNSPLIT, None, "could not be split"),
        (UNSPLIT, {"seen_on": "2026-01-05"}, r"still breaks ref\.required"),
    ],
)
def test_a_correction_that_does_not_mend_the_row_is_refused(
    which: int,
    correction: dict[str, str | None] | None,
    reason: str,
    rows: list[uuid.UUID],
    settings: Settings,
    engine: sa.Engine,
) -> None:
    with pytest.raises(DecisionRefused, match=reason):
        release_row(settings, engine, FEEDS, rows[which], DESK, correction)
    assert state(engine, rows[which])[0] == "open"
    assert in_ledger(engine) == (6, 2, 4, 0)
    assert_nothing_is_lost(engine, CASES)


def test_a_row_that_could_not_be_split_can_be_written_anew(
    rows: list[uuid.UUID], settings: Settings, engine: sa.Engine
) -> None:
    correction = {"ref": "C", "seen_on": "2026-01-05"}
    assert release_row(settings, engine, FEEDS, rows[UNSPLIT], DESK, correction).state is RowState.CORRECTED
    assert in_ledger(engine) == (6, 3, 3, 0)


def test_a_row_corrected_into_one_that_is_there_counts_as_its_duplicate(
    rows: list[uuid.UUID], settings: Settings, engine: sa.Engine
) -> None:
    take_in(settings, engine, CASES, HEADER + b"B,2026-01-03,Cat\nX,,\nY,,\n", "next.csv")
    release_row(settings, engine, FEEDS, rows[UNTYPED], DESK, {"seen_on": "2026-01-03"})
    first = ledger_rows(engine)[0]
    assert (first.rows_accepted, first.rows_quarantined, first.rows_duplicate) == (2, 3, 1)
    assert_nothing_is_lost(engine, CASES)


def test_a_rejected_row_stays_out_and_is_no_error_of_the_sender_any_more(
    rows: list[uuid.UUID], settings: Settings, engine: sa.Engine
) -> None:
    for quarantine_id in rows:
        assert reject_row(settings, engine, quarantine_id, DESK).state is RowState.REJECTED
    assert {row.state for row in quarantined(engine)} == {"rejected"}
    assert in_ledger(engine) == (6, 2, 4, 0)
    assert list(settings.outbox.rglob("*.csv")) == []
    assert_nothing_is_lost(engine, CASES)


def test_a_row_is_rejected_after_what_is_done_to_its_feed(
    rows: list[uuid.UUID], settings: Settings, engine: sa.Engine
) -> None:
    with ThreadPoolExecutor(1) as other:
        with begin(engine) as connection:
            lock_feed(connection, CASES.feed)
            decision = other.submit(reject_row, settings, engine, rows[TOO_LONG], DESK)
            with pytest.raises(TimeoutError):
                decision.result(timeout=0.3)
        assert decision.result(timeout=30).is_new


def test_two_who_write_an_error_file_at_once_leave_a_whole_one(tmp_path: Path) -> None:
    path, one = tmp_path / "a.errors.csv", Rejection(1, 2, "a.rule", "a reason", "a")

    def meanwhile() -> Iterator[Rejection]:
        yield one
        write_errors(path, [one, one])

    write_errors(path, meanwhile())
    assert len(path.read_text().splitlines()) == 2
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_decided_twice(rows: list[uuid.UUID], settings: Settings, engine: sa.Engine) -> None:
    release_row(settings, engine, FEEDS, rows[TOO_LONG], DESK)
    reject_row(settings, engine, rows[REPEATED], DESK)
    for one, was in ((rows[TOO_LONG], RowState.RELEASED), (rows[REPEATED], RowState.REJECTED)):
        for decision in (
            reject_row(settings, engine, one, "another"),
            release_row(settings, engine, FEEDS, one, "another"),
            release_row(settings, engine, FEEDS, one, "another", {"ref": "Z"}),
        ):
            assert (decision.state, decision.is_new) == (was, False)
        assert state(engine, one)[1] == DESK
    assert in_ledger(engine) == (6, 3, 3, 0)


def test_a_row_that_is_not_there_or_of_a_feed_without_a_contract_cannot_be_decided(
    rows: list[uuid.UUID], settings: Settings, engine: sa.Engine
) -> None:
    with pytest.raises(LookupError):
        reject_row(settings, engine, uuid.uuid4(), DESK)
    with pytest.raises(DecisionRefused, match="no contract that holds"):
        release_row(settings, engine, Catalogue({}, {"cases": "broken"}), rows[0], DESK)


def test_the_same_file_again_after_a_decision_brings_nothing(
    rows: list[uuid.UUID], settings: Settings, engine: sa.Engine
) -> None:
    release_row(settings, engine, FEEDS, rows[TOO_LONG], DESK)
    before = raw_rows(engine, CASES)
    again = take_in(settings, engine, CASES, ROWS, "again.csv")
    assert counts(again) == (6, 3, 3, 0)
    assert raw_rows(engine, CASES) == before


def test_a_held_delivery_is_released_or_rejected_by_a_person_once(settings: Settings, engine: sa.Engine) -> None:
    prepare_warehouse(engine, [CASES])
    one = take_in(settings, engine, CASES, HEADER + b"A,,\n", "one.csv")
    two = take_in(settings, engine, CASES, HEADER + b"B,,\n", "two.csv")
    assert (one.status, two.status) == (DeliveryStatus.HELD, DeliveryStatus.HELD)

    rejected = reject_delivery(engine, one.delivery_id, DESK)
    assert rejected.status is DeliveryStatus.REFUSED
    assert (rejected.reason or "").endswith(f"rejected by {DESK}")
    assert release_delivery(settings, engine, FEEDS, one.delivery_id, "a.person").status is DeliveryStatus.REFUSED

    released = release_delivery(settings, engine, FEEDS, two.delivery_id, "a.person")
    assert (released.status, counts(released)) == (DeliveryStatus.LOADED, (1, 1, 0, 0))
    assert reject_delivery(engine, two.delivery_id, DESK).status is DeliveryStatus.LOADED
    assert [row["ref"] for row in raw_rows(engine, CASES)] == ["B"]


def test_the_form_of_a_row_is_kept_until_the_row_goes_in(
    rows: list[uuid.UUID], settings: Settings, engine: sa.Engine
) -> None:
    def kept() -> dict[uuid.UUID, dict[str, str | int]]:
        with engine.connect() as connection:
            return {row.quarantine_id: row.masked_values for row in connection.execute(sa.select(MASKED_ROWS))}

    forms = kept()
    assert forms == {
        rows[TOO_LONG]: {"ref": 4, "seen_on": "9999-99-99", "name": 3},
        rows[UNTYPED]: {"ref": 1, "seen_on": "xxxx", "name": 3},
        rows[REPEATED]: {"ref": 1, "seen_on": "9999-99-99", "name": 3},
    }
    release_row(settings, engine, FEEDS, rows[TOO_LONG], DESK)
    reject_row(settings, engine, rows[UNTYPED], DESK)
    assert kept().keys() == {rows[UNTYPED], rows[REPEATED]}
