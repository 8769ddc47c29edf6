"""Reading the vault: one function decrypts what is there, and says so in the audit log before it does.

Queries of encrypted blobs and wrapped keys can run anywhere; nothing can be read from what they give without
:meth:`VaultReader.decrypt`.
"""

import functools
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.contracts.model import Contract
from hub.settings import Settings
from hub.vault import audit
from hub.vault.hub_keys import KeyRing, Purpose, read_ring
from hub.vault.store import GAP, NONCE_BYTES, QUARANTINED, RAW_TEXT, place_of
from hub.vault.tables import QUARANTINED_TEXTS, SUBJECT_KEYS, vault_table
from hub.warehouse.columns import is_one_of
from hub.warehouse.tables import MASKED_ROWS, QUARANTINED_ROWS

RECORDS_A_FETCH = 10_000


class VaultDamaged(RuntimeError):
    """A blob or a key of the vault was changed or moved; the message names its place and no value."""


class Encrypted(NamedTuple):
    """One subject of one record as the vault holds it; without a blob or a key it says nothing any more."""

    feed: str
    subject: str
    delivery_id: bytes
    row_number: int
    key_version: int | None
    wrapped: bytes | None
    blob: bytes | None


@dataclass(frozen=True)
class VaultReader:
    """Reads the vault for one purpose; ``who`` is the account of this process where nobody is named."""

    settings: Settings
    purpose: str
    who: str = field(default_factory=audit.account)

    @functools.cached_property
    def _master(self) -> KeyRing:
        return read_ring(self.settings, Purpose.MASTER)

    def decrypt(self, encrypted: Sequence[Encrypted]) -> list[dict[str, str]]:
        """The values of each subject by column; empty where the vault has none (any more).

        The audit log says who reads how many subjects of which feeds and what for, committed, before anything is
        decrypted. Raises :class:`VaultDamaged`.
        """
        held = Counter(f"{one.feed}.{one.subject}" for one in encrypted if one.blob is not None)
        if held:
            entry = audit.Entry(self.who, "vault read", self.purpose, {"subjects": dict(sorted(held.items()))})
            audit.append(self.settings, entry)
        return [self._decrypt(one) for one in encrypted]

    def _decrypt(self, one: Encrypted) -> dict[str, str]:
        if one.blob is None or one.wrapped is None or one.key_version is None:
            return {}
        where = place_of(one.feed, one.subject, one.delivery_id) + one.row_number.to_bytes(8, "big")
        try:
            unwrap = self._master.cipher(one.key_version).decrypt
            key = unwrap(one.wrapped[:NONCE_BYTES], one.wrapped[NONCE_BYTES:], where)
            parts = AESGCM(key).decrypt(one.blob[:NONCE_BYTES], one.blob[NONCE_BYTES:], where).split(GAP)
        except InvalidTag:
            raise VaultDamaged(
                f"the {one.subject} of row {one.row_number} of delivery {uuid.UUID(bytes=one.delivery_id)} cannot"
                " be decrypted: it was changed, or another master key encrypted it"
            ) from None
        return {name.decode(): value.decode() for name, value in zip(parts[1::2], parts[2::2], strict=True)}


def encrypted_columns(subject: str, blob: str) -> str:
    """SQL for what decrypts a subject: ``<subject>_version``, ``_wrapped`` and ``_blob``, beside :func:`key_join`."""
    keys = f"{subject}_keys"
    return f"{keys}.key_version as {subject}_version, {keys}.wrapped as {subject}_wrapped, {blob} as {subject}_blob"


def key_join(subject: str, place: str) -> str:
    """SQL that joins the wrapped keys of a subject to a relation ``place`` with delivery_id and row_number."""
    keys = f"{subject}_keys"
    return (
        f"left join {SUBJECT_KEYS.fullname} as {keys} on {place}.delivery_id = {keys}.delivery_id"
        f" and {place}.row_number = {keys}.row_number and {keys}.subject = '{subject}'"
    )


