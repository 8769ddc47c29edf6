"""Whether the hub accepts delivered records, by its own reading and validation."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from hub.contracts import Contract
from hub.settings import read_settings
from hub.stages.read import read_chunks
from hub.stages.validate import judge_delivery, validate_small
from proofs.drift_mutations.deliveries import Delivery, write_deliveries


def refusals(contract: Contract, deliveries: Sequence[Delivery], folder: Path) -> list[str]:
    """Why clean records, or whole deliveries of them, would not be loaded; empty when all are."""
    clean = [Delivery(d.feed, d.file_name, d.day, d.named_sender, d.rows, (), d.head) for d in deliveries if d.rows]
    write_deliveries(clean, folder)
    found = []
    for delivery in clean:
        with (folder / delivery.file_name).open("rb") as file:
            chunks = list(read_chunks(read_settings({}), contract, file, []))
        verdicts = validate_small(contract, chunks)
        found += [f"{delivery.file_name}: {one.rule}" for verdict in verdicts for one in verdict.rejections]
        tallies = [tally for verdict in verdicts for tally in verdict.tallies]
        found += judge_delivery(contract, tallies, sum(chunk.count_rows for chunk in chunks))
        keys = Counter(row.get(delivery.feed.unique) for row in delivery.rows) if delivery.feed.unique else Counter()
        found += [
            f"{delivery.file_name}: {delivery.feed.unique} is not unique" for number in keys.values() if number > 1
        ]
    return found
