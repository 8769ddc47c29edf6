"""A stranger's attack on what docs/exchange.md promises, written from the documents and contracts alone: ids, tokens,
answers and fetches."""

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
import sqlalchemy as sa

from dispatch.conftest import FORCE, PROVIDER
from exchange.conftest import OTHER_FORCE, Exchange
from exchange.outside import accepted_rows, ingested, problem, waiting_files
from hub.dispatch.answers import follow
from hub.exchange import tokens
from hub.exchange.tokens import Scope

AT_ONCE = 8
SECRET_TEXT = "Zebedee Quillfeather"
ACKNOWLEDGED = {"kind": "acknowledged", "happened_at": "2026-03-03T09:30:00+00:00"}
RETURNED = {"kind": "returned", "happened_at": "2026-03-03T09:30:00+00:00", "reason": SECRET_TEXT}
ALLOCATIONS = sa.table("allocations_v1", sa.column("allocation_id"), schema="publish")


def shown(answer: httpx2.Response) -> tuple[int, bytes, dict[str, str]]:
    """All that a caller sees of an answer."""
    return answer.status_code, answer.content, dict(answer.headers)


def at_once(ask: Callable[[int], httpx2.Response]) -> list[httpx2.Response]:
    with ThreadPoolExecutor(AT_ONCE) as callers:
        return list(callers.map(ask, range(AT_ONCE)))


ASKED: list[Callable[[Exchange, str, str], httpx2.Response]] = [
    lambda exchange, token, one: exchange.get(token, f"/v1/dispatches/{one}"),
    lambda exchange, token, one: exchange.get(token, f"/v1/dispatches/{one}/pdf"),
    lambda exchange, token, one: exchange.get(token, f"/v1/deliveries/{one}"),
    lambda exchange, token, one: exchange.post(token, f"/v1/dispatches/{one}/answers", json=ACKNOWLEDGED),
    lambda exchange, token, one: exchange.post(token, f"/v1/dispatches/{one}/answers", json={"kind": "nothing"}),
    lambda exchange, token, one: exchange.post(token, f"/v1/dispatches/{one}/answers", content=b"{"),
    lambda exchange, token, one: exchange.post(token, f"/v1/dispatches/{one}/answers", json={"force_code": FORCE}),
]

FORMS: tuple[Callable[[str], str], ...] = (
    str.upper,
    lambda one: one.replace("-", ""),
    "{{{}}}".format,
    "urn:uuid:{}".format,
)


@pytest.mark.parametrize("scopes", [tuple(Scope), (Scope.READ,), (Scope.ANSWER,), (Scope.DELIVER,)])
def test_ids_of_others_answer_byte_for_byte_as_ids_that_are_not(exchange: Exchange, scopes: tuple[Scope, ...]) -> None:
    dispatch_id = exchange.offered()
    own = exchange.token().token
    delivery_id = exchange.post(own, f"/v1/dispatches/{dispatch_id}/answers", json=ACKNOWLEDGED).json()["delivery_id"]
    exchange.hub.offer(target_code=OTHER_FORCE)
    exchange.hub.prepare()  # not sent: to its own recipient, too, it is not there
    unsent = exchange.hub.dispatches()[-1].dispatch_id
    for stranger in (OTHER_FORCE, PROVIDER):
        token = exchange.token(stranger, *scopes).token
        for ask in ASKED:
            unknown = ask(exchange, token, str(uuid.uuid4()))
            assert unknown.status_code in {400, 404, 422} | ({403} if len(scopes) < len(Scope) else set())
            problem(unknown)
            for one in (str(dispatch_id), delivery_id, str(unsent)):
                assert shown(ask(exchange, token, one)) == shown(unknown)
                for form in FORMS:
                    theirs, nobodys = (ask(exchange, token, form(text)) for text in (one, str(uuid.uuid4())))
                    assert shown(theirs) == shown(nobodys)


def spoilt(token: str) -> list[list[tuple[str, str]]]:
    """Headers that are not this token, though near to it."""
    basic = base64.b64encode(f"{token}:".encode()).decode()
    one = [
        "",
        "Bearer",
        "Bearer ",
        f"Basic {basic}",
        f"Token {token}",
        f"Bearer{token}",
        f'Bearer "{token}"',
        f"Bearer {token[:-1]}",
        f"Bearer {token}=",
        f"Bearer {token}A",
        f"Bearer {token.swapcase()}",
        f"Bearer {token.upper()}",
        f"Bearer {token.removeprefix('hubx_')}",
        f"Bearer {token[:20]} {token[20:]}",
        f"Bearer {token},{token}",
        f"Bearer {token} {token}",
        f"Bearer {tokens.hash_of(token)}",
        f"Bearer {token}\x00",
        f"Bearer {token}' or '1'='1",
        "Bearer hubx_" + "A" * 4000,
        "Bearer \xe4\xf6",
    ]
    twice = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    return [[("Authorization", value)] for value in one] + [twice, list(reversed([*twice[:1], ("Authorization", "x")]))]


