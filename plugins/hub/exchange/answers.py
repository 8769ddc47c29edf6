"""``/v1/dispatches/{id}/answers``: one answer of a recipient, as a delivery of one row of the feed of its answers.

The exchange fills in what the package says that a row is to hold, so nobody answers for somebody else, and names the
answer by its content: the same answer twice is one. The row is then checked by the feed's contract, here to say at
once what is wrong with it, and again when it is ingested.
"""

import hashlib
import io
import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from lxml import etree

from hub.contracts.model import Contract
from hub.contracts.values import FileFormat
from hub.deliveries import DeliveryRefused
from hub.dispatch import ledger
from hub.dispatch.ledger import Dispatch
from hub.dispatch.package import ANSWERS
from hub.exchange.answer_form import FILLED, columns_to_fill_in
from hub.exchange.bearer import Answerer, Bearer
from hub.exchange.dispatches import USUAL_FAILURES, own_dispatch
from hub.exchange.openapi import REFERENCES
from hub.exchange.problems import Fault, Problem, responses
from hub.exchange.receiving import Receipt, hand_in, receipt_of, reference_of, upload_from
from hub.ingest.readers import read_chunks
from hub.ingest.validation import validate_chunk
from hub.settings import Settings

PREFIXES = {"force_responses": "FR-", "provider_responses": "PR-"}
ONE_AT_A_TIME = threading.Lock()
"""Great Expectations keeps the state of a check in objects that all threads share."""

router = APIRouter(prefix="/v1/dispatches", tags=["dispatches"])


@dataclass(frozen=True)
class Answer:
    """An answer to one dispatch, as the row that its feed takes."""

    contract: Contract
    row: Mapping[str, str]

    @property
    def kind(self) -> str | None:
        return self.row.get("kind")


@router.post(
    "/{dispatch_id}/answers",
    status_code=HTTPStatus.ACCEPTED,
    responses={
        200: {"model": Receipt, "description": "This answer was received before: its first receipt"},
        **responses(
            *USUAL_FAILURES,
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.NOT_FOUND,
            HTTPStatus.REQUEST_TIMEOUT,
            HTTPStatus.CONFLICT,
            HTTPStatus.INSUFFICIENT_STORAGE,
        ),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"anyOf": [{"$ref": f"{REFERENCES}{name}"} for name in sorted(FILLED)]}}
            },
        }
    },
)
def answer_dispatch(
    bearer: Answerer, dispatch_id: uuid.UUID, said: Annotated[dict[str, str | None], Body()], response: Response
) -> Receipt:
    """Acknowledge, accept, return with a reason, transfer, or tell the outcome. The receipt says that the hub has the
    answer; the dispatch moves when the answer has been ingested, within minutes."""
    receipt, is_first = take_answer(bearer, dispatch_id, said)
    response.status_code = HTTPStatus.ACCEPTED if is_first else HTTPStatus.OK
    return receipt


def take_answer(bearer: Bearer, dispatch_id: uuid.UUID, said: Mapping[str, str | None]) -> tuple[Receipt, bool]:
    """Check an answer and hand it in; returns its receipt, and whether it is the first of this content. Raises
    :class:`~hub.exchange.problems.Problem`."""
    with bearer.transaction() as connection:
        one = own_dispatch(connection, dispatch_id)
        fields = json.loads(ledger.package_of(connection, dispatch_id))["answer"]
    answer = _answer(bearer, one, fields, said)
    faults = list(faults_of(bearer.service.settings, answer))
    if faults:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the answer breaks rules of its contract", faults)
    feed, content = answer.contract.feed, as_file(answer)
    with bearer.transaction() as connection:
        known = receipt_of(connection, feed, hashlib.sha256(content).hexdigest())
        if known is None:
            _refuse_too_late(one, answer, ledger.legal_moves(connection))
    if known is not None:
        return known, False
    name = f"exchange_{bearer.recipient}_{answer.row['response_ref']}.{answer.contract.form.formats[0]}"
    with upload_from(content, bearer.service.settings.drop / feed) as upload:
        return hand_in(bearer, feed, upload, name, dispatch_id=dispatch_id)


