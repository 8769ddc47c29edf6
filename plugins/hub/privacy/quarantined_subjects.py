"""Whom a quarantined row names, one of its subjects at a time: by what it is called in an erasure, and what it says.

A quarantined row has no tokens and no person of linkage: somebody who is in quarantine alone is named by the row.
"""

import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import sqlalchemy as sa

from hub.contracts.model import Catalogue, Contract
from hub.deliveries import quarantine_id_of
from hub.ingest.load import with_iso_dates
from hub.privacy.identity import identifying_columns
from hub.privacy.vault_erasure import Subject
from hub.vault.reading import VaultReader, encrypted_texts
from hub.vault.store import RAW_TEXT
from hub.vault.tables import QUARANTINED_TEXTS
from hub.warehouse.columns import is_one_of
from hub.warehouse.tables import QUARANTINED_ROWS

FORM_OF_QUARANTINED = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}:[a-z][a-z0-9]*"
"""The id of a quarantined row, and which of its subjects: a subject is the first word of its columns' names."""
COULD_NOT_BE_SPLIT = "row."
"""How the rules begin by which a row has no columns."""


def is_called_by_row(asked_for: str) -> bool:
    """Whether somebody is called by a quarantined row."""
    return re.fullmatch(FORM_OF_QUARANTINED, asked_for) is not None


def called(quarantine_id: uuid.UUID, subject: str) -> str:
    """What an erasure takes for a subject of a quarantined row."""
    return f"{quarantine_id}:{subject}"


def as_called(asked_for: str) -> str:
    """The same, as it is written down."""
    row, _, subject = asked_for.partition(":")
    return called(uuid.UUID(row), subject)


def subject_called(connection: sa.Connection, catalogue: Catalogue, asked_for: str) -> Subject:
    """The subject of a quarantined row that is called so, as if the row were a record. Raises LookupError where nobody
    can be told by it."""
    quarantine_id, _, subject = asked_for.partition(":")
    columns = QUARANTINED_ROWS.c
    query = sa.select(QUARANTINED_ROWS).where(columns.quarantine_id == uuid.UUID(quarantine_id))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise LookupError(f"the quarantine has no row {quarantine_id}")
    if row.rule.startswith(COULD_NOT_BE_SPLIT):
        raise LookupError(f"row {quarantine_id} could not be split into columns: nothing tells whose its values are")
    contract = catalogue.contracts.get(row.feed)
    if contract is None:
        raise LookupError(f"row {quarantine_id} is of {row.feed}, whose contract is refused or gone")
    if subject not in (known := identifying_columns(contract)):
        raise LookupError(f"rows of {row.feed} name {', '.join(known) or 'nobody'}, and nobody else")
    return Subject(row.feed, row.delivery_id, row.row_number, subject)


def subjects_beside(catalogue: Catalogue, one: Subject) -> list[Subject]:
    """All subjects of the row of this one."""
    return [replace(one, subject=subject) for subject in identifying_columns(catalogue.contracts[one.feed])]


def said_in_quarantine(
    reader: VaultReader, connection: sa.Connection, catalogue: Catalogue, subjects: Iterable[Subject]
) -> dict[Subject, dict[str, str]]:
    """What quarantined rows that were split say of these subjects, by field. Those of whom none says anything are left
    out."""
    by_row: dict[uuid.UUID, list[Subject]] = {}
    for one in subjects:
        by_row.setdefault(quarantine_id_of(one.delivery_id, one.row_number), []).append(one)
    encrypted = encrypted_texts(connection, _with_columns(connection, by_row))
    found: dict[Subject, dict[str, str]] = {}
    for quarantine_id, text in zip(encrypted, reader.decrypt(list(encrypted.values())), strict=True):
        for one in by_row[quarantine_id]:
            contract = catalogue.contracts[one.feed]
            row = with_iso_dates(contract, as_table(contract, [json.loads(text[RAW_TEXT])])).to_pylist()[0]
            columns = identifying_columns(contract).get(one.subject, {})
            if values := {field: row[column.name] for field, column in columns.items() if row[column.name]}:
                found[one] = values
    return found


def in_quarantine(connection: sa.Connection, subjects: Iterable[Subject]) -> list[Subject]:
    """Those of these subjects that are at the place of a quarantined row with a text in columns."""
    wanted = {one: quarantine_id_of(one.delivery_id, one.row_number) for one in subjects}
    there = _with_columns(connection, set(wanted.values()))
    return sorted(one for one, quarantine_id in wanted.items() if quarantine_id in there)


def as_table(contract: Contract, rows: Sequence[Mapping[str, str]]) -> pa.Table:
    """Quarantined rows in the columns of their contract."""
    return pa.table({one.name: pa.array([row.get(one.name) for row in rows], pa.string()) for one in contract.columns})


def _with_columns(connection: sa.Connection, quarantine_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these quarantined rows that have a text, and one in columns."""
    rows, texts = QUARANTINED_ROWS.c, QUARANTINED_TEXTS.c
    query = sa.select(rows.quarantine_id).join(QUARANTINED_TEXTS, rows.quarantine_id == texts.quarantine_id)
    is_asked = is_one_of(rows.quarantine_id, list(quarantine_ids))
    is_split = sa.not_(rows.rule.startswith(COULD_NOT_BE_SPLIT, autoescape=True))
    return set(connection.execute(query.where(is_asked, is_split)).scalars())
