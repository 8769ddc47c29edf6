"""Moves follow from accepted rows of answers, and each of them once."""

import uuid
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dispatch.conftest import FORCE, PROVIDER, Hub
from dispatch.door import Door
from hub.dispatch import deciding, ledger
from hub.dispatch.ledger import IllegalMove
from hub.dispatch.states import State
from hub.dispatch.transports import PermanentFault
from models.rows import put_delivery


@pytest.fixture
def sent(hub: Hub) -> Hub:
    hub.offer()
    hub.prepare()
    hub.send()
    return hub


def test_a_case_is_followed_to_its_end(sent: Hub) -> None:
    for kind in ("acknowledged", "accepted", "outcome"):
        sent.answer(kind)
        assert sent.send().count_answered == 1
    assert sent.way() == ["prepared", "sent", "acknowledged", "accepted", "closed"]


def test_answers_that_come_together_are_followed_in_the_order_in_which_they_happened(sent: Hub) -> None:
    sent.answer("accepted", happened_at="2026-03-03T12:00:00+01:00")
    sent.answer("acknowledged", happened_at="2026-03-03T10:30:00+00:00")
    sent.send()
    sent.answer("acknowledged", happened_at="2026-03-03T12:00:00Z")
    sent.send()
    assert sent.way() == ["prepared", "sent", "acknowledged", "accepted"]


def test_a_double_and_a_late_answer_change_nothing(sent: Hub) -> None:
    for kind in ("acknowledged", "acknowledged", "returned", "accepted", "acknowledged", "returned"):
        sent.answer(
            kind, response_ref="FR-00000001" if kind == "acknowledged" else f"FR-{uuid.uuid4().hex[:8].upper()}"
        )
        sent.send()
    assert sent.send().count_answered == 0
    assert sent.way() == ["prepared", "sent", "acknowledged", "returned"]


def test_an_outcome_that_is_none_yet_closes_nothing(sent: Hub) -> None:
    sent.answer("outcome", outcome_code="0")
    sent.send()
    assert sent.states() == ["sent"]


def test_an_answer_of_another_force_or_to_another_report_moves_nothing(sent: Hub) -> None:
    sent.answer("accepted", force_code="BTP")
    sent.answer("accepted", incident_ref="TV-99999999")
    sent.send()
    assert sent.states() == ["sent"]


def test_an_answer_from_before_the_dispatch_moves_nothing(hub: Hub) -> None:
    hub.offer()
    hub.change("update publish.incident_evidence_v1 set report_ref = 'TV-00000001'")
    row: dict[str, object] = {
        "response_ref": "FR-00000001",
        "force_code": FORCE,
        "incident_ref": "TV-00000001",
        "kind": "accepted",
    }
    put_delivery(hub.engine, hub.catalogue.contracts["force_responses"], row | {"happened_at": "2026-03-03T10:00:00Z"})
    hub.prepare()
    hub.send()
    assert hub.states() == ["sent"]


def test_answers_to_what_was_prepared_while_a_clock_was_ahead_are_followed(hub: Hub) -> None:
    hub.later(days=2)
    hub.offer()
    hub.prepare()
    hub.send()
    hub.ahead = timedelta()
    for kind in ("acknowledged", "accepted", "outcome"):
        hub.answer(kind)
        hub.send()
    assert hub.way() == ["prepared", "sent", "acknowledged", "accepted", "closed"]


def test_what_ended_while_a_clock_was_ahead_has_ended(two_about_one_report: Hub) -> None:
    two_about_one_report.answer("outcome", number=2)
    two_about_one_report.later(days=2)
    two_about_one_report.send()
    two_about_one_report.ahead = timedelta()
    two_about_one_report.answer("acknowledged")
    two_about_one_report.send()
    assert two_about_one_report.states() == ["acknowledged", "closed"]


def test_a_withdrawn_delivery_answers_nothing(sent: Hub) -> None:
    delivery_id = sent.answer("accepted")
    sent.change("update ledger.deliveries set status = 'withdrawn' where delivery_id = :one", one=delivery_id)
    sent.send()
    assert sent.states() == ["sent"]


def test_of_two_dispatches_about_one_report_the_one_that_is_named_is_answered(hub: Hub) -> None:
    hub.offer()
    hub.offer()
    hub.change("update publish.incident_evidence_v1 set report_ref = 'TV-00000001'")
    hub.prepare()
    hub.send()
    hub.answer("acknowledged", allocation_ref="AL-00000001")
    hub.send()
    assert hub.states() == ["acknowledged", "sent"]
    hub.answer("acknowledged")
    hub.send()
    assert hub.states() == ["acknowledged", "acknowledged"], "an answer that names none is about the latest"


def test_an_answer_to_what_failed_proves_that_it_came(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    hub.change("update ledger.dispatch_sends set attempts = 100")
    hub.recipient(FORCE, transport={"kind": "folder", "folder": "/nowhere/at/all"})
    hub.send()
    assert hub.states() == ["failed"]
    hub.answer("acknowledged")
    hub.send()
    assert hub.way() == ["prepared", "failed", "acknowledged"]


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("acknowledged", "acknowledged"),
        ("content_removed", "closed"),
        ("more_information_needed", "returned"),
        ("content_restored", "sent"),
    ],
)
def test_a_provider_answers_by_report_and_route(hub: Hub, kind: str, state: str) -> None:
    hub.offer("provider", PROVIDER)
    hub.prepare()
    hub.send()
    fields = hub.package(code=PROVIDER)["answer"]["fields"]
    said = {"response_ref": "PR-00000001", "kind": kind, "happened_at": "2026-03-03T10:00:00+00:00"}
    put_delivery(
        hub.engine, hub.catalogue.contracts["provider_responses"], {**said, **fields, "referral_route": "user_flag"}
    )
    hub.send()
    assert hub.states() == ["sent"]
    put_delivery(hub.engine, hub.catalogue.contracts["provider_responses"], {**said, **fields})
    hub.send()
    assert hub.states() == [state]


