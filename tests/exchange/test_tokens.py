"""Who may come, and with what."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from dispatch.conftest import FORCE
from exchange.conftest import Exchange
from hub.exchange import tokens
from hub.exchange.bearer import Limit
from hub.exchange.tokens import Scope
from hub.vault import audit

LIST = "/v1/dispatches"


def test_a_request_without_a_token_or_with_an_unknown_one_is_refused_in_the_form_of_problems(
    exchange: Exchange,
) -> None:
    for token in (None, "", "hubx_unknown"):
        refused = exchange.get(token, LIST)
        assert refused.status_code == 401
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert refused.json()["title"] == "Unauthorized"


def test_a_token_holds_until_it_expires_or_is_revoked(exchange: Exchange) -> None:
    token = exchange.token()
    old = exchange.token(now=datetime.now(UTC) - timedelta(days=2))
    assert exchange.get(token.token, LIST).status_code == 200
    assert exchange.get(old.token, LIST).status_code == 401
    settings, engine = exchange.hub.settings, exchange.hub.engine
    assert tokens.revoke(settings, engine, token.token_id, datetime.now(UTC), by="tests")
    assert exchange.get(token.token, LIST).status_code == 401
    assert not tokens.revoke(settings, engine, token.token_id, datetime.now(UTC), by="tests")


def test_a_token_without_the_scope_is_forbidden(exchange: Exchange) -> None:
    answerer = exchange.token(FORCE, Scope.ANSWER)
    assert exchange.get(answerer.token, LIST).status_code == 403


def test_only_a_hash_of_a_token_is_kept_and_making_and_ending_it_are_on_record(exchange: Exchange) -> None:
    token = exchange.token()
    tokens.revoke(exchange.hub.settings, exchange.hub.engine, token.token_id, datetime.now(UTC), by="tests")
    with exchange.hub.engine.connect() as connection:
        kept = str(connection.execute(sa.text("select to_jsonb(t) from ledger.exchange_tokens as t")).all())
        logged = str(connection.execute(sa.text("select to_jsonb(t) from audit.log as t")).all())
    assert token.token not in kept + logged
    assert tokens.hash_of(token.token) in kept
    entries = audit.newest(exchange.hub.engine, 2)
    assert [one.action for one in entries] == ["revoke exchange token", "issue exchange token"]
    assert [one.details["token_id"] for one in entries] == [str(token.token_id)] * 2
    assert token.token not in str(tokens.all_tokens(exchange.hub.engine))


def test_a_token_that_comes_too_often_waits_until_the_next_minute_and_no_other_does(exchange: Exchange) -> None:
    exchange.service.limit.most, exchange.service.limit.clock = 3, lambda: 90.0
    one, other = exchange.token(), exchange.token()
    answers = [exchange.get(one.token, LIST) for _ in range(8)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"] == "30"
    assert exchange.get(other.token, LIST).status_code == 200


def test_callers_without_a_token_are_counted_by_their_address(exchange: Exchange) -> None:
    exchange.service.limit.most, exchange.service.limit.clock = 3, lambda: 90.0
    assert [exchange.get(f"hubx_{number}", LIST).status_code for number in range(8)][-1] == 429


def test_a_new_minute_begins_with_nothing_counted() -> None:
    times = iter((59.0, 60.0))
    limit = Limit(most=1, clock=lambda: next(times))
    limit.count("a")
    limit.count("a")


def test_every_answer_has_the_headers_that_keep_it_out_of_caches_and_browsers(exchange: Exchange) -> None:
    for path in (LIST, "/v1/openapi.json", "/nowhere"):
        headers = exchange.get(None, path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]


def test_a_request_that_is_too_long_is_refused_before_it_is_read(exchange: Exchange) -> None:
    token = exchange.token().token
    refused = exchange.post(token, LIST, content=b"x" * (64 * 1024 + 1))
    assert refused.status_code == 413
    assert refused.headers["content-type"] == "application/problem+json"
