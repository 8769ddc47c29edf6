"""What the exchange gives out of notices: to a provider the addresses of its own content, to a force none."""

import json

import pytest

from dispatch.conftest import FORCE, PROVIDER
from dispatch.notices_read import printed, texts
from dispatch.notices_world import NOTIFIER, Case, publish_case, removal
from exchange.conftest import OTHER_FORCE, Exchange

LIST = "/v1/dispatches"
URLS = ["https://x.example/one?a=ü", "https://x.example/two"]


def publish_and_send(exchange: Exchange, case: Case) -> str:
    """The id of what waits at the exchange."""
    publish_case(exchange.hub, case)
    exchange.hub.prepare()
    exchange.hub.send()
    return str(exchange.hub.dispatches()[-1].dispatch_id)


def test_a_provider_fetches_a_notice_with_its_own_addresses(exchange: Exchange) -> None:
    case = removal(URLS[0], (PROVIDER, URLS[1]), ("tiktok", "https://elsewhere.example/1"))
    one, token = publish_and_send(exchange, case), exchange.token(PROVIDER).token
    fetched = exchange.get(token, f"{LIST}/{one}")
    said = json.loads(fetched.text)
    assert sorted(each["address"] for each in said["objects"]) == URLS
    assert said["notice"]["notifier"] == NOTIFIER
    paper = printed(exchange.get(token, f"{LIST}/{one}/pdf").content)
    listed = exchange.get(token, LIST).text
    assert all(url in paper for url in URLS)
    assert NOTIFIER["email"] in paper
    for text in (fetched.text, paper, listed):
        assert "elsewhere.example" not in text
    for path in (f"{LIST}/{one}/xarf", f"{LIST}/{one}.xarf.jsonl", f"{LIST}/{one}/xarf.jsonl"):
        assert exchange.get(token, path).status_code in (404, 422)
    for other in (FORCE, OTHER_FORCE):
        assert exchange.get(exchange.token(other).token, f"{LIST}/{one}").status_code == 404


@pytest.mark.parametrize("code", [PROVIDER, "tiktok", None])
def test_a_force_fetches_no_address_in_any_answer(exchange: Exchange, code: str | None) -> None:
    case = removal(URLS[0], (code, URLS[1]))
    case.kind, case.code, case.duty, case.route = "force", FORCE, "owner", "evidence_package"
    one, token = publish_and_send(exchange, case), exchange.token(FORCE).token
    answers = [exchange.get(token, path) for path in (f"{LIST}/{one}", LIST, f"{LIST}?state=sent")]
    said = json.loads(answers[0].text)
    assert "notice" not in said
    assert [each["address"] for each in said["objects"]] == [None]
    paper = printed(exchange.get(token, f"{LIST}/{one}/pdf").content)
    for text in (*(each.text for each in answers), paper, "\n".join(texts(said))):
        assert "://" not in text
        assert "x.example" not in text
