"""What the DAGs of dispatches do: each dispatch is asked about once, and what a person decides is carried out once."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from dispatch.conftest import FORCE, Hub, hub
from dispatch.door import Door
from hub.dispatch import ledger
from hub.dispatch.rounds import NotPrepared
from hub.dispatch.states import State
from hub.dispatch.transports import PermanentFault
from hub.notifications.kinds import KINDS
from hub.orchestration import approvals, dispatching, watching
from hub.orchestration.approvals import Question
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

__all__ = ["hub"]


def ask(hub: Hub, *, asks_again: bool = False) -> dict[str, Any]:
    about, _ = dispatching.describe(hub.settings, asks_again=asks_again)
    with open_warehouse(hub.settings, Role.LOADER).begin() as connection:
        approvals.keep_question(connection, Question(uuid4(), dispatching.DAG_ID, f"run {uuid4()}", None, about))
    return about


@pytest.fixture
def waiting(hub: Hub) -> Hub:
    """Two dispatches, one of which waits for a person."""
    hub.recipient(FORCE, approval=["transfer"])
    hub.offer()
    hub.offer(route="transfer")
    assert dispatching.prepare_and_send(hub.settings) | {"problems": {}} == {
        "new": 2, "withdrawn": 0, "not_sent": 0, "taken": {FORCE: 1, "x": 0}, "problems": {},
        "count_delivered": 0, "count_answer_files": 0, "count_answered": 0, "count_links": 0,
    }  # fmt: skip
    return hub


def test_what_can_be_prepared_is_sent_where_something_else_cannot(hub: Hub) -> None:
    hub.offer()
    hub.offer()
    hub.change("update publish.incidents_v1 set count_reports = 0 where incident_id = :id", id=UUID(int=16))
    with pytest.raises(NotPrepared):
        dispatching.prepare_and_send(hub.settings)
    assert hub.states() == ["sent"]


def test_what_is_urgent_is_sent_before_anything_else_is_prepared(hub: Hub) -> None:
    hub.offer()
    hub.offer(is_threat_to_life=True)
    hub.offer()
    done = dispatching.prepare_and_send(hub.settings)
    assert (done["new"], done["taken"][FORCE]) == (3, 3)
    urgent, *others = hub.dispatches()
    assert urgent.is_urgent
    with hub.engine.connect() as connection:
        moves = ledger.moves_of(connection, urgent.dispatch_id)
    [sent] = [one.at for one in moves if one.to_state is State.SENT]
    assert sent < min(one.prepared_at for one in others)
    assert hub.states() == ["sent"] * 3
    assert dispatching.prepare_and_send(hub.settings)["new"] == 0


def test_an_urgent_one_that_cannot_be_prepared_keeps_no_other_back(hub: Hub) -> None:
    for is_threat in (True, True, False):
        hub.offer(is_threat_to_life=is_threat)
    hub.change("update publish.incidents_v1 set count_reports = 0 where incident_id = :id", id=UUID(int=16))
    with pytest.raises(NotPrepared, match="of 1 allocations"):
        dispatching.prepare_and_send(hub.settings)
    assert [(one.is_urgent, one.state) for one in hub.dispatches()] == [(True, State.SENT), (False, State.SENT)]


def test_what_a_publish_no_longer_has_is_withdrawn_beside_something_urgent(hub: Hub) -> None:
    gone = hub.offer()
    dispatching.prepare_and_send(hub.settings)
    hub.change("delete from publish.allocations_v1 where allocation_id = :id", id=gone)
    hub.offer(is_threat_to_life=True)
    done = dispatching.prepare_and_send(hub.settings)
    assert (done["new"], done["withdrawn"]) == (1, 1)
    assert hub.states() == ["withdrawn", "sent"]


def test_a_dispatch_is_asked_about_once_unless_a_person_starts_the_run(waiting: Hub) -> None:
    first = ask(waiting)
    assert len(first["dispatch_ids"]) == 1
    with pytest.raises(dispatching.NothingToDecide):
        ask(waiting)
    assert ask(waiting, asks_again=True) == first
    waiting.offer(route="transfer")
    dispatching.prepare_and_send(waiting.settings)
    assert ask(waiting)["dispatch_ids"] != first["dispatch_ids"]


@pytest.mark.parametrize(("is_approved", "state"), [(True, "sent"), (False, "withdrawn")])
def test_what_the_person_decides_is_carried_out_once(waiting: Hub, is_approved: bool, state: str) -> None:
    about = ask(waiting)
    for count in (1, 0):
        done = dispatching.carry_out(
            waiting.settings, **about, is_approved=is_approved, because="not needed", decided_by="another"
        )
        assert count in done.values()
    assert waiting.states() == ["sent", state]
    with waiting.engine.connect() as connection:
        query = "select count(*) from ledger.dispatch_moves where actor = 'another'"
        assert connection.scalar(sa.text(query)) == 1


def test_the_watch_keeps_the_alerts_of_dispatches_open(hub: Hub) -> None:
    hub.offer(is_threat_to_life=True)
    dispatching.prepare_and_send(hub.settings)
    assert watching.watch(hub.settings)["urgent_dispatch"] == 1
    assert watching.watch(hub.settings)["urgent_dispatch"] == 1
    assert "urgent_dispatch" in KINDS
    assert datetime.now(UTC) > hub.dispatches()[0].prepared_at


def test_a_dispatch_that_another_person_takes_back_is_withdrawn_and_its_recipient_told(hub: Hub) -> None:
    hub.offer()
    dispatching.prepare_and_send(hub.settings)
    [one] = hub.dispatches()
    about, text = dispatching.describe_withdrawal(hub.settings, str(one.dispatch_id), "it is a test case")
    assert one.allocation_ref in text
    for count in (1, 0):
        assert dispatching.withdraw(hub.settings, **about, decided_by="another")["withdrawn"] == count
    assert hub.states() == ["withdrawn"]
    assert list((hub.settings.pickup_folder / FORCE).glob("*.withdrawal.json"))
    with pytest.raises(dispatching.NothingToDecide, match="is withdrawn"):
        dispatching.describe_withdrawal(hub.settings, str(one.dispatch_id), "it is a test case")
    with pytest.raises(dispatching.NothingToDecide, match="there is no dispatch"):
        dispatching.describe_withdrawal(hub.settings, str(uuid4()), "it is a test case")


def test_a_person_pauses_a_recipient_and_what_has_waited_goes_as_it_is_resumed(hub: Hub) -> None:
    dispatching.pause(hub.settings, FORCE, because="their server is mended", decided_by="operator")
    hub.offer()
    dispatching.prepare_and_send(hub.settings)
    assert hub.states() == ["prepared"]
    assert watching.watch(hub.settings)["paused_recipient"] == 1
    assert "paused_recipient" in KINDS
    with pytest.raises(dispatching.NothingToDecide, match="is paused already"):
        dispatching.pause(hub.settings, FORCE, because="their server is mended", decided_by="operator")
    with pytest.raises(dispatching.NothingToDecide, match="there is no recipient nobody"):
        dispatching.pause(hub.settings, "nobody", because="their server is mended", decided_by="operator")
    assert dispatching.resume(hub.settings, FORCE, decided_by="operator")["taken"][FORCE] == 1
    assert hub.states() == ["sent"]
    with pytest.raises(dispatching.NothingToDecide, match="was not paused"):
        dispatching.resume(hub.settings, FORCE, decided_by="operator")


def test_what_was_given_up_is_sent_again_when_a_person_asks_for_it(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    hub.send(transport_of=Door({"": PermanentFault("the webhook refuses it: HTTP 422")}))
    [one] = hub.dispatches()
    assert hub.states() == ["failed"]
    assert dispatching.send_again(hub.settings, str(one.dispatch_id))["taken"][FORCE] == 1
    assert hub.states() == ["sent"]
    with pytest.raises(dispatching.NothingToDecide, match="was given up"):
        dispatching.send_again(hub.settings, str(one.dispatch_id))
