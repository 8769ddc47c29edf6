"""A delivery from receipt to end: loaded, held or refused, and what each leaves behind."""

import csv
import dataclasses
import gzip
import uuid
from datetime import date

import pytest
import sqlalchemy as sa

from hub.contracts.files import RejectedRows
from hub.contracts.rules import ROW_COUNT, Rule
from hub.contracts.values import Compression, FileFormat, LogicalType
from hub.deliveries import DeliveryStatus
from hub.ingest import chunks, rejected
from hub.ingest.collect import collect_files
from hub.ingest.ingest import awaiting, ingest_delivery
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.validation import RuleFailed
from hub.settings import Settings
from ingest.deliveries import assert_nothing_is_lost, counts, ledger_rows, quarantined, raw_rows, take_in
from ingest.small_feeds import column, feed

FEW = Rule("delivery.rows", ROW_COUNT, {"min_value": 2, "max_value": 5}, "a day has two to five", None)
GIVEN = Rule(
    "note.mostly_given",
    "expect_column_values_to_not_be_null",
    {"column": "note"},
    "notes are seldom left out",
    None,
    mostly=0.5,
)
DAYS = feed(
    column("place", required=True),
    column("note"),
    column("seen_on", kind=LogicalType.DATE),
    name="days",
    delivery_rules=(FEW, GIVEN),
    event_column="seen_on",
)
HEADER = b"place,note,seen_on\n"


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine) -> None:
    prepare_warehouse(engine, [DAYS])


def test_a_loaded_delivery_says_the_same_in_the_ledger_and_in_the_tables(settings: Settings, engine: sa.Engine) -> None:
    data = HEADER + b"Bow,x,2026-01-02\n,y,2026-01-02\nBow,x,2026-01-02\nHam\nEly,z,2026-02-30\n"
    result = take_in(settings, engine, DAYS, data)
    assert (result.status, counts(result)) == (DeliveryStatus.LOADED, (5, 1, 3, 1))
    (row,) = ledger_rows(engine)
    assert (row.rows_read, row.rows_accepted, row.rows_quarantined, row.rows_duplicate) == (5, 1, 3, 1)
    assert row.loaded_at is not None
    assert (row.contract_version, row.reason) == ("1.0.0", None)
    assert [(one.row_number, one.line_number, one.rule) for one in quarantined(engine)] == [
        (2, 3, "place.required"),
        (4, 5, "row.cells"),
        (5, 6, "seen_on.type"),
    ]
    assert_nothing_is_lost(engine, DAYS)
    assert awaiting(engine, "days") == []


@pytest.mark.parametrize("characters", [0, rejected.WAITING_CHARACTERS])
def test_rejected_rows_are_kept_however_many_are_written_at_once(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, characters: int
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1)
    monkeypatch.setattr(rejected, "WAITING_CHARACTERS", characters)
    small = dataclasses.replace(settings, chunk_bytes=40)
    data = HEADER + b",a,2026-01-01\nBow,b,2026-01-02\nHam\n,c,2026-01-03\nEly,d,2026-02-30\n"
    result = take_in(small, engine, DAYS, data)
    assert counts(result) == (5, 1, 4, 0)
    assert [one.row_number for one in quarantined(engine)] == [1, 3, 4, 5]
    assert_nothing_is_lost(engine, DAYS)


def test_the_first_and_last_event_are_those_of_rows_that_are_right(settings: Settings, engine: sa.Engine) -> None:
    data = HEADER + b"Bow,x,2026-03-01\nHam,y,2026-01-31\nEly,z,\n,early,1999-01-01\n,late,2999-12-31\n"
    result = take_in(settings, engine, DAYS, data)
    assert (result.first_event_on, result.last_event_on) == (date(2026, 1, 31), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("kind", "text", "day"),
    [
        (LogicalType.TIMESTAMP, "2026-03-01T00:30:00+01:00", date(2026, 3, 1)),
        (LogicalType.TIMESTAMP, "2026-03-01T23:30:00Z", date(2026, 3, 1)),
        (LogicalType.DATE, "2024-02-29", date(2024, 2, 29)),
    ],
)
def test_the_day_of_an_event_is_the_day_that_its_sender_wrote(
    kind: LogicalType, text: str, day: date, settings: Settings, engine: sa.Engine
) -> None:
    contract = feed(column("seen", kind=kind), column("x"), name="days_seen", event_column="seen")
    prepare_warehouse(engine, [contract])
    result = take_in(settings, engine, contract, f"seen,x\n{text},\n".encode())
    assert (result.first_event_on, result.last_event_on) == (day, day)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (b"Bow,x,\n", "delivery.rows: 1 rows, where a day has two to five"),
        (b"Bow,x,\nHam,x,\nEly,x,\nKew,x,\nActon,x,\nSoho,x,\n", "delivery.rows: 6 rows"),
        (b"Bow,,\nHam,,\nEly,x,\n", "note.mostly_given: 66.7% of 3 rows fail, where notes are seldom left out"),
        (b"", "delivery.rows: 0 rows"),
    ],
)
def test_an_implausible_delivery_is_held_and_leaves_nothing_but_its_reason(
    rows: bytes, reason: str, settings: Settings, engine: sa.Engine
) -> None:
    result = take_in(settings, engine, DAYS, HEADER + rows + b"\n")
    assert (result.status, counts(result)) == (DeliveryStatus.HELD, (0, 0, 0, 0))
    assert (result.reason or "").startswith(reason)
    assert raw_rows(engine, DAYS) == []
    assert quarantined(engine) == []
    assert not settings.outbox.exists()
    assert awaiting(engine, "days") == []


