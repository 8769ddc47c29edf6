"""The audit log is only ever added to, and what is done to it behind the hub's back is found."""

import dataclasses
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.vault import audit, audit_head
from hub.vault.audit import Entry
from hub.vault.hub_keys import Purpose, read_ring
from hub.vault.tables import AUDIT_LOG
from hub.warehouse import migrate
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

FUNCTIONS = Path(migrate.__file__).parent / "migrations" / "versions" / "v0005_audit_log_by_function.sql"

SWAP = """
    update audit.log as one set (at, who, action, purpose, details, previous_hash, entry_hash)
        = (other.at, other.who, other.action, other.purpose, other.details, other.previous_hash, other.entry_hash)
    from audit.log as other where one.entry_id in (2, 3) and other.entry_id = 5 - one.entry_id
"""


def write(settings: Settings, count: int) -> None:
    for number in range(count):
        audit.append(settings, Entry("a.person", "vault read", "a test", {"subjects": {"feed.victim": number}}))


def behind_the_hubs_back(engine: sa.Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("alter table audit.log disable trigger only_ever_added"))
        connection.execute(sa.text(statement))


def test_entries_of_many_at_once_make_one_whole_chain(settings: Settings, engine: sa.Engine) -> None:
    with ThreadPoolExecutor(max_workers=6) as writers:
        list(writers.map(lambda _: write(settings, 4), range(6)))
    assert audit.verify(settings, engine) == (24, [])


@pytest.mark.parametrize("statement", ["update audit.log set who = 'x'", "delete from audit.log", "truncate audit.log"])
def test_no_entry_can_be_changed_or_removed(settings: Settings, engine: sa.Engine, statement: str) -> None:
    write(settings, 1)
    with pytest.raises(sa.exc.DBAPIError, match="only ever added"), engine.begin() as connection:
        connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("update audit.log set details = '{\"subjects\": {}}' where entry_id = 2", "entry 2 was changed"),
        ("update audit.log set at = at + interval '1 second' where entry_id = 4", "entry 4 was changed"),
        ("delete from audit.log where entry_id = 2", "entries 2 to 2 are missing"),
        ("delete from audit.log where entry_id = 4", "the log ends with entry 3; entry 4 had been written"),
        ("delete from audit.log", "the log ends with entry 0; entry 4 had been written"),
        (SWAP, "entry 2 was changed"),
        ("insert into audit.log select 5, at, who, action, purpose, details, key_version, entry_hash, previous_hash"
         " from audit.log where entry_id = 4", "entry 5 was changed"),
    ],
)  # fmt: skip
def test_what_is_done_to_entries_behind_the_hubs_back_is_found(
    settings: Settings, engine: sa.Engine, statement: str, told: str
) -> None:
    write(settings, 4)
    assert audit.verify(settings, engine) == (4, [])
    behind_the_hubs_back(engine, statement)
    assert told in audit.verify(settings, engine)[1]


ENTRY = "values ({number}, now(), 'x', 'x', 'x', '{{}}', 1, repeat('0', 64), repeat('0', 64))"
NOT_THE_RECORDERS = [role for role in Role if role not in (Role.RECORDER, Role.OWNER, Role.AIRFLOW)]
ALONE_ADDED = [
    "insert into audit.log " + ENTRY.format(number=2**63 - 1),
    "select * from audit.next_entry()",
    "select audit.add_entry('x', 'x', 'x', '{}', 1::smallint, repeat('0', 64))",
    "lock table audit.log in share row exclusive mode",
]


@pytest.mark.parametrize("statement", ALONE_ADDED)
def test_no_role_but_the_recorder_adds_an_entry_or_keeps_others_from_it(
    settings: Settings, engine: sa.Engine, statement: str
) -> None:
    write(settings, 1)
    for role in NOT_THE_RECORDERS:
        refused = pytest.raises(sa.exc.ProgrammingError, match="permission denied")
        with open_warehouse(settings, role).connect() as connection, refused:
            connection.execute(sa.text(statement))
    write(settings, 1)
    assert audit.verify(settings, engine) == (2, [])


