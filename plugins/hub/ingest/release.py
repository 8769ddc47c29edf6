"""What a person decides of quarantined rows and held deliveries, carried out: release, correct or reject.

A released or corrected row goes into raw with the delivery and row number it came with, and the ledger counts it as
accepted from then on; nothing is decided twice.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from hub.contracts.model import Catalogue, Contract
from hub.deliveries import Chunk, DeliveryResult, DeliveryStatus, RowState
from hub.ingest import ledger, quarantine
from hub.ingest.agreement import disagreeing_rows
from hub.ingest.error_files import write_error_file
from hub.ingest.event_days import event_days
from hub.ingest.ingest import ingest_delivery, result_of
from hub.ingest.load import DeliveryLoad
from hub.ingest.validation import validate_chunk
from hub.settings import Settings
from hub.vault.reading import VaultReader, read_quarantined
from hub.warehouse.engine import begin, lock_feed

NEEDED = (".type", ".required", ".range", ".future", ".maximum")
"""What a column is, that it is there, and within which bounds it lies. One row without, or with a code that is not of
its list, or with a reference that is not of its form, would stop the build for all."""

INDEXED_BYTES = 2_000
"""A longer text fits into no index of the database, unless the contract allows its length and no index is made."""


class DecisionRefused(Exception):
    """A decision that cannot be carried out; the message says why and holds no value of the row."""


@dataclass(frozen=True)
class Decision:
    """The state that a quarantined row is in now, and whether this decision brought it there."""

    quarantine_id: uuid.UUID
    state: RowState
    is_new: bool


def reject_row(settings: Settings, engine: sa.Engine, quarantine_id: uuid.UUID, decided_by: str) -> Decision:
    """Leave a row out for good. Raises LookupError when there is no such row."""
    with begin(engine) as connection:
        row = quarantine.lock_row(connection, quarantine_id)
        if row.state != RowState.OPEN:
            _write_error_file_again(settings, connection, row)
            return Decision(quarantine_id, RowState(row.state), is_new=False)
        quarantine.decide(connection, quarantine_id, RowState.REJECTED, decided_by)
    _renew_error_file(settings, engine, row)
    return Decision(quarantine_id, RowState.REJECTED, is_new=True)


def release_row(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    quarantine_id: uuid.UUID,
    decided_by: str,
    correction: Mapping[str, str | None] | None = None,
) -> Decision:
    """Take a quarantined row in after all: as it is, or with some of its columns corrected.

    A corrected row must pass every rule of its contract. A row can go in as it is only if nothing that must be given is
    missing, each value is of the right type and within its bounds, and each code a known one: the warehouse rests on
    these. Raises :class:`DecisionRefused` and LookupError.
    """
    with begin(engine) as connection:
        row = quarantine.lock_row(connection, quarantine_id)
        if row.state != RowState.OPEN:
            _write_error_file_again(settings, connection, row)
            return Decision(quarantine_id, RowState(row.state), is_new=False)
        contract = _contract_of(catalogue, row.feed)
        reader = VaultReader(settings, "release of a quarantined row", decided_by)
        text = read_quarantined(reader, connection, quarantine_id)
        chunk = _as_chunk(contract, row, _columns_of(row.rule, text), correction or {})
        received_at = ledger.get(connection, row.delivery_id).received_at
        _check(contract, chunk, received_at, is_corrected=bool(correction))
        load = DeliveryLoad(connection, contract, settings, row.delivery_id, adds_to_loaded=True)
        prepared = load.prepare(chunk, rejected=())
        if correction and (repeated := load.unique_values_taken(prepared)):
            broken = ", ".join(f"{name}.unique" for name in repeated)
            raise DecisionRefused(f"the corrected row still breaks {broken}")
        loaded = load.load(prepared)
        for rule in contract.agreement_rules if correction else ():
            if row.row_number in disagreeing_rows(connection, contract, rule, row.delivery_id):
                raise DecisionRefused(f"the corrected row still breaks {rule.name}")
        counted_as = "rows_accepted" if loaded.count_accepted else "rows_duplicate"
        name = contract.event_column
        days = event_days(contract.column(name), chunk.rows.column(name)) if name is not None else None
        ledger.move_row(connection, row.delivery_id, days, to=counted_as)
        state = RowState.CORRECTED if correction else RowState.RELEASED
        quarantine.decide(connection, quarantine_id, state, decided_by)
    _renew_error_file(settings, engine, row)
    return Decision(quarantine_id, state, is_new=True)


def check_correction(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    quarantine_id: uuid.UUID,
    asked_by: str,
    correction: Mapping[str, str | None],
) -> None:
    """Whether a row that waits would pass the rules about single rows with some of its columns corrected; nothing is
    decided. Raises :class:`DecisionRefused` where it would not, and LookupError."""
    with begin(engine) as connection:
        row = quarantine.get_row(connection, quarantine_id)
        contract = _contract_of(catalogue, row.feed)
        reader = VaultReader(settings, "check of a correction", asked_by)
        text = read_quarantined(reader, connection, quarantine_id)
        received_at = ledger.get(connection, row.delivery_id).received_at
    chunk = _as_chunk(contract, row, _columns_of(row.rule, text), correction)
    _check(contract, chunk, received_at, is_corrected=True)


def release_delivery(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, delivery_id: uuid.UUID, decided_by: str
) -> DeliveryResult:
    """Load a held delivery: a person has looked at it and found it right, and the ledger keeps the name. Its rows are
    validated as ever."""
    with begin(engine) as connection:
        row = ledger.get(connection, delivery_id)
    contract = _contract_of(catalogue, row.feed)
    return ingest_delivery(settings, engine, contract, delivery_id, released_by=decided_by)


def reject_delivery(engine: sa.Engine, delivery_id: uuid.UUID, decided_by: str) -> DeliveryResult:
    """Refuse a held delivery for good; its bytes stay in the landing store."""
    with begin(engine) as connection:
        row = ledger.lock(connection, delivery_id)
        if row.status == DeliveryStatus.HELD:
            reason = f"{row.reason}{ledger.REJECTED_BY}{decided_by}"
            ledger.set_status(connection, delivery_id, DeliveryStatus.REFUSED, reason)
        return result_of(ledger.get(connection, delivery_id), seconds=0.0)


def _contract_of(catalogue: Catalogue, feed: str) -> Contract:
    contract = catalogue.contracts.get(feed)
    if contract is None:
        raise DecisionRefused(f"the feed {feed} has no contract that holds")
    return contract


def _columns_of(rule: str, text: str) -> dict[str, str | None]:
    """The row's columns; none are known of a row that could not be split."""
    return {} if rule.startswith("row.") else dict(json.loads(text))


