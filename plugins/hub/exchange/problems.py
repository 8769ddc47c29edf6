"""What goes wrong, as ``application/problem+json`` (RFC 9457): it names field and rule, and never a value."""

from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from hub.store import StoreProblem
from hub.vault.full_disk import NO_SPACE
from hub.warehouse.engine import WarehouseProblem

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "5"
RETRY_SECONDS_FULL = "60"


class Fault(BaseModel):
    """One field that is wrong, and by which rule; for a file, in which row."""

    field: str | None = Field(description="Where: a column, a part of the request, or null for the whole row")
    rule: str = Field(description="The rule that it breaks, as in the feed's contract")
    because: str = Field(description="Why there is this rule")
    row_number: int | None = Field(default=None, description="Row of the file, from 1")


class ProblemDetails(BaseModel):
    """A problem by RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    faults: list[Fault] = []


class Problem(Exception):
    """Ends a request with this answer. ``detail`` holds no value that somebody has sent."""

    def __init__(
        self, status: HTTPStatus, detail: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.faults, self.headers = status, detail, list(faults), dict(headers or {})


def responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of an operation that can end so."""
    schema = {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}
    content = {MEDIA_TYPE: {"schema": schema}}
    return {status.value: {"description": status.phrase, "content": content} for status in sorted(statuses)}


def answer(
    status: HTTPStatus, detail: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """A problem as it is sent."""
    said = ProblemDetails(title=status.phrase, status=status, detail=detail, faults=list(faults))
    return JSONResponse(said.model_dump(), status, dict(headers or {}), MEDIA_TYPE)


FORESEEN = (Problem, WarehouseProblem, StoreProblem, sa.exc.OperationalError, sa.exc.TimeoutError, OSError)
"""What can end a request by no fault of the hub's own code; of OSError a full disk alone."""


def problem_of(error: Exception) -> Problem:
    """The problem that one of ``FORESEEN`` is to who has asked. Raises the error itself where it is none."""
    if isinstance(error, Problem):
        return error
    if not isinstance(error, OSError):
        away = {"Retry-After": RETRY_SECONDS}
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the hub cannot answer just now", headers=away)
    if error.errno not in NO_SPACE:
        raise error
    detail = "the hub has no space for it just now; nothing of it is kept"
    return Problem(HTTPStatus.INSUFFICIENT_STORAGE, detail, headers={"Retry-After": RETRY_SECONDS_FULL})


def handle_problems(app: FastAPI) -> None:
    """Let every error of an application that it foresees end as a problem."""
    for foreseen in FORESEEN:
        app.exception_handler(foreseen)(_foreseen)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_of_http)
    app.exception_handler(ClientDisconnect)(_broken_off)


async def _foreseen(_: Request, error: Exception) -> JSONResponse:
    problem = problem_of(error)
    return answer(problem.status, problem.detail, problem.faults, problem.headers)


async def _invalid(request: Request, problem: RequestValidationError) -> JSONResponse:
    # pydantic's own messages, and places within a body, can hold values that were sent.
    known: frozenset[str] = request.app.state.field_names
    faults = [
        Fault(field=_field(one["loc"], known), rule=str(one["type"]), because="the API's schema says so")
        for one in problem.errors()
    ]
    return answer(HTTPStatus.UNPROCESSABLE_ENTITY, "the request is not as the API's schema says", faults)


def _field(place: Sequence[object], known: Collection[str]) -> str:
    first, *within = map(str, place)
    return ".".join([first, *(one for one in within if first != "body" or one in known)])


async def _of_http(_: Request, problem: HTTPException) -> JSONResponse:
    status = HTTPStatus(problem.status_code)
    return answer(status, status.description, headers=problem.headers)


async def _broken_off(_: Request, __: Exception) -> JSONResponse:
    return answer(HTTPStatus.REQUEST_TIMEOUT, "the request broke off")
