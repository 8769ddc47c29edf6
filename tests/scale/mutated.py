"""Zip files of hundreds of parts with spoiled rows of a feed's samples, in groups that end where a record ends."""

import csv
import io
import random
import uuid
from collections.abc import Sequence

from contracts.samples import stored_sample
from hub.contracts.model import Contract
from hub.ingest.readers.csv_rows import RunsOn, read_csv
from ingest.zips_in_parts import MARK, zip_of
from proofs.mutations import bytes_spoiled, cells_spoiled, lines_spoiled

MOST_ROWS = 6


def header_of(contract: Contract) -> bytes:
    """The header row of a feed's samples, with its line end."""
    return line_of(records_of(contract, "good")[0])


def records_of(contract: Contract, kind: str) -> list[list[str]]:
    """The records of a sample, its header first."""
    text = stored_sample(contract, kind).read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def line_of(row: Sequence[str]) -> bytes:
    """A record as a sender writes it."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerow(row)
    return target.getvalue().encode()


def rows_of(contract: Contract, chance: random.Random, count: int) -> list[bytes]:
    """So many records, most of them right; some the same again, some under another first cell where that is an id."""
    good, bad = records_of(contract, "good")[1:], records_of(contract, "bad")[1:]
    rows = []
    for _ in range(count):
        row = list(chance.choice(bad if bad and chance.random() < 0.15 else good))
        if len(row[0]) == 36 and chance.random() < 0.7:
            row[0] = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        rows.append(line_of(row))
    return rows


def spoiled_part(contract: Contract, chance: random.Random) -> bytes:
    """A part whose rows are spoiled in one way or two, and whose header is right."""
    rows = b"".join(rows_of(contract, chance, chance.randint(1, MOST_ROWS)))
    for _ in range(chance.choice((1, 1, 2))):
        spoil = chance.choice((cells_spoiled, cells_spoiled, cells_spoiled, lines_spoiled, bytes_spoiled))
        rows = spoil(chance, rows) if rows else rows
    return chance.choice((b"", b"", MARK)) + header_of(contract) + rows


def runs_on(contract: Contract, part: bytes) -> bool:
    """Whether a record of it may go on in the next part."""
    try:
        for _ in read_csv(contract, io.BytesIO(part), 1 << 20, goes_on=True):
            pass
    except RunsOn:
        return True
    return False


def spoiled_file(contract: Contract, seed: int, count: int) -> bytes:
    """So many spoiled parts, some packed again; those whose last record stays open are in the last zip file of all."""
    chance = random.Random(seed)
    parts = [spoiled_part(contract, chance) for _ in range(count)]
    is_open = [runs_on(contract, part) for part in parts]
    closed = [part for part, one in zip(parts, is_open, strict=True) if not one]
    members = []
    waiting = list(closed)
    while waiting:
        size = chance.choice((1, 1, 1, 5, 12))
        members.append(waiting[0] if size == 1 else zip_of(*waiting[:size], is_streamed=chance.random() < 0.5))
        waiting = waiting[size:]
    opened = [part for part, one in zip(parts, is_open, strict=True) if one]
    return zip_of(*members, zip_of(header_of(contract), *opened))
