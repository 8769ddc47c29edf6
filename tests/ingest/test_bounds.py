"""What one file may cost: however many of its rows are wrong, little is made of them, and its sender is told why."""

import csv
import dataclasses
import io
import re
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from hub.contracts.files import RejectedRows
from hub.contracts.model import Contract
from hub.contracts.rules import AgreementRule
from hub.contracts.values import FileFormat
from hub.deliveries import DeliveryRefused, DeliveryResult, DeliveryStatus
from hub.ingest import chunks
from hub.ingest.ingest import ingest_delivery
from hub.ingest.landing_store import landed_names
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.readers import csv_rows, lines, parquet_sizes, xml_rows
from hub.ingest.readers.parquet_rows import read_parquet
from hub.ingest.readers.xml_rows import read_xml
from hub.settings import Settings
from ingest.deliveries import assert_nothing_is_lost, counts, quarantined, raw_rows, take_in
from ingest.small_feeds import Seen, column, feed, see_csv

MOST = 150
HEADER = b"place,note\n"
MANY = 2_000


def bounded(**changes: Any) -> Contract:
    """A feed of places of whose rows ``MOST`` may be wrong, whatever their share."""
    contract = feed(column("place", required=True), column("note"), name="places", **changes)
    return dataclasses.replace(contract, rejected_rows=RejectedRows(1.0, 1, "places are known", MOST))


PLACES = bounded()


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine) -> None:
    prepare_warehouse(engine, [PLACES])


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LINES_A_BLOCK", 50)
    monkeypatch.setattr(csv_rows, "MAX_LINES_A_RECORD", 20)
    monkeypatch.setattr(xml_rows, "ROWS_A_CHUNK", 50)
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 100)


def error_file(settings: Settings, result: DeliveryResult) -> list[list[str]]:
    """The rows of what the sender is told."""
    path = settings.outbox / result.feed / f"{result.delivery_id}.errors.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


@pytest.mark.parametrize(
    ("form", "data", "rule"),
    [
        (FileFormat.CSV, HEADER + b"1\n" * MANY, "row.cells"),
        (FileFormat.CSV, HEADER + b'"stray\n' + b"1\n" * MANY, "row.cells"),
        (FileFormat.CSV, HEADER + b'a"b\n' * MANY, "row.cells"),
        (FileFormat.CSV, HEADER + b",x\n" * MANY, "place.required"),
        (FileFormat.JSONL, b"{}\n" * MANY, "place.required"),
        (FileFormat.JSONL, b"{}\n" + b"1\n" * MANY, "row.json"),
        (FileFormat.XML, b"<all>" + b"<row/>" * MANY + b"</all>", "place.required"),
        (FileFormat.XML, b"<all>" + b"<row><x/></row>" * MANY + b"</all>", "row.unknown_key"),
    ],
)
def test_a_file_of_wrong_rows_is_refused_early_and_its_sender_gets_the_first_hundred_reasons(
    form: FileFormat, data: bytes, rule: str, settings: Settings, engine: sa.Engine
) -> None:
    contract = bounded(form=form, row_path="row" if form is FileFormat.XML else None)
    result = take_in(settings, engine, contract, data)
    assert (result.status, counts(result)) == (DeliveryStatus.REFUSED, (0, 0, 0, 0))
    reason = str(result.reason)
    found = re.match(r"rows\.rejected: (\d+) of the first \1 rows break a rule, most often ", reason)
    assert found is not None
    assert MOST < int(found[1]) <= MOST + 100
    assert rule in reason
    assert reason.endswith(f"; at most {MOST} may")
    told = error_file(settings, result)
    assert [row[0] for row in told] == [str(number) for number in range(1, 101)]
    assert told[-1][3] == rule
    assert raw_rows(engine, contract) == []
    assert quarantined(engine) == []
    assert len(list(landed_names(settings))) == 1


def test_as_many_wrong_rows_as_a_contract_allows_are_quarantined_and_one_more_is_not(
    settings: Settings, engine: sa.Engine
) -> None:
    right = b"".join(b"Bow %d,x\n" % number for number in range(300))
    loaded = take_in(settings, engine, PLACES, HEADER + right + b",x\n" * MOST)
    assert counts(loaded) == (300 + MOST, 300, MOST, 0)
    assert_nothing_is_lost(engine, PLACES)
    assert len(error_file(settings, loaded)) == MOST
    assert take_in(settings, engine, PLACES, HEADER + right + b",x\n" * (MOST + 1)).status is DeliveryStatus.REFUSED
    wider = dataclasses.replace(PLACES, version="1.1.0", rejected_rows=RejectedRows(1.0, 1, "so", MOST + 1))
    again = take_in(settings, engine, wider, HEADER + right + b",x\n" * (MOST + 1))
    assert counts(again) == (301 + MOST, 0, MOST + 1, 300)


