"""What makes a record new, seen before or a repeat, over chunks and deliveries."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.contracts.model import Contract
from hub.contracts.rules import Rule
from hub.contracts.values import Classification
from hub.deliveries import DeliveryStatus
from hub.ingest import chunks, record_index
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.record_identity import HASH_BYTES, SeenBefore
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import assert_nothing_is_lost, counts, quarantined, raw_rows, take_in
from ingest.small_feeds import column, feed

PLACES = feed(column("place"), column("note"), name="places")
CASES = feed(column("ref", required=True, unique=True), column("note"), name="cases")
ANSWERS = feed(column("body"), column("ref", unique=True), column("note"), name="answers", key=("body", "ref"))
ANTISOCIAL = feed(column("crime_id"), column("note"), name="antisocial", separate_when_empty="crime_id")
PEOPLE = feed(
    column("email", classification=Classification.PERSONAL, unique=True),
    column("words", classification=Classification.SENSITIVE),
    name="people",
)
EVERY = (PLACES, CASES, ANSWERS, ANTISOCIAL, PEOPLE)


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine) -> None:
    prepare_warehouse(engine, EVERY)


@pytest.fixture(params=["one chunk", "a chunk a line"])
def chunked(request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    if request.param == "one chunk":
        return settings
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1)
    return dataclasses.replace(settings, chunk_bytes=1)


def texts(engine: sa.Engine, contract: Contract) -> list[tuple[int, str | None, str | None]]:
    first, second = (one.raw_name for one in contract.columns)
    return [(row["_row_number"], row[first], row[second]) for row in raw_rows(engine, contract)]


def test_an_equal_record_later_in_the_file_is_a_duplicate(chunked: Settings, engine: sa.Engine) -> None:
    result = take_in(chunked, engine, PLACES, b'place,note\nBow,x\nHam,x\n"Bow","x"\nBow,\nBow,""\n')
    assert counts(result) == (5, 3, 0, 2)
    assert texts(engine, PLACES) == [(1, "Bow", "x"), (2, "Ham", "x"), (4, "Bow", None)]
    assert_nothing_is_lost(engine, PLACES)


def test_an_equal_record_of_an_earlier_delivery_is_a_duplicate(chunked: Settings, engine: sa.Engine) -> None:
    take_in(chunked, engine, PLACES, b"place,note\nBow,x\nHam,y\n")
    second = take_in(chunked, engine, PLACES, b"note,place\r\ny,Ham\r\nz,Ely\r\nx,Bow\r\n")
    assert counts(second) == (3, 1, 0, 2)
    assert sorted(place or "" for _, place, _ in texts(engine, PLACES)) == ["Bow", "Ely", "Ham"]
    assert_nothing_is_lost(engine, PLACES)


def test_cells_are_not_run_together_when_records_are_compared(chunked: Settings, engine: sa.Engine) -> None:
    assert counts(take_in(chunked, engine, PLACES, b"place,note\nab,c\na,bc\n,abc\nabc,\n")) == (4, 4, 0, 0)


def test_records_that_differ_in_case_or_blanks_are_not_the_same(chunked: Settings, engine: sa.Engine) -> None:
    assert counts(take_in(chunked, engine, PLACES, b"place,note\nBow,x\nbow,x\nBow ,x\n")) == (3, 3, 0, 0)


def test_a_second_value_of_a_unique_column_in_one_delivery_is_quarantined(chunked: Settings, engine: sa.Engine) -> None:
    result = take_in(chunked, engine, CASES, b"ref,note\nA,x\nB,x\nA,y\nA,x\nB,z\n")
    assert counts(result) == (5, 2, 2, 1)
    assert texts(engine, CASES) == [(1, "A", "x"), (2, "B", "x")]
    assert [(row.row_number, row.line_number, row.rule, row.column_name) for row in quarantined(engine)] == [
        (3, 4, "ref.unique", "ref"),
        (5, 6, "ref.unique", "ref"),
    ]
    assert_nothing_is_lost(engine, CASES)


def test_a_unique_column_of_a_key_is_unique_within_the_others(chunked: Settings, engine: sa.Engine) -> None:
    """Two bodies number alike; the same body does so once in a delivery."""
    result = take_in(chunked, engine, ANSWERS, b"body,ref,note\nA,1,x\nB,1,y\nA,1,z\nB,1,y\n,1,x\n,1,y\n")
    assert counts(result) == (6, 4, 1, 1)
    assert [(row.row_number, row.rule) for row in quarantined(engine)] == [(3, "ref.unique")]
    assert_nothing_is_lost(engine, ANSWERS)


def test_a_unique_value_of_an_earlier_delivery_is_a_correction_and_loaded(chunked: Settings, engine: sa.Engine) -> None:
    take_in(chunked, engine, CASES, b"ref,note\nA,x\n")
    assert counts(take_in(chunked, engine, CASES, b"ref,note\nA,y\n")) == (1, 1, 0, 0)


def test_a_record_that_was_there_already_takes_its_unique_value_too(chunked: Settings, engine: sa.Engine) -> None:
    """A file sent again with one more line: the row that its first form had to leave out stays out."""
    take_in(chunked, engine, CASES, b"ref,note\n1,a\n1,b\n")
    again = take_in(chunked, engine, CASES, b"ref,note\n1,a\n1,b\n2,c\n", name="again.csv")
    assert (again.rows_accepted, again.rows_quarantined, again.rows_duplicate) == (1, 1, 1)


def test_a_record_that_came_alone_before_leaves_its_place_to_the_first_in_a_file(
    chunked: Settings, engine: sa.Engine
) -> None:
    take_in(chunked, engine, CASES, b"ref,note\n1,b\n")
    both = take_in(chunked, engine, CASES, b"ref,note\n1,a\n1,b\n", name="both.csv")
    assert (both.rows_accepted, both.rows_quarantined, both.rows_duplicate) == (1, 0, 1)


def test_a_rejected_row_takes_no_unique_value(chunked: Settings, engine: sa.Engine) -> None:
    contract = feed(column("ref", unique=True), column("note", required=True), name="cases")
    assert counts(take_in(chunked, engine, contract, b"ref,note\nA,\nA,x\n,y\n,z\n")) == (4, 3, 1, 0)


def test_a_unique_personal_value_is_compared_as_its_token(chunked: Settings, engine: sa.Engine) -> None:
    data = b"email,words\nann@example.org,one\nANN@example.org ,two\nbob@example.org,one\n"
    assert counts(take_in(chunked, engine, PEOPLE, data)) == (3, 2, 1, 0)
    assert [row.rule for row in quarantined(engine)] == ["email.unique"]


def test_records_without_a_crime_id_are_separate_and_a_second_delivery_of_them_brings_nothing(
    chunked: Settings, engine: sa.Engine
) -> None:
    first = take_in(chunked, engine, ANTISOCIAL, b"crime_id,note\n,noise\n,noise\n1,theft\n1,theft\n,noise\n")
    assert counts(first) == (5, 4, 0, 1)
    same = take_in(chunked, engine, ANTISOCIAL, b"note,crime_id\nnoise,\nnoise,\nnoise,\n")
    assert counts(same) == (3, 0, 0, 3)
    more = take_in(chunked, engine, ANTISOCIAL, b"crime_id,note\n,noise\n,noise\n,noise\n,noise\n")
    assert counts(more) == (4, 1, 0, 3)
    assert_nothing_is_lost(engine, ANTISOCIAL)


def test_many_records_over_many_chunks_keep_their_numbers(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 20_000)
    small = dataclasses.replace(settings, chunk_bytes=10_000)
    lines = [f"R{number % 9_000},note {number % 9_000}\n" for number in range(20_000)]
    result = take_in(small, engine, CASES, ("ref,note\n" + "".join(lines)).encode())
    assert counts(result) == (20_000, 9_000, 0, 11_000)
    assert sorted(texts(engine, CASES)) == [(n + 1, f"R{n}", f"note {n}") for n in range(9_000)]


def is_unique_index(engine: sa.Engine, contract: Contract) -> bool:
    indexes = sa.inspect(engine).get_indexes(contract.feed, schema="raw")
    return any(one["unique"] and one["column_names"] == ["_record_hash"] for one in indexes)


def test_the_first_load_leaves_a_unique_index_and_a_held_one_does_not(settings: Settings, engine: sa.Engine) -> None:
    at_least_two = dataclasses.replace(
        PLACES,
        delivery_rules=(Rule("rows", "expect_table_row_count_to_be_between", {"min_value": 2}, "few", None),),
    )
    assert not is_unique_index(engine, PLACES)
    assert take_in(settings, engine, at_least_two, b"place,note\nBow,x\n").status is DeliveryStatus.HELD
    assert not is_unique_index(engine, PLACES)
    assert counts(take_in(settings, engine, at_least_two, b"place,note\nBow,x\nHam,x\n")) == (2, 2, 0, 0)
    assert is_unique_index(engine, PLACES)
    with pytest.raises(sa.exc.IntegrityError, match="places_record_hash"), engine.begin() as connection:
        connection.execute(sa.text("insert into raw.places select * from raw.places"))


def test_a_first_load_with_repeats_in_later_chunks_leaves_the_same_rows_as_one_without_an_index(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 200)
    small = dataclasses.replace(settings, chunk_bytes=100)
    lines = [f"Bow,{number}" for number in range(60)] + ["Ham,a", *(f"Bow,{number}" for number in range(30, 90))]
    result = take_in(small, engine, PLACES, "\n".join(["place,note", *lines, ""]).encode())
    assert counts(result) == (121, 91, 0, 30)
    assert [number for number, _, _ in texts(engine, PLACES)] == [*range(1, 62), *range(92, 122)]
    assert is_unique_index(engine, PLACES)


def test_a_loader_may_index_records_and_nothing_else_of_the_kind(settings: Settings, engine: sa.Engine) -> None:
    loader, reader = (open_warehouse(settings, role) for role in (Role.LOADER, Role.AUDITOR))
    with pytest.raises(sa.exc.ProgrammingError, match="must be owner"), loader.begin() as connection:
        connection.execute(sa.text("create unique index on raw.places (_record_hash)"))
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), reader.begin() as connection:
        record_index.index_records(connection, PLACES.feed)
    with loader.begin() as connection:
        record_index.index_records(connection, PLACES.feed)
    assert is_unique_index(engine, PLACES)


def test_what_has_been_seen_is_never_missed_and_little_else_is_named() -> None:
    random = np.random.default_rng(7)
    hashes = random.bytes(300_000 * HASH_BYTES)
    first, second = np.split(np.frombuffer(hashes, dtype=f"V{HASH_BYTES}"), 2)
    seen = SeenBefore()
    assert not seen.maybe_seen(first).any()
    assert seen.maybe_seen(first[:20_000]).all()
    assert not seen.maybe_seen(second).any()


def test_two_loads_of_a_feed_at_once_find_each_others_records(settings: Settings, engine: sa.Engine) -> None:
    shared = "".join(f"shared {number},x\n" for number in range(3_000))
    files = []
    for own in ("a", "b", "c"):
        path = settings.home / f"{own}.csv"
        path.write_text("place,note\n" + shared + "".join(f"{own} {number},x\n" for number in range(50)))
        files.append(path)
    receipts = collect_files(settings, engine, PLACES, files)

    with ThreadPoolExecutor(3) as workers:
        results = list(workers.map(lambda one: ingest_delivery(settings, engine, PLACES, one.delivery_id), receipts))

    assert {result.status for result in results} == {DeliveryStatus.LOADED}
    assert sorted(counts(result) for result in results) == [
        (3_050, 50, 0, 3_000),
        (3_050, 50, 0, 3_000),
        (3_050, 3_050, 0, 0),
    ]
    assert_nothing_is_lost(engine, PLACES)


def test_one_delivery_ingested_by_two_workers_at_once_is_loaded_once(settings: Settings, engine: sa.Engine) -> None:
    path = settings.home / "a.csv"
    path.write_text("place,note\n" + "".join(f"{number},x\n" for number in range(2_000)))
    (receipt,) = collect_files(settings, engine, PLACES, [path])
    with ThreadPoolExecutor(2) as workers:
        results = list(workers.map(lambda _: ingest_delivery(settings, engine, PLACES, receipt.delivery_id), range(2)))
    assert [counts(result) for result in results] == [(2_000, 2_000, 0, 0)] * 2
    assert len(raw_rows(engine, PLACES)) == 2_000


CELL = st.sampled_from(["", "A", "B", "C", "é", '"', "x\ny"])


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(deliveries=st.lists(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8), min_size=1, max_size=3))
def test_every_row_of_any_deliveries_is_in_one_place(
    deliveries: list[list[tuple[str, str]]], settings: Settings, engine: sa.Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "truncate raw.cases, quarantine.rows, quarantine.masked_rows, vault.quarantined_rows,"
                " vault.subject_keys, ledger.deliveries, ledger.restated_records"
            )
        )
    known: set[tuple[str, str]] = set()
    for number, rows in enumerate(deliveries):
        quoted = ["ref,note", *(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)]
        # The blank lines make the bytes differ, so that no delivery is the one before.
        result = take_in(settings, engine, CASES, ("\n".join(quoted) + "\n" * (number + 1)).encode())
        accepted, duplicate, taken = 0, 0, set[str]()
        for ref, note in rows:
            if not ref:
                continue
            if (ref, note) in known:
                duplicate += 1
                taken.add(ref)
            elif ref not in taken:
                accepted += 1
                known.add((ref, note))
                taken.add(ref)
        assert counts(result) == (len(rows), accepted, len(rows) - accepted - duplicate, duplicate)
    assert_nothing_is_lost(engine, CASES)