def _answer(bearer: Bearer, one: Dispatch, told: Mapping[str, Any], said: Mapping[str, str | None]) -> Answer:
    """The row of an answer. ``told`` is what the package says of answers."""
    contract = bearer.service.contracts.get(told["feed"])
    if contract is None:
        raise Problem(HTTPStatus.CONFLICT, "the recipient of this dispatch answers by word")
    own = {name: text for name, text in said.items() if text is not None}
    fields = {name: text for name, text in told["fields"].items() if text is not None}
    if "incident_ref" in FILLED[contract.feed]:
        fields.setdefault("incident_ref", one.allocation_ref)
    columns = [column.name for column in columns_to_fill_in(contract)]
    if unknown := own.keys() - columns:
        known = ", ".join(columns)
        fault = Fault(field=None, rule="unknown_field", because=f"an answer has only {known}")
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{len(unknown)} unknown fields", [fault])
    reference = _reference(bearer, contract.feed, one.dispatch_id, own)
    return Answer(contract, {**own, **fields, "response_ref": reference})


def _reference(bearer: Bearer, feed: str, dispatch_id: uuid.UUID, own: Mapping[str, str]) -> str:
    """Names an answer by all that it says, so that none is ever taken for the correction of another. A link has one
    answer, which it names: what is sent again after a file that has no receipt corrects that file."""
    says = sorted(own.items()) if bearer.code_sha256 is None else str(bearer.token_id)
    digest = hashlib.sha256(json.dumps([str(dispatch_id), says]).encode()).digest()
    return PREFIXES[feed] + reference_of(digest)


def as_file(answer: Answer) -> bytes:
    """A file of this one row, each time the same bytes. Raises :class:`~hub.exchange.problems.Problem` for text that
    such a file cannot hold."""
    form = answer.contract.form
    if FileFormat.JSONL in form.formats:
        return f"{json.dumps(answer.row, sort_keys=True)}\n".encode()
    root = etree.Element("responses", {str(form.count_attribute): "1"})
    row = etree.SubElement(root, str(form.row_path))
    for name, text in sorted(answer.row.items()):
        try:
            etree.SubElement(row, name).text = text
        except ValueError:
            fault = Fault(field=name, rule=f"{name}.text", because="XML has no control characters")
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "a text holds control characters", [fault]) from None
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def faults_of(settings: Settings, answer: Answer) -> Iterator[Fault]:
    """What the contract says against an answer, as ingest will find it."""
    contract, now = answer.contract, datetime.now(UTC)
    reasons = {rule.name: rule.because for rule in contract.row_rules}
    try:
        chunks = list(read_chunks(settings, contract, io.BytesIO(as_file(answer)), []))
    except DeliveryRefused as refusal:
        yield Fault(field=None, rule="file", because=str(refusal))
        return
    for chunk in chunks:
        with ONE_AT_A_TIME:
            verdict = validate_chunk(contract, chunk, now)
        for one in verdict.rejections:
            yield Fault(field=one.column, rule=one.rule, because=one.because)
            for rule in verdict.other_rules.get(one.row_number, ()):
                yield Fault(field=rule.partition(".")[0], rule=rule, because=reasons.get(rule, one.because))


def _refuse_too_late(one: Dispatch, answer: Answer, legal: set[tuple[Any, Any, bool]]) -> None:
    """An answer that would move nothing is told so, and not taken as if it did."""
    to = ANSWERS[answer.contract.feed].get(str(answer.kind))
    if to is not None and (one.state, to, one.needs_approval) not in legal:
        fault = Fault(field="kind", rule="kind.in_time", because=f"the dispatch is {one.state} and cannot become {to}")
        raise Problem(HTTPStatus.CONFLICT, "the dispatch has moved on", [fault])