def test_the_recorder_itself_gives_no_number_time_or_previous_hash(settings: Settings, engine: sa.Engine) -> None:
    write(settings, 1)
    recorder = open_warehouse(settings, Role.RECORDER)
    for statement in ("insert into audit.log " + ENTRY.format(number=9), "select * from audit.log"):
        with recorder.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            connection.execute(sa.text(statement))
    with recorder.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="64 hexadecimal digits"):
        connection.execute(sa.text("select audit.add_entry('x', 'x', 'x', '{}', 1::smallint, 'no hash')"))
    with recorder.begin() as connection:
        forged = "select audit.add_entry('x', 'x', 'x', '{}', 1::smallint, repeat('0', 64))"
        assert connection.scalar(sa.text(forged)) == 2
    write(settings, 1)
    assert audit.verify(settings, engine) == (3, ["entry 2 was changed"])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (Path.unlink, "the head of the log is not noted: entries at its end could have been cut off"),
        (lambda path: path.write_bytes(b""), "the head of the log cannot be read: JSONDecodeError"),
        (lambda path: path.write_text("[]"), "the head of the log cannot be read: TypeError"),
    ],
)
def test_a_log_without_its_head_is_not_whole_until_somebody_takes_it_for_whole(
    settings: Settings, engine: sa.Engine, damage: Callable[[Path], object], told: str
) -> None:
    write(settings, 4)
    damage(settings.home / "audit" / "head.json")
    behind_the_hubs_back(engine, "delete from audit.log where entry_id = 4")
    write(settings, 1)
    assert audit.verify(settings, engine) == (4, [told]), "another entry neither fails nor hides it"
    audit.begin_with(settings, engine)
    write(settings, 1)
    assert audit.verify(settings, engine) == (5, [])


def test_a_log_from_before_the_functions_goes_on_and_verifies(settings: Settings, engine: sa.Engine) -> None:
    """Written as the hub wrote it then: number, time and previous hash are the writer's, and so is the insert."""
    key = read_ring(settings, Purpose.AUDIT).secret
    previous = "0" * 64
    with engine.begin() as connection:
        connection.exec_driver_sql("drop function audit.add_entry, audit.next_entry")
        for number in (1, 2):
            at = datetime(2026, 11, number, 9, 30, 0, number, tzinfo=UTC)
            told: list[Any] = [
                number,
                at.isoformat(),
                "a.person",
                "vault read",
                "a test",
                {"subjects": {}},
                1,
                previous,
            ]
            text = json.dumps(told, sort_keys=True, separators=(",", ":"))
            entry_hash = hmac.digest(key, text.encode(), "sha256").hex()
            values = dict(zip(AUDIT_LOG.columns.keys(), [number, at, *told[2:], entry_hash], strict=True))
            connection.execute(sa.insert(AUDIT_LOG).values(values))
            previous = entry_hash
    audit_head.note_head_anew(settings, 2, previous)
    with engine.begin() as connection:
        connection.exec_driver_sql(FUNCTIONS.read_text(encoding="utf-8"))
    prepare_warehouse(engine, [])
    write(settings, 2)
    assert audit.verify(settings, engine) == (4, [])


def test_the_copy_of_the_head_outside_of_the_hub_tells_of_another_history(
    settings: Settings, engine: sa.Engine, tmp_path: Path
) -> None:
    """Somebody with the key and the hub's home writes the log again: only the copy is out of reach."""
    copy = tmp_path / "mounted" / "heads"
    settings = dataclasses.replace(settings, audit_head_copy=copy)
    write(settings, 2)
    assert audit.verify(settings, engine)[1] == [
        "the log is whole, but that cannot be noted: No such file or directory"
    ]
    copy.parent.mkdir()
    assert audit.verify(settings, engine) == (2, [])
    write(settings, 1)
    for _ in range(2):
        assert audit.verify(settings, engine) == (3, [])
    assert [line.split()[0] for line in copy.read_text().splitlines()] == ["2", "3"]
    behind_the_hubs_back(engine, "delete from audit.log")
    (settings.home / "audit" / "head.json").unlink()
    assert audit.verify(settings, engine)[1] == ["the log ends with entry 0; entry 3 had been written"]
    write(settings, 3)
    assert audit.verify(settings, engine)[1] == [
        f"entry {number} is another than in the copy outside of the hub" for number in (2, 3)
    ]
    copy.write_text(copy.read_text() + "4 no hash\n")
    assert "line 3 of the copy of the heads is no number and hash" in audit.verify(settings, engine)[1]


def test_an_entry_under_a_key_that_the_hub_does_not_have_is_found(settings: Settings, engine: sa.Engine) -> None:
    write(settings, 2)
    with open_warehouse(settings, Role.RECORDER).begin() as connection:
        given = connection.execute(sa.text("select entry_id, at, previous_hash from audit.next_entry()")).one()
        values: dict[str, Any] = {"who": "x", "action": "x", "purpose": "x", "details": {}, "key_version": 99}
        at = given.at.astimezone(UTC).isoformat()
        hashed = [given.entry_id, at, "x", "x", "x", {}, 99, given.previous_hash]
        text = json.dumps(hashed, sort_keys=True, separators=(",", ":"))
        forged = hmac.digest(b"", text.encode(), "sha256").hex()
        connection.execute(audit.ADD_ENTRY, {**values, "entry_hash": forged})
    assert audit.verify(settings, engine)[1] != []