def _as_chunk(
    contract: Contract,
    row: sa.Row[tuple[object, ...]],
    values: Mapping[str, str | None],
    correction: Mapping[str, str | None],
) -> Chunk:
    if not values and not correction:
        raise DecisionRefused("the row could not be split into columns: correct it, naming each column's value")
    if unknown := sorted(correction.keys() - {column.name for column in contract.columns}):
        raise DecisionRefused(f"the contract has no column {', '.join(unknown)}")
    merged = {**values, **{name: _as_read(value) for name, value in correction.items()}}
    arrays = [pa.array([merged.get(column.name) or None], pa.string()) for column in contract.columns]
    return Chunk(
        rows=pa.table(arrays, names=[column.name for column in contract.columns]),
        row_numbers=pa.array([row.row_number], pa.int64()),
        line_numbers=pa.array([row.line_number], pa.int64()),
    )


def _as_read(value: str | None) -> str | None:
    """A corrected value as a reader would give it: nothing where it is blank."""
    if value is None or not value.strip():
        return None
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise DecisionRefused("a corrected value is not text in UTF-8 without NUL")
    return value


def _check(contract: Contract, chunk: Chunk, received_at: datetime, *, is_corrected: bool) -> None:
    verdict = validate_chunk(contract, chunk, received_at)
    broken = [one.rule for one in verdict.rejections]
    broken += [rule for rules in verdict.other_rules.values() for rule in rules]
    if is_corrected and broken:
        raise DecisionRefused(f"the corrected row still breaks {', '.join(broken)}")
    code_lists = {rule.name for rule in contract.row_rules if rule.is_code_list}
    forms = {f"{column.name}.pattern" for column in contract.columns if column.unique}
    needed = [rule for rule in broken if rule.endswith(NEEDED) or rule in code_lists | forms]
    needed += [rule for rule in broken if rule not in needed and _is_too_long(contract, chunk, rule)]
    if needed:
        raise DecisionRefused(f"the row breaks {', '.join(needed)}, which the warehouse rests on; correct it")


def _is_too_long(contract: Contract, chunk: Chunk, rule: str) -> bool:
    """Whether a rule of a text's form or length is broken by one that the warehouse cannot index. Of a personal one it
    holds a token."""
    name, _, kind = rule.rpartition(".")
    if kind not in ("length", "pattern") or contract.column(name).is_personal:
        return False
    (value,) = chunk.rows.column(name).to_pylist()
    return len((value or "").encode("utf-8", "surrogatepass")) > INDEXED_BYTES


def _renew_error_file(settings: Settings, engine: sa.Engine, row: sa.Row[Any]) -> None:
    """Write the error file from the committed decisions, one after the other."""
    with begin(engine) as connection:
        _write_error_file_again(settings, connection, row)


def _write_error_file_again(settings: Settings, connection: sa.Connection, row: sa.Row[Any]) -> None:
    """Also of a row that was decided before: the store of the file may have been away then."""
    lock_feed(connection, row.feed)
    write_error_file(settings, connection, ledger.receipt(connection, row.delivery_id))
