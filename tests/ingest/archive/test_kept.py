"""What becomes of the archive when keys change, a backup is made, a contract changes, or a person is erased."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hub.backup import landing_copy
from hub.cli.main import app
from hub.contracts.model import Catalogue, Contract
from hub.contracts.values import Classification
from hub.ingest.archive import queries
from hub.ingest.archive.fitness import refuse_unfit
from hub.ingest.archive.objects import names_of, remove_files
from hub.privacy.archive_search import search_archive
from hub.privacy.identity import Identity
from hub.privacy.person_traces import counts_are_kept
from hub.privacy.plain_text import TextSearch
from hub.privacy.rotate_keys import rotate_key
from hub.settings import Settings
from hub.vault.hub_keys import Purpose
from hub.warehouse.engine import WarehouseProblem
from ingest.archive.statements import HATE, SCAM, a_day, a_row, archived, assert_adds_up, ids, sums
from ingest.deliveries import counts, take_in

ONE, TWO, THREE = ids(3)
DAY = "sor-2026-10-02-full.csv.zip"


@pytest.fixture
def contract(catalogue: Catalogue) -> Contract:
    return catalogue.contracts["provider_statements"]


@pytest.fixture
def filled(settings: Settings, engine: sa.Engine, contract: Contract) -> Settings:
    rows = [a_row(contract, ONE, SCAM), a_row(contract, TWO, HATE)]
    rows.append(a_row(contract, THREE, SCAM, platform_name="X", decision_facts="Asked of jane.example@example.org"))
    take_in(settings, engine, contract, a_day(rows), DAY)
    return settings


def test_a_record_is_known_again_after_its_key_has_changed(
    filled: Settings, engine: sa.Engine, catalogue: Catalogue, contract: Contract
) -> None:
    assert rotate_key(filled, engine, catalogue, Purpose.RECORD).count_moved == 3
    again = take_in(filled, engine, contract, a_day([a_row(contract, ONE, SCAM), a_row(contract, TWO, HATE)]), "b.zip")
    assert counts(again) == (2, 0, 0, 2)
    assert_adds_up(filled, engine, contract)


def test_files_are_read_by_the_newest_master_key_alone(
    filled: Settings, engine: sa.Engine, catalogue: Catalogue, contract: Contract
) -> None:
    before = archived(filled, engine, contract)
    rotate_key(filled, engine, catalogue, Purpose.MASTER)
    path = filled.secrets / "master.keys"
    path.write_text(path.read_text().splitlines()[-1])
    assert archived(filled, engine, contract) == before != []


def test_a_file_that_was_lost_comes_back_from_its_copy(
    filled: Settings, engine: sa.Engine, contract: Contract, tmp_path: Path
) -> None:
    before = archived(filled, engine, contract)
    copies = tmp_path / "copies"
    assert landing_copy.copy_new_archive(filled, copies) == 2
    assert landing_copy.copy_new_archive(filled, copies) == 0
    remove_files(filled, list(names_of(filled))[:1])
    with pytest.raises(FileNotFoundError):
        archived(filled, engine, contract)
    assert landing_copy.put_back_archive(filled, copies) == 1
    assert archived(filled, engine, contract) == before


@pytest.mark.usefixtures("filled")
def test_a_contract_that_does_not_fit_the_archive_is_refused(engine: sa.Engine, contract: Contract) -> None:
    def personal(name: str) -> Contract:
        columns = tuple(
            replace(one, classification=Classification.PERSONAL) if one.name == name else one
            for one in contract.columns
        )
        return replace(contract, columns=columns)

    with engine.connect() as connection:
        refuse_unfit(connection, contract)
        refuse_unfit(connection, personal("decision_monetary_other"))  # nobody has given one
        with pytest.raises(WarehouseProblem, match="decision_facts in the clear"):
            refuse_unfit(connection, personal("decision_facts"))
        with pytest.raises(WarehouseProblem, match="whose contract has no followed"):
            refuse_unfit(connection, replace(contract, followed=None))


def test_an_erasure_says_where_in_the_archive_the_person_is_left(
    filled: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    jane = TextSearch.of(Identity.of([{"email": "jane.example@example.org"}]))
    found = search_archive(filled, engine, jane)
    assert (found.looked_at, found.found, found.left) == (2, 1, 1)
    assert "/x/" in found.left_in[0]
    nobody = TextSearch.of(Identity.of([{"email": "nobody@example.org"}]))
    assert search_archive(filled, engine, nobody).left == 0
    assert counts_are_kept(engine, catalogue)


@pytest.mark.usefixtures("filled")
def test_sums_that_do_not_count_their_records_are_told(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        assert queries.differing_sums(connection) == []
        connection.execute(sa.text("update ledger.archive_sums set count_rows = count_rows + 1"))
        assert queries.differing_sums(connection) == [next(iter(sums(engine)))[0]]


def test_archived_rows_are_written_to_one_file_by_a_command(
    filled: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.cli.archive.read_settings", lambda: filled)
    out = tmp_path / "rows.parquet"
    run = CliRunner().invoke(app, ["archive", "read", "provider_statements", "--out", str(out)])
    assert (run.exit_code, run.output.strip()) == (0, f"2 rows in {out}")
    assert {row["uuid"] for row in pq.read_table(out).to_pylist()} == {ONE, THREE}
    assert out.stat().st_mode & 0o077 == 0
    of_x = tmp_path / "x.parquet"
    asked = ["archive", "read", "provider_statements", "--out", str(of_x), "--sender", "X", "--day", "2026-10-02"]
    assert CliRunner().invoke(app, asked).exit_code == 0
    assert pq.read_table(of_x).column("uuid").to_pylist() == [THREE]
    assert CliRunner().invoke(app, asked).exit_code != 0  # never over a file that is there
