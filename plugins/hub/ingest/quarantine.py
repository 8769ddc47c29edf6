"""Rejected rows → quarantine: the rule and its reason in ``quarantine.rows``, the row's own text in the vault."""

import itertools
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from hub.contracts.masks import masked
from hub.contracts.model import Contract
from hub.deliveries import Chunk, Rejection, RowState, quarantine_id_of
from hub.vault.reading import forget_quarantined
from hub.vault.store import QUARANTINED, RAW_TEXT, Encryptor
from hub.vault.tables import QUARANTINED_TEXTS, SUBJECT_KEYS
from hub.warehouse.engine import copy_rows, lock_feed
from hub.warehouse.tables import MASKED_ROWS, QUARANTINED_ROWS

ROWS_AT_ONCE = 4_096
BYTES_AT_ONCE = 1024 * 1024
"""About so much of a chunk is written out as text at once: a row may have a megabyte of it."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that is kept out: why, which rules it breaks besides, its text, and the hash of its record's key."""

    rejection: Rejection
    other_rules: tuple[str, ...]
    text: str
    key_hash: uuid.UUID | None


def rejected_rows(
    chunk: Chunk,
    rejections: Sequence[Rejection],
    other_rules: Mapping[int, tuple[str, ...]],
    key_hashes: Mapping[int, uuid.UUID | None],
) -> Iterator[list[RejectedRow]]:
    """The rejected rows of a chunk, a few at a time: the line itself where it could not be read, else its columns."""
    broken = {row.rejection.row_number: row.raw_text for row in chunk.broken}
    bytes_a_row = 1 + chunk.rows.nbytes // max(1, chunk.rows.num_rows)
    for few in itertools.batched(rejections, max(1, min(ROWS_AT_ONCE, BYTES_AT_ONCE // bytes_a_row))):
        texts = _texts(chunk, [one.row_number for one in few if one.row_number not in broken])
        texts |= {one.row_number: broken[one.row_number] for one in few if one.row_number in broken}
        numbers = [one.row_number for one in few]
        yield [
            RejectedRow(one, other_rules.get(number, ()), texts[number], key_hashes.get(number))
            for one, number in zip(few, numbers, strict=True)
        ]


def quarantine_rows(
    connection: sa.Connection, encryptor: Encryptor, contract: Contract, rows: Sequence[RejectedRow]
) -> None:
    """Write rejected rows of the encryptor's delivery, in the caller's transaction."""
    if not rows:
        return
    rejections = [row.rejection for row in rows]
    numbers = [one.row_number for one in rejections]
    ids = pa.array([quarantine_id_of(encryptor.delivery_id, number).bytes for number in numbers], pa.binary(16))
    columns = {
        "quarantine_id": ids,
        "delivery_id": pa.repeat(pa.scalar(encryptor.delivery_id.bytes, pa.binary(16)), len(rows)),
        "feed": pa.repeat(encryptor.feed, len(rows)),
        "row_number": pa.array(numbers, pa.int64()),
        "line_number": pa.array([one.line_number for one in rejections], pa.int64()),
        "column_name": pa.array([one.column for one in rejections], pa.string()),
        "rule": pa.array([one.rule for one in rejections], pa.string()),
        "because": pa.array([one.because for one in rejections], pa.string()),
        "other_rules": pa.array([row.other_rules for row in rows], pa.list_(pa.string())),
        "key_hash": pa.array([row.key_hash and row.key_hash.bytes for row in rows], pa.binary(16)),
    }
    copy_rows(connection, QUARANTINED_ROWS, [pa.table(columns)])
    _write_masked(connection, encryptor.delivery_id, contract, rows)
    write_texts(connection, encryptor, {row.rejection.row_number: row.text for row in rows})


def _write_masked(
    connection: sa.Connection, delivery_id: uuid.UUID, contract: Contract, rows: Sequence[RejectedRow]
) -> None:
    """What may be shown of the rows; nothing of those that could not be split."""
    split = [row for row in rows if not row.rejection.rule.startswith("row.")]
    ids = [quarantine_id_of(delivery_id, row.rejection.row_number).bytes for row in split]
    shown = [json.dumps(masked(contract, json.loads(row.text)), ensure_ascii=False) for row in split]
    columns = {"quarantine_id": pa.array(ids, pa.binary(16)), "masked_values": pa.array(shown, pa.string())}
    copy_rows(connection, MASKED_ROWS, [pa.table(columns)])


def write_texts(connection: sa.Connection, encryptor: Encryptor, texts: Mapping[int, str]) -> None:
    """Write the texts of quarantined rows of the encryptor's delivery, by row number, under new keys."""
    numbers = list(texts)
    ids = pa.array([quarantine_id_of(encryptor.delivery_id, number).bytes for number in numbers], pa.binary(16))
    values = pa.chunked_array([pa.array(list(texts.values()), pa.string())])
    encrypted = encryptor.encrypt(QUARANTINED, {RAW_TEXT: values}, numbers)
    copy_rows(connection, QUARANTINED_TEXTS, [pa.table({"quarantine_id": ids, "encrypted": encrypted.blobs})])
    copy_rows(connection, SUBJECT_KEYS, [encrypted.keys])


def open_rejections(connection: sa.Connection, delivery_id: uuid.UUID) -> Iterator[Rejection]:
    """Why each row of a delivery that waits in quarantine is there, by row number."""
    columns = QUARANTINED_ROWS.c
    query = (
        sa.select(columns.row_number, columns.line_number, columns.rule, columns.because, columns.column_name)
        .where(columns.delivery_id == delivery_id, columns.state == "open")
        .order_by(columns.row_number)
    )
    for row in connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
        yield Rejection(row.row_number, row.line_number, row.rule, row.because, row.column_name)


def list_rows(connection: sa.Connection, *, feed: str | None, state: str | None, limit: int) -> list[sa.Row[Any]]:
    """Quarantined rows, the newest first: no values, only rules and reasons."""
    query = sa.select(QUARANTINED_ROWS).order_by(
        QUARANTINED_ROWS.c.first_seen_at.desc(), QUARANTINED_ROWS.c.delivery_id, QUARANTINED_ROWS.c.row_number
    )
    if feed is not None:
        query = query.where(QUARANTINED_ROWS.c.feed == feed)
    if state is not None:
        query = query.where(QUARANTINED_ROWS.c.state == state)
    return list(connection.execute(query.limit(limit)))


def lock_row(connection: sa.Connection, quarantine_id: uuid.UUID) -> sa.Row[Any]:
    """One quarantined row, held for this transaction after its feed, in the order of a load or withdrawal. Raises
    LookupError when there is none."""
    of_row = sa.select(QUARANTINED_ROWS.c.feed).where(QUARANTINED_ROWS.c.quarantine_id == quarantine_id)
    if (feed := connection.scalar(of_row)) is not None:
        lock_feed(connection, feed)
    return get_row(connection, quarantine_id)


def get_row(connection: sa.Connection, quarantine_id: uuid.UUID) -> sa.Row[Any]:
    """One quarantined row. Raises LookupError when there is none."""
    query = sa.select(QUARANTINED_ROWS).where(QUARANTINED_ROWS.c.quarantine_id == quarantine_id)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise LookupError(f"the quarantine has no row {quarantine_id}")
    return row


def decide(connection: sa.Connection, quarantine_id: uuid.UUID, state: str, decided_by: str) -> None:
    """Write down what a person decided of a row. Of a row that went in, nothing is kept here: its values are where the
    other accepted ones are."""
    if state in (RowState.RELEASED, RowState.CORRECTED):
        forget_quarantined(connection, [quarantine_id])
    connection.execute(
        sa.update(QUARANTINED_ROWS)
        .where(QUARANTINED_ROWS.c.quarantine_id == quarantine_id)
        .values(state=state, decided_at=sa.func.now(), decided_by=decided_by, key_hash=None)
    )


def _texts(chunk: Chunk, wanted: Sequence[int]) -> dict[int, str]:
    """The columns of rows of a chunk as text, by row number."""
    places = np.searchsorted(chunk.row_numbers.to_numpy(), np.array(wanted, dtype=np.int64))
    texts = {}
    for number, row in zip(wanted, chunk.rows.take(pa.array(places)).to_pylist(), strict=True):
        given = {name: value for name, value in row.items() if value is not None}
        texts[number] = json.dumps(given, ensure_ascii=False)
    return texts
