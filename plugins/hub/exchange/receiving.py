"""What a recipient hands in goes into the drop folder of its feed, whole, and has a receipt: the same content has the
first one again. What becomes of it the ledger says later.

The receipt is committed after the file lies there. A process that dies in between leaves a file without a receipt, and
its sender, who has none, hands it in again: the ledger counts it as the same delivery.
"""

import asyncio
import base64
import hashlib
import os
import secrets
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import sqlalchemy as sa
from fastapi import Request
from pydantic import BaseModel, Field
from sqlalchemy.dialects.postgresql import insert

from hub.deliveries import delivery_id_of
from hub.exchange.bearer import Bearer
from hub.exchange.problems import Fault, Problem
from hub.exchange.tables import RECEIPTS
from hub.settings import Settings
from hub.store.folder import sync

CHARACTERS_OF_A_REFERENCE = 20
HIDDEN = ".exchange-"
"""How the name of a file begins of which more is to come."""


class Receipt(BaseModel):
    """That the hub has a file, and not what becomes of it."""

    delivery_id: uuid.UUID = Field(description="For GET /v1/deliveries/{delivery_id}; the same for the same content")
    feed: str
    sha256: str
    bytes: int
    dispatch_id: uuid.UUID | None = Field(description="Of an answer: what it answers")
    received_at: datetime


@dataclass(frozen=True)
class Upload:
    """Bytes that have come whole, in a hidden file that is gone when its request ends."""

    path: Path
    sha256: str
    size: int

    @property
    def reference(self) -> str:
        """A name of the content, without digits that could be taken for a telephone number."""
        return reference_of(bytes.fromhex(self.sha256))


def reference_of(digest: bytes) -> str:
    """A hash as letters and a few digits: 100 bits of it."""
    return base64.b32encode(digest).decode()[:CHARACTERS_OF_A_REFERENCE]


@asynccontextmanager
async def upload_of(request: Request, folder: Path) -> AsyncIterator[Upload]:
    """The body of a request as a file in this folder. Raises :class:`~hub.exchange.problems.Problem` for an empty
    one."""
    with _hidden_file(folder) as path:
        digest, size = hashlib.sha256(), 0
        with path.open("xb") as target:
            async for block in request.stream():
                digest.update(block)
                size += target.write(block)
            target.flush()
            await asyncio.to_thread(os.fsync, target.fileno())
        if size == 0:
            fault = Fault(field="body", rule="body.empty", because="an empty file says nothing")
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the file is empty", [fault])
        yield Upload(path, digest.hexdigest(), size)


@contextmanager
def upload_from(content: bytes, folder: Path) -> Iterator[Upload]:
    """These bytes as a file in this folder."""
    with _hidden_file(folder) as path:
        with path.open("xb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        yield Upload(path, hashlib.sha256(content).hexdigest(), len(content))


@contextmanager
def _hidden_file(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{HIDDEN}{secrets.token_hex(16)}.part"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def forget_unfinished(settings: Settings) -> None:
    """Remove what a process that was ended had of files: their senders have no receipt, and send them again."""
    for path in settings.drop.glob(f"*/{HIDDEN}*.part"):
        path.unlink(missing_ok=True)


def receipt_of(connection: sa.Connection, feed: str, sha256: str) -> Receipt | None:
    """The receipt that this connection's recipient has for a content."""
    query = sa.select(RECEIPTS).where(RECEIPTS.c.delivery_id == delivery_id_of(feed, sha256))
    row = connection.execute(query).mappings().first()
    return None if row is None else Receipt.model_validate(dict(row))


def hand_in(
    bearer: Bearer, feed: str, upload: Upload, name: str, *, dispatch_id: uuid.UUID | None = None
) -> tuple[Receipt, bool]:
    """Let a file lie in the drop folder under this name, once; returns its receipt, and whether it is the first for
    this content. Of two requests with the same content at once, one waits for the other."""
    row = {
        "recipient": bearer.recipient,
        "delivery_id": delivery_id_of(feed, upload.sha256),
        "feed": feed,
        "sha256": upload.sha256,
        "bytes": upload.size,
        "dispatch_id": dispatch_id,
        "token_id": bearer.token_id,
        "received_at": datetime.now(UTC),
    }
    with bearer.transaction() as connection:
        fresh = insert(RECEIPTS).values(row).on_conflict_do_nothing().returning(RECEIPTS)
        first = connection.execute(fresh).mappings().first()
        if first is not None:
            _put(upload, bearer.service.settings.drop / feed / name)
            return Receipt.model_validate(dict(first)), True
        receipt = receipt_of(connection, feed, upload.sha256)
    if receipt is None:
        raise RuntimeError("a receipt that was just written is not there")
    return receipt, False


def _put(upload: Upload, target: Path) -> None:
    """Under its name and on the disk when this returns; what lies there already is not replaced."""
    try:
        target.hardlink_to(upload.path)
    except FileExistsError:
        if not _is_content(target, upload.sha256):
            fault = Fault(field="file_name", rule="file_name.free", because="no file replaces another")
            detail = "another file of this name waits to be read; try again in a minute, or under another name"
            raise Problem(HTTPStatus.CONFLICT, detail, [fault]) from None
    sync(target.parent)


def _is_content(path: Path, sha256: str) -> bool:
    """Whether this lies there; False also where it has just been taken."""
    try:
        with path.open("rb") as lying:
            return hashlib.file_digest(lying, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False
