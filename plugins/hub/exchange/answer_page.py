"""``/answer/{link}``: the page on which somebody without a system answers one dispatch, once.

It asks for the code that was told apart before it says anything, and works without JavaScript. An unknown link, a used
one and a wrong code have the same answer. What is sent here is an answer as any at the exchange.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from hub.contracts.model import Contract
from hub.contracts.values import Column
from hub.dispatch import ledger
from hub.dispatch.ledger import Dispatch
from hub.dispatch.package import ANSWERS
from hub.dispatch.plain_words import MEANINGS
from hub.dispatch.readable import document_of
from hub.documents.content import Document
from hub.exchange.answer_form import columns_to_fill_in, named_choices
from hub.exchange.answer_links import hash_of_code
from hub.exchange.answers import take_answer
from hub.exchange.bearer import Bearer, known, service_of
from hub.exchange.dispatches import document_text, note_fetched, own_dispatch
from hub.exchange.problems import FORESEEN, Fault, Problem, problem_of
from hub.exchange.receiving import Receipt
from hub.exchange.tokens import hash_of
from hub.settings import Settings

FOLDER = Path(__file__).parent / "templates"
NOT_ASKED = frozenset({"kind", "happened_at", "officer_name"})
"""Beside the fields of the form: chosen above them, filled in by the exchange, and a name that nobody needs."""
WORDS: Mapping[str, tuple[str, str]] = {
    "reason": ("Why", "Needed if you return the case. At most 1,000 characters, and no names."),
    "transferred_to_force_code": ("The force that has it now", "Needed if you have transferred the case."),
    "outcome_code": ("How it ended", "Needed if you tell an outcome: the Home Office's outcome types, and a few more."),
    "statement_uuid": ("Number of your statement of reasons", "In the register of statements, where there is one."),
    "suspect_country_code": ("Country of the suspect", "Two letters, as GB, if that is the information you give."),
    "suspect_force_code": ("Police force of the suspect's area", "If that is the information you give."),
    "account_handle": ("Account that is concerned", "Its handle, where your answer is about an account."),
}
"""By field, what the form calls it, and when it is needed; others have the words of the contract."""
MOST_FIELDS = 30

router = APIRouter(prefix="/answer", include_in_schema=False)


@dataclass(frozen=True)
class Question:
    """A field of the form; ``choices``, words by value, is empty where the answer is free text."""

    name: str
    label: str
    hint: str
    choices: Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """The page for somebody whose link is valid. ``kinds`` are those answers that would move the dispatch now."""

    dispatch: Dispatch
    document: Document
    kinds: Mapping[str, str]
    questions: tuple[Question, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    faults: tuple[Fault, ...] = ()
    receipt: Receipt | None = None

    def called(self, name: str) -> str:
        """What the page calls a field."""
        return next((one.label for one in self.questions if one.name == name), name.replace("_", " ").capitalize())

    def worded(self, name: str, value: str) -> str:
        """What the page calls a value of it."""
        choices = next((one.choices for one in self.questions if one.name == name), {})
        return choices.get(value, value)


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that are not empty; none where it is no form, or has one of them twice."""
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        return {}
    return form if len(form := dict(pairs)) == len(pairs) else {}


type Form = Annotated[dict[str, str], Depends(form_of)]


@router.get("/style.css")
def style() -> FileResponse:
    """The page's style."""
    return FileResponse(FOLDER / "answer.css", media_type="text/css")


@router.get("/{link}")
def ask_for_code(link: str) -> HTMLResponse:
    """Nothing is looked up before the code is there."""
    del link
    return _rendered("code", HTTPStatus.OK, has_failed=False)


@router.post("/{link}")
def answer_by_link(request: Request, link: str, form: Form) -> HTMLResponse:
    """Show the dispatch and the form, or take the answer that the form holds."""
    service, code = service_of(request), "".join(one for one in form.pop("code", "") if one.isdecimal())
    try:
        bearer = known(service, hash_of(link), hash_of_code(link, code))
        if bearer is None:
            service.limit.count(request.client.host if request.client else "")
            return _rendered("code", HTTPStatus.FORBIDDEN, has_failed=True)
        service.limit.count(str(bearer.token_id))
        request.state.token_id = bearer.token_id
        page, status = _page(bearer, form)
    except FORESEEN as error:
        problem = problem_of(error)
        if problem.status is HTTPStatus.NOT_FOUND:  # another request has just answered by this link
            return _rendered("code", HTTPStatus.FORBIDDEN, has_failed=True)
        is_for_now = "Retry-After" in problem.headers
        told = _rendered("problem", problem.status, said=str(problem), is_for_now=is_for_now)
        told.headers.update(problem.headers)
        return told
    return _rendered("answer", status, page=page, code=code)


def _page(bearer: Bearer, form: Mapping[str, str]) -> tuple[Page, HTTPStatus]:
    with bearer.transaction() as connection:
        dispatch_id: UUID = connection.execute(sa.text("select ledger.exchange_only_dispatch()")).scalar_one()
        one = own_dispatch(connection, dispatch_id)
        text = document_text(connection, one)
        note_fetched(connection, bearer, one, text.encode())
        legal = ledger.legal_moves(connection)
        one = own_dispatch(connection, dispatch_id)
    told: Mapping[str, Any] = json.loads(text)
    contract = bearer.service.contracts.get(told.get("answer", {}).get("feed") or "")
    if contract is None:
        page = Page(one, document_of(text), {})
        if "kind" not in form:
            return page, HTTPStatus.OK
        return replace(page, problem="there is nothing to answer here any more"), HTTPStatus.CONFLICT
    kinds = {
        kind: MEANINGS.get(kind, kind)
        for kind, to in ANSWERS[contract.feed].items()
        if (one.state, to, one.needs_approval) in legal
    }
    questions = tuple(
        _question(bearer.service.settings, contract, column)
        for column in columns_to_fill_in(contract)
        if column.name not in NOT_ASKED
    )
    page = Page(one, document_of(text), kinds, questions)
    return _answered(bearer, page, form) if "kind" in form else (page, HTTPStatus.OK)


def _answered(bearer: Bearer, page: Page, form: Mapping[str, str]) -> tuple[Page, HTTPStatus]:
    asked = {"kind", *(question.name for question in page.questions)}
    given = {name: text for name, text in form.items() if name in asked}
    said = {**given, "happened_at": datetime.now(UTC).isoformat(timespec="seconds")}
    try:
        receipt, _ = take_answer(bearer, page.dispatch.dispatch_id, said)
    except Problem as problem:
        if problem.status is HTTPStatus.NOT_FOUND:
            raise
        return replace(page, given=given, problem=str(problem), faults=tuple(problem.faults)), problem.status
    return replace(page, given=given, receipt=receipt), HTTPStatus.OK


def _question(settings: Settings, contract: Contract, column: Column) -> Question:
    label, hint = WORDS.get(column.name, (column.name.replace("_", " ").capitalize(), column.description))
    return Question(column.name, label, hint, named_choices(settings, contract, column))


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _rendered(template: str, status: HTTPStatus, **values: Any) -> HTMLResponse:
    return HTMLResponse(_templates().get_template(f"{template}.html.jinja").render(values), status)