def test_the_proof_of_a_move_is_the_place_of_the_answer_and_none_of_its_words(sent: Hub) -> None:
    delivery_id = sent.answer("returned", reason="Robin Sample lives elsewhere", response_ref="FR-00000009")
    sent.send()
    with sent.engine.connect() as connection:
        proofs = connection.exec_driver_sql("select actor, proof from ledger.dispatch_moves order by move_number").all()
    assert tuple(proofs[-1]) == (FORCE, f"force_responses FR-00000009 (returned), row 1 of delivery {delivery_id}")


def test_an_answer_that_was_loaded_before_a_new_version_is_kept(sent: Hub) -> None:
    sent.answer("accepted")
    sent.change("update publish.allocations_v1 set reason = 'Another reason'")
    sent.prepare()
    assert sent.way() == ["prepared", "sent", "accepted", "superseded"]


def test_an_answer_to_an_earlier_version_is_about_the_one_that_took_its_place(hub: Hub) -> None:
    allocation = hub.offer()
    hub.prepare()
    hub.send()
    hub.report(allocation)
    hub.change(
        "update publish.incident_evidence_v1 set reported_at = reported_at - interval '1 day' where row_number = 2"
    )
    hub.prepare()
    hub.send()
    first, second = hub.dispatches()
    assert first.report_ref != second.report_ref
    hub.answer("acknowledged", allocation_ref=first.allocation_ref, incident_ref=first.report_ref)
    hub.answer("accepted", incident_ref=first.report_ref)
    hub.send()
    assert hub.way(2) == ["prepared", "sent", "acknowledged", "accepted"]


@pytest.fixture
def two_about_one_report(hub: Hub) -> Hub:
    hub.offer()
    hub.offer()
    hub.change("update publish.incident_evidence_v1 set report_ref = 'TV-00000001'")
    hub.prepare()
    hub.send()
    return hub


@pytest.mark.parametrize("named", ["AL-00000002", None])
def test_an_answer_moves_one_dispatch_also_after_that_has_ended(two_about_one_report: Hub, named: str | None) -> None:
    two_about_one_report.answer("outcome", number=2, allocation_ref=named)
    two_about_one_report.answer("acknowledged", number=2, allocation_ref=named, happened_at="2026-03-09T10:00:00Z")
    for _ in range(2):
        two_about_one_report.send()
        assert two_about_one_report.states() == ["sent", "closed"]


def test_an_answer_whose_references_disagree_is_about_its_report_as_in_the_build(sent: Hub) -> None:
    sent.offer()
    sent.prepare()
    sent.send()
    sent.answer("accepted", number=2, allocation_ref="AL-00000001")
    sent.send()
    assert sent.states() == ["sent", "accepted"]


def test_a_dispatch_that_a_person_moves_while_answers_are_followed_stops_no_other(
    sent: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent.offer()
    sent.prepare()
    sent.send()
    sent.answer("accepted", number=1)
    sent.answer("accepted", number=2)
    legal_moves = ledger.legal_moves

    def moved_meanwhile(connection: sa.Connection) -> set[tuple[State, State, bool]]:
        with suppress(IllegalMove):
            first = sent.dispatches()[0].dispatch_id
            deciding.write_down_answer(sent.engine, first, State.RETURNED, because="x", written_by="a.person")
        return legal_moves(connection)

    monkeypatch.setattr(ledger, "legal_moves", moved_meanwhile)
    sent.send()
    assert sent.states() == ["returned", "accepted"]


def test_a_recipient_abroad_answers_as_its_package_says(hub: Hub) -> None:
    claims = [{"target_kind": "other_country", "target_code": "ABROAD"}]
    hub.recipient(FORCE, allocations=claims)
    hub.offer("other_country", "ABROAD")
    hub.prepare()
    hub.send()
    assert hub.package()["answer"]["fields"]["force_code"] == "ABROAD"
    hub.answer("accepted")
    hub.send()
    assert hub.states() == ["accepted"]


def test_a_package_that_is_answered_before_it_is_sent_again_waits_no_more(hub: Hub) -> None:
    """Its recipient had taken it, and the answer to that was lost."""
    hub.offer()
    hub.prepare()
    hub.send(transport_of=Door({"": PermanentFault("refused")}))
    [one] = hub.dispatches()
    assert deciding.send_again(hub.engine, one.dispatch_id)
    deciding.write_down_answer(hub.engine, one.dispatch_id, State.ACCEPTED, because="by telephone", written_by="ann")
    assert hub.way() == ["prepared", "failed", "accepted"]
    with hub.engine.connect() as connection:
        states = "select state, count(*) from ledger.dispatch_sends group by state"
        assert connection.execute(sa.text(states)).all() == [("dropped", 1)]
