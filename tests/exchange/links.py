"""Links to dispatches, and what a stranger sends by them."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx2
from fastapi.testclient import TestClient

from exchange.conftest import Exchange
from hub.exchange.answer_links import IssuedLink, issue_link

RETURNED = {"kind": "returned", "reason": "The victim lives elsewhere."}


def link_to(exchange: Exchange, dispatch_id: uuid.UUID, now: datetime | None = None) -> IssuedLink:
    made = issue_link(
        exchange.hub.settings, exchange.hub.engine, dispatch_id, now or datetime.now(UTC), days=1, by="tests"
    )
    exchange.told.append(made.token)
    return made


def wrong_code(link: IssuedLink) -> str:
    return f"{(int(link.code) + 1) % 10**8:08}"


def send(exchange: Exchange, path: str, fields: Mapping[str, str], client: TestClient | None = None) -> httpx2.Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer: httpx2.Response = (client or exchange.client).post(path, content=urlencode(fields), headers=headers)
    return answer


def answer(exchange: Exchange, link: IssuedLink, **fields: str) -> httpx2.Response:
    return send(exchange, link.path, {"code": link.code, **fields})


def shown(answer: httpx2.Response) -> tuple[int, bytes, dict[str, str]]:
    return answer.status_code, answer.content, dict(answer.headers)
