"""All rows that a hub keeps of people, read row by row: raw, vault, quarantine and landed files."""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.settings import Settings
from proofs.erasure_search.decode_files import Record, json_cells, lines_of, records_of
from proofs.erasure_search.decrypt import SubjectPlace, Wrapped, landed_bytes, master_keys, values_of
from proofs.erasure_search.mentions import Mention, Place, mention_of, subjects_of

RowPlace = tuple[str, uuid.UUID, int]
"""Feed, delivery and row number."""
DataKeys = Mapping[tuple[uuid.UUID, int, str], Wrapped]
"""Wrapped data keys by delivery, row number and subject."""
QUARANTINED = "quarantined"
"""The subject of a quarantined row."""


@dataclass(frozen=True)
class Snapshot:
    """``raw``: values by column, as JSON. ``vault``: values by column. ``quarantine``: values of the table's row by
    column, and what the vault holds of it. ``landed``: records of each delivery's file, which is at ``paths``.
    ``keys``: the vault's wrapped data keys."""

    raw: Mapping[RowPlace, Mapping[str, str]]
    vault: Mapping[RowPlace, Mapping[str, str]]
    quarantine: Mapping[RowPlace, tuple[Mapping[str, str], Record]]
    landed: Mapping[tuple[str, uuid.UUID], list[Record]]
    paths: Mapping[tuple[str, uuid.UUID], Path]
    keys: DataKeys = field(default_factory=dict)

    def mentions(self, contracts: Mapping[str, Contract]) -> dict[Place, Mention]:
        """What the vault says of each subject, where it says anything."""
        found = {}
        for (feed, delivery_id, row_number), values in self.vault.items():
            for subject, columns in subjects_of(contracts[feed]).items():
                if subject != "text" and any(values.get(column) for column in columns):
                    found[Place(feed, delivery_id, row_number, subject)] = mention_of(values, columns)
        return found

    @cached_property
    def repeated(self) -> Mapping[RowPlace, set[RowPlace]]:
        """Where else a record was delivered, of those that came more than once, the same in every column."""
        places: dict[tuple[str, frozenset[tuple[str, str]]], set[RowPlace]] = defaultdict(set)
        for (feed, delivery_id), records in self.landed.items():
            for record in records:
                if record.cells:
                    places[feed, frozenset(record.cells.items())].add((feed, delivery_id, record.number))
        return {place: same for same in places.values() if len(same) > 1 for place in same}

    def rows_by_store(self) -> dict[str, int]:
        """How many rows there are to compare."""
        records = sum(map(len, self.landed.values()))
        return {
            "raw": len(self.raw), "vault": len(self.vault), "quarantine": len(self.quarantine), "landed": records
        }  # fmt: skip


def take_snapshot(settings: Settings, engine: sa.Engine, contracts: Mapping[str, Contract]) -> Snapshot:
    """All of it, as it is now."""
    master = master_keys(settings)
    raw: dict[RowPlace, Mapping[str, str]] = {}
    vault: dict[RowPlace, Mapping[str, str]] = {}
    with engine.connect() as connection:
        keys = _data_keys(connection)
        for feed in contracts:
            query = sa.text(f"select _delivery_id, _row_number, to_jsonb(one)::text from raw.{feed} as one")
            raw |= {(feed, row[0], row[1]): _columns(row[2]) for row in connection.execute(query)}
            vault |= dict(_vault_rows(master, connection, keys, feed))
        quarantine = dict(_quarantined(master, connection, keys))
        paths = _landing_paths(settings, connection)
    landed = {delivery: _records(master, contracts[delivery[0]], *of) for delivery, of in paths.items()}
    return Snapshot(raw, vault, quarantine, landed, {delivery: path for delivery, (path, _) in paths.items()}, keys)


def _columns(row: str) -> dict[str, str]:
    return {column: json.dumps(value) for column, value in json.loads(row).items()}


def _data_keys(connection: sa.Connection) -> DataKeys:
    query = "select delivery_id, row_number, subject, key_version, wrapped from vault.subject_keys"
    return {(row[0], row[1], row[2]): Wrapped(row[3], bytes(row[4])) for row in connection.execute(sa.text(query))}


def _vault_rows(
    master: Mapping[int, bytes], connection: sa.Connection, keys: DataKeys, feed: str
) -> Iterator[tuple[RowPlace, dict[str, str]]]:
    if connection.execute(sa.text("select to_regclass(:name)"), {"name": f"vault.{feed}"}).scalar_one() is None:
        return
    for row in connection.execute(sa.text(f"select * from vault.{feed}")).mappings():
        delivery_id, number = row["_delivery_id"], row["_row_number"]
        values: dict[str, str] = {}
        for subject, blob in row.items():
            key = keys.get((delivery_id, number, subject))
            if blob is not None and key is not None:
                values |= values_of(master, SubjectPlace(feed, subject, delivery_id, number), key, bytes(blob))
        yield (feed, delivery_id, number), values


def _quarantined(
    master: Mapping[int, bytes], connection: sa.Connection, keys: DataKeys
) -> Iterator[tuple[RowPlace, tuple[Mapping[str, str], Record]]]:
    query = """
        select one.feed, one.delivery_id, one.row_number, to_jsonb(one)::text as row, texts.encrypted
        from quarantine.rows as one left join vault.quarantined_rows as texts using (quarantine_id)
    """
    for row in connection.execute(sa.text(query)).all():
        text, key = "", keys.get((row.delivery_id, row.row_number, QUARANTINED))
        if row.encrypted is not None and key is not None:
            place = SubjectPlace(row.feed, QUARANTINED, row.delivery_id, row.row_number)
            text = values_of(master, place, key, bytes(row.encrypted))["raw_text"]
        record = Record(f"row {row.row_number}", row.row_number, text, json_cells(text))
        yield (row.feed, row.delivery_id, row.row_number), (_columns(row.row), record)


def _landing_paths(settings: Settings, connection: sa.Connection) -> dict[tuple[str, uuid.UUID], tuple[Path, str]]:
    """Where the file of each delivery is, and the delivery's status."""
    query = "select feed, delivery_id, status, landing_path from ledger.deliveries where duplicate_of is null"
    rows = connection.execute(sa.text(query)).all()
    return {(row.feed, row.delivery_id): (settings.landing / row.landing_path, row.status) for row in rows}


def _records(master: Mapping[int, bytes], contract: Contract, path: Path, status: str) -> list[Record]:
    data = landed_bytes(master, path)
    headers = {header for column in contract.columns for header in column.headers}
    return records_of(data, headers) if status == "loaded" else lines_of(data)
