"""``/v1/deliveries``: files of the feeds that a recipient's contract lets it hand in, and what became of them."""

import uuid
from http import HTTPStatus
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from hub.contracts.model import FEED_NAME, Contract
from hub.deliveries import DeliveryStatus
from hub.dispatch.recipients import CONTRACT_FILE, RecipientRefused, read_recipient
from hub.exchange.bearer import Bearer, Deliverer, HandsIn
from hub.exchange.dispatches import USUAL_FAILURES
from hub.exchange.problems import Fault, Problem, responses
from hub.exchange.receiving import Receipt, hand_in, upload_of
from hub.exchange.tables import RECEIPTS
from hub.ingest.control_totals import CONTROL_SUFFIX
from hub.ingest.dropped_files import UNFINISHED_SUFFIXES

MOST_FAULTS = 100
FILE_NAME = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,119}$"
FILE_BODY = {
    "requestBody": {
        "required": True,
        "description": "The file, as its bytes",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}}},
    }
}
OF_A_FILE = (
    *USUAL_FAILURES,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.INSUFFICIENT_STORAGE,
)
OUTCOME = "select * from ledger.exchange_outcome(:delivery_id)"
REJECTIONS = "select * from ledger.exchange_rejections(:delivery_id, :most)"

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"])
Feed = Annotated[str, Path(pattern=FEED_NAME.pattern, description="A feed that the recipient's contract names")]
FileName = Annotated[
    str | None,
    Query(pattern=FILE_NAME, description="As the feed's contract names files; it can say period, sender and number"),
]


class Outcome(BaseModel):
    """What became of a delivery."""

    receipt: Receipt
    status: DeliveryStatus | Literal["waiting"] = Field(description="waiting: nobody has looked at it yet")
    reason: str | None = Field(default=None, description="Why it was refused or is held")
    rows_read: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    faults: list[Fault] = Field(default=[], description="The first rows that wait in quarantine, and why; no values")


@router.post(
    "/{feed}",
    status_code=HTTPStatus.ACCEPTED,
    responses={
        200: {"model": Receipt, "description": "This content was received before: its first receipt"},
        **responses(*OF_A_FILE, HTTPStatus.CONFLICT),
    },
    openapi_extra=FILE_BODY,
)
async def hand_in_delivery(
    request: Request, bearer: Deliverer, feed: Feed, response: Response, file_name: FileName = None
) -> Receipt:
    """Hand in a file. The receipt says that the hub has it whole; what becomes of it is asked for by its id."""
    contract = await run_in_threadpool(allowed_feed, bearer, feed)
    refuse_name(bearer, contract, file_name)
    async with upload_of(request, bearer.service.settings.drop / feed) as upload:
        name = file_name or f"exchange_{bearer.recipient}_{upload.reference}.{contract.form.formats[0]}"
        receipt, is_first = await run_in_threadpool(hand_in, bearer, feed, upload, name)
    response.status_code = HTTPStatus.ACCEPTED if is_first else HTTPStatus.OK
    return receipt


@router.get("/{delivery_id}", responses=responses(*USUAL_FAILURES, HTTPStatus.NOT_FOUND))
def outcome_of_delivery(bearer: HandsIn, delivery_id: uuid.UUID) -> Outcome:
    """What became of a delivery, or an answer, that this recipient has handed in."""
    asked = {"delivery_id": delivery_id, "most": MOST_FAULTS}
    with bearer.transaction() as connection:
        found = connection.execute(sa.select(RECEIPTS).where(RECEIPTS.c.delivery_id == delivery_id)).mappings().first()
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such delivery")
        row = connection.execute(sa.text(OUTCOME), asked).mappings().first()
        rejected = connection.execute(sa.text(REJECTIONS), asked).all()
    receipt = Receipt.model_validate(dict(found))
    if row is None:
        return Outcome(receipt=receipt, status="waiting")
    faults = [
        Fault(field=one.column_name, rule=one.rule, because=one.because, row_number=one.row_number) for one in rejected
    ]
    return Outcome.model_validate({**row, "receipt": receipt, "faults": faults})


def allowed_feed(bearer: Bearer, feed: str) -> Contract:
    """The contract of a feed that the recipient may hand in. Which others there are is nobody's business."""
    try:
        recipient = read_recipient(bearer.service.settings.recipients / bearer.recipient / CONTRACT_FILE)
        delivers = recipient.delivers
    except RecipientRefused:
        delivers = frozenset()
    contract = bearer.service.contracts.get(feed)
    if feed not in delivers or contract is None:
        raise Problem(HTTPStatus.FORBIDDEN, "the recipient's contract does not name this feed")
    return contract


def refuse_name(bearer: Bearer, contract: Contract, name: str | None) -> None:
    """A name must not speak for somebody else, nor keep the file from being taken. Raises
    :class:`~hub.exchange.problems.Problem`."""
    if name is None:
        return
    found = contract.file_name_pattern.search(name) if contract.file_name_pattern else None
    sender = found.groupdict().get("sender") if found else None
    if sender not in (None, bearer.recipient):
        fault = Fault(field="file_name", rule="file_name.sender", because="the sender in a name is who hands it in")
    elif ".." in name:
        fault = Fault(
            field="file_name", rule="file_name.plain", because="ingest refuses a name that could lead elsewhere"
        )
    elif name.endswith((*UNFINISHED_SUFFIXES, CONTROL_SUFFIX)):
        fault = Fault(field="file_name", rule="file_name.whole", because="such a name is of a transfer under way")
    else:
        return
    raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the name of the file cannot be taken", [fault])
