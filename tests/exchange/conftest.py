"""A hub whose force and provider fetch at the exchange, and callers with tokens."""

import dataclasses
import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from dispatch.conftest import FORCE, PROVIDER, Hub, hub
from hub.exchange import tokens
from hub.exchange.app import make_exchange
from hub.exchange.bearer import Service
from hub.exchange.tokens import Issued, Scope
from hub.ingest.sandbox import answer_all, places
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

__all__ = ["hub"]
OTHER_FORCE = "E23000002"


@dataclasses.dataclass
class Exchange:
    """A hub with its exchange; every token that was made is in ``told``."""

    hub: Hub
    client: TestClient
    service: Service
    told: list[str] = dataclasses.field(default_factory=list)

    def token(self, recipient: str = FORCE, *scopes: Scope, days: int = 1, now: datetime | None = None) -> Issued:
        """A new token; by default with all scopes."""
        at = now or datetime.now(UTC)
        made = tokens.issue(
            self.hub.settings, self.hub.engine, recipient, scopes or tuple(Scope), at, days=days, by="tests"
        )
        self.told.append(made.token)
        return made

    def get(self, token: str | None, path: str, **arguments: Any) -> httpx2.Response:
        answer: httpx2.Response = self.client.get(path, headers=_bearing(token), **arguments)
        return answer

    def post(self, token: str | None, path: str, **arguments: Any) -> httpx2.Response:
        answer: httpx2.Response = self.client.post(path, headers=_bearing(token), **arguments)
        return answer

    def offered(self, target_kind: str = "force", target_code: str = FORCE, **said: Any) -> uuid.UUID:
        """The id of a dispatch that waits at the exchange."""
        self.hub.offer(target_kind, target_code, **said)
        self.hub.prepare()
        self.hub.send()
        return self.hub.dispatches()[-1].dispatch_id


def _bearing(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


@pytest.fixture
def exchange(hub: Hub, caplog: pytest.LogCaptureFixture) -> Iterator[Exchange]:
    """The exchange of a hub with two forces and a provider. No token that was made may stand in any log."""
    for code, kind in ((FORCE, "force"), (OTHER_FORCE, "force"), (PROVIDER, "provider")):
        hub.add_recipient(code, kind, {"kind": "exchange"})
    caplog.set_level(logging.DEBUG)
    app = make_exchange(hub.settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        made = Exchange(hub, client, app.state.service)
        yield made
    assert not [token for token in made.told if token in caplog.text or tokens.hash_of(token) in caplog.text]


@contextmanager
def sandbox(exchange: Exchange) -> Iterator[None]:
    """The hub's sandbox, in a thread."""
    ended = threading.Event()
    engine = open_warehouse(exchange.hub.settings, Role.LOADER)

    def answer() -> None:
        while not ended.is_set():
            for place in places(exchange.hub.settings):
                answer_all(place, engine, exchange.hub.catalogue)
            time.sleep(0.1)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
