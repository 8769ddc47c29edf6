"""Small deliveries of a feed, read and judged together before each is loaded in a transaction of its own.

A force sends a dozen rows a month, some forty forces do, and each judgement of a file costs as much as that of a
thousand rows (``docs/decisions/0003``).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hub.contracts import Contract
from hub.deliveries import Chunk, DeliveryStatus, Receipt, Verdict
from hub.doors import ledger
from hub.doors.landing_store import open_landed
from hub.doors.warehouse import begin
from hub.settings import Settings
from hub.stages.read import read_chunks
from hub.stages.validate import RuleFailed, load_great_expectations, validate_small

SMALL_BYTES = 64 * 1024
SMALL_ROWS = 1_000
AT_ONCE = 64
"""How many deliveries are judged together at most: 64,000 rows and some 20 MB in all."""


@dataclass(frozen=True)
class Judged:
    """All rows of a delivery, what the contract says of them, and the row counts that the file itself states."""

    chunk: Chunk
    verdict: Verdict
    stated: tuple[int, ...]


def judge_small(
    settings: Settings, engine: sa.Engine, contract: Contract, delivery_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, Judged]:
    """Read and judge the small ones among these deliveries, :data:`AT_ONCE` or fewer. Whatever cannot be read or judged
    here, and a small one that is alone, is left out: it is read in its own turn, and then refused, or fails, alone."""
    with begin(engine) as connection:
        receipts = ledger.receipts(connection, settings.landing, delivery_ids)
    small = [one for one in receipts if one.status is DeliveryStatus.RECEIVED and one.bytes <= SMALL_BYTES]
    read = {one.delivery_id: found for one in small if (found := _read(settings, contract, one)) is not None}
    received_at = [one.received_at for one in small if one.delivery_id in read]
    if len(read) < 2:
        return {}
    load_great_expectations()
    try:
        verdicts = validate_small(contract, [chunk for chunk, _ in read.values()], received_at)
    except RuleFailed:
        return {}
    return {
        delivery_id: Judged(chunk, verdict, stated)
        for (delivery_id, (chunk, stated)), verdict in zip(read.items(), verdicts, strict=True)
    }


def _read(settings: Settings, contract: Contract, receipt: Receipt) -> tuple[Chunk, tuple[int, ...]] | None:
    stated: list[int] = []
    try:
        with open_landed(settings, receipt.path) as landed:
            chunks = read_chunks(settings, contract, landed, stated)
            chunk, more = next(chunks, None), next(chunks, None)
    except Exception:
        return None
    if chunk is None or more is not None or chunk.rows.num_rows > SMALL_ROWS:
        return None
    return chunk, tuple(stated)