def test_a_held_delivery_tells_its_sender_the_first_reasons_until_a_person_releases_it(
    settings: Settings, engine: sa.Engine
) -> None:
    contract = dataclasses.replace(PLACES, rejected_rows=RejectedRows(0.2, 20, "places are known"))
    held = take_in(settings, engine, contract, HEADER + b"Bow,x\n" + b",x\n" * 120)
    assert held.status is DeliveryStatus.HELD
    assert [row[:2] for row in error_file(settings, held)] == [[str(row), str(row + 1)] for row in range(2, 102)]
    released = ingest_delivery(settings, engine, contract, held.delivery_id, released_by="a.person")
    assert counts(released) == (121, 1, 120, 0)
    assert len(error_file(settings, released)) == 120


def test_rows_that_repeat_a_unique_value_or_disagree_about_a_record_count_as_well(
    settings: Settings, engine: sa.Engine
) -> None:
    unique = dataclasses.replace(bounded(), columns=(column("place", unique=True), column("note")))
    result = take_in(settings, engine, unique, HEADER + b"".join(b"Bow,%d\n" % number for number in range(MANY)))
    assert (result.status, len(error_file(settings, result))) == (DeliveryStatus.REFUSED, 100)
    agreeing = bounded(agreement_rules=(AgreementRule("note.agrees", "note", ("place",), "a place has one note"),))
    disagreeing = b"".join(b"Kew,%d\n" % number for number in range(MANY))
    result = take_in(settings, engine, agreeing, HEADER + disagreeing)
    assert (result.status, len(error_file(settings, result))) == (DeliveryStatus.REFUSED, 100)
    assert str(result.reason).startswith(f"rows.rejected: {MOST + 1} of the first {MANY} rows")


def test_short_lines_come_in_blocks_of_few_and_keep_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    data = HEADER + b"".join(b'"Bow\n%d",x\n\n' % number for number in range(40)) + b"Ham,y"
    monkeypatch.setattr(lines, "LINES_A_BLOCK", 1_000_000)
    whole = see_csv(data)
    for most in (1, 2, 7, 60):
        monkeypatch.setattr(lines, "LINES_A_BLOCK", most)
        assert (see_csv(data).rows, see_csv(data).broken) == (whole.rows, whole.broken)
    assert len(whole.rows) == 41


def test_a_header_of_very_many_columns_is_refused() -> None:
    with pytest.raises(DeliveryRefused, match="the file has 100000 columns; it may have 4096"):
        see_csv(",".join(map(str, range(100_000))).encode())


ANSWERS = feed(column("ref"), column("note"), form=FileFormat.XML, row_path="answer")


def see_xml(data: bytes) -> Seen:
    return Seen(read_xml(ANSWERS, io.BytesIO(data), []))


def test_an_xml_row_of_very_many_elements_costs_that_row_alone_and_one_without_end_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right, wrong = b"<answer><ref>A</ref></answer>", b"<answer>" + b"<a/>" * 20_000 + b"</answer>"
    seen = see_xml(b"<all>" + right + wrong + right + b"</all>")
    assert (seen.rules, len(seen.rows)) == ({2: "row.unknown_key"}, 2)
    assert len(seen.texts[2]) <= 65_536
    attributes = b"<answer><ref " + b" ".join(b'a%d=""' % number for number in range(10_000)) + b"/></answer>"
    assert see_xml(b"<all>" + attributes + right + b"</all>").rules == {1: "row.unknown_key"}
    monkeypatch.setattr(xml_rows, "MOST_BYTES_A_ROW", 100_000)
    with pytest.raises(DeliveryRefused, match="a row is longer than 100000 bytes"):
        see_xml(b"<all><answer>" + b"<a/>" * 60_000 + b"</answer></all>")
    assert len(see_xml(b"<all>" + right * 10_000 + b"</all>").rows) == 10_000


def test_long_xml_rows_come_in_chunks_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_rows, "CHARACTERS_A_CHUNK", 1_000)
    row = b"<answer><note>" + b"x" * 400 + b"</note></answer>"
    broken = b"<answer><x>" + b"x" * 400 + b"</x></answer>"
    found = read_xml(ANSWERS, io.BytesIO(b"<all>" + row * 6 + broken * 6 + b"</all>"), [])
    assert [chunk.count_rows for chunk in found] == [3, 3, 3, 3]


def test_a_parquet_column_that_would_be_unpacked_at_once_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"place": ["x" * 1000] * 500, "note": ["y"] * 500}), file, use_dictionary=False)
    assert sum(chunk.count_rows for chunk in read_parquet(PLACES, file, 1 << 30)) == 500
    monkeypatch.setattr(parquet_sizes, "COLUMN_BYTES_A_GROUP", 100_000)
    with pytest.raises(DeliveryRefused, match="a column of one row group holds more than 100000 bytes"):
        list(read_parquet(PLACES, file, 1 << 30))
