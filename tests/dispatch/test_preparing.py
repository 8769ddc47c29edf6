"""Which dispatches there are for what is published."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dispatch.conftest import FORCE, PROVIDER, Hub
from hub.dispatch import deciding, ledger, outbox
from hub.dispatch.preparing import NOT_AGREED, left_out
from hub.dispatch.recipients import read_recipients
from hub.dispatch.rounds import NotPrepared
from hub.dispatch.states import State


def decide(hub: Hub, number: int, state: State = State.WITHDRAWN) -> None:
    [one] = [one for one in hub.dispatches() if one.number == number]
    with hub.engine.begin() as connection:
        if state is State.WITHDRAWN:
            outbox.withdraw(connection, one, hub.now(), actor="a.person", because="no need")
        else:
            ledger.move(connection, one.dispatch_id, state, at=hub.now(), actor="a.person", proof="read")


def test_the_same_publish_prepared_twice_gives_nothing_new(hub: Hub) -> None:
    hub.offer()
    hub.offer("provider", PROVIDER)
    first = hub.prepare()
    assert len(first.new) == 2
    assert hub.prepare().new == []
    assert hub.states() == ["prepared", "prepared"]


def test_a_time_that_moves_makes_no_new_version_and_a_new_report_does(hub: Hub) -> None:
    allocation = hub.offer()
    [first] = hub.prepare().new
    hub.change("update publish.allocations_v1 set allocated_at = allocated_at - interval '1 day', due_at = now()")
    assert hub.prepare().new == []
    hub.report(allocation)
    assert len(hub.prepare().new) == 1
    assert hub.states() == ["superseded", "prepared"]
    assert hub.dispatches()[1].supersedes == first
    hub.send()
    assert hub.package()["dispatch"]["supersedes"] is None, "its recipient never had the first"


def test_a_package_names_the_newest_one_before_it_that_was_handed_over(hub: Hub) -> None:
    allocation = hub.offer()
    [first] = hub.prepare().new
    hub.send()
    for _ in range(2):
        hub.report(allocation)
        hub.prepare()
    hub.send()
    assert hub.states() == ["superseded", "superseded", "sent"]
    assert [hub.package()["dispatch"]["supersedes"]] == [str(first)]
    hub.recipient(FORCE, transport={"kind": "folder", "folder": "/nowhere/at/all"})
    hub.report(allocation)
    [not_taken] = hub.prepare().new
    hub.send()
    hub.recipient(FORCE, transport={"kind": "folder", "folder": FORCE})
    hub.report(allocation)
    hub.prepare()
    hub.send()
    assert [hub.package()["dispatch"]["supersedes"]] == [str(not_taken)], "whether it came, nobody knows"


def test_an_allocation_of_which_no_package_can_be_made_holds_up_no_other(hub: Hub) -> None:
    first = hub.offer()
    hub.prepare()
    hub.offer()
    hub.report(first)
    hub.change("update publish.incidents_v1 set count_reports = 0 where incident_id = :id", id=uuid.UUID(int=16))
    with pytest.raises(NotPrepared, match=f"of {first}: events/0/count_reports breaks the schema's rule"):
        hub.prepare()
    assert hub.states() == ["prepared", "prepared"]
    hub.change("update publish.incidents_v1 set count_reports = 2")
    assert len(hub.prepare().new) == 2
    assert hub.states() == ["superseded", "superseded", "prepared", "prepared"]


def test_content_that_is_again_as_it_once_was_is_a_dispatch_of_its_own(hub: Hub) -> None:
    hub.offer()
    ids = [*hub.prepare().new]
    for reason in ("Another reason", "The force to which the best evidence points"):
        hub.change("update publish.allocations_v1 set reason = :reason", reason=reason)
        ids += hub.prepare().new
    assert len(set(ids)) == 3
    assert hub.states() == ["superseded", "superseded", "prepared"]


def test_an_allocation_that_is_gone_is_withdrawn_and_sent_anew_when_it_is_back(hub: Hub) -> None:
    hub.offer()
    gone = hub.offer()
    hub.prepare()
    hub.change("create table raw.kept as select * from publish.allocations_v1 where allocation_id = :gone", gone=gone)
    hub.change("delete from publish.allocations_v1 where allocation_id = :gone", gone=gone)
    assert hub.prepare().count_withdrawn == 1
    assert hub.prepare().count_withdrawn == 0
    assert hub.states() == ["prepared", "withdrawn"]
    hub.change("insert into publish.allocations_v1 select * from raw.kept")
    assert len(hub.prepare().new) == 1
    assert hub.states() == ["prepared", "withdrawn", "prepared"]


def test_what_a_person_has_withdrawn_stays_so_until_there_is_more_to_say(hub: Hub) -> None:
    allocation = hub.offer()
    hub.prepare()
    decide(hub, 1)
    assert hub.prepare().new == []
    hub.report(allocation)
    assert len(hub.prepare().new) == 1


def test_no_person_decides_under_the_name_of_the_hub(hub: Hub) -> None:
    hub.offer()
    [dispatch_id] = hub.prepare().new
    with pytest.raises(deciding.NoPerson):
        deciding.withdraw(hub.engine, dispatch_id, because="not theirs", decided_by="hub")
    with pytest.raises(deciding.NoPerson):
        deciding.approve(hub.engine, dispatch_id, decided_by="hub")
    assert hub.states() == ["prepared"]


def test_a_recipient_that_has_a_package_is_told_that_it_is_withdrawn(hub: Hub) -> None:
    hub.offer()
    hub.offer()
    hub.prepare()
    hub.send()
    hub.change("delete from publish.allocations_v1 where allocation_id = (select min(allocation_id::text)::uuid"
               " from publish.allocations_v1)")  # fmt: skip
    hub.prepare()
    hub.send()
    assert sorted(hub.states()) == ["sent", "withdrawn"]
    [told] = [path for path in hub.files() if path.name.endswith(".withdrawal.json")]
    assert "no longer has the allocation" in told.read_text()


def test_an_allocation_that_goes_to_another_recipient_is_withdrawn_from_the_first(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    hub.send()
    hub.change("update publish.allocations_v1 set target_kind = 'provider', target_code = 'x'")
    assert len(hub.prepare().new) == 1
    hub.send()
    assert hub.states() == ["withdrawn", "sent"]
    assert len(hub.files(PROVIDER)) == 1
    assert hub.dispatches()[1].supersedes is not None
    said = hub.package(code=PROVIDER)["dispatch"]
    assert said["supersedes"] is None, "what another recipient had is none of its business"


@pytest.mark.parametrize("was_sent", [True, False])
def test_an_allocation_that_goes_to_one_without_a_contract_is_withdrawn(hub: Hub, was_sent: bool) -> None:
    hub.offer()
    hub.prepare()
    if was_sent:
        hub.send()
    hub.change("update publish.allocations_v1 set publish_id = 2, target_code = 'E23000003'")
    prepared = hub.prepare()
    assert (prepared.count_withdrawn, prepared.left_out.total()) == (1, 1)
    hub.send()
    assert hub.states() == ["withdrawn"]
    assert [path.name.endswith(".withdrawal.json") for path in hub.files()] == [True] * was_sent


def test_what_is_answered_or_closed_already_is_not_sent(hub: Hub) -> None:
    hub.offer(acknowledged_at="2026-03-03T09:00:00Z")
    hub.offer(closed_at="2026-03-03T09:00:00Z")
    hub.offer("hub_desk", "hub_desk")
    assert hub.prepare().new == []


def test_a_case_that_closes_before_it_was_sent_is_withdrawn_and_one_that_was_sent_is_closed(hub: Hub) -> None:
    hub.recipient(FORCE, approval=["transfer"])
    hub.offer(route="transfer")
    hub.offer()
    hub.prepare()
    hub.send()
    hub.change("update publish.allocations_v1 set closed_at = now(), status = 'completed'")
    hub.prepare()
    assert hub.states() == ["withdrawn", "closed"]


def test_an_allocation_without_a_recipient_is_listed(hub: Hub) -> None:
    hub.offer("force", "BTP")
    hub.offer("force", "BTP", route="urgent")
    hub.recipient(FORCE, valid_from="2026-04-01")
    hub.offer()
    expected = {
        ("force", "BTP", "evidence_package", "no recipient"): 1,
        ("force", "BTP", "urgent", "no recipient"): 1,
        ("force", FORCE, "evidence_package", "before its recipient's contract"): 1,
    }
    assert hub.prepare().left_out == expected
    with hub.engine.connect() as connection:
        assert left_out(connection, read_recipients(hub.settings.recipients)) == expected


def test_what_was_sent_before_a_contract_changed_or_broke_is_not_said_to_go_to_nobody(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    hub.send()
    for change in ({"valid_from": "2030-01-01"}, {"transport": {"kind": "pigeon"}}):
        hub.recipient(FORCE, **change)
        with hub.engine.connect() as connection:
            assert left_out(connection, read_recipients(hub.settings.recipients)) == {}
        assert hub.prepare().left_out == {}
    assert hub.states() == ["sent"]


def test_what_rests_on_simulated_samples_goes_to_those_alone_who_are_for_trying(hub: Hub) -> None:
    hub.offer()
    hub.change("update publish.incident_evidence_v1 set is_simulated = true")
    assert list(hub.prepare().left_out) == [("force", FORCE, "evidence_package", "rests on simulated samples")]
    hub.recipient(FORCE, takes_simulated=True)
    hub.prepare()
    hub.send()
    assert hub.package()["dispatch"]["is_simulated"] is True


def test_a_hub_that_has_published_nothing_has_nothing_to_send(hub: Hub) -> None:
    hub.change("drop table publish.incident_evidence_v1 cascade")
    assert hub.prepare().new == []


@pytest.mark.parametrize(
    ("said", "is_urgent"), [({"is_threat_to_life": True}, True), ({"route": "urgent"}, True), ({}, False)]
)
def test_a_threat_to_life_or_an_urgent_route_makes_a_dispatch_urgent(
    hub: Hub, said: dict[str, Any], is_urgent: bool
) -> None:
    hub.recipient(FORCE, urgent_routes=["urgent"])
    hub.offer(**said)
    hub.prepare()
    assert [one.is_urgent for one in hub.dispatches()] == [is_urgent]


def test_ids_are_the_same_in_a_hub_that_was_restored(hub: Hub) -> None:
    hub.offer()
    first = hub.prepare().new
    hub.change("truncate ledger.dispatch_sends")
    hub.change("alter table ledger.dispatch_moves disable trigger only_ever_added")
    hub.change("truncate ledger.dispatches cascade")
    assert hub.prepare().new == first
    assert all(isinstance(one, uuid.UUID) for one in first)


def test_a_contract_and_its_codes_begin_with_a_day_in_london(hub: Hub) -> None:
    code = {"list": "strand", "ours": "race", "theirs": "R1", "valid_from": "2050-07-01"}
    hub.recipient(FORCE, valid_from="2050-07-01", codes=[code])
    half_past_midnight = datetime(2050, 6, 30, 23, 30, tzinfo=UTC)
    hub.offer(allocated_at=half_past_midnight - timedelta(hours=1))
    hub.offer(allocated_at=half_past_midnight)
    hub.ahead = half_past_midnight - hub.now()
    prepared = hub.prepare()
    assert (len(prepared.new), prepared.left_out.total()) == (1, 1)
    hub.send()
    assert [one["theirs"] for one in hub.package()["codes"]] == ["R1"]


@pytest.mark.parametrize("comes_by", ["a report", "the contract"])
def test_a_dispatch_that_comes_to_rest_on_simulated_samples_is_withdrawn(hub: Hub, comes_by: str) -> None:
    allocation = hub.offer()
    if comes_by == "the contract":
        hub.recipient(FORCE, takes_simulated=True)
        hub.change("update publish.incident_evidence_v1 set is_simulated = true")
    hub.prepare()
    hub.send()
    if comes_by == "a report":
        hub.report(allocation)
        hub.change("update publish.incident_evidence_v1 set is_simulated = row_number = 2")
    hub.recipient(FORCE, takes_simulated=None)
    prepared = hub.prepare()
    hub.send()
    assert (hub.states(), prepared.left_out.total()) == (["withdrawn"], 1)
    assert hub.prepare().new == []


def test_the_last_allocation_of_all_is_withdrawn_when_it_is_gone(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    hub.send()
    hub.change("delete from publish.allocations_v1")
    assert hub.prepare().count_withdrawn == 1
    hub.change("alter table publish.incident_evidence_v1 rename to nothing")
    assert hub.prepare().count_withdrawn == 0


def test_what_may_not_be_shared_outside_the_police_goes_to_the_force_alone(hub: Hub) -> None:
    allocation = hub.offer("provider", PROVIDER)
    hub.prepare()
    hub.offer()
    hub.change("update publish.incidents_v1 set is_consented_share_anonymised = false")
    prepared = hub.prepare()
    assert (len(prepared.new), prepared.count_withdrawn) == (1, 1)
    assert prepared.left_out == {("provider", PROVIDER, "priority_flagger", NOT_AGREED): 1}
    assert hub.states() == ["withdrawn", "prepared"]
    hub.change("update publish.incidents_v1 set is_consented_share_anonymised = true")
    assert len(hub.prepare().new) == 1
    assert [one.allocation_id for one in hub.dispatches()].count(allocation) == 2
