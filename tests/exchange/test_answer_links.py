"""An answer by a link: one dispatch, once, with a code that came apart from it."""

import errno
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from dispatch.conftest import FORCE, PROVIDER
from exchange.conftest import OTHER_FORCE, Exchange
from exchange.outside import ingested, waiting_files
from hub.exchange import answer_page, tokens
from hub.exchange.answer_links import IssuedLink, NothingToAnswer, issue_link

RETURNED = {"kind": "returned", "reason": "The victim lives elsewhere."}


def link_to(exchange: Exchange, dispatch_id: uuid.UUID, **said: Any) -> IssuedLink:
    now = said.pop("now", datetime.now(UTC))
    made = issue_link(exchange.hub.settings, exchange.hub.engine, dispatch_id, now, days=1, by="tests")
    exchange.told.append(made.token)
    return made


def post(exchange: Exchange, link: IssuedLink, **fields: str) -> httpx2.Response:
    answer: httpx2.Response = exchange.client.post(link.path, data={"code": link.code, **fields})
    return answer


def test_a_dispatch_is_shown_with_the_code_and_answered_once(exchange: Exchange) -> None:
    link = link_to(exchange, exchange.offered())
    asked = exchange.client.get(link.path)
    assert asked.status_code == 200
    assert "AL-" not in asked.text
    shown = post(exchange, link)
    assert "AL-00000001" in shown.text
    assert exchange.hub.way() == ["prepared", "sent", "delivered", "opened"]
    done = post(exchange, link, **RETURNED)
    assert (done.status_code, "The hub has your answer" in done.text) == (200, True)
    again = post(exchange, link, **RETURNED)
    assert (again.status_code, "holds no more" in again.text) == (403, True)
    (result,) = ingested(exchange.hub, "force_responses")
    assert result.rows_accepted == 1
    exchange.hub.send()
    assert exchange.hub.way()[-1] == "returned"


def test_what_breaks_the_contract_is_said_and_can_be_mended(exchange: Exchange) -> None:
    link = link_to(exchange, exchange.offered())
    refused = post(exchange, link, kind="returned", transferred_to_force_code="<b>nobody</b>")
    assert refused.status_code == 422
    assert "a force that sends a case back says why" in refused.text
    assert "<b>nobody" not in refused.text
    assert waiting_files(exchange.hub) == []
    assert post(exchange, link, **RETURNED).status_code == 200


def test_after_five_wrong_codes_the_right_one_holds_no_more(exchange: Exchange) -> None:
    link, other = (link_to(exchange, exchange.offered()) for _ in range(2))
    wrong = f"{(int(link.code) + 1) % 10**8:08}"
    for _ in range(5):
        assert post(exchange, link, code=wrong).status_code == 403
    assert post(exchange, link).status_code == 403
    assert post(exchange, other).status_code == 200
    assert post(exchange, other, code=link.code).status_code == 403


@pytest.mark.parametrize("how", ["expired", "revoked", "unknown"])
def test_a_link_that_does_not_hold_says_no_more_than_a_wrong_code(exchange: Exchange, how: str) -> None:
    dispatch_id = exchange.offered()
    good = link_to(exchange, dispatch_id)
    wrong = post(exchange, good, code="1").text
    link = link_to(exchange, dispatch_id, now=datetime.now(UTC) - timedelta(days=how == "expired"))
    if how == "revoked":
        settings, engine = exchange.hub.settings, exchange.hub.engine
        assert tokens.revoke(settings, engine, link.token_id, datetime.now(UTC), by="tests")
    path = "/answer/hubl_unknown" if how == "unknown" else link.path
    found = exchange.client.post(path, data={"code": link.code})
    assert (found.status_code, found.text) == (403, wrong)


def test_a_link_opens_its_dispatch_alone_and_no_door_of_the_interface(exchange: Exchange) -> None:
    first, second = exchange.offered(), exchange.offered()
    link = link_to(exchange, first)
    assert "AL-00000002" not in post(exchange, link).text
    for path in ("/v1/dispatches", f"/v1/dispatches/{first}", f"/v1/dispatches/{second}"):
        assert exchange.get(link.token, path).status_code == 401
    assert exchange.post(link.token, f"/v1/dispatches/{first}/answers", json=RETURNED).status_code == 401
    theirs = link_to(exchange, exchange.offered(target_code=OTHER_FORCE))
    assert "AL-00000003" in post(exchange, theirs).text


def test_of_many_answers_at_once_by_one_link_one_is_taken(exchange: Exchange) -> None:
    link = link_to(exchange, exchange.offered())
    kinds = ["accepted", "acknowledged", "returned", "accepted"]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda kind: post(exchange, link, kind=kind, reason="why").status_code, kinds))
    assert sorted(done).count(200) == 1
    assert len(waiting_files(exchange.hub)) == 1


def test_a_provider_answers_and_a_withdrawn_dispatch_asks_for_nothing(exchange: Exchange) -> None:
    link = link_to(exchange, exchange.offered("provider", PROVIDER))
    assert re.search(r'value="content_removed"', post(exchange, link).text)
    assert post(exchange, link, kind="content_removed").status_code == 200
    exchange.offered()
    gone = link_to(exchange, exchange.hub.dispatches()[-1].dispatch_id)
    exchange.hub.change("delete from publish.allocations_v1")
    exchange.hub.prepare()
    shown = post(exchange, gone).text
    assert "no longer holds" in shown
    assert "Your answer" not in shown


def test_there_is_no_link_to_what_was_not_sent(exchange: Exchange) -> None:
    exchange.hub.offer(target_code=FORCE)
    exchange.hub.prepare()
    with pytest.raises(NothingToAnswer):
        link_to(exchange, exchange.hub.dispatches()[0].dispatch_id)
    assert exchange.client.get("/answer/hubl_x").headers["content-security-policy"].startswith("default-src 'none'")


def test_who_asks_too_often_reads_on_a_page_that_it_is_for_now(exchange: Exchange) -> None:
    exchange.service.limit.most, exchange.service.limit.clock = 1, lambda: 90.0
    link = link_to(exchange, exchange.offered())
    assert post(exchange, link).status_code == 200
    refused = post(exchange, link)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    assert "try again in a minute" in refused.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (sa.exc.OperationalError("select 1", None, Exception("secret")), 503),
        (OSError(errno.ENOSPC, "No space left on device"), 507),
    ],
)
def test_where_the_hub_cannot_answer_a_page_says_so(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    link = link_to(exchange, exchange.offered())

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(answer_page, "known", fail)
    answer = post(exchange, link, **RETURNED)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert int(answer.headers["retry-after"]) > 0
    assert "try again in a minute" in answer.text
    assert "secret" not in answer.text
