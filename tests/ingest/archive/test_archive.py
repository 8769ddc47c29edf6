"""Statements that are not followed go to the archive: as Parquet in the store, and as sums and keys in the database."""

import uuid
from datetime import date

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryStatus
from hub.ingest.archive import objects, queries
from hub.ingest.archive.reading import DELIVERY_ID
from hub.ingest.archive.upkeep import remove_all_unlisted
from hub.ingest.check_file import check_file
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.withdrawal import restore_delivery, withdraw_delivery
from hub.settings import Settings
from ingest.archive.statements import HATE, MIXED, SCAM, a_day, a_row, archived, assert_adds_up, ids, sums
from ingest.deliveries import counts, raw_rows, take_in

ONE, TWO, THREE, FOUR, FIVE = ids(5)
DAY = "sor-2026-10-02-full.csv.zip"
NEXT_DAY = "sor-2026-10-03-full.csv.zip"
SCAMS = "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"


@pytest.fixture
def contract(catalogue: Catalogue) -> Contract:
    return catalogue.contracts["provider_statements"]


def withdraw(settings: Settings, catalogue: Catalogue, delivery_id: uuid.UUID) -> None:
    withdraw_delivery(settings, catalogue, delivery_id, because="sent by mistake", decided_by="a person")


def statements_in_raw(engine: sa.Engine, contract: Contract) -> set[str]:
    return {row["uuid"] for row in raw_rows(engine, contract)}


def files_in(settings: Settings) -> set[str]:
    return set(objects.names_of(settings))


def test_what_is_followed_is_in_raw_and_the_rest_in_the_archive(
    settings: Settings, engine: sa.Engine, contract: Contract
) -> None:
    addition = '["STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"]'
    rows = [
        a_row(contract, ONE, HATE),
        a_row(contract, TWO, SCAM, platform_name="X"),
        a_row(contract, THREE, MIXED),
        a_row(contract, FOUR, MIXED, category_addition=addition),
        a_row(contract, FIVE, SCAM, category_specification="", created_at="2026-10-03 00:00:01"),
    ]
    result = take_in(settings, engine, contract, a_day(rows), DAY)
    assert (result.status, counts(result)) == (DeliveryStatus.LOADED, (5, 5, 0, 0))
    assert statements_in_raw(engine, contract) == {ONE, FOUR}
    one, other = "Examplebook", "X"
    assert sums(engine) == {
        (result.delivery_id, other, "2026-10-02", SCAMS): 1,
        (result.delivery_id, one, "2026-10-02", SCAMS): 1,
        (result.delivery_id, one, "2026-10-03", SCAMS): 1,
    }
    kept = archived(settings, engine, contract)
    assert [(row["uuid"], row["_row_number"]) for row in kept] == [(TWO, 2), (THREE, 3), (FIVE, 5)]
    wanted = {name: value or None for name, value in rows[1].items() if name != "source_identity"}
    assert kept[0] == {**wanted, "_row_number": 2, DELIVERY_ID: str(result.delivery_id)}
    assert [row["uuid"] for row in archived(settings, engine, contract, sender="X")] == [TWO]
    assert [row["uuid"] for row in archived(settings, engine, contract, day=date(2026, 10, 3))] == [FIVE]
    assert_adds_up(settings, engine, contract)


def test_a_row_that_names_somebody_stays_in_raw_and_vault(
    settings: Settings, engine: sa.Engine, contract: Contract
) -> None:
    take_in(settings, engine, contract, a_day([a_row(contract, ONE, SCAM, source_identity="Ada Example")]), DAY)
    assert statements_in_raw(engine, contract) == {ONE}
    assert files_in(settings) == set()
    assert_adds_up(settings, engine, contract)


def test_files_of_the_archive_are_encrypted_and_name_their_delivery_and_day(
    settings: Settings, engine: sa.Engine, contract: Contract
) -> None:
    rows = [a_row(contract, ONE, SCAM, decision_facts="Facts that nobody may read", platform_name="X/.. Corp")]
    result = take_in(settings, engine, contract, a_day(rows), DAY)
    (name,) = files_in(settings)
    assert name.startswith(f"provider_statements/{result.delivery_id}/2026-10-02/x-corp/")
    data = (settings.home / "archive" / name).read_bytes()
    assert b"PAR1" not in data
    assert b"nobody may read" not in data


def test_a_second_delivery_of_the_same_statements_adds_nothing(
    settings: Settings, engine: sa.Engine, contract: Contract
) -> None:
    rows = [a_row(contract, ONE, SCAM), a_row(contract, TWO, HATE)]
    take_in(settings, engine, contract, a_day(rows), DAY)
    before = sums(engine), files_in(settings)
    again = take_in(settings, engine, contract, a_day([rows[1], rows[0]]), NEXT_DAY)
    assert counts(again) == (2, 0, 0, 2)
    assert (sums(engine), files_in(settings)) == before
    assert take_in(settings, engine, contract, a_day(rows), "again.csv.zip").delivery_id != again.delivery_id
    assert (sums(engine), files_in(settings)) == before
    assert_adds_up(settings, engine, contract)


