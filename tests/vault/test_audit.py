"""The audit log is only ever added to, and what is done to it behind the hub's back is found."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from hub.settings import Settings
from hub.vault import audit
from hub.vault.audit import Entry

SWAP = """
    update audit.log as one set (at, who, action, purpose, details, previous_hash, entry_hash)
        = (other.at, other.who, other.action, other.purpose, other.details, other.previous_hash, other.entry_hash)
    from audit.log as other where one.entry_id in (2, 3) and other.entry_id = 5 - one.entry_id
"""


def write(settings: Settings, engine: sa.Engine, count: int) -> None:
    for number in range(count):
        audit.append(settings, engine, Entry("a.person", "vault read", "a test", {"subjects": {"feed.victim": number}}))


def behind_the_hubs_back(engine: sa.Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("alter table audit.log disable trigger only_ever_added"))
        connection.execute(sa.text(statement))


def test_entries_of_many_at_once_make_one_whole_chain(settings: Settings, engine: sa.Engine) -> None:
    with ThreadPoolExecutor(max_workers=6) as writers:
        list(writers.map(lambda _: write(settings, engine, 4), range(6)))
    assert audit.verify(settings, engine) == (24, [])


@pytest.mark.parametrize("statement", ["update audit.log set who = 'x'", "delete from audit.log", "truncate audit.log"])
def test_no_entry_can_be_changed_or_removed(settings: Settings, engine: sa.Engine, statement: str) -> None:
    write(settings, engine, 1)
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
    write(settings, engine, 4)
    assert audit.verify(settings, engine) == (4, [])
    behind_the_hubs_back(engine, statement)
    assert told in audit.verify(settings, engine)[1]
