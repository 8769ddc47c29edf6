"""One delivery from landing to raw: read, validate, quarantine and load, in one transaction.

Killed at any moment, it leaves nothing; run again, it gives the same tables.
"""

import functools
import time
import uuid
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.ingest import ledger
from hub.ingest.archive.upkeep import remove_unlisted
from hub.ingest.attempt import Attempt
from hub.ingest.error_files import write_error_file, write_first_reasons
from hub.ingest.landing_store import open_landed
from hub.ingest.reads import is_unreadable, marked_read
from hub.ingest.snapshots import settle_issues
from hub.ingest.validation import load_great_expectations
from hub.monitoring.watch import watch_feed
from hub.settings import Settings
from hub.warehouse.engine import begin


def awaiting(engine: sa.Engine, feed: str) -> list[uuid.UUID]:
    """Deliveries of a feed that are received and not yet read."""
    with begin(engine) as connection:
        return ledger.awaiting(connection, feed)


def ingest_delivery(
    settings: Settings,
    engine: sa.Engine,
    contract: Contract,
    delivery_id: uuid.UUID,
    *,
    released_by: str | None = None,
) -> DeliveryResult:
    """Take a received delivery into the warehouse, or find that it is refused or held.

    A delivery that has an end already gives its result again. ``released_by`` loads a held one: this person has looked
    at it and found it right, and the ledger keeps the name. Raises what our own mistakes raise (RuleFailed, database
    errors); nothing is then written.
    """
    result = _ingest(settings, engine, contract, delivery_id, released_by)
    if contract.followed is not None:
        remove_unlisted(settings, engine, contract.feed, delivery_id)
    return result


def _ingest(
    settings: Settings, engine: sa.Engine, contract: Contract, delivery_id: uuid.UUID, released_by: str | None
) -> DeliveryResult:
    # Here, while no other thread runs: an import that another thread meets half done breaks both.
    load_great_expectations()
    started = time.monotonic()
    takes = {DeliveryStatus.RECEIVED, *({DeliveryStatus.HELD} if released_by else set())}
    with marked_read(engine, delivery_id, takes), begin(engine) as connection:
        row = ledger.lock(connection, delivery_id)
        if DeliveryStatus(row.status) not in takes:
            return result_of(row, time.monotonic() - started)
        receipt = ledger.receipt(connection, delivery_id)
        landed = functools.partial(open_landed, settings, receipt.landed_name)
        attempt = Attempt(settings, connection, contract, receipt, landed, released_by)
        died = row.unfinished_reads if is_unreadable(row) else 0
        end = attempt.give_up(started) if died else attempt.run(started)
        result = end.result
        ledger.close(connection, result, end.stated, contract.version, died, end.rule_counts)
        settle_issues(connection, contract.feed)
        if result.status is DeliveryStatus.LOADED:
            write_error_file(settings, connection, receipt)
        else:
            write_first_reasons(settings, receipt, end.first_reasons)
        watch_feed(connection, contract, datetime.now(UTC))
        # An older issue of a whole table that comes late is superseded at once.
        return replace(result, status=DeliveryStatus(ledger.get(connection, delivery_id).status))


def result_of(row: sa.Row[Any], seconds: float) -> DeliveryResult:
    """What the ledger says became of a delivery."""
    return DeliveryResult(
        delivery_id=row.delivery_id,
        feed=row.feed,
        file_name=row.file_name,
        status=DeliveryStatus(row.status),
        rows_read=row.rows_read,
        rows_accepted=row.rows_accepted,
        rows_quarantined=row.rows_quarantined,
        rows_duplicate=row.rows_duplicate,
        seconds=round(seconds, 3),
        reason=row.reason,
        first_event_on=row.first_event_on,
        last_event_on=row.last_event_on,
        records_new=row.records_new,
        records_changed=row.records_changed,
        records_withdrawn=row.records_withdrawn,
        records_unchanged=row.records_unchanged,
        is_new=False,
    )


def answer_of(result: DeliveryResult) -> DeliveryResult:
    """What the sender is told: of a loaded delivery that comes again, that there is nothing new in it."""
    if result.is_new or result.status is not DeliveryStatus.LOADED:
        return result
    values = asdict(result) | {"status": DeliveryStatus.DUPLICATE, "rows_accepted": 0, "rows_quarantined": 0}
    return DeliveryResult(**(values | {"rows_duplicate": result.rows_read, "reason": "received before"}))