def test_only_the_token_itself_once_and_in_its_header_lets_in(exchange: Exchange) -> None:
    dispatch_id, token = exchange.offered(), exchange.token().token
    paths = ("/v1/dispatches", f"/v1/dispatches/{dispatch_id}", f"/v1/deliveries/{uuid.uuid4()}")
    for path in paths:
        none = exchange.get(None, path)
        assert none.status_code == 401
        assert none.headers["WWW-Authenticate"].startswith("Bearer ")
        for headers in spoilt(token):
            raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
            answer = exchange.client.get(path, headers=raw)
            assert (answer.status_code, answer.content) == (401, none.content), headers
            problem(answer)
        for said in ({"access_token": token}, {"token": token}, {"Authorization": f"Bearer {token}"}):
            assert exchange.get(None, path, params=said).status_code == 401
            assert exchange.client.get(path, cookies=said).status_code == 401
    assert exchange.hub.way() == ["prepared", "sent"]
    assert exchange.client.get(paths[0], headers={"authorization": f"bearer {token}"}).status_code == 200


def test_a_token_ends_when_it_expires_and_when_it_is_revoked(exchange: Exchange) -> None:
    now = datetime.now(UTC)
    ended = exchange.token(now=now - timedelta(days=1, milliseconds=1))
    ending = exchange.token(now=now - timedelta(days=1) + timedelta(seconds=4))
    revoked = exchange.token()
    assert exchange.get(ended.token, "/v1/dispatches").status_code == 401
    assert exchange.get(revoked.token, "/v1/dispatches").status_code == 200
    tokens.revoke(exchange.hub.settings, exchange.hub.engine, revoked.token_id, datetime.now(UTC), by="tests")
    assert exchange.get(revoked.token, "/v1/dispatches").status_code == 401
    while datetime.now(UTC) < ending.expires_at:
        answer = exchange.get(ending.token, "/v1/dispatches")
        assert answer.status_code == 200 or datetime.now(UTC) >= ending.expires_at
        time.sleep(0.1)  # more requests in a minute than are allowed would end it, too
    assert exchange.get(ending.token, "/v1/dispatches").status_code == 401


def test_the_same_answer_at_once_is_one_receipt_one_row_and_one_move(exchange: Exchange) -> None:
    dispatch_id, token = exchange.offered(), exchange.token().token
    answers = at_once(lambda _: exchange.post(token, f"/v1/dispatches/{dispatch_id}/answers", json=ACKNOWLEDGED))
    assert sorted(one.status_code for one in answers) == [200] * (AT_ONCE - 1) + [202]
    assert len({one.content for one in answers}) == 1
    [result] = ingested(exchange.hub, "force_responses")
    assert (result.rows_accepted, result.rows_quarantined) == (1, 0)
    with exchange.hub.engine.begin() as connection:
        assert (follow(connection, datetime.now(UTC)), follow(connection, datetime.now(UTC))) == (1, 0)
    again = exchange.post(exchange.token().token, f"/v1/dispatches/{dispatch_id}/answers", json=ACKNOWLEDGED)
    assert (again.status_code, again.content) == (200, answers[0].content)
    assert not waiting_files(exchange.hub)
    assert exchange.hub.way()[-1] == "acknowledged"
    assert accepted_rows(exchange.hub, "force_responses") == 1


@pytest.mark.parametrize("field", ["force_code", "allocation_ref", "incident_ref", "response_ref", "provider_code"])
def test_nobody_answers_for_somebody_else_by_a_field_of_the_body(exchange: Exchange, field: str) -> None:
    dispatch_id, token = exchange.offered(), exchange.token().token
    theirs = {"force_code": OTHER_FORCE, "allocation_ref": "AL-00000002", "incident_ref": "TV-00000009"}
    said = ACKNOWLEDGED | {field: theirs.get(field, "FR-00000001")}
    answer = exchange.post(token, f"/v1/dispatches/{dispatch_id}/answers", json=said)
    assert answer.status_code == 422
    assert [one["rule"] for one in problem(answer)["faults"]] == ["unknown_field"]
    assert not waiting_files(exchange.hub)