@pytest.mark.parametrize(("rows", "status"), [(1, DeliveryStatus.LOADED), (3, DeliveryStatus.HELD)])
def test_a_share_of_fewer_rows_than_its_rule_asks_for_says_nothing(
    rows: int, status: DeliveryStatus, settings: Settings, engine: sa.Engine
) -> None:
    contract = dataclasses.replace(DAYS, delivery_rules=(dataclasses.replace(GIVEN, minimum_rows=3),))
    result = take_in(settings, engine, contract, HEADER + b"".join(b"Bow %d,,\n" % number for number in range(rows)))
    assert (result.status, result.rows_read) == (status, rows if status is DeliveryStatus.LOADED else 0)


MANY = dataclasses.replace(DAYS, delivery_rules=(), rejected_rows=RejectedRows(0.25, 20, "most days are complete"))


@pytest.mark.parametrize(
    ("right", "wrong", "status"),
    [
        (34, 34, DeliveryStatus.HELD),
        (15, 5, DeliveryStatus.LOADED),
        (15, 6, DeliveryStatus.HELD),
        (0, 19, DeliveryStatus.LOADED),
        (0, 20, DeliveryStatus.HELD),
    ],
)
def test_a_delivery_with_too_large_a_share_of_wrong_rows_is_held_and_a_person_may_release_it(
    right: int, wrong: int, status: DeliveryStatus, settings: Settings, engine: sa.Engine
) -> None:
    rows = [f"Bow {number},x,".encode() for number in range(right)] + [b",x,"] * wrong
    result = take_in(settings, engine, MANY, HEADER + b"\n".join(rows) + b"\n")
    assert result.status is status
    if status is DeliveryStatus.HELD:
        said = (
            f"rows.rejected: {wrong} of {right + wrong} rows ({wrong / (right + wrong):.1%}) break a rule, most often "
        )
        assert str(result.reason).startswith(said)
        assert str(result.reason).endswith(f"({wrong}); at most 25% may, because most days are complete")
        assert quarantined(engine) == []
        result = ingest_delivery(settings, engine, MANY, result.delivery_id, released_by="a.person")
        assert str(result.reason).endswith("released by a.person")
    assert counts(result) == (right + wrong, right, wrong, 0)


def test_shares_are_counted_over_the_whole_delivery_not_chunk_by_chunk(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1)
    small = dataclasses.replace(settings, chunk_bytes=1)
    assert take_in(small, engine, DAYS, HEADER + b"Bow,,\nHam,x,\n").status is DeliveryStatus.LOADED
    assert take_in(small, engine, DAYS, HEADER + b"Ely,,\nKew,,\nBow,x,\n").status is DeliveryStatus.HELD


def test_a_held_delivery_loads_when_a_person_accepts_it_and_only_once(settings: Settings, engine: sa.Engine) -> None:
    held = take_in(settings, engine, DAYS, HEADER + b"Bow,,\nHam,,\n,x,\n")
    assert held.status is DeliveryStatus.HELD
    again = ingest_delivery(settings, engine, DAYS, held.delivery_id)
    assert again.status is DeliveryStatus.HELD
    for _ in range(2):
        loaded = ingest_delivery(settings, engine, DAYS, held.delivery_id, released_by="a.person")
        assert (loaded.status, counts(loaded)) == (DeliveryStatus.LOADED, (3, 2, 1, 0))
        assert str(loaded.reason).endswith("released by a.person")
    assert_nothing_is_lost(engine, DAYS)


