"""Who asks: the token of a request, what it allows, and how often it may come."""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from hub.contracts.model import Contract
from hub.exchange.problems import Problem
from hub.exchange.tokens import Scope, hash_of
from hub.settings import Settings

SETTING, CODE_SETTING = "hub.exchange_token", "hub.exchange_code"
REQUESTS_A_MINUTE = 600
MINUTE = 60
UNKNOWN = {"WWW-Authenticate": 'Bearer realm="exchange", error="invalid_token"'}

BEARER = sa.text("select token_id, recipient, scopes from ledger.exchange_bearer()")
HOLD_LINK = sa.text("select ledger.exchange_hold_link()")

scheme = HTTPBearer(auto_error=False, description="The token that the hub has given the recipient: hubx_…")


@dataclass
class Limit:
    """So many requests of each caller in a minute, counted by this process."""

    most: int = REQUESTS_A_MINUTE
    clock: Callable[[], float] = time.time
    minute: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def count(self, caller: str) -> None:
        """Count a request. Raises :class:`~hub.exchange.problems.Problem` where there were too many in this minute."""
        now = int(self.clock())
        if now // MINUTE != self.minute:
            self.minute, self.counts = now // MINUTE, Counter()
        self.counts[caller] += 1
        if self.counts[caller] > self.most:
            wait = {"Retry-After": str(MINUTE - now % MINUTE)}
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, f"more than {self.most} requests in a minute", headers=wait)


@dataclass(frozen=True)
class Service:
    """What the application works with: the engine is of the exchange's role, contracts are of feeds."""

    settings: Settings
    engine: sa.Engine
    contracts: Mapping[str, Contract]
    limit: Limit


@dataclass(frozen=True)
class Bearer:
    """Whose token a request has brought. ``token_sha256`` opens the rows of its recipient, and nothing else does; that
    of a link opens one dispatch, together with ``code_sha256``."""

    token_id: uuid.UUID
    recipient: str
    scopes: frozenset[Scope]
    token_sha256: str
    service: Service
    code_sha256: str | None = None

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A transaction that sees the rows of this recipient. By a link there is one at a time, while it holds."""
        with transaction(self.service.engine, self.token_sha256, self.code_sha256) as connection:
            if self.code_sha256 is not None:
                connection.execute(HOLD_LINK)
                if connection.execute(BEARER).first() is None:
                    raise Problem(HTTPStatus.NOT_FOUND, "the link does not hold any more")
            yield connection


@contextmanager
def transaction(engine: sa.Engine, token_sha256: str, code_sha256: str | None = None) -> Iterator[sa.Connection]:
    """A transaction that sees what a token opens, or a link and its code."""
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.set_config(SETTING, token_sha256, True)))
        if code_sha256 is not None:
            connection.execute(sa.select(sa.func.set_config(CODE_SETTING, code_sha256, True)))
        yield connection


def service_of(request: Request) -> Service:
    """The service that a request has reached."""
    service: Service = request.app.state.service
    return service


def bearer_of(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(scheme)]) -> Bearer:
    """The recipient whose token this is. Raises :class:`~hub.exchange.problems.Problem`."""
    service = service_of(request)
    is_one = len(request.headers.getlist("Authorization")) == 1  # of two, a proxy may have looked at the other
    bearer = known(service, hash_of(given.credentials)) if given is not None and is_one else None
    if bearer is None:
        service.limit.count(request.client.host if request.client else "")
        raise Problem(HTTPStatus.UNAUTHORIZED, "a token that holds is needed", headers=UNKNOWN)
    service.limit.count(str(bearer.token_id))
    request.state.token_id = bearer.token_id
    return bearer


def known(service: Service, token_sha256: str, code_sha256: str | None = None) -> Bearer | None:
    """Who has this token, or this link and its code; None where it does not hold. By a link one request is looked at
    after the other, and a wrong code counts."""
    with transaction(service.engine, token_sha256, code_sha256) as connection:
        if code_sha256 is not None:
            connection.execute(HOLD_LINK)
        row = connection.execute(BEARER).first()
        if row is None and code_sha256 is not None:
            connection.execute(sa.text("select ledger.exchange_count_wrong_code()"))
    if row is None:
        return None
    scopes = frozenset(map(Scope, row.scopes))
    return Bearer(row.token_id, row.recipient, scopes, token_sha256, service, code_sha256)


def with_scope(*scopes: Scope) -> Callable[[Bearer], Bearer]:
    """A dependency: a bearer whose token has one of these scopes."""

    def allowed(bearer: Annotated[Bearer, Depends(bearer_of)]) -> Bearer:
        if not bearer.scopes.intersection(scopes):
            raise Problem(HTTPStatus.FORBIDDEN, f"the token has not the scope {' or '.join(scopes)}")
        return bearer

    return allowed


Reader = Annotated[Bearer, Depends(with_scope(Scope.READ))]
Answerer = Annotated[Bearer, Depends(with_scope(Scope.ANSWER))]
Deliverer = Annotated[Bearer, Depends(with_scope(Scope.DELIVER))]
HandsIn = Annotated[Bearer, Depends(with_scope(Scope.ANSWER, Scope.DELIVER))]
