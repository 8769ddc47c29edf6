"""What the hub would answer to a file if it were delivered now, with nothing of it kept.

The file goes through the same steps as a delivery, in a transaction that is never committed, and is read where it lies:
no copy is landed, no error file written, no alert opened. Until it is answered, loads of the feed wait.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.deliveries import DeliveryResult, DeliveryStatus, Rejection
from hub.ingest import ledger
from hub.ingest.arrivals import register
from hub.ingest.attempt import Attempt
from hub.ingest.collect import arrival_of
from hub.ingest.ingest import answer_of, result_of
from hub.ingest.landing_store import landed_as
from hub.ingest.quarantine import open_rejections
from hub.ingest.snapshots import settle_issues
from hub.ingest.validation import load_great_expectations
from hub.settings import Settings
from hub.store import landing_files


@dataclass(frozen=True)
class Checked:
    """The answer that a file would get, and why its rows would be rejected: all of a file that would be loaded, the
    first of one that would be refused or held. ``by_rule``: how many of all that were read break which rule first, the
    most frequent rule first."""

    result: DeliveryResult
    rejections: Sequence[Rejection]
    by_rule: Mapping[str, int]


def check_file(
    settings: Settings, engine: sa.Engine, contract: Contract, path: Path, sender: str | None = None
) -> Checked:
    """Check a file as if ``sender`` (else the one whom its name or the contract gives) had delivered it. A control file
    beside it counts. Raises :class:`~hub.ingest.dropped_files.CannotTake` at one that cannot be read."""
    load_great_expectations()
    started = time.monotonic()
    arrival = arrival_of(settings, contract, path)
    arrival = replace(arrival, sender=sender or arrival.sender)
    landed = landed_as(settings, contract.feed, path)
    with engine.connect() as connection, connection.begin() as transaction:
        receipt = register(connection, landing_files(settings), arrival, landed, in_turn=False)
        if receipt.status is not DeliveryStatus.RECEIVED:
            row = ledger.get(connection, receipt.delivery_id)
            checked = Checked(answer_of(result_of(row, time.monotonic() - started)), (), {})
        else:
            # Not on Spark, which reads landed files alone.
            attempt = Attempt(settings, connection, contract, receipt, lambda: path.open("rb"), in_order=True)
            attempt.keeps_files = False
            checked = _attempted(attempt, started)
        transaction.rollback()
    return checked


def _attempted(attempt: Attempt, started: float) -> Checked:
    connection, delivery_id = attempt.connection, attempt.receipt.delivery_id
    end = attempt.run(started)
    ledger.close(connection, end.result, end.stated, attempt.contract.version)
    settle_issues(connection, attempt.contract.feed)
    status = DeliveryStatus(ledger.get(connection, delivery_id).status)
    is_loaded = end.result.status is DeliveryStatus.LOADED
    rejections = list(open_rejections(connection, delivery_id)) if is_loaded else end.first_reasons
    by_rule = dict(Counter(end.rejected_by_rule).most_common())
    return Checked(replace(end.result, status=status), rejections, by_rule)