def test_a_delivery_that_turns_out_wrong_at_its_end_leaves_nothing_and_earlier_rows_stand(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1)
    packed = dataclasses.replace(DAYS, form=dataclasses.replace(DAYS.form, compression=Compression.GZIP))
    rows = b"".join(b"P%d,x,2026-01-02\n" % number for number in range(4))
    good = take_in(settings, engine, packed, gzip.compress(HEADER + rows), "good.gz")
    assert counts(good) == (4, 4, 0, 0)
    before = raw_rows(engine, DAYS)

    long = gzip.compress(HEADER + b"".join(b",x%d,\n" % number for number in range(20_000)))
    small = dataclasses.replace(settings, chunk_bytes=1000)
    bad = take_in(small, engine, packed, long[:-20], "bad.gz")

    assert (bad.status, counts(bad), bad.reason) == (DeliveryStatus.REFUSED, (0, 0, 0, 0), "the packed file is damaged")
    assert raw_rows(engine, DAYS) == before
    assert quarantined(engine) == []
    assert not (settings.outbox / "days").exists()


def test_a_rule_that_cannot_be_computed_stops_the_delivery_and_it_waits(settings: Settings, engine: sa.Engine) -> None:
    broken = Rule("note.broken", "expect_column_values_to_match_regex", {"column": "note", "regex": "("}, "x", "note")
    contract = dataclasses.replace(DAYS, row_rules=(broken,))
    with pytest.raises(RuleFailed, match=r"note\.broken"):
        take_in(settings, engine, contract, HEADER + b"Bow,x,\nHam,y,\n")
    (row,) = ledger_rows(engine)
    assert row.status == "received"
    assert raw_rows(engine, DAYS) == []
    assert ingest_delivery(settings, engine, DAYS, row.delivery_id).status is DeliveryStatus.LOADED


def test_the_error_file_names_row_line_column_rule_and_reason_and_no_value(
    settings: Settings, engine: sa.Engine
) -> None:
    data = HEADER + b"Bow,x,2026-01-02\nWimbledon,spoken,31/12/2025\nTooting,a,b,c\n"
    result = take_in(settings, engine, DAYS, data)
    (path,) = settings.outbox.rglob("*.csv")
    assert path == settings.outbox / "days" / f"{result.delivery_id}.errors.csv"
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.reader(file))
    assert found[0] == ["row_number", "line_number", "column", "rule", "reason"]
    assert [row[:4] for row in found[1:]] == [["2", "3", "seen_on", "seen_on.type"], ["3", "4", "", "row.cells"]]
    assert all(len(row[4].split()) > 4 for row in found[1:])
    text = path.read_text(encoding="utf-8")
    assert not any(value in text for value in ("Wimbledon", "spoken", "31/12", "Tooting"))


def test_a_row_that_breaks_several_rules_is_quarantined_once_and_names_them_all(
    settings: Settings, engine: sa.Engine
) -> None:
    result = take_in(settings, engine, DAYS, HEADER + b",x,yesterday\nBow,y,\n")
    assert counts(result) == (2, 1, 1, 0)
    (row,) = quarantined(engine)
    assert row.rule == "seen_on.type"
    assert row.other_rules == ["place.required"]


def test_the_count_that_a_file_states_reaches_the_ledger_also_when_it_is_wrong(
    settings: Settings, engine: sa.Engine
) -> None:
    contract = feed(column("place"), name="xml_days", form=FileFormat.XML, row_path="row", count_attribute="count")
    prepare_warehouse(engine, [contract])
    data = b'<all count="9"><row><place>Bow</place></row></all>'
    result = take_in(settings, engine, contract, data, "a.xml")
    assert counts(result) == (1, 1, 0, 0)
    assert ledger_rows(engine)[0].stated_rows == 9
    take_in(settings, engine, contract, data.replace(b"9", b"-8"), "b.xml")
    assert [(row.stated_rows, row.is_total_unreadable) for row in ledger_rows(engine)][1:] == [(None, True)]


def test_an_ended_delivery_gives_its_result_again_and_an_unknown_one_is_an_error(
    settings: Settings, engine: sa.Engine
) -> None:
    result = take_in(settings, engine, DAYS, HEADER + b"Bow,x,\nHam,y,\n")
    again = ingest_delivery(settings, engine, DAYS, result.delivery_id)
    assert dataclasses.replace(again, seconds=0) == dataclasses.replace(result, seconds=0, is_new=False)
    with pytest.raises(sa.exc.NoResultFound):
        ingest_delivery(settings, engine, DAYS, uuid.uuid4())


def test_deliveries_wait_in_the_order_of_their_arrival(settings: Settings, engine: sa.Engine) -> None:
    paths = []
    for name in ("b.csv", "a.csv"):
        path = settings.home / name
        path.write_bytes(HEADER + name.encode() + b",x,\nBow,x,\n")
        paths.append(path)
    receipts = collect_files(settings, engine, DAYS, paths)
    assert awaiting(engine, "days") == [receipt.delivery_id for receipt in receipts]
