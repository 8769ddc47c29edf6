"""Times of rows against the receipt of their delivery, and rows that an earlier contract let in."""

import csv
import dataclasses
import io
import uuid
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
import sqlalchemy as sa

from contracts.samples import EXPECTATIONS, RECEIVED_AT
from encrypting import vault_rows
from hub.contracts.date_patterns import read_pattern
from hub.contracts.model import Catalogue, Contract, read_contract
from hub.contracts.rules import Rule, derive_rules
from hub.contracts.values import Collected, LogicalType, TimeLimit
from hub.deliveries import Chunk, RowState
from hub.ingest.bounds_again import quarantine_out_of_bounds
from hub.ingest.release import release_row
from hub.ingest.validation import validate_chunk
from hub.settings import Settings
from hub.vault.reading import VaultReader, read_quarantined
from ingest.deliveries import assert_nothing_is_lost, counts, ledger_rows, quarantined, raw_rows, take_in
from ingest.small_feeds import column, feed

PORTAL = read_contract(EXPECTATIONS / "true_vision_reports" / "contract.yaml")
EARLIER = dataclasses.replace(
    PORTAL,
    version="1.0.0",
    row_rules=tuple(rule for rule in PORTAL.row_rules if not rule.name.endswith((".future", ".range"))),
)
"""The portal's contract as it was before times had bounds."""


def reports(*changes: dict[str, str]) -> bytes:
    """A file of the portal: the first of its good samples, with a reference of its own and these cells for each row."""
    text = (EXPECTATIONS / "true_vision_reports" / "samples" / "good.csv").read_text(encoding="utf-8")
    first = next(csv.DictReader(io.StringIO(text)))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(first))
    writer.writeheader()
    for number, cells in enumerate(changes, 1):
        writer.writerow(first | {"report_ref": f"TV-{90000000 + number}"} | cells)
    return out.getvalue().encode()


def in_years(years: int) -> str:
    return f"{datetime.now(UTC).year + years}-06-01T10:00:00+01:00"


def rejected_rows(contract: Contract, received_at: datetime, *cells: str | None) -> list[tuple[int, str]]:
    """Row number and rule of each rejected row of a feed with one column."""
    (name,) = (column.name for column in contract.columns)
    table = pa.table({name: pa.array(cells, pa.string())})
    numbers = pa.array(range(1, len(cells) + 1), pa.int64())
    verdict = validate_chunk(contract, Chunk(table, numbers, numbers), received_at)
    return [(one.row_number, one.rule) for one in verdict.rejections]


def timed(kind: LogicalType, text_format: str, days_ahead: int = 1) -> Contract:
    pattern = read_pattern(text_format)
    at = dataclasses.replace(
        column("at", kind=kind),
        format=pattern,
        minimum="2016-01-01",
        time_limit=TimeLimit(days_ahead),
    )
    return dataclasses.replace(feed(at), row_rules=tuple(derive_rules(at)))


def test_a_report_of_a_year_to_come_is_quarantined_by_name(settings: Settings, engine: sa.Engine) -> None:
    data = reports({}, {"reported_at": in_years(5)}, {"victim_date_of_birth": in_years(1)[:10]})
    assert counts(take_in(settings, engine, PORTAL, data)) == (3, 1, 2, 0)
    found = [(row.row_number, row.rule) for row in quarantined(engine)]
    assert found == [(2, "reported_at.future"), (3, "victim_date_of_birth.future")]


@pytest.mark.parametrize(
    ("kind", "text_format", "last", "too_late", "too_early"),
    [
        (LogicalType.DATE, "yyyy-MM-dd", "2026-11-21", "2026-11-22", "2015-12-31"),
        (LogicalType.DATE, "dd/MM/yyyy", "21/11/2026", "22/11/2026", "31/12/2015"),
        (LogicalType.DATE, "yyyy-MM", "2026-11", "2026-12", "2015-12"),
        (
            LogicalType.TIMESTAMP,
            "yyyy-MM-dd'T'HH:mm:ssXXX",
            "2026-11-22T02:00:00+14:00",
            "2026-11-22T02:00:01+14:00",
            "2016-01-01T00:59:59+01:00",
        ),
        (
            LogicalType.TIMESTAMP,
            "yyyy-MM-dd HH:mm:ss",
            "2026-11-21 12:00:00",
            "2026-11-21 12:00:01",
            "2015-12-31 23:59:59",
        ),
        (LogicalType.DATE, "yyyy-MM-dd", "2016-01-01", "9999-12-31", "1000-01-01"),
    ],
)
def test_a_time_lies_between_the_first_of_its_column_and_a_day_after_the_receipt(
    kind: LogicalType, text_format: str, last: str, too_late: str, too_early: str
) -> None:
    contract = timed(kind, text_format)
    assert rejected_rows(contract, RECEIVED_AT, last, too_late, too_early, None) == [(2, "at.future"), (3, "at.range")]


