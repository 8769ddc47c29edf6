"""``/v1/dispatches``: what was sent to a recipient, and the package of each."""

import base64
import hashlib
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from hub.dispatch import ledger
from hub.dispatch.ledger import Dispatch, IllegalMove
from hub.dispatch.package import withdrawal
from hub.dispatch.states import State
from hub.exchange.bearer import Bearer, Reader
from hub.exchange.openapi import PACKAGE_OR_WITHDRAWAL
from hub.exchange.problems import Problem, responses

MOST_AT_ONCE = 200
USUAL_FAILURES = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
DIGEST = {"Content-Digest": {"description": "SHA-256 of the bytes (RFC 9530)", "schema": {"type": "string"}}}

router = APIRouter(prefix="/v1/dispatches", tags=["dispatches"])


class DispatchSummary(BaseModel):
    """Where a dispatch is."""

    dispatch_id: uuid.UUID = Field(description="Names its package for good: who has acted on it need not act again")
    allocation_ref: str = Field(description="Its name in answers that come as files")
    state: State
    route: str
    is_urgent: bool
    prepared_at: datetime
    moved_at: datetime = Field(description="When it came into this state")
    supersedes: uuid.UUID | None = Field(description="The dispatch that it replaces")


class Dispatches(BaseModel):
    """A part of a recipient's dispatches."""

    dispatches: list[DispatchSummary]
    next: int | None = Field(description="The value of `after` for the next part; null at the end")


@router.get("", responses=responses(*USUAL_FAILURES))
def list_dispatches(
    bearer: Reader,
    state: Annotated[State | None, Query(description="In this state only")] = None,
    after: Annotated[int, Query(ge=0, le=2**62, description="What `next` of the part before was")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_AT_ONCE)] = 50,
) -> Dispatches:
    """The recipient's own dispatches, the oldest first. To look at the list changes no state."""
    with bearer.transaction() as connection:
        found = ledger.sent(connection, state=state, after=after, limit=limit)
    last = found[-1].number if len(found) == limit else None
    return Dispatches(dispatches=[_summary(one) for one in found], next=last)


@router.get(
    "/{dispatch_id}",
    response_class=Response,
    responses={
        200: {
            "description": "The package, each time the same bytes; of a withdrawn dispatch, that it is withdrawn",
            "headers": DIGEST,
            "content": {"application/json": {"schema": PACKAGE_OR_WITHDRAWAL}},
        },
        **responses(*USUAL_FAILURES, HTTPStatus.NOT_FOUND, HTTPStatus.GONE),
    },
)
def fetch_dispatch(bearer: Reader, dispatch_id: uuid.UUID) -> Response:
    """Take a package. It then counts as delivered and opened, also where this answer is lost on its way: ask again. One
    that is superseded is gone: a newer one has its id in `supersedes`."""
    return _fetch(bearer, dispatch_id, str.encode, "application/json")


@router.get(
    "/{dispatch_id}/pdf",
    response_class=Response,
    responses={
        200: {
            "description": "What a person reads of the same package or withdrawal, as a tagged PDF",
            "headers": DIGEST,
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        },
        **responses(*USUAL_FAILURES, HTTPStatus.NOT_FOUND, HTTPStatus.GONE),
    },
)
def fetch_pdf(bearer: Reader, dispatch_id: uuid.UUID) -> Response:
    """Take a package as a PDF. It then counts as delivered and opened, as the package itself does."""
    # It brings a typesetter and its fonts with it.
    from hub.dispatch.readable import readable  # noqa: PLC0415

    return _fetch(bearer, dispatch_id, readable, "application/pdf")


def _fetch(bearer: Bearer, dispatch_id: uuid.UUID, form: Callable[[str], bytes], media_type: str) -> Response:
    with bearer.transaction() as connection:
        one = own_dispatch(connection, dispatch_id)
        content = form(document_text(connection, one))
        note_fetched(connection, bearer, one, content)
    digest = hashlib.sha256(content).digest()
    headers = {"Content-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:"}
    return Response(content, media_type=media_type, headers=headers)


def own_dispatch(connection: sa.Connection, dispatch_id: uuid.UUID) -> Dispatch:
    """A dispatch that was sent to this connection's recipient. Raises :class:`~hub.exchange.problems.Problem`: one of
    another recipient is answered as one that is not."""
    found = ledger.sent(connection, dispatch_id=dispatch_id)
    if not found:
        raise Problem(HTTPStatus.NOT_FOUND, "there is no such dispatch")
    return found[0]


def document_text(connection: sa.Connection, one: Dispatch) -> str:
    """The package, or that it is withdrawn. Raises :class:`~hub.exchange.problems.Problem` for one that is
    superseded."""
    if one.state is State.SUPERSEDED:
        raise Problem(HTTPStatus.GONE, "a newer dispatch has taken its place")
    if one.state is State.WITHDRAWN:
        because = ledger.taken_back(connection).get(one.dispatch_id)
        because = because or ledger.moves_of(connection, one.dispatch_id)[-1].proof
        return withdrawal(one.dispatch_id, one.allocation_ref, because)
    return ledger.package_of(connection, one.dispatch_id)


def note_fetched(connection: sa.Connection, bearer: Bearer, one: Dispatch, content: bytes) -> None:
    """Write down that the recipient has a package, before it leaves: an answer that is lost on the way is asked for
    again. A withdrawal moves nothing."""
    sha256 = hashlib.sha256(content).hexdigest()
    proof = f"fetched at the exchange with token {bearer.token_id}, SHA-256 {sha256}"
    legal, state = ledger.legal_moves(connection), one.state
    for to in (State.DELIVERED, State.OPENED):
        if (state, to, one.needs_approval) in legal:
            with suppress(IllegalMove):  # another request has just made it
                ledger.move(connection, one.dispatch_id, to, at=datetime.now(UTC), actor=bearer.recipient, proof=proof)
            state = to


def _summary(one: Dispatch) -> DispatchSummary:
    return DispatchSummary(
        dispatch_id=one.dispatch_id,
        allocation_ref=one.allocation_ref,
        state=one.state,
        route=one.route,
        is_urgent=one.is_urgent,
        prepared_at=one.prepared_at,
        moved_at=one.moved_at,
        supersedes=one.supersedes,
    )
