"""What the vault holds is decrypted with the hub's keys alone, at its own place alone, and never unseen."""

import dataclasses
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from encrypting import put_values, vault_rows
from hub.contracts.values import Classification
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.vault.hub_keys import KeyProblem, Purpose, read_ring
from hub.vault.reading import VaultDamaged, VaultReader, read_records
from ingest.small_feeds import column, feed

P, S = Classification.PERSONAL, Classification.SENSITIVE
REPORTS = feed(
    column("victim_name", classification=P),
    column("victim_email", classification=P),
    column("reporter_name", classification=P),
    column("words", classification=S),
    name="encrypted_reports",
)
DELIVERY = uuid.UUID(int=5)
ONE = {"victim_name": "Ada Fern", "reporter_name": "Bo Moss", "words": "a [slur]\nand a kettle"}


@pytest.fixture
def vault(engine: sa.Engine) -> sa.Engine:
    prepare_warehouse(engine, [REPORTS])
    with engine.begin() as connection:
        put_values(connection, REPORTS, DELIVERY, 1, ONE)
        put_values(connection, REPORTS, DELIVERY, 2, {"victim_name": "Cy Reed"})
        put_values(connection, REPORTS, DELIVERY, 3, {})
    return engine


def change(engine: sa.Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_what_goes_in_comes_out_and_what_is_empty_stays_away(settings: Settings, vault: sa.Engine) -> None:
    told = [
        {name: value for name, value in row.items() if name[0] != "_"} for row in vault_rows(settings, vault, REPORTS)
    ]
    assert told == [ONE, {"victim_name": "Cy Reed"}, {}]


def test_a_subject_whose_key_is_destroyed_is_gone_and_the_others_of_the_record_stay(
    settings: Settings, vault: sa.Engine
) -> None:
    change(vault, "delete from vault.subject_keys where row_number = 1 and subject = 'victim'")
    first = vault_rows(settings, vault, REPORTS)[0]
    assert "victim_name" not in first
    assert (first["reporter_name"], first["words"]) == (ONE["reporter_name"], ONE["words"])


@pytest.mark.parametrize(
    "statement",
    [
        "update vault.encrypted_reports set victim = set_byte(victim, 20, 255 - get_byte(victim, 20))",
        "update vault.encrypted_reports set _row_number = 9 - _row_number;"
        "update vault.subject_keys set row_number = 9 - row_number",
        "update vault.encrypted_reports as one set victim = other.victim from vault.encrypted_reports as other"
        " where one._row_number = 1 and other._row_number = 2",
    ],
)
def test_what_was_changed_or_moved_does_not_open(settings: Settings, vault: sa.Engine, statement: str) -> None:
    change(vault, statement)
    with pytest.raises(VaultDamaged) as told:
        vault_rows(settings, vault, REPORTS)
    assert "Ada" not in str(told.value)


def test_who_reads_is_told_before_anything_is_read(
    settings: Settings, vault: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = VaultReader(settings, "a look at what was said", "a.person")
    with vault.connect() as connection:
        assert len(list(read_records(reader, connection, REPORTS))) == 3
        # The reader's own transaction plays no part: the entry is there for good.
        connection.rollback()
    with vault.connect() as connection:
        entry = connection.execute(sa.text("select * from audit.log")).one()
    assert (entry.who, entry.purpose) == ("a.person", "a look at what was said")
    assert entry.details == {
        "subjects": {"encrypted_reports.reporter": 1, "encrypted_reports.text": 1, "encrypted_reports.victim": 2}
    }

    def refuse(*_: object) -> int:
        raise RuntimeError("the log cannot be written")

    monkeypatch.setattr("hub.vault.audit.append", refuse)
    with pytest.raises(RuntimeError, match="cannot be written"):
        vault_rows(settings, vault, REPORTS)


def test_the_master_key_may_come_from_a_file_or_a_command(settings: Settings, tmp_path: Path) -> None:
    own = read_ring(settings, Purpose.MASTER)
    file = tmp_path / "mounted"
    file.write_text(f"1 {'0a' * 32}\n3 {'0b' * 32}\n")
    for elsewhere in ({"master_key_file": file}, {"master_key_command": f"cat {file}"}):
        ring = read_ring(dataclasses.replace(settings, **elsewhere), Purpose.MASTER)
        assert (ring.newest, ring.secret) == (3, b"\x0b" * 32)
        assert ring.secret != own.secret


@pytest.mark.parametrize(
    "text", ["", "1 " + "0a" * 31, "one " + "0a" * 32, "1 " + "zz" * 32, "1 " + "0a" * 32 + "\n1 " + "0b" * 32]
)
def test_a_key_that_is_none_is_refused_without_showing_it(settings: Settings, tmp_path: Path, text: str) -> None:
    file = tmp_path / "mounted"
    file.write_text(text)
    with pytest.raises(KeyProblem) as told:
        read_ring(dataclasses.replace(settings, master_key_file=file), Purpose.MASTER)
    assert "0a0a" not in str(told.value)
    with pytest.raises(KeyProblem, match="HUB_MASTER_KEY_COMMAND"):
        read_ring(dataclasses.replace(settings, master_key_command="false"), Purpose.MASTER)
