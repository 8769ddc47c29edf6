"""One row in quarantine: the form of its values, and a form in which those that may be kept in the open are corrected.

What is typed here stands in Airflow's database until it is cleaned. So nothing leaves this page that is not a code, a
number, a date or a reference of its column; personal values and free text are corrected on the command line.
"""

import uuid
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from hub.contracts.corrections import codes_of, refusal_of
from hub.contracts.masks import may_be_shown
from hub.contracts.model import Contract, read_contract
from hub.contracts.rules import ContractRefused
from hub.contracts.values import Column
from hub.deliveries import RowState
from hub.page import links, queries
from hub.page.answers import FOR_DECIDERS, page_of
from hub.page.asking import ASKING, NotAsked, not_asked, started
from hub.page.lists import or_404
from hub.page.quarantined_rows import asked_about, quarantined_row
from hub.page.reading import reading
from hub.page.values import Delivery, QuarantinedRow, Waiting

MOST_CODES = 500
"""A longer list is typed."""
FIELD = "value."
EMPTIED = "empty"

router = APIRouter(prefix="/deliveries/{delivery_id}/rows/{quarantine_id}", default_response_class=HTMLResponse)


@dataclass(frozen=True)
class Field:
    """A column of a row: its value as it may be shown, and how it is corrected: of some codes, typed, or not here."""

    column: Column
    masked: str | int | None
    is_corrected_here: bool
    codes: Collection[str]


@dataclass(frozen=True)
class Found:
    """A row, its delivery, its feed's contract (None where that does not hold), and the question about the row that
    waits for its answer."""

    delivery: Delivery
    row: QuarantinedRow
    contract: Contract | None
    asked: Waiting | None

    @property
    def may_be_corrected(self) -> bool:
        """Whether it is open, nobody is asked about it, and its columns are known."""
        was_split = not self.row.rule.startswith("row.")
        return self.row.state == RowState.OPEN and self.asked is None and was_split and self.contract is not None


def found(request: Request, delivery_id: uuid.UUID, quarantine_id: uuid.UUID) -> Found:
    """The row of this address; 404 where there is none."""
    with reading(request) as connection:
        delivery = or_404(queries.delivery, connection, delivery_id)
        try:
            row = quarantined_row(connection, delivery_id, quarantine_id)
        except LookupError:
            raise HTTPException(404) from None
        asked = asked_about(connection).get(quarantine_id)
    contract: Contract | None = None
    with suppress(ContractRefused):
        contract = read_contract(request.app.state.settings.expectations / delivery.feed / "contract.yaml")
    return Found(delivery, row, contract, asked)


FoundRow = Annotated[Found, Depends(found)]


@router.get("", dependencies=FOR_DECIDERS)
def row(request: Request, found: FoundRow) -> HTMLResponse:
    """A row: the form of its values, and what can be corrected."""
    asked = found.asked and (found.asked, links.answer_page(found.asked))
    return page_of(
        request, "row", delivery=found.delivery, row=found.row, fields=_fields(found), found=found, asked=asked
    )


@router.post("/correct", dependencies=ASKING)
async def correct(request: Request, found: FoundRow) -> Response:
    """Start the run in which a second person lets the row in as it is corrected, and go there."""
    async with request.form() as form:
        typed = {name.removeprefix(FIELD): str(value) for name, value in form.items() if name.startswith(FIELD)}
        emptied = [str(name) for name in form.getlist(EMPTIED)]
    delivery_id, one = found.delivery.delivery_id, str(found.row.quarantine_id)
    try:
        correction = _correction(found, typed, emptied)
    except NotAsked as problem:
        return not_asked(request, delivery_id, problem)
    given = {"quarantine_ids": [one], "wish": "release", "corrections": {one: dict(correction)}}
    return await started(request, delivery_id, given)


def _correction(found: Found, typed: Mapping[str, str], emptied: Collection[str]) -> Mapping[str, str | None]:
    """What is to change. Raises :class:`NotAsked`."""
    if not found.may_be_corrected or found.contract is None:
        raise NotAsked(
            "This row cannot be corrected here: it is decided about, or somebody is asked about it already.", 409
        )
    correction: dict[str, str | None] = {name: value.strip() for name, value in typed.items() if value.strip()}
    if both := sorted(correction.keys() & set(emptied)):
        raise NotAsked(f"{', '.join(both)}: give a value or leave it empty, not both.")
    correction |= dict.fromkeys(emptied)
    if not correction:
        raise NotAsked("No column was given another value.")
    if refusal := refusal_of(found.contract, correction):
        raise NotAsked(f"{refusal}. Nothing of what was typed has been kept.")
    return correction


def _fields(found: Found) -> list[Field]:
    """The columns of the contract, in its order."""
    masked = found.row.masked_values or {}
    contract = found.contract
    if contract is None:
        return []
    return [
        Field(column, masked.get(column.name), may_be_shown(contract, column), _listed_codes(contract, column))
        for column in contract.columns
    ]


def _listed_codes(contract: Contract, column: Column) -> Collection[str]:
    codes = codes_of(contract, column)
    return codes if len(codes) <= MOST_CODES else ()
