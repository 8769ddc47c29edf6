"""Recipients list and fetch what was sent to them, and nothing else."""

import base64
import hashlib
import io
import json
import uuid

import pytest
from pypdf import PdfReader

from dispatch.conftest import FORCE, PROVIDER
from exchange.conftest import OTHER_FORCE, Exchange
from hub.dispatch import deciding, ledger, outbox

LIST = "/v1/dispatches"


def test_a_package_that_is_fetched_is_delivered_and_opened_with_its_hash_for_proof(exchange: Exchange) -> None:
    dispatch_id = exchange.offered()
    token = exchange.token()
    assert exchange.hub.way() == ["prepared", "sent"]
    [listed] = exchange.get(token.token, LIST).json()["dispatches"]
    assert (listed["dispatch_id"], listed["state"]) == (str(dispatch_id), "sent")
    assert exchange.hub.states() == ["sent"], "to look at the list is no receipt"
    fetched = exchange.get(token.token, f"{LIST}/{dispatch_id}")
    with exchange.hub.engine.connect() as connection:
        assert fetched.text == ledger.package_of(connection, dispatch_id)
        moves = ledger.moves_of(connection, dispatch_id)
    digest = hashlib.sha256(fetched.content)
    assert [(one.to_state, one.actor) for one in moves[2:]] == [("delivered", FORCE), ("opened", FORCE)]
    assert all(digest.hexdigest() in one.proof and str(token.token_id) in one.proof for one in moves[2:])
    assert fetched.headers["content-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert exchange.get(token.token, f"{LIST}/{dispatch_id}").content == fetched.content
    assert exchange.hub.way() == ["prepared", "sent", "delivered", "opened"], "fetched again, nothing new"


def test_a_package_that_is_fetched_as_a_pdf_is_delivered_and_opened_too(exchange: Exchange) -> None:
    dispatch_id, token = exchange.offered(), exchange.token().token
    fetched = exchange.get(token, f"{LIST}/{dispatch_id}/pdf")
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "application/pdf")
    words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(fetched.content)).pages)
    assert str(dispatch_id) in words
    digest = hashlib.sha256(fetched.content)
    assert fetched.headers["content-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert exchange.hub.way() == ["prepared", "sent", "delivered", "opened"]
    with exchange.hub.engine.connect() as connection:
        assert digest.hexdigest() in ledger.moves_of(connection, dispatch_id)[-1].proof
    deciding.withdraw(exchange.hub.engine, dispatch_id, because="it was a test", decided_by="a person")
    told = PdfReader(io.BytesIO(exchange.get(token, f"{LIST}/{dispatch_id}/pdf").content)).pages[0].extract_text()
    assert "it was a test" in told


def test_another_recipients_dispatch_is_answered_as_one_that_is_not(exchange: Exchange) -> None:
    dispatch_id = exchange.offered()
    for code in (OTHER_FORCE, PROVIDER):
        stranger = exchange.token(code).token
        assert exchange.get(stranger, LIST).json() == {"dispatches": [], "next": None}
        theirs, none = (exchange.get(stranger, f"{LIST}/{one}") for one in (dispatch_id, uuid.UUID(int=7)))
        assert theirs.status_code == none.status_code == 404
        assert theirs.content == none.content
    assert exchange.hub.states() == ["sent"]


def test_what_has_not_left_the_hub_is_not_there_to_be_fetched(exchange: Exchange) -> None:
    exchange.hub.recipient(FORCE, approval="always")
    dispatch_id = exchange.offered()
    token = exchange.token().token
    assert exchange.get(token, LIST).json()["dispatches"] == []
    assert exchange.get(token, f"{LIST}/{dispatch_id}").status_code == 404
    deciding.withdraw(exchange.hub.engine, dispatch_id, because="a mistake", decided_by="a person")
    assert exchange.get(token, f"{LIST}/{dispatch_id}").status_code == 404, "nor is that it was withdrawn"


def test_a_withdrawn_dispatch_says_so_and_a_superseded_one_is_gone(exchange: Exchange) -> None:
    token = exchange.token().token
    dispatch_id = exchange.offered()
    deciding.withdraw(exchange.hub.engine, dispatch_id, because="it was a test", decided_by="a person")
    told = exchange.get(token, f"{LIST}/{dispatch_id}").json()
    assert (told["document"], told["because"]) == ("withdrawal", "it was a test")
    exchange.hub.report(exchange.hub.offer())
    exchange.hub.prepare()
    exchange.hub.send()
    first = exchange.hub.dispatches()[-1]
    exchange.hub.report(first.allocation_id)
    exchange.hub.prepare()
    exchange.hub.send()
    newer = exchange.get(token, LIST).json()["dispatches"][-1]
    assert newer["supersedes"] == str(first.dispatch_id)
    assert exchange.get(token, f"{LIST}/{first.dispatch_id}").status_code == 410


@pytest.mark.parametrize("ends", ["withdrawn", "superseded"])
def test_who_may_have_a_package_that_has_ended_is_told_so_though_nobody_heard_that_it_was_taken(
    exchange: Exchange, ends: str
) -> None:
    hub = exchange.hub
    hub.report(hub.offer())
    hub.prepare()
    [one] = hub.dispatches()
    with hub.engine.begin() as connection:
        [waiting] = outbox.due(connection, None)
        assert outbox.mark_begun(connection, waiting, hub.now())
    own, path = exchange.token().token, f"{LIST}/{one.dispatch_id}"
    assert exchange.get(own, path).status_code == 404, "it may still be sent"
    if ends == "withdrawn":
        deciding.withdraw(hub.engine, one.dispatch_id, because="a mistake", decided_by="a person")
        assert exchange.get(own, path).json()["because"] == "a mistake"
    else:
        hub.report(one.allocation_id)
        hub.prepare()
        assert exchange.get(own, path).status_code == 410
    said = {"kind": "acknowledged", "happened_at": "2026-03-03T09:30:00+00:00"}
    assert exchange.post(own, f"{path}/answers", json=said).status_code == 409
    assert exchange.get(exchange.token(OTHER_FORCE).token, path).status_code == 404
    assert exchange.get(own, LIST).json()["dispatches"] == []


def test_a_long_list_comes_in_parts_and_by_state(exchange: Exchange) -> None:
    for _ in range(5):
        exchange.offered()
    token = exchange.token().token
    seen, after = [], 0
    while after is not None:
        part = exchange.get(token, LIST, params={"after": after, "limit": 2}).json()
        seen += [one["allocation_ref"] for one in part["dispatches"]]
        after = part["next"]
    assert seen == [f"AL-{number:08d}" for number in range(1, 6)]
    exchange.get(token, f"{LIST}/{exchange.hub.dispatches()[2].dispatch_id}")
    opened = exchange.get(token, LIST, params={"state": "opened"}).json()["dispatches"]
    assert [one["allocation_ref"] for one in opened] == ["AL-00000003"]


def test_a_request_that_is_wrong_is_told_by_field_and_rule_and_without_its_value(exchange: Exchange) -> None:
    wrong = exchange.get(exchange.token().token, LIST, params={"limit": "robin.sample@example.org"})
    assert wrong.status_code == 422
    assert [(one["field"], one["rule"]) for one in wrong.json()["faults"]] == [("query.limit", "int_parsing")]
    assert "robin" not in json.dumps(wrong.json())
