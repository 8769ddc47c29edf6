"""A second person approves which publish readers see, and no other."""

import pytest

from hub.orchestration import switches
from hub.orchestration.answers import NothingToDecide
from hub.publish import publish
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.test_publish import published_ids, touch

SWITCHES = "select publish_id, kind, because from ledger.publish_switches order by switch_id"


def test_readers_are_switched_once_to_what_was_asked_about_and_the_audit_log_has_it(warehouse: Settings) -> None:
    engine, publisher = open_warehouse(warehouse, Role.OWNER), open_warehouse(warehouse, Role.PUBLISHER)
    with pytest.raises(NothingToDecide, match="nothing is published yet"):
        switches.describe(warehouse, 1, "wrong figures")
    publish(warehouse, publisher)
    touch(engine)
    publish(warehouse, publisher)
    about, text = switches.describe(warehouse, 1, "wrong figures")
    assert "**publish 1**" in text
    assert "instead of publish 2" in text
    assert switches.carry_out(warehouse, **about, decided_by="another") == {"publish_id": 1, "is_new": True}
    assert switches.carry_out(warehouse, **about, decided_by="another") == {"publish_id": 1, "is_new": False}
    assert published_ids(engine) == [1]
    assert fetch(engine, SWITCHES)[-1] == (1, "switched", "another: wrong figures")
    logged = "select who, purpose, details ->> 'publish_id' from audit.log where action = 'publish switched'"
    assert fetch(engine, logged) == [("another", "wrong figures", "1")]
    for publish_id, said in ((1, "already"), (77, "any more")):
        with pytest.raises(NothingToDecide, match=said):
            switches.describe(warehouse, publish_id, "wrong figures")


def test_what_was_published_while_the_question_waited_is_not_switched_away(published: Settings) -> None:
    engine, publisher = open_warehouse(published, Role.OWNER), open_warehouse(published, Role.PUBLISHER)
    for _ in range(2):
        publish(published, publisher)
        touch(engine)
    about, _ = switches.describe(published, 1, "wrong figures")
    publish(published, publisher)
    with pytest.raises(NothingToDecide, match="publish 3 meanwhile"):
        switches.carry_out(published, **about, decided_by="another")
    assert published_ids(engine) == [3]