def test_the_last_day_of_a_column_of_times_lasts_to_its_end() -> None:
    times = timed(LogicalType.TIMESTAMP, "yyyy-MM-dd HH:mm:ss")
    at = dataclasses.replace(times.column("at"), maximum="2026-10-02")
    contract = dataclasses.replace(feed(at), row_rules=tuple(derive_rules(at)))
    rejected = rejected_rows(contract, RECEIVED_AT, "2026-10-02 09:15:00", "2026-10-03 00:00:00")
    assert rejected == [(2, "at.range")]


def test_the_last_day_of_a_rule_of_times_lasts_to_its_end() -> None:
    times = timed(LogicalType.TIMESTAMP, "yyyy-MM-dd HH:mm:ss")
    limits = {"column": "at", "min_value": "2026-10-01", "max_value": "2026-10-02"}
    rule = Rule("at.open", "expect_column_values_to_be_between", limits, "so", "at")
    contract = dataclasses.replace(times, row_rules=(rule,))
    rejected = rejected_rows(contract, RECEIVED_AT, "2026-10-02 09:15:00", "2026-10-03 00:00:00")
    assert rejected == [(2, "at.open")]


def test_a_column_that_tells_of_what_is_to_come_may_lie_as_far_ahead_as_its_contract_says() -> None:
    contract = timed(LogicalType.DATE, "yyyy-MM-dd", days_ahead=30)
    assert rejected_rows(contract, RECEIVED_AT, "2026-12-20", "2026-12-21") == [(2, "at.future")]
    assert rejected_rows(contract, RECEIVED_AT + timedelta(days=1), "2026-12-20", "2026-12-21") == []


def test_months_that_a_wide_file_gathers_are_bounded_where_they_are_filled_in() -> None:
    gathers = dataclasses.replace(
        column("counts", kind=LogicalType.OBJECT, collects="20[0-9]{4}"), time_limit=TimeLimit()
    )
    contract = dataclasses.replace(feed(gathers), row_rules=tuple(derive_rules(gathers)))
    cells = ('{"202611": "3"}', '{"202612": "0"}', '{"200712": "1"}', '{"202601": "1000001"}', "{}")
    expected = [(2, "counts.future"), (3, "counts.range"), (4, "counts.maximum")]
    assert rejected_rows(contract, RECEIVED_AT, *cells) == expected
    assert isinstance(gathers.collected, Collected)
    assert [gathers.collected.gathers(header) for header in ("202612", "202613", "2026")] == [True, False, False]


def test_a_time_that_cannot_be_is_held_against_no_other_rule() -> None:
    reported = {"report_ref": "TV-90000001", "reported_at": "2026-10-03T10:00:00Z", "occurred_on": "2030-01-01"}
    table = pa.table({one.name: pa.array([reported.get(one.name)], pa.string()) for one in PORTAL.columns})
    numbers = pa.array([1], pa.int64())
    verdict = validate_chunk(PORTAL, Chunk(table, numbers, numbers), RECEIVED_AT)
    broken = [*(one.rule for one in verdict.rejections), *verdict.other_rules[1]]
    assert "occurred_on.future" in broken
    assert "occurred_on.before_report" not in broken


