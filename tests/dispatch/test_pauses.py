"""A recipient is paused and resumed by a person, at once, and nothing that is due to it is lost meanwhile."""

from typing import Any

import pytest

from dispatch.conftest import FORCE, PROVIDER, Hub
from dispatch.door import Door
from hub.dispatch import deciding
from hub.dispatch.deciding import NoPerson
from hub.dispatch.transports import Parcel, Receipt
from hub.monitoring.watch import open_alerts


def alerts_of(hub: Hub) -> list[str]:
    with hub.engine.connect() as connection:
        return [one.cause.key for one in open_alerts(connection) if one.cause.kind == "paused_recipient"]


def test_what_is_due_to_a_paused_recipient_waits_and_the_others_get_theirs(hub: Hub) -> None:
    assert deciding.pause(hub.engine, FORCE, because="their server is being mended", decided_by="ada")
    hub.offer(is_threat_to_life=True)
    hub.offer("provider", PROVIDER)
    hub.prepare()
    hub.send(transport_of=Door())
    assert sorted(hub.states()) == ["delivered", "prepared"]
    assert alerts_of(hub) == [f"paused_recipient:{FORCE}"]
    assert not deciding.pause(hub.engine, FORCE, because="once more", decided_by="ben")
    assert deciding.resume(hub.engine, FORCE, decided_by="ben")
    assert not deciding.resume(hub.engine, FORCE, decided_by="ben")
    hub.send(transport_of=Door())
    assert hub.states() == ["delivered", "delivered"]
    assert alerts_of(hub) == []


def test_a_pause_holds_from_the_next_document_on_also_in_a_round_under_way(hub: Hub) -> None:
    class PausedByWhoeverSeesTheFirst(Door):
        def send(self, parcel: Parcel) -> Receipt:
            deciding.pause(hub.engine, FORCE, because="it went to the wrong desk", decided_by="ada")
            return super().send(parcel)

    for _ in range(3):
        hub.offer()
    hub.prepare()
    door = PausedByWhoeverSeesTheFirst()
    hub.send(transport_of=door)
    assert len(door.came) == 1
    assert sorted(hub.states()) == ["delivered", "prepared", "prepared"]


def test_a_pause_is_kept_with_who_and_why_and_can_come_again(hub: Hub) -> None:
    for why in ("a first time", "a second time"):
        assert deciding.pause(hub.engine, FORCE, because=why, decided_by="ada")
        assert deciding.resume(hub.engine, FORCE, decided_by="ben")
    query = "select because, paused_by, resumed_by from ledger.recipient_pauses order by pause_id"
    with hub.engine.connect() as connection:
        kept: list[Any] = [tuple(row) for row in connection.exec_driver_sql(query)]
    assert kept == [("a first time", "ada", "ben"), ("a second time", "ada", "ben")]


def test_the_hub_itself_pauses_nobody(hub: Hub) -> None:
    with pytest.raises(NoPerson):
        deciding.pause(hub.engine, FORCE, because="its own idea", decided_by="hub")


def test_a_contract_that_says_it_is_paused_is_refused_and_nothing_is_sent(hub: Hub) -> None:
    hub.recipient(FORCE, is_paused=True)
    hub.offer()
    hub.prepare()
    hub.send(transport_of=Door())
    assert hub.states() == []
