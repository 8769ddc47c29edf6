"""Rounds of sending: urgent ones first, patience with recipients that fail, and somebody who is told."""

from uuid import UUID

import pytest

from dispatch.conftest import FORCE, PROVIDER, Hub
from dispatch.door import Door
from hub.dispatch import deciding
from hub.dispatch.ledger import IllegalMove
from hub.dispatch.outbox import MOST_ATTEMPTS
from hub.dispatch.states import State
from hub.dispatch.transports import Parcel, PermanentFault, Receipt, TransientFault
from hub.monitoring.watch import open_alerts
from hub.notifications.kinds import KINDS


def alerts(hub: Hub) -> list[tuple[str, str]]:
    with hub.engine.connect() as connection:
        return [(one.cause.kind, one.cause.owner) for one in open_alerts(connection)]


def test_urgent_ones_go_first_and_a_person_is_told_at_once_until_somebody_answers(hub: Hub) -> None:
    hub.offer()
    hub.offer(is_threat_to_life=True)
    hub.prepare()
    assert alerts(hub) == [("urgent_dispatch", "hub-allocation-desk")]
    door = Door()
    hub.send(transport_of=door)
    urgent = next(one for one in hub.dispatches() if one.is_urgent)
    assert door.came[0] == str(urgent.dispatch_id)
    assert hub.states() == ["delivered", "delivered"]
    assert alerts(hub) == [("urgent_dispatch", "hub-allocation-desk")]
    hub.answer("acknowledged", number=urgent.number)
    hub.send(transport_of=door)
    assert alerts(hub) == []


def test_urgent_dispatches_go_to_all_recipients_before_other_dispatches(hub: Hub) -> None:
    hub.offer()
    hub.offer(is_threat_to_life=True)
    hub.offer("provider", PROVIDER)
    hub.offer("provider", PROVIDER, is_threat_to_life=True)
    hub.prepare()
    door = Door()
    assert hub.send(transport_of=door).taken == {FORCE: 2, PROVIDER: 2}
    urgent = {str(one.dispatch_id): one.is_urgent for one in hub.dispatches()}
    assert [urgent[one] for one in door.came] == [True, True, False, False]


def test_a_recipient_that_refuses_an_urgent_dispatch_gets_no_other_in_that_round(hub: Hub) -> None:
    hub.offer()
    hub.offer(is_threat_to_life=True)
    hub.prepare()
    door = Door({"": TransientFault("503")})
    assert hub.send(transport_of=door).problems == {FORCE: "503"}
    assert door.tried == 1


def test_a_recipient_that_fails_is_left_alone_longer_each_time_and_takes_all_when_it_is_back(hub: Hub) -> None:
    for _ in range(3):
        hub.offer()
    hub.prepare()
    door = Door({"": TransientFault("503")})
    assert hub.send(transport_of=door).problems == {FORCE: "503"}
    hub.send(transport_of=door)
    assert door.tried == 1
    hub.later(seconds=31)
    hub.send(transport_of=door)
    hub.later(seconds=31)
    hub.send(transport_of=door)
    assert door.tried == 2
    door.faults.clear()
    hub.later(seconds=60)
    assert hub.send(transport_of=door).taken[FORCE] == 3
    assert hub.way() == ["prepared", "sent", "delivered"]


def test_one_recipient_that_fails_holds_up_no_other(hub: Hub) -> None:
    hub.offer()
    hub.offer("provider", PROVIDER)
    hub.prepare()
    hub.recipient(FORCE, transport={"kind": "folder", "folder": "/nowhere/at/all"})
    done = hub.send()
    assert (list(done.problems), done.taken[PROVIDER]) == ([FORCE], 1)


