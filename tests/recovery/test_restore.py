"""What was received, decided and erased is there again after the machine is lost."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from conftest import free_port
from hub.backup import publish_sums
from hub.backup.places import BackupProblem, backup_places, places_of_own_server
from hub.exchange import tokens
from hub.exchange.tokens import Scope
from hub.privacy.rotate_keys import rotate_key
from hub.publish import manifests
from hub.recovery.restore import restore
from hub.vault import audit
from hub.vault.hub_keys import Purpose
from hub.warehouse.embedded_postgres import PostgresProblem, embedded_postgres, ensure_running
from ingest.deliveries import ledger_rows, take_in
from privacy.letters import (
    ADA,
    BO,
    CALLS,
    CATALOGUE,
    LETTERS,
    as_csv,
    as_json_lines,
    as_kept,
    erase,
    landed_texts,
    open_texts,
    token_of,
    told,
)
from recovery.hubs import OwnHub, a_moment, own_hub


def publish_once(hub: OwnHub) -> int:
    """What a publish writes down."""
    with hub.engine.begin() as connection:
        columns, values = "(status, code_sha256, seeds_sha256)", "('succeeded', 'x', 'x')"
        build = sa.text(f"insert into ledger.builds {columns} values {values} returning build_id")
        of_build = {"build_id": connection.scalar(build), "fingerprint": "x", "code_version": "x", "delivery_ids": []}
        publish_id, _ = manifests.new_publish(connection, of_build)
        publish_sums.note_number(hub.settings, publish_id)
    return publish_id


def test_a_lost_hub_comes_back_as_it_was_last_and_as_it_was_at_a_moment(tmp_path: Path) -> None:
    """A token of the exchange holds after a restore, but not after one to an earlier moment."""
    with own_hub(tmp_path) as hub:
        take_in(hub.settings, hub.engine, LETTERS, as_csv({"ref": "A", **ADA}))
        revoked, kept = (
            tokens.issue(hub.settings, hub.engine, code, (Scope.READ,), datetime.now(UTC), days=1, by="a.person")
            for code in ("E23000001", "E23000002")
        )
        hub.backup()
        assert publish_once(hub) == 1
        moment = a_moment()
        assert publish_once(hub) == 2
        assert tokens.revoke(hub.settings, hub.engine, revoked.token_id, datetime.now(UTC), by="a.person")
        rotate_key(hub.settings, hub.engine, CATALOGUE, Purpose.MASTER)
        take_in(hub.settings, hub.engine, CALLS, as_json_lines({"ref": "B", **BO}), "calls.jsonl")
        hub.keep_up()
        before, deliveries = told(hub.settings, hub.engine, CALLS), ledger_rows(hub.engine)
        last, restored = hub.is_lost_and_comes_back()
        assert restored.problems == []
        assert ledger_rows(last.engine) == deliveries
        assert told(last.settings, last.engine, CALLS) == before == {"B": as_kept(BO)}
        assert len(landed_texts(last.settings)) == 2
        assert [row.token_id for row in tokens.all_tokens(last.engine) if row.revoked_at is None] == [kept.token_id]
        last.stop()
        last.settings.home.rename(tmp_path / "gone")
        earlier, restored = hub.is_lost_and_comes_back(moment)
        assert told(earlier.settings, earlier.engine, LETTERS) == {"A": as_kept(ADA)}
        assert told(earlier.settings, earlier.engine, CALLS) == {}
        assert restored.count_unknown == 1
        assert [row.revoked_at is None for row in tokens.all_tokens(earlier.engine)] == [False, False]
        # Readers have noted publish 2 of the hub that was lost; another one does not get its number.
        assert publish_once(earlier) == 3


def test_entries_that_are_missing_at_the_end_of_the_audit_log_are_told_once(tmp_path: Path) -> None:
    with own_hub(tmp_path) as hub:
        audit.append(hub.settings, audit.Entry("a.person", "looked", "a test"))
        hub.backup()
        hub.stop()
        hub.places.audit_head.write_text(json.dumps({"entry_id": 99, "entry_hash": "0"}))
        last, restored = hub.is_lost_and_comes_back()
        assert restored.problems == ["the log ends with entry 1; entry 99 had been written"]
        assert audit.verify(last.settings, last.engine) == (2, [])


def test_who_was_erased_after_the_moment_does_not_come_back_and_others_do(tmp_path: Path) -> None:
    wrong_day = {"day": "2026-13-40"}
    with own_hub(tmp_path) as hub:
        take_in(hub.settings, hub.engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
        take_in(hub.settings, hub.engine, LETTERS, as_csv({"ref": "Q", **ADA, **wrong_day}), "kept_out.csv")
        hub.backup()
        moment = a_moment()
        later = as_json_lines({"ref": "C", **ADA}, {"ref": "D", **BO})
        take_in(hub.settings, hub.engine, CALLS, later, "calls.jsonl")
        assert erase(hub.settings, hub.engine, token_of(hub.engine, LETTERS, "A")).nothing_is_left
        hub.keep_up()
        earlier, restored = hub.is_lost_and_comes_back(moment)
        assert len(restored.erased_again) == 1
        assert told(earlier.settings, earlier.engine, LETTERS) == {"A": {}, "B": as_kept(BO)}
        assert open_texts(earlier.settings, earlier.engine) == []
        assert not any(b"ada@example.org" in text for text in landed_texts(earlier.settings))
        # A delivery that the older ledger does not know is received from what the erasure left of it, and the same
        # bytes from its sender are that delivery.
        assert [row.status for row in ledger_rows(earlier.engine)].count("received") == 1
        take_in(earlier.settings, earlier.engine, CALLS, later, "calls.jsonl")
        assert told(earlier.settings, earlier.engine, CALLS) == {"C": {}, "D": as_kept(BO)}
        assert not any(b"ada@example.org" in text for text in landed_texts(earlier.settings))


def test_nothing_in_a_backup_can_be_read_without_the_keys(tmp_path: Path) -> None:
    with own_hub(tmp_path) as hub:
        take_in(hub.settings, hub.engine, LETTERS, as_csv({"ref": "A", **ADA}))
        erase(hub.settings, hub.engine, token_of(hub.engine, LETTERS, "A"))
        hub.backup()
        hub.keep_up()
        clear = {hub.places.kept, hub.places.system, hub.places.audit_head, hub.places.last_publish}
        files = [path for path in hub.places.folder.rglob("*") if path.is_file() and path.stat().st_size]
        assert all(path.read_bytes().startswith(b"HUBSEAL1") for path in files if path not in clear)
        assert (hub.places.keys / "backup.keys").stat().st_mode & 0o077 == 0
        (hub.places.keys / "backup.keys").unlink()
        with pytest.raises(BackupProblem, match=r"backup\.keys is missing"):
            hub.is_lost_and_comes_back()


def test_a_restore_that_was_not_finished_keeps_every_other_command_out_and_can_be_begun_again(tmp_path: Path) -> None:
    with own_hub(tmp_path) as hub:
        take_in(hub.settings, hub.engine, LETTERS, as_csv({"ref": "A", **ADA}))
        hub.backup()
        hub.stop()
        home = tmp_path / "home+"
        again = replace(hub.settings, home=home, drop=home / "drop", pg_port=free_port())
        (home / "restoring" / "postgres").mkdir(parents=True)
        with pytest.raises(PostgresProblem, match="run hub restore again"):
            ensure_running(embedded_postgres(again))
        assert restore(again, CATALOGUE, None).problems == []
        with pytest.raises(BackupProblem, match="is not empty"):
            restore(again, CATALOGUE, None)


def test_folders_that_are_not_apart_are_refused(tmp_path: Path) -> None:
    with own_hub(tmp_path) as hub:
        beside = replace(hub.settings, backup_keys=hub.places.folder / "keys")
        with pytest.raises(BackupProblem, match="HUB_BACKUP_KEYS is inside HUB_BACKUP"):
            backup_places(beside)
        with pytest.raises(BackupProblem, match="own backups apply"):
            places_of_own_server(replace(hub.settings, warehouse_url="postgresql://somewhere/hub"))
