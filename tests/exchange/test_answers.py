"""An answer at the exchange is a delivery like any other, of the recipient's own dispatch alone."""

import json
from pathlib import Path
from typing import Any

import httpx2

from dispatch.conftest import FORCE, PROVIDER
from exchange.conftest import OTHER_FORCE, Exchange
from hub.dispatch import deciding
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery

ACKNOWLEDGED = {"kind": "acknowledged", "happened_at": "2026-03-03T10:00:00+00:00"}
OUTCOMES = "/v1/deliveries"


def answer(exchange: Exchange, token: str, dispatch_id: object, **said: Any) -> httpx2.Response:
    return exchange.post(token, f"/v1/dispatches/{dispatch_id}/answers", json={**ACKNOWLEDGED, **said})


def dropped(exchange: Exchange, feed: str = "force_responses") -> list[Path]:
    return sorted((exchange.hub.settings.drop / feed).iterdir())


def ingest(exchange: Exchange, feed: str = "force_responses") -> None:
    """Take in what lies in the drop folder of a feed, and follow it."""
    settings, engine, contract = exchange.hub.settings, exchange.hub.engine, exchange.hub.catalogue.contracts[feed]
    for receipt in collect_files(settings, engine, contract, dropped(exchange, feed)):
        ingest_delivery(settings, engine, contract, receipt.delivery_id)
    for path in dropped(exchange, feed):
        path.unlink()
    exchange.hub.send()


def test_a_force_accepts_and_tells_the_outcome_and_the_dispatch_follows(exchange: Exchange) -> None:
    dispatch_id, token = exchange.offered(), exchange.token().token
    accepted = answer(exchange, token, dispatch_id, kind="accepted", officer_name="Officer Sample")
    assert accepted.status_code == 202
    outcome = f"{OUTCOMES}/{accepted.json()['delivery_id']}"
    assert exchange.get(token, outcome).json()["status"] == "waiting"
    ingest(exchange)
    said = exchange.get(token, outcome).json()
    assert (said["status"], said["rows_accepted"], said["faults"]) == ("loaded", 1, [])
    answer(exchange, token, dispatch_id, kind="outcome", outcome_code="1", happened_at="2026-03-04T10:00:00+00:00")
    ingest(exchange)
    assert exchange.hub.way() == ["prepared", "sent", "accepted", "closed"]


def test_a_provider_answers_by_its_own_contract(exchange: Exchange) -> None:
    dispatch_id, token = exchange.offered("provider", PROVIDER), exchange.token(PROVIDER).token
    assert answer(exchange, token, dispatch_id, kind="content_removed").status_code == 202
    ingest(exchange, "provider_responses")
    assert exchange.hub.way() == ["prepared", "sent", "closed"]


def test_the_same_answer_again_has_the_first_receipt_and_lies_there_once(exchange: Exchange) -> None:
    dispatch_id, token = exchange.offered(), exchange.token().token
    first, again = (answer(exchange, token, dispatch_id) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json()
    assert len(dropped(exchange)) == 1
    ingest(exchange)
    assert answer(exchange, exchange.token().token, dispatch_id).json() == first.json(), "with another token, too"
    assert dropped(exchange) == []
    other = answer(exchange, token, dispatch_id, kind="accepted")
    assert other.json()["delivery_id"] != first.json()["delivery_id"]


BROKEN: tuple[tuple[dict[str, Any], tuple[str | None, str]], ...] = (
    ({"kind": "returned"}, ("reason", "reason.given")),
    ({"kind": "transferred"}, ("transferred_to_force_code", "transferred_to_force_code.given")),
    ({"kind": "outcome", "outcome_code": "99"}, ("outcome_code", "outcome_code.known")),
    ({"kind": "Robin Sample"}, ("kind", "kind.known")),
    ({"happened_at": "Robin Sample"}, ("happened_at", "happened_at.type")),
    ({"happened_at": None}, ("happened_at", "happened_at.required")),
    ({"reason": "Robin\x01Sample"}, ("reason", "reason.text")),
    ({"force_code": "Robin Sample"}, (None, "unknown_field")),
    ({"Robin Sample": "x"}, (None, "unknown_field")),
    ({"Robin Sample": 5}, ("body", "string_type")),
    ({"reason": ["Robin Sample"]}, ("body.reason", "string_type")),
)


def test_what_breaks_the_contract_is_told_by_field_and_rule_and_never_by_value(exchange: Exchange) -> None:
    token, dispatch_id = exchange.token().token, exchange.offered()
    for said, rule in BROKEN:
        wrong = answer(exchange, token, dispatch_id, **said)
        assert wrong.status_code == 422
        assert wrong.headers["content-type"] == "application/problem+json"
        assert rule in [(one["field"], one["rule"]) for one in wrong.json()["faults"]]
        assert "Robin" not in json.dumps(wrong.json())
    assert not (exchange.hub.settings.drop / "force_responses").exists()


def test_nobody_answers_for_somebody_else(exchange: Exchange) -> None:
    dispatch_id = exchange.offered()
    for code in (OTHER_FORCE, PROVIDER):
        assert answer(exchange, exchange.token(code).token, dispatch_id).status_code == 404
    assert not (exchange.hub.settings.drop / "force_responses").exists()


def test_two_forces_that_say_the_same_have_references_of_their_own(exchange: Exchange) -> None:
    for code in (FORCE, OTHER_FORCE):
        dispatch_id = exchange.offered(target_code=code)
        assert answer(exchange, exchange.token(code).token, dispatch_id).status_code == 202
    ingest(exchange)
    with exchange.hub.engine.connect() as connection:
        kept = connection.exec_driver_sql("select force_code, response_ref from raw.force_responses order by 1").all()
    assert [one.force_code for one in kept] == [FORCE, OTHER_FORCE]
    assert kept[0].response_ref != kept[1].response_ref


def test_an_answer_that_comes_too_late_is_told_so(exchange: Exchange) -> None:
    dispatch_id, token = exchange.offered(), exchange.token().token
    deciding.withdraw(exchange.hub.engine, dispatch_id, because="it was a test", decided_by="a person")
    late = answer(exchange, token, dispatch_id)
    assert late.status_code == 409
    assert [one["rule"] for one in late.json()["faults"]] == ["kind.in_time"]


def test_a_receipt_is_its_recipients_own(exchange: Exchange) -> None:
    dispatch_id, token = exchange.offered(), exchange.token().token
    receipt = answer(exchange, token, dispatch_id).json()
    stranger = exchange.token(OTHER_FORCE).token
    assert exchange.get(stranger, f"{OUTCOMES}/{receipt['delivery_id']}").status_code == 404