def test_one_document_that_is_never_taken_holds_up_no_other(hub: Hub) -> None:
    for _ in range(3):
        hub.offer()
    hub.prepare()
    poison = str(hub.dispatches()[0].dispatch_id)
    door = Door({poison: PermanentFault("422")})
    assert hub.send(transport_of=door).taken[FORCE] == 2
    assert hub.states() == ["failed", "delivered", "delivered"]
    again = Door({str(hub.dispatches()[0].dispatch_id): ValueError("a library's own")})
    hub.offer()
    hub.offer()
    hub.prepare()
    poison = str(hub.dispatches()[3].dispatch_id)
    again = Door({poison: ValueError("a library's own")})
    hub.send(transport_of=again)
    hub.later(minutes=2)
    assert hub.send(transport_of=again).taken[FORCE] == 1
    assert hub.states()[3:] == ["prepared", "delivered"]


def test_after_the_last_attempt_its_owner_is_told_and_can_send_again(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    door = Door({"": TransientFault("no answer")})
    for _ in range(MOST_ATTEMPTS):
        hub.send(transport_of=door)
        hub.later(hours=2)
    assert hub.states() == ["failed"]
    assert alerts(hub) == [("undelivered", "hub-allocation-desk")]
    door.faults.clear()
    hub.send(transport_of=door)
    assert door.came == []
    [one] = hub.dispatches()
    assert deciding.send_again(hub.engine, one.dispatch_id)
    assert not deciding.send_again(hub.engine, one.dispatch_id)
    hub.send(transport_of=door)
    assert hub.way() == ["prepared", "failed", "sent", "delivered"]
    assert alerts(hub) == []


def test_what_waits_for_a_person_is_sent_after_the_approval_alone(hub: Hub) -> None:
    hub.recipient(FORCE, approval=["evidence_package"])
    hub.offer()
    hub.offer(route="urgent")
    hub.prepare()
    door = Door()
    hub.send(transport_of=door)
    assert hub.states() == ["prepared", "delivered"]
    first, second = hub.dispatches()
    with pytest.raises(IllegalMove):
        deciding.approve(hub.engine, second.dispatch_id, decided_by="a.person")
    deciding.approve(hub.engine, first.dispatch_id, decided_by="a.person")
    hub.send(transport_of=door)
    assert hub.way() == ["prepared", "approved", "sent", "delivered"]


def test_a_recipient_that_takes_slowly_leaves_the_others_their_turn(hub: Hub) -> None:
    class Slow(Door):
        def send(self, parcel: Parcel) -> Receipt:
            hub.later(seconds=50)
            return super().send(parcel)

    for _ in range(5):
        hub.offer()
    hub.prepare()
    door = Slow()
    assert hub.send(transport_of=door).taken[FORCE] == 3
    assert hub.send(transport_of=door).taken[FORCE] == 2
    assert hub.states() == ["delivered"] * 5


def test_a_transport_is_closed_also_where_it_has_failed(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    door = Door({"": TransientFault("503")})
    hub.send(transport_of=door)
    assert door.is_closed


def test_what_is_withdrawn_while_it_is_handed_over_is_followed_by_its_withdrawal(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    [one] = hub.dispatches()

    class Slow(Door):
        def send(self, parcel: Parcel) -> Receipt:
            if parcel.document == "package":
                deciding.withdraw(hub.engine, one.dispatch_id, because="no need", decided_by="a.person")
            return super().send(parcel)

    door = Slow()
    hub.send(transport_of=door)
    hub.send(transport_of=door)
    assert hub.way() == ["prepared", "withdrawn"]
    assert door.came == [str(one.dispatch_id), f"{one.dispatch_id}.withdrawal"]


def test_a_dispatch_that_is_withdrawn_before_it_was_sent_is_told_to_nobody(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    [one] = hub.dispatches()
    deciding.withdraw(hub.engine, one.dispatch_id, because="no need", decided_by="a.person")
    door = Door()
    hub.send(transport_of=door)
    assert door.came == []


def test_a_contract_that_cannot_be_used_is_an_alert_and_its_dispatches_wait(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    hub.recipient(FORCE, kind="forse")
    assert "line" in hub.send().problems[FORCE]
    assert (hub.states(), alerts(hub)) == (["prepared"], [("refused_recipient", "hub")])
    hub.recipient(FORCE, kind="force")
    hub.send()
    assert (hub.states(), alerts(hub)) == (["sent"], [])


def test_every_alert_about_dispatches_has_its_words(hub: Hub) -> None:
    assert {"urgent_dispatch", "undelivered", "refused_recipient"} <= KINDS.keys()
    assert hub.send().problems == {}


def test_a_package_that_was_given_up_and_then_withdrawn_is_never_sent_again(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    door = Door({"": PermanentFault("422")})
    hub.send(transport_of=door)
    [one] = hub.dispatches()
    deciding.withdraw(hub.engine, one.dispatch_id, because="wrong force", decided_by="a.person")
    hub.send(transport_of=door)
    door.faults.clear()
    assert not deciding.send_again(hub.engine, UUID(int=7))
    assert deciding.send_again(hub.engine, one.dispatch_id)
    hub.send(transport_of=door)
    assert door.came == [f"{one.dispatch_id}.withdrawal"]


def test_a_package_that_was_answered_while_it_waits_is_not_sent_again(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    door = Door({"": PermanentFault("422")})
    hub.send(transport_of=door)
    [one] = hub.dispatches()
    assert deciding.send_again(hub.engine, one.dispatch_id)
    hub.answer("acknowledged")
    door.faults.clear()
    hub.send(transport_of=Door({"": TransientFault("503")}))
    hub.send(transport_of=door, at_once=True)
    assert door.came == []


def test_an_urgent_one_that_was_refused_goes_before_what_was_never_tried(hub: Hub) -> None:
    hub.offer(is_threat_to_life=True)
    hub.prepare()
    door = Door({"": TransientFault("503")})
    hub.send(transport_of=door)
    hub.offer()
    hub.prepare()
    door.faults.clear()
    hub.send(transport_of=door, at_once=True)
    urgent = next(one for one in hub.dispatches() if one.is_urgent)
    assert door.came[0] == str(urgent.dispatch_id)


def test_a_document_fails_after_attempts_of_its_own_alone(hub: Hub) -> None:
    hub.offer()
    hub.offer()
    hub.prepare()
    door = Door({"": TransientFault("503")})
    while hub.states() == ["prepared", "prepared"]:
        hub.send(transport_of=door)
        hub.later(hours=2)
    assert door.tried == MOST_ATTEMPTS + 1, "the other was tried once, and still waits"
    assert hub.states() == ["failed", "prepared"]


def test_an_approval_that_is_asked_for_after_preparing_holds_what_waits(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    hub.recipient(FORCE, approval="always")
    door = Door()
    hub.send(transport_of=door)
    hub.prepare()
    hub.send(transport_of=door)
    assert hub.states() == ["superseded", "prepared"]
    assert hub.prepare().new == []
    deciding.approve(hub.engine, hub.dispatches()[1].dispatch_id, decided_by="a.person")
    hub.send(transport_of=door)
    assert hub.states() == ["superseded", "delivered"]
    assert len(door.came) == 1


def test_an_answer_by_word_ends_the_alert_of_an_urgent_dispatch(hub: Hub) -> None:
    hub.recipient(FORCE, kind="support_organisation", urgent_routes=["evidence_package"])
    hub.offer()
    [dispatch_id] = hub.prepare().new
    with pytest.raises(IllegalMove):
        deciding.write_down_answer(
            hub.engine, dispatch_id, State.ACCEPTED, because="by telephone", written_by="a.person"
        )
    hub.send()
    with pytest.raises(ValueError, match="no answer makes a dispatch withdrawn"):
        deciding.write_down_answer(hub.engine, dispatch_id, State.WITHDRAWN, because="x", written_by="a.person")
    assert alerts(hub) == [("urgent_dispatch", "hub-allocation-desk")]
    deciding.write_down_answer(hub.engine, dispatch_id, State.ACCEPTED, because="by telephone", written_by="a.person")
    hub.send()
    assert hub.way() == ["prepared", "sent", "accepted"]
    assert alerts(hub) == []