def test_within_a_delivery_equal_rows_count_once_and_another_row_of_the_same_id_is_quarantined(
    settings: Settings, engine: sa.Engine, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in later chunks: what the first ones have shown is asked of the database."""
    monkeypatch.setattr("hub.ingest.chunks.CHUNK_ROWS", 1)
    rows = [a_row(contract, ONE, SCAM), a_row(contract, TWO, SCAM)]
    rows += [rows[0], a_row(contract, TWO, SCAM, platform_name="X"), a_row(contract, ONE, HATE)]
    result = take_in(settings, engine, contract, a_day([*rows, *(a_row(contract, one) for one in ids(9, 50))]), DAY)
    assert counts(result) == (14, 11, 2, 1)
    assert statements_in_raw(engine, contract) == set()
    assert_adds_up(settings, engine, contract)


def test_what_another_delivery_states_too_stays_with_it_when_the_first_is_withdrawn(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, contract: Contract
) -> None:
    first = take_in(settings, engine, contract, a_day([a_row(contract, one) for one in (ONE, TWO, THREE)]), DAY)
    rows = [a_row(contract, FOUR, platform_name="X"), a_row(contract, TWO), a_row(contract, FIVE, HATE)]
    second = take_in(settings, engine, contract, a_day(rows), NEXT_DAY)
    assert counts(second) == (3, 2, 0, 1)
    withdraw(settings, catalogue, first.delivery_id)
    kept = [(row["uuid"], row["_row_number"], row[DELIVERY_ID]) for row in archived(settings, engine, contract)]
    assert kept == [(FOUR, 1, str(second.delivery_id)), (TWO, 2, str(second.delivery_id))]
    assert sum(sums(engine).values()) == 2
    assert {name.split("/")[1] for name in files_in(settings)} == {str(second.delivery_id)}
    assert_adds_up(settings, engine, contract)
    again = restore_delivery(settings, catalogue, first.delivery_id, because="it was right", decided_by="a person")
    assert counts(again) == (3, 2, 0, 1)
    assert {row["uuid"] for row in archived(settings, engine, contract)} == {ONE, TWO, THREE, FOUR}
    withdraw(settings, catalogue, second.delivery_id)
    assert {row["uuid"] for row in archived(settings, engine, contract)} == {ONE, TWO, THREE}
    assert_adds_up(settings, engine, contract)
    withdraw(settings, catalogue, first.delivery_id)
    assert (archived(settings, engine, contract), files_in(settings)) == ([], set())
    with engine.connect() as connection:
        left: list[int] = [
            connection.execute(sa.text(f"select count(*) from ledger.{table}")).scalar_one()
            for table in ("archive_sums", "archived_records", "archive_files", "restated_records")
        ]
    assert left == [0, 0, 0, 0]


def test_a_load_that_dies_before_its_commit_leaves_nothing_that_counts(
    settings: Settings, engine: sa.Engine, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = settings.home / DAY
    path.write_bytes(a_day([a_row(contract, ONE), a_row(contract, TWO, HATE)]))
    (receipt,) = collect_files(settings, engine, contract, [path])
    with monkeypatch.context() as patch:

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(queries, "list_files", die)
        with pytest.raises(KeyboardInterrupt):
            ingest_delivery(settings, engine, contract, receipt.delivery_id)
    left = files_in(settings)
    assert len(left) == 1
    assert (archived(settings, engine, contract), raw_rows(engine, contract), sums(engine)) == ([], [], {})
    # The next one is cut otherwise: what it writes itself counts, and what was left goes.
    stray = settings.home / "archive" / f"provider_statements/{receipt.delivery_id}/2026-10-02/x/{'0' * 64}.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"the half of a day")
    result = ingest_delivery(settings, engine, contract, receipt.delivery_id)
    assert counts(result) == (2, 2, 0, 0)
    assert files_in(settings) == left
    assert_adds_up(settings, engine, contract)


def test_a_file_that_is_only_checked_leaves_nothing_in_the_archive(
    settings: Settings, engine: sa.Engine, contract: Contract
) -> None:
    path = settings.home / DAY
    path.write_bytes(a_day([a_row(contract, ONE), a_row(contract, TWO, HATE)]))
    assert counts(check_file(settings, engine, contract, path).result) == (2, 2, 0, 0)
    assert (files_in(settings), sums(engine), raw_rows(engine, contract)) == (set(), {}, [])


def test_a_held_delivery_leaves_no_file_and_is_whole_once_it_is_released(
    settings: Settings, engine: sa.Engine, contract: Contract
) -> None:
    rows = [a_row(contract, one, SCAM, territorial_scope="") for one in ids(100, 1000)]
    held = take_in(settings, engine, contract, a_day(rows), DAY)
    assert held.status is DeliveryStatus.HELD
    assert (files_in(settings), sums(engine)) == (set(), {})
    result = ingest_delivery(settings, engine, contract, held.delivery_id, released_by="a person")
    assert counts(result) == (100, 100, 0, 0)
    assert_adds_up(settings, engine, contract)


def test_a_sweep_removes_files_of_deliveries_that_nobody_knows_and_no_others(
    settings: Settings, engine: sa.Engine, contract: Contract
) -> None:
    take_in(settings, engine, contract, a_day([a_row(contract, ONE)]), DAY)
    kept = files_in(settings)
    stray = settings.home / "archive" / f"provider_statements/{uuid.uuid4()}/2026-10-02/x/{'0' * 64}.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"of a delivery that a restore forgot")
    assert remove_all_unlisted(settings, engine) == 1
    assert files_in(settings) == kept


def test_many_rows_go_out_in_several_files_without_waiting_for_the_end(
    settings: Settings, engine: sa.Engine, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "MOST_WAITING_BYTES", 50_000)
    monkeypatch.setattr("hub.ingest.chunks.CHUNK_ROWS", 100)
    rows = [a_row(contract, one, platform_name=f"P{number % 3}") for number, one in enumerate(ids(600, 2000))]
    result = take_in(settings, engine, contract, a_day(rows), DAY)
    assert counts(result) == (600, 600, 0, 0)
    assert len(files_in(settings)) >= 3
    assert {row["uuid"] for row in archived(settings, engine, contract)} == {row["uuid"] for row in rows}
    assert_adds_up(settings, engine, contract)
