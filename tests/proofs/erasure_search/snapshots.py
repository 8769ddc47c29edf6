"""All rows that a hub keeps of people, read row by row: raw, vault, quarantine and landed files."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.settings import Settings
from hub.vault.encrypted_file import EncryptedReader
from hub.vault.hub_keys import Purpose, read_ring
from hub.vault.reading import VaultReader, encrypted_texts, read_records
from hub.vault.store import RAW_TEXT
from proofs.erasure_search.decode_files import Record, json_cells, lines_of, records_of
from proofs.erasure_search.mentions import Mention, Place, mention_of, subjects_of

RowPlace = tuple[str, uuid.UUID, int]
"""Feed, delivery and row number."""


@dataclass(frozen=True)
class Snapshot:
    """``raw``: rows as text. ``vault``: values by column. ``quarantine``: rows as text, and what the vault holds of
    them. ``landed``: records of each delivery's file, which is at ``paths``."""

    raw: Mapping[RowPlace, str]
    vault: Mapping[RowPlace, Mapping[str, str]]
    quarantine: Mapping[RowPlace, tuple[str, Record]]
    landed: Mapping[tuple[str, uuid.UUID], list[Record]]
    paths: Mapping[tuple[str, uuid.UUID], Path]

    def mentions(self, contracts: Mapping[str, Contract]) -> dict[Place, Mention]:
        """What the vault says of each subject, where it says anything."""
        found = {}
        for (feed, delivery_id, row_number), values in self.vault.items():
            for subject, columns in subjects_of(contracts[feed]).items():
                if subject != "text" and any(values.get(column) for column in columns):
                    found[Place(feed, delivery_id, row_number, subject)] = mention_of(values, columns)
        return found


def take_snapshot(settings: Settings, engine: sa.Engine, contracts: Mapping[str, Contract]) -> Snapshot:
    """All of it, as it is now."""
    raw: dict[RowPlace, str] = {}
    vault: dict[RowPlace, Mapping[str, str]] = {}
    reader = VaultReader(settings, "a test")
    with engine.connect() as connection:
        for feed, contract in contracts.items():
            query = sa.text(f"select _delivery_id, _row_number, to_jsonb(one)::text from raw.{feed} as one")
            raw |= {(feed, row[0], row[1]): row[2] for row in connection.execute(query)}
            for delivery_id, row_number, values in read_records(reader, connection, contract):
                vault[feed, delivery_id, row_number] = values
        quarantine = dict(_quarantined(reader, connection))
        paths = _landing_paths(settings, connection)
    landed = {delivery: _records(settings, contracts[delivery[0]], *of) for delivery, of in paths.items()}
    return Snapshot(raw, vault, quarantine, landed, {delivery: path for delivery, (path, _) in paths.items()})


def _quarantined(reader: VaultReader, connection: sa.Connection) -> Iterator[tuple[RowPlace, tuple[str, Record]]]:
    query = (
        "select quarantine_id, feed, delivery_id, row_number, to_jsonb(one)::text as text from quarantine.rows as one"
    )
    rows = connection.execute(sa.text(query)).all()
    encrypted = encrypted_texts(connection, [row[0] for row in rows])
    decrypted = reader.decrypt(list(encrypted.values()))
    texts: dict[object, dict[str, str]] = dict(zip(encrypted, decrypted, strict=True))
    for row in rows:
        text = texts.get(row.quarantine_id, {}).get(RAW_TEXT, "")
        record = Record(f"row {row.row_number}", row.row_number, text, json_cells(text))
        yield (row.feed, row.delivery_id, row.row_number), (row.text, record)


def _landing_paths(settings: Settings, connection: sa.Connection) -> dict[tuple[str, uuid.UUID], tuple[Path, str]]:
    """Where the file of each delivery is, and the delivery's status."""
    query = "select feed, delivery_id, status, landing_path from ledger.deliveries where duplicate_of is null"
    rows = connection.execute(sa.text(query)).all()
    return {(row.feed, row.delivery_id): (settings.landing / row.landing_path, row.status) for row in rows}


def _records(settings: Settings, contract: Contract, path: Path, status: str) -> list[Record]:
    with EncryptedReader.at(path, read_ring(settings, Purpose.MASTER)) as landed:
        data = landed.readall()
    headers = {header for column in contract.columns for header in column.headers}
    return records_of(data, headers) if status == "loaded" else lines_of(data)
