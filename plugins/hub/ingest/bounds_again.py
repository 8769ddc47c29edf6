"""Rows that an earlier contract accepted, held against the bounds of the one that is in force.

A row whose time cannot be would stop every build for all. So before a build, deliveries that were loaded under another
version of their contract are looked at once, and such rows go from raw to quarantine, where a person corrects or
rejects them as any other.
"""

import dataclasses
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.contracts.rules import BOUNDS, Rule
from hub.contracts.values import Column
from hub.deliveries import DeliveryStatus, Rejection
from hub.ingest import ledger
from hub.ingest.error_files import write_error_file
from hub.ingest.event_days import event_days
from hub.ingest.quarantine import RejectedRow, quarantine_rows
from hub.ingest.validation import out_of_bounds, typed_frame
from hub.ingest.withdrawals import hand_over_records
from hub.settings import Settings
from hub.vault.keys import feed_keys
from hub.vault.reading import VaultReader, read_records
from hub.vault.record_keys import key_hash
from hub.vault.store import Encryptor
from hub.vault.tables import SUBJECT_KEYS, vault_table
from hub.warehouse.columns import is_one_of
from hub.warehouse.engine import begin, lock_feed
from hub.warehouse.tables import DELIVERIES, QUARANTINED_ROWS, raw_table

ROWS_A_FETCH = 20_000


@dataclass(frozen=True)
class RequarantinedRows:
    """How many accepted rows of one delivery went back to quarantine."""

    feed: str
    delivery_id: uuid.UUID
    count_rows: int


def quarantine_out_of_bounds(
    settings: Settings, engine: sa.Engine, contracts: Iterable[Contract]
) -> list[RequarantinedRows]:
    """Quarantine accepted rows that break a bound of their contract, of deliveries that an earlier version of it let
    in. ``engine`` is the owner's. Nothing is looked at twice under one version."""
    taken: list[RequarantinedRows] = []
    for contract in contracts:
        with begin(engine) as connection:
            waiting = _loaded_under_another_version(connection, contract.feed, contract.version)
            if waiting:
                lock_feed(connection, contract.feed)
                taken += _of_feed(settings, connection, contract, waiting)
                _note_bounds_version(connection, list(waiting), contract.version)
    return taken


def _of_feed(
    settings: Settings, connection: sa.Connection, contract: Contract, received_at: dict[uuid.UUID, datetime]
) -> Iterator[RequarantinedRows]:
    looked_at = received_at
    while looked_at:
        found: dict[uuid.UUID, list[tuple[int, Rule]]] = {}
        for delivery_id, number, rule in _broken_bounds(connection, contract, looked_at):
            found.setdefault(delivery_id, []).append((number, rule))
        heirs: set[uuid.UUID] = set()
        for delivery_id, broken in found.items():
            heirs |= _take_out(settings, connection, contract, delivery_id, dict(reversed(broken)))
            yield RequarantinedRows(contract.feed, delivery_id, len(dict(broken)))
        # Their own receipts decide whether what they inherit is within its bounds.
        looked_at = {one: at for one, at in received_at.items() if one in heirs}


def _broken_bounds(
    connection: sa.Connection, contract: Contract, received_at: dict[uuid.UUID, datetime]
) -> Iterator[tuple[uuid.UUID, int, Rule]]:
    """Delivery, row number and broken rule of each accepted row of these deliveries that breaks a bound. Personal
    values are in the vault: what is there stops no build."""
    raw = raw_table(contract)
    rules = {rule.name: rule for rule in contract.row_rules if rule.expectation in BOUNDS}
    columns = tuple(
        _as_stored(one)
        for one in contract.columns
        if not one.is_personal and any(r.column == one.name for r in rules.values())
    )
    names = {column.name for column in columns}
    rules = {name: rule for name, rule in rules.items() if rule.column in names}
    if not rules:
        return
    bounded = dataclasses.replace(contract, columns=columns, row_rules=tuple(rules.values()))
    query = sa.select(
        raw.c["_delivery_id"],
        raw.c["_row_number"],
        *(sa.cast(raw.c[column.raw_name], sa.Text).label(column.name) for column in columns),
    ).where(is_one_of(raw.c["_delivery_id"], list(received_at)))
    rows = connection.execute(query, execution_options={"yield_per": ROWS_A_FETCH})
    for part in rows.partitions():
        of_delivery: dict[uuid.UUID, list[sa.Row[Any]]] = {}
        for row in part:
            of_delivery.setdefault(row[0], []).append(row)
        for delivery_id, own in of_delivery.items():
            cells = [pa.array([row[2 + position] for row in own], pa.string()) for position in range(len(columns))]
            table = pa.table(cells, names=[column.name for column in columns])
            frame, _ = typed_frame(bounded, table)
            hits = out_of_bounds(bounded, frame, table, received_at[delivery_id])
            for name, positions in hits.items():
                yield from ((delivery_id, own[position][1], rules[name]) for position in positions.tolist())


def _as_stored(column: Column) -> Column:
    return column if column.format is None else dataclasses.replace(column, format=column.format.stored)


