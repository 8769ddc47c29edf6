"""Puts values into a vault without files or loads, and reads what it holds."""

import uuid
from collections.abc import Mapping

import pyarrow as pa
import sqlalchemy as sa

from conftest import MASTER_KEY
from hub.contracts.model import Contract
from hub.settings import Settings
from hub.vault.hub_keys import KeyRing, Purpose
from hub.vault.reading import VaultReader, read_records
from hub.vault.store import Encryptor
from hub.vault.tables import SUBJECT_KEYS, vault_table
from hub.warehouse.engine import copy_rows


def put_values(
    connection: sa.Connection, contract: Contract, delivery_id: uuid.UUID, row_number: int, values: Mapping[str, str]
) -> None:
    """Encrypt one record's personal values as a load would."""
    vault = vault_table(contract)
    assert vault is not None
    columns = {column.name: pa.array([values.get(column.name)], pa.string()) for column in contract.personal_columns}
    assert values.keys() <= columns.keys()
    encryptor = Encryptor(KeyRing(Purpose.MASTER, ((1, MASTER_KEY),)), contract.feed, delivery_id)
    records, keys = encryptor.encrypt_records(contract.subjects, pa.table(columns), pa.array([row_number], pa.int64()))
    copy_rows(connection, vault, [records])
    copy_rows(connection, SUBJECT_KEYS, [keys])


def vault_rows(settings: Settings, engine: sa.Engine, contract: Contract) -> list[Mapping[str, object]]:
    """What the vault holds of a feed, by delivery and row number: the values of each record by column."""
    with engine.connect() as connection:
        return [
            {"_delivery_id": delivery_id, "_row_number": row_number, **values}
            for delivery_id, row_number, values in read_records(VaultReader(settings, "a test"), connection, contract)
        ]
