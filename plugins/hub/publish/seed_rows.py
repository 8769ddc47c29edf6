"""Rows of the warehouse's seeds, for what is drawn without asking the warehouse."""

import csv
from datetime import UTC, datetime
from pathlib import Path


def rows_of_today(seed: Path) -> list[dict[str, str]]:
    """The rows of a CSV file that hold today, by ``valid_from`` and ``valid_to`` where it has them: both days count."""
    today = datetime.now(UTC).date().isoformat()
    with seed.open(encoding="utf-8", newline="") as file:
        return [
            row for row in csv.DictReader(file) if row.get("valid_from", "") <= today <= (row.get("valid_to") or today)
        ]
