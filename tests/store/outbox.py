"""Files for senders, as an auditor finds them in a bucket or in a folder."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import partial

import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.monitoring.quality_letters import write_letters
from hub.settings import Settings
from hub.store import StoreUnavailable
from store.faulty_proxy import Fault, Plan, Request
from store.s3 import PREFIX, Bucket

OUTBOX = f"{PREFIX}/outbox/"
TODAY = datetime.now(UTC).date()
MOST_TRIES = 400


def is_of_outbox(request: Request) -> bool:
    """Whether a request is about files for senders: one of them, or a list of them."""
    return "/outbox/" in request.target or "outbox%2F" in request.target


AWAY = Plan(1.0, (Fault.CUT_BEFORE,))
OUTBOX_AWAY = Plan(1.0, (Fault.CUT_BEFORE,), on=is_of_outbox)


def in_bucket(bucket: Bucket) -> dict[str, bytes]:
    """Name and bytes of every file for a sender."""
    every = bucket.keys()
    names = [key.removeprefix(OUTBOX) for key in every if key.startswith(OUTBOX)]
    return {name: read(bucket, name) for name in names}


def read(bucket: Bucket, name: str) -> bytes:
    return bytes(bucket.client.get_object(Bucket=bucket.name, Key=OUTBOX + name)["Body"].read())


def plant(bucket: Bucket, name: str, data: bytes) -> None:
    """Put other bytes there, past the hub."""
    bucket.client.put_object(Bucket=bucket.name, Key=OUTBOX + name, Body=data)


def in_folder(hub: Settings) -> dict[str, bytes]:
    found = [path for path in hub.outbox.rglob("*") if path.is_file()]
    return {path.relative_to(hub.outbox).as_posix(): path.read_bytes() for path in found}


def write_all(hub: Settings, engine: sa.Engine, contracts: Iterable[Contract], month: date = TODAY) -> set[str]:
    """The letters of a month for some feeds; returns the names of their files."""
    with engine.connect() as connection:
        letters = [one for contract in contracts for one in write_letters(hub, connection, contract, month)]
    return {name for one in letters for name in (one.text, one.rules)}


def insist[R](step: Callable[[], R]) -> R:
    """Do it until the store lets it."""
    for _ in range(MOST_TRIES):
        try:
            return step()
        except StoreUnavailable as problem:
            if "\n" in str(problem):
                raise AssertionError("more than a line") from problem
    raise AssertionError("the store never let it through")


def insist_on_letters(hub: Settings, engine: sa.Engine, contracts: Iterable[Contract]) -> set[str]:
    return insist(partial(write_all, hub, engine, list(contracts)))