def read_records(
    reader: VaultReader,
    connection: sa.Connection,
    contract: Contract,
    *,
    of: sa.Select[Any] | None = None,
    subjects: Collection[str] | None = None,
) -> Iterator[tuple[uuid.UUID, int, dict[str, str]]]:
    """What the vault holds of a feed's records: delivery, row number, and the values of all subjects by column. ``of``
    is a query of the delivery ids and row numbers that are wanted, ``subjects`` are those that are; without them, all
    are."""
    vault = vault_table(contract)
    if vault is None:
        return
    place = (vault.c["_delivery_id"], vault.c["_row_number"])
    keys = {
        subject: SUBJECT_KEYS.alias(f"{subject}_keys")
        for subject in contract.subjects
        if subjects is None or subject in subjects
    }
    query = sa.select(*place)
    for subject, table in keys.items():
        own = sa.and_(place[0] == table.c.delivery_id, place[1] == table.c.row_number, table.c.subject == subject)
        query = query.add_columns(table.c.key_version, table.c.wrapped, vault.c[subject])
        query = query.select_from(vault) if subject == next(iter(keys)) else query
        query = query.join(table, own, isouter=True)
    if of is not None:
        query = query.where(sa.tuple_(*place).in_(of))
    rows = connection.execute(query.order_by(*place), execution_options={"yield_per": RECORDS_A_FETCH})
    for part in rows.partitions():
        encrypted = [
            Encrypted(contract.feed, subject, row[0].bytes, row[1], *row[2 + 3 * index : 5 + 3 * index])
            for row in part
            for index, subject in enumerate(keys)
        ]
        decrypted = reader.decrypt(encrypted)
        for index, row in enumerate(part):
            values: dict[str, str] = {}
            for one in decrypted[len(keys) * index : len(keys) * (index + 1)]:
                values |= one
            yield row[0], row[1], values


def encrypted_texts(connection: sa.Connection, quarantine_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Encrypted]:
    """The encrypted texts of quarantined rows, by id; those that are no longer there are left out."""
    rows, texts, keys = QUARANTINED_ROWS.c, QUARANTINED_TEXTS.c, SUBJECT_KEYS.c
    query = (
        sa.select(rows.quarantine_id, rows.feed, rows.delivery_id, rows.row_number, texts.encrypted)
        .add_columns(keys.key_version, keys.wrapped)
        .join(QUARANTINED_TEXTS, rows.quarantine_id == texts.quarantine_id)
        .join(
            SUBJECT_KEYS,
            sa.and_(
                rows.delivery_id == keys.delivery_id,
                rows.row_number == keys.row_number,
                keys.subject == QUARANTINED,
            ),
        )
        .where(is_one_of(rows.quarantine_id, list(quarantine_ids)))
    )
    return {
        row.quarantine_id: Encrypted(
            row.feed, QUARANTINED, row.delivery_id.bytes, row.row_number, row.key_version, row.wrapped, row.encrypted
        )
        for row in connection.execute(query)
    }


def read_quarantined(reader: VaultReader, connection: sa.Connection, quarantine_id: uuid.UUID) -> str:
    """A quarantined row's own text. Raises LookupError when it is not (or no longer) there."""
    encrypted = encrypted_texts(connection, [quarantine_id]).get(quarantine_id)
    if encrypted is None:
        raise LookupError(f"the vault has no text for {quarantine_id}")
    (values,) = reader.decrypt([encrypted])
    return values[RAW_TEXT]


def forget_quarantined(connection: sa.Connection, quarantine_ids: Sequence[uuid.UUID]) -> None:
    """Forget the texts of quarantined rows and what was shown of them, and destroy the keys that decrypt them."""
    rows, keys = QUARANTINED_ROWS.c, SUBJECT_KEYS.c
    connection.execute(
        sa.delete(SUBJECT_KEYS).where(
            keys.subject == QUARANTINED,
            keys.delivery_id == rows.delivery_id,
            keys.row_number == rows.row_number,
            is_one_of(rows.quarantine_id, quarantine_ids),
        )
    )
    for table in (QUARANTINED_TEXTS, MASKED_ROWS):
        connection.execute(sa.delete(table).where(is_one_of(table.c.quarantine_id, quarantine_ids)))