def _take_out(
    settings: Settings,
    connection: sa.Connection,
    contract: Contract,
    delivery_id: uuid.UUID,
    broken: dict[int, Rule],
) -> set[uuid.UUID]:
    """Move rows of a delivery from raw and vault to quarantine. What other rows state again stays in raw as theirs;
    returns the deliveries of those."""
    raw, vault = raw_table(contract), vault_table(contract)
    numbers = sorted(broken)
    texts = _texts(settings, connection, contract, delivery_id, numbers)
    keys = feed_keys(connection, settings, contract.feed)
    hashes = _key_hashes(connection, contract, delivery_id, numbers, keys.record.chain)
    heirs = hand_over_records(connection, contract, delivery_id, numbers)
    # A person may have released one of them before; from now on it waits for a decision again.
    _delete(connection, QUARANTINED_ROWS, ("delivery_id", "row_number"), delivery_id, numbers)
    _delete(connection, SUBJECT_KEYS, ("delivery_id", "row_number"), delivery_id, numbers)
    for table in (raw, vault):
        if table is not None:
            _delete(connection, table, ("_delivery_id", "_row_number"), delivery_id, numbers)
    rejected = [
        RejectedRow(Rejection(number, None, rule.name, rule.because, rule.column), (), texts[number], hashes[number])
        for number, rule in sorted(broken.items())
    ]
    encryptor = Encryptor(keys.master, contract.feed, delivery_id)
    quarantine_rows(connection, encryptor, contract, rejected)
    ledger.take_back_rows(connection, delivery_id, len(numbers), _event_days(connection, contract, delivery_id))
    write_error_file(settings, connection, ledger.receipt(connection, delivery_id))
    return set(heirs)


def _event_days(
    connection: sa.Connection, contract: Contract, delivery_id: uuid.UUID
) -> tuple[date | None, date | None]:
    """The first and the last day in the rows that are left of a delivery."""
    if contract.event_column is None:
        return None, None
    raw, column = raw_table(contract), _as_stored(contract.column(contract.event_column))
    query = sa.select(raw.c[column.raw_name]).where(raw.c["_delivery_id"] == delivery_id)
    texts = pa.chunked_array([pa.array(connection.execute(query).scalars().all(), pa.string())])
    return event_days(column, texts) or (None, None)


def _texts(
    settings: Settings, connection: sa.Connection, contract: Contract, delivery_id: uuid.UUID, numbers: Sequence[int]
) -> dict[int, str]:
    """The rows as quarantine keeps them: their columns with personal values in place of tokens."""
    raw = raw_table(contract)
    wanted = raw.c["_delivery_id"] == delivery_id, is_one_of(raw.c["_row_number"], numbers)
    plain = [column for column in contract.columns if not column.is_personal]
    query = sa.select(
        raw.c["_row_number"], *(sa.cast(raw.c[column.raw_name], sa.Text).label(column.name) for column in plain)
    ).where(*wanted)
    values: dict[int, dict[str, str | None]] = {row[0]: dict(row._mapping) for row in connection.execute(query)}
    positions = sa.select(raw.c["_delivery_id"], raw.c["_row_number"]).where(*wanted)
    reader = VaultReader(settings, "quarantine of rows out of bounds", "hub")
    for _, number, personal in read_records(reader, connection, contract, of=positions):
        values[number] |= personal
    return {number: json.dumps(_as_delivered(contract, row), ensure_ascii=False) for number, row in values.items()}


def _key_hashes(
    connection: sa.Connection,
    contract: Contract,
    delivery_id: uuid.UUID,
    numbers: Sequence[int],
    chain: Sequence[bytes],
) -> dict[int, uuid.UUID | None]:
    raw = raw_table(contract)
    key = [raw.c[column.raw_name] for column in contract.key_columns]
    wanted = raw.c["_delivery_id"] == delivery_id, is_one_of(raw.c["_row_number"], numbers)
    rows = connection.execute(sa.select(raw.c["_row_number"], *key).where(*wanted)).all()
    return {int(row[0]): key_hash(row[1:], chain) for row in rows}


def _as_delivered(contract: Contract, row: Mapping[str, str | None]) -> dict[str, str]:
    """What a row gives, in the order of its contract and with dates as it writes them."""
    given = [(column, text) for column in contract.columns if (text := row.get(column.name)) is not None]
    return {one.name: text if one.format is None else one.format.as_delivered(text) for one, text in given}


def _delete(
    connection: sa.Connection, table: sa.Table, key: tuple[str, str], delivery_id: uuid.UUID, numbers: Sequence[int]
) -> None:
    delivery, number = (table.c[name] for name in key)
    connection.execute(sa.delete(table).where(delivery == delivery_id, is_one_of(number, numbers)))


def _loaded_under_another_version(connection: sa.Connection, feed: str, version: str) -> dict[uuid.UUID, datetime]:
    """Loaded deliveries of a feed that nobody has held against the bounds of this version of its contract, with when
    each was received."""
    columns = DELIVERIES.c
    known = sa.func.coalesce(columns.bounds_version, columns.contract_version)
    query = sa.select(columns.delivery_id, columns.received_at).where(
        columns.feed == feed, columns.status == DeliveryStatus.LOADED, known.is_distinct_from(version)
    )
    return {row.delivery_id: row.received_at for row in connection.execute(query)}


def _note_bounds_version(connection: sa.Connection, delivery_ids: Sequence[uuid.UUID], version: str) -> None:
    """Write down that deliveries were held against the bounds of this version of their contract."""
    noted = (
        sa.update(DELIVERIES).where(is_one_of(DELIVERIES.c.delivery_id, delivery_ids)).values(bounds_version=version)
    )
    connection.execute(noted)
