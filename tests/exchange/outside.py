"""What a stranger looks at from outside: errors by their form, the drop folder, and what ingest makes of it."""

from pathlib import Path
from typing import Any

import httpx
import httpx2
import sqlalchemy as sa

from dispatch.conftest import Hub
from hub.deliveries import DeliveryResult
from hub.ingest.collect import collect_files
from hub.ingest.dropped_files import is_name_of_whole_file
from hub.ingest.ingest import ingest_delivery
from hub.warehouse.tables import raw_table

PROBLEM = {"type", "title", "status", "detail", "faults"}
FAULT = {"field", "rule", "because", "row_number"}
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def problem(answer: httpx.Response | httpx2.Response, *values: str) -> dict[str, Any]:
    """The body of an error, after its form, its headers, and that none of these values is in it."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert not HEADERS.items() - dict(answer.headers).items()
    said: dict[str, Any] = answer.json()
    assert said.keys() == PROBLEM
    assert said["status"] == answer.status_code
    assert all(fault.keys() == FAULT and fault["rule"] for fault in said["faults"])
    assert said["faults"] or answer.status_code != 422
    assert not [value for value in values if value in answer.text or value in str(answer.headers)]
    return said


def waiting_files(hub: Hub) -> list[Path]:
    """Every file in the drop folder, hidden and unfinished ones too."""
    return sorted(path for path in hub.settings.drop.rglob("*") if path.is_file())


def ingested(hub: Hub, feed: str) -> list[DeliveryResult]:
    """What becomes of the files that wait whole for a feed, which then are gone."""
    waiting = [path for path in waiting_files(hub) if path.parent.name == feed and is_name_of_whole_file(path.name)]
    contract = hub.catalogue.contracts[feed]
    found = collect_files(hub.settings, hub.engine, contract, waiting)
    for path in waiting:
        path.unlink()
    return [ingest_delivery(hub.settings, hub.engine, contract, one.delivery_id) for one in found]


def accepted_rows(hub: Hub, feed: str) -> int:
    with hub.engine.connect() as connection:
        table = raw_table(hub.catalogue.contracts[feed])
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
