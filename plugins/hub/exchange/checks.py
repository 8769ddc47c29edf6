"""``/v1/checks``: the answer that a file would get as a delivery. Nothing of it is kept.

The hub's sandbox answers it, a process of its own that may do what the exchange may not: the file lies in a folder of
its own there until it is answered.
"""

import asyncio
import csv
import json
import secrets
import shutil
from http import HTTPStatus
from itertools import islice
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from hub.deliveries import DeliveryStatus
from hub.exchange.bearer import Deliverer
from hub.exchange.deliveries import FILE_BODY, MOST_FAULTS, OF_A_FILE, Feed, FileName, allowed_feed, refuse_name
from hub.exchange.problems import Fault, Problem, responses
from hub.exchange.receiving import upload_of
from hub.ingest.sandbox import ANSWERS, BEING_CHECKED, OF_THE_EXCHANGE
from hub.settings import Settings

LONGEST_WAIT, LOOK_EVERY = 120.0, 0.2
"""Seconds."""
AWAY = "the check was not answered in time; nothing of the file is kept"

router = APIRouter(prefix="/v1/checks", tags=["deliveries"])


class Checked(BaseModel):
    """What the hub would answer."""

    status: DeliveryStatus
    reason: str | None
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_duplicate: int
    rules: dict[str, int] = Field(description="How many rows break which rule first")
    faults: list[Fault] = Field(description="The first rows that would not be accepted, and why; no values")


@router.post("/{feed}", responses=responses(*OF_A_FILE), openapi_extra=FILE_BODY)
async def check_delivery(request: Request, bearer: Deliverer, feed: Feed, file_name: FileName = None) -> Checked:
    """Check a file as if it were handed in now."""
    contract = await run_in_threadpool(allowed_feed, bearer, feed)
    refuse_name(bearer, contract, file_name)
    place = bearer.service.settings.sandbox / OF_THE_EXCHANGE / secrets.token_hex(16)
    try:
        async with upload_of(request, place / feed) as upload:
            name = file_name or f"exchange_{bearer.recipient}.{contract.form.formats[0]}"
            upload.path.rename(place / feed / name)
        return await _answered(place / feed / ANSWERS)
    finally:
        await run_in_threadpool(lambda: shutil.rmtree(place, ignore_errors=True))


async def _answered(answers: Path) -> Checked:
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            # The error file comes right after the answer; the checked file goes last.
            while not (found := list(answers.glob("*.answer.json"))) or _lies_there(answers.parent):
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, AWAY, headers={"Retry-After": "60"}) from None
    said = json.loads(found[0].read_text(encoding="utf-8"))
    faults = [fault for path in answers.glob("*.errors.csv") for fault in _faults(path)]
    return Checked(**{name: said[name] for name in Checked.model_fields if name != "faults"}, faults=faults)


def _lies_there(folder: Path) -> bool:
    """Whether a file that is to be checked, or is being checked, is still there."""
    return any(path.is_file() for place in (folder, folder / BEING_CHECKED) for path in place.glob("*"))


def _faults(path: Path) -> list[Fault]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Fault(
                field=row["column"] or None, rule=row["rule"], because=row["reason"], row_number=int(row["row_number"])
            )
            for row in islice(csv.DictReader(file), MOST_FAULTS)
        ]


def forget_unanswered(settings: Settings) -> None:
    """Remove what a process that was ended has left to be checked: nobody waits for the answers any more."""
    shutil.rmtree(settings.sandbox / OF_THE_EXCHANGE, ignore_errors=True)