TEXT = json.dumps(RETURNED)
BAD_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "not JSON": b"kind=acknowledged",
    "null": b"null",
    "a list": f"[{TEXT}]".encode(),
    "a text": json.dumps(TEXT).encode(),
    "deep": b'{"kind": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "a number": TEXT.replace(f'"{SECRET_TEXT}"', "7").encode(),
    "a long number": TEXT.replace(f'"{SECRET_TEXT}"', "9" * 5_000).encode(),
    "not a number": TEXT.replace(f'"{SECRET_TEXT}"', "NaN").encode(),
    "true": TEXT.replace(f'"{SECRET_TEXT}"', "true").encode(),
    "a list of texts": TEXT.replace(f'"{SECRET_TEXT}"', f'["{SECRET_TEXT}"]').encode(),
    "an object": TEXT.replace(f'"{SECRET_TEXT}"', f'{{"{SECRET_TEXT}": 1}}').encode(),
    "a null byte": TEXT.replace("Zebedee", "Zebedee\\u0000").encode(),
    "half a pair": TEXT.replace("Zebedee", "Zebedee\\ud800").encode(),
    "half a pair as a key": TEXT.replace('"reason"', '"\\ud800"').encode(),
    "a raw null byte": TEXT.encode().replace(b"Zebedee", b"Zebe\x00dee"),
    "a control character": TEXT.replace("Zebedee", "Zebedee\\u0008").encode(),
    "no character": TEXT.replace("Zebedee", "Zebedee\\uffff").encode(),
    "latin 1": TEXT.replace("Zebedee", "Zebed\xe9e").encode("latin-1"),
    "a long text": TEXT.replace("Zebedee", "Zebedee" * 200).encode(),
    "too long": TEXT.replace("Zebedee", "Z" * 65_536).encode(),
    "an unknown key": TEXT.replace('"reason"', f'"{SECRET_TEXT}"').encode(),
    "an unknown kind": TEXT.replace("returned", SECRET_TEXT).encode(),
    "no moment": TEXT.replace("2026-03-03T09:30:00+00:00", SECRET_TEXT).encode(),
    "a moment to come": TEXT.replace("2026-03-03", "2999-03-03").encode(),
    "XML": b"<response><kind>acknowledged</kind></response>",
}


def test_a_body_that_is_not_an_answer_is_refused_without_a_value_of_it(exchange: Exchange) -> None:
    dispatch_id, token = exchange.offered(), exchange.token().token
    taken = []
    for name, body in BAD_BODIES.items():
        for kind in ("application/json", "application/json; charset=utf-16", "text/plain"):
            headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
            answer = exchange.client.post(f"/v1/dispatches/{dispatch_id}/answers", content=body, headers=headers)
            if answer.status_code not in {400, 413, 415, 422}:
                taken.append((name, kind, answer.status_code))
            else:
                problem(answer, SECRET_TEXT, "Zebedee", str(dispatch_id))
    assert not taken
    assert not waiting_files(exchange.hub)


def test_looking_moves_nothing_and_fetching_moves_once(exchange: Exchange, caplog: pytest.LogCaptureFixture) -> None:
    dispatch_id, token = exchange.offered(), exchange.token().token
    caplog.clear()
    for query in ("", "?state=sent", "?limit=1", "?after=0", "?after=1"):
        assert exchange.get(token, f"/v1/dispatches{query}").status_code == 200
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
        headers = {"Authorization": f"Bearer {token}"}
        answer = exchange.client.request(method, f"/v1/dispatches/{dispatch_id}", headers=headers)
        assert answer.status_code == 405
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert exchange.hub.way() == ["prepared", "sent"]
    fetched = at_once(lambda _: exchange.get(token, f"/v1/dispatches/{dispatch_id}"))
    assert len({shown(one)[:2] for one in fetched}) == 1
    digest = base64.b64encode(hashlib.sha256(fetched[0].content).digest()).decode()
    assert {one.headers["Content-Digest"] for one in fetched} == {f"sha-256=:{digest}:"}
    assert exchange.hub.way() == ["prepared", "sent", "delivered", "opened"]
    written = [one.getMessage() for one in caplog.records if not one.name.startswith("httpx")]
    assert written
    assert not [line for line in written if str(dispatch_id) in line or "AL-0" in line]


def test_a_superseded_dispatch_is_gone_and_a_withdrawn_one_says_so(exchange: Exchange) -> None:
    allocation_id = exchange.hub.offer()
    exchange.hub.prepare()
    exchange.hub.send()
    old, token = exchange.hub.dispatches()[0].dispatch_id, exchange.token().token
    assert exchange.get(token, f"/v1/dispatches/{old}").status_code == 200
    exchange.hub.report(allocation_id)
    exchange.hub.prepare()
    exchange.hub.send()
    gone = exchange.get(token, f"/v1/dispatches/{old}")
    assert gone.status_code == 410
    problem(gone, str(old))
    new = next(
        one for one in exchange.get(token, "/v1/dispatches").json()["dispatches"] if one["supersedes"] == str(old)
    )
    assert exchange.post(token, f"/v1/dispatches/{old}/answers", json=ACKNOWLEDGED).status_code in {409, 410}
    with exchange.hub.engine.begin() as connection:
        connection.execute(sa.delete(ALLOCATIONS).where(ALLOCATIONS.c.allocation_id == allocation_id))
    exchange.hub.prepare()
    withdrawn = exchange.get(token, f"/v1/dispatches/{new['dispatch_id']}")
    assert (withdrawn.status_code, withdrawn.json()["document"]) == (200, "withdrawal")
    late = exchange.post(token, f"/v1/dispatches/{new['dispatch_id']}/answers", json=ACKNOWLEDGED)
    assert late.status_code == 409
    problem(late, new["dispatch_id"])
    assert not waiting_files(exchange.hub)