def test_a_row_that_an_earlier_contract_let_in_goes_to_quarantine_once_and_can_be_corrected(
    settings: Settings, engine: sa.Engine
) -> None:
    data = reports(
        {"occurred_on": "2026-10-01"},
        {"reported_at": in_years(5), "occurred_on": in_years(5)[:10], "victim_name": "Robin Sample"},
        {"reported_at": "1026-01-01T00:00:00Z", "occurred_on": ""},
    )
    assert counts(take_in(settings, engine, EARLIER, data)) == (3, 3, 0, 0)
    (before,) = ledger_rows(engine)

    (taken,) = quarantine_out_of_bounds(settings, engine, [PORTAL])
    assert (taken.feed, taken.delivery_id, taken.count_rows) == (PORTAL.feed, before.delivery_id, 2)
    assert [(row.row_number, row.rule, row.state) for row in quarantined(engine)] == [
        (2, "reported_at.future", "open"),
        (3, "reported_at.range", "open"),
    ]
    assert [row["_row_number"] for row in raw_rows(engine, PORTAL)] == [1]
    assert [row["_row_number"] for row in vault_rows(settings, engine, PORTAL)] == [1]
    assert_nothing_is_lost(engine, PORTAL)
    (after,) = ledger_rows(engine)
    assert (after.first_event_on, after.last_event_on) == (date(2026, 10, 1), date(2026, 10, 1))
    assert quarantine_out_of_bounds(settings, engine, [PORTAL]) == [], "nothing is looked at twice"

    late: uuid.UUID = quarantined(engine)[0].quarantine_id
    with engine.connect() as connection:
        text = read_quarantined(VaultReader(settings, "a test"), connection, late)
    assert "Robin Sample" in text
    catalogue = Catalogue({PORTAL.feed: PORTAL}, {})
    corrected = {"reported_at": "2026-10-03T10:00:00Z", "occurred_on": "2026-10-02"}
    decision = release_row(settings, engine, catalogue, late, "desk", corrected)
    assert decision.state is RowState.CORRECTED
    assert [row["_row_number"] for row in raw_rows(engine, PORTAL)] == [1, 2]
    assert_nothing_is_lost(engine, PORTAL)


def test_a_row_that_a_person_released_before_waits_for_a_decision_again(settings: Settings, engine: sa.Engine) -> None:
    take_in(settings, engine, EARLIER, reports({}, {"reported_at": in_years(5), "is_online": "maybe"}))
    # As a person could have released it then.
    with engine.begin() as connection:
        connection.execute(sa.text("update quarantine.rows set rule = 'is_online.form'"))
    earlier = dataclasses.replace(
        EARLIER, row_rules=tuple(rule for rule in EARLIER.row_rules if rule.name != "is_online.known")
    )
    catalogue = Catalogue({PORTAL.feed: earlier}, {})
    release_row(settings, engine, catalogue, quarantined(engine)[0].quarantine_id, "desk")
    assert len(quarantine_out_of_bounds(settings, engine, [PORTAL])) == 1
    assert [(row.rule, row.state) for row in quarantined(engine)] == [("reported_at.future", "open")]
    assert_nothing_is_lost(engine, PORTAL)


def test_bounds_hold_from_one_version_of_a_contract_to_the_next_and_look_at_no_delivery_of_their_own(
    settings: Settings, engine: sa.Engine
) -> None:
    take_in(settings, engine, PORTAL, reports({}))
    assert quarantine_out_of_bounds(settings, engine, [PORTAL]) == []
    (row,) = ledger_rows(engine)
    assert (row.contract_version, row.bounds_version) == (PORTAL.version, None)
    later = dataclasses.replace(PORTAL, version="9.0.0")
    assert quarantine_out_of_bounds(settings, engine, [later]) == []
    (row,) = ledger_rows(engine)
    assert (row.contract_version, row.bounds_version) == (PORTAL.version, "9.0.0")


@pytest.mark.parametrize(
    ("delivered", "stored"),
    [("dd/MM/yyyy", "yyyy-MM-dd"), ("yyyyMM", "yyyy-MM"), ("MM/dd/yyyy HH:mm:ss.SSS", "yyyy-MM-dd'T'HH:mm:ss[.SSS]")],
)
def test_what_raw_holds_is_read_as_it_is_stored_and_not_as_it_was_delivered(delivered: str, stored: str) -> None:
    assert read_pattern(delivered).stored.notation == stored
