"""Simulated deliveries read back from their files, each record beside what is true of it."""

import csv
import hashlib
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

REPORT_FEEDS = ("true_vision_reports", "community_reports", "volunteer_reports")


class Record(NamedTuple):
    """A line of the truth."""

    feed: str
    file_name: str
    row_number: int
    incident_id: str
    victim_person_id: str
    force_code: str
    expected_rule: str


class DeliveredReport(NamedTuple):
    """A clean record of a file with its truth; ``day`` is the day in the name of its file."""

    truth: Record
    cells: dict[str, str]
    day: str


def truth_of(folder: Path) -> list[Record]:
    """Every line of the truth."""
    with (folder / "truth" / "records.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        assert next(rows) == list(Record._fields)
        return [Record(row[0], row[1], int(row[2]), *row[3:]) for row in rows]


def digests(folder: Path) -> dict[str, str]:
    """A hash of every file, by its path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read_reports(folder: Path, *feeds: str) -> list[DeliveredReport]:
    """The clean records of some feeds, each once: not those that come again or corrected."""
    truths = {record[:3]: record for record in truth_of(folder) if record.feed in feeds}
    found = []
    for feed in feeds:
        for path in sorted((folder / feed).iterdir()):
            day = re.search(r"\d{4}-\d{2}(-\d{2})?", path.name)
            assert day is not None
            for number, cells in _records(path):
                truth = truths[feed, path.name, number]
                if not truth.expected_rule:
                    found.append(DeliveredReport(truth, cells, day.group()))
    return found


def _records(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    match path.suffix:
        case ".csv":
            with path.open(encoding="utf-8", newline="") as file:
                yield from enumerate(csv.DictReader(file), 1)
        case ".jsonl":
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                # A torn line is dirt and is left out below; it still has its number.
                cells = json.loads(line) if line.endswith("}") else {}
                yield (
                    number,
                    {name: value if isinstance(value, str) else json.dumps(value) for name, value in cells.items()},
                )
        case ".xml":
            for number, record in enumerate(ET.fromstring(path.read_text(encoding="utf-8")), 1):
                yield number, {element.tag: element.text or "" for element in record}
        case other:
            raise ValueError(other)
