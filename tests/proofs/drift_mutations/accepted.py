"""Whether the hub accepts delivered records, by its own reading and validation."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from hub.contracts.model import Contract
from hub.deliveries import Chunk
from hub.ingest.readers import read_chunks
from hub.ingest.validation import delivery_problems, validate_chunk
from hub.settings import read_settings
from proofs.drift_mutations.deliveries import Delivery, write_deliveries

LATEST_ARRIVAL = timedelta(days=45)
"""After the first day of the period that a file is for: a month's file comes in the month after it."""


def refusals(contract: Contract, deliveries: Sequence[Delivery], folder: Path) -> list[str]:
    """Why clean records, or whole deliveries of them, would not be loaded; empty when all are."""
    clean = [Delivery(d.feed, d.file_name, d.day, d.named_sender, d.rows, (), d.head) for d in deliveries if d.rows]
    write_deliveries(clean, folder)
    chunks = [(one, chunk) for one in clean for chunk in _chunks(contract, folder / one.file_name)]
    validated = [(one, chunk, validate_chunk(contract, chunk, _received_at(one))) for one, chunk in chunks]
    found = [f"{one.file_name}: {bad.rule}" for one, _, verdict in validated for bad in verdict.rejections]
    for delivery in clean:
        parts = [(chunk, verdict) for one, chunk, verdict in validated if one is delivery]
        tallies = [tally for _, verdict in parts for tally in verdict.tallies]
        found += delivery_problems(contract, tallies, sum(chunk.count_rows for chunk, _ in parts))
        keys = [row.get(delivery.feed.unique) for row in delivery.rows] if delivery.feed.unique else []
        if len(set(keys)) < len(keys):
            found.append(f"{delivery.file_name}: {delivery.feed.unique} is not unique")
    return found


def _received_at(delivery: Delivery) -> datetime:
    return datetime.combine(delivery.day + LATEST_ARRIVAL, time(), UTC)


def _chunks(contract: Contract, path: Path) -> list[Chunk]:
    with path.open("rb") as file:
        return list(read_chunks(read_settings({}), contract, file, []))
