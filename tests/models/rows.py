"""Putting rows into a warehouse for tests: whole samples through the stages, or single rows past all checks."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.samples import packed_sample
from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryStatus
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import DELIVERIES, raw_table


def put_samples(settings: Settings, catalogue: Catalogue) -> None:
    """Take in every feed's good sample, by the same stages as any delivery."""
    for contract in catalogue.contracts.values():
        folder = settings.home / "samples" / contract.feed
        folder.mkdir(parents=True)
        put_files(settings, contract, [packed_sample(contract, "good", folder)])


def put_files(settings: Settings, contract: Contract, paths: list[Path]) -> None:
    """Take in files of a feed; all must load."""
    engine = open_warehouse(settings, Role.OWNER)
    for receipt in collect_files(settings, engine, contract, paths):
        result = ingest_delivery(settings, engine, contract, receipt.delivery_id)
        assert result.status is DeliveryStatus.LOADED, result


def put_delivery(
    engine: sa.Engine, contract: Contract, *rows: dict[str, object], period_end: date | None = None
) -> uuid.UUID:
    """Put rows (raw column names; what is left out is null) into a feed's raw table as one loaded delivery. Its place
    among the others is ``period_end``, as if its file were named so; the moment of receipt where none is given."""
    table = raw_table(contract)
    delivery_id = uuid.uuid4()
    now = datetime.now(UTC)
    receipt = {
        "delivery_id": delivery_id,
        "feed": contract.feed,
        "file_name": "by_hand",
        "landing_path": "by_hand",
        "sha256": delivery_id.hex,
        "bytes": 1,
        "status": "loaded",
        "rows_read": len(rows),
        "rows_accepted": len(rows),
        "received_at": now,
        "loaded_at": now,
        "contract_version": contract.version,
        "period_end": period_end,
        "position_on": period_end,
    }
    with engine.begin() as connection:
        connection.execute(sa.insert(DELIVERIES).values(receipt))
        for number, row in enumerate(rows, start=1):
            lineage = {"_delivery_id": delivery_id, "_row_number": number, "_record_hash": _hash(row)}
            connection.execute(sa.insert(table).values({**row, **lineage}))
    return delivery_id


def way_of(feeds: Iterable[str], *marts: str) -> str:
    """What lies between feeds and marts, as dbt selects it: what has to be built again of a built warehouse when these
    feeds alone have brought something."""
    between = (f"stg_{feed}*+,+{mart}" for feed in feeds for mart in marts)
    return " ".join(["stg_ledger__deliveries", "stg_ledger__new_deliveries", *between])


def leave_out_data_tests(patched: pytest.MonkeyPatch) -> None:
    """From now on, builds run models alone."""
    patched.setenv("DBT_EXCLUDE_RESOURCE_TYPES", "test")


def fetch(engine: sa.Engine, query: str) -> list[Any]:
    """All rows of a query; of a single column, its values."""
    with engine.connect() as connection:
        rows = connection.execute(sa.text(query)).all()
    return [row[0] if len(row) == 1 else tuple(row) for row in rows]


def _hash(row: dict[str, object]) -> uuid.UUID:
    return uuid.UUID(bytes=hashlib.md5(json.dumps(row, sort_keys=True).encode(), usedforsecurity=False).digest())
