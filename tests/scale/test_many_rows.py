"""A day of very many statements: the same tables both ways, and what each way costs.

``HUB_SCALE_ROWS`` is how many there are: 20,000 if it is not given, 5,000,000 in the full form.
"""

import os
import random
import time
import uuid
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.readers.part_groups import GROUP_BYTES
from hub.settings import Settings
from scale.hubs import Both, answer, by_spark, fingerprints, in_order, needs_spark, small_groups, watched
from scale.mutated import header_of, line_of, records_of
from scale.processes import PROC, at_the_same_time, processes_below

pytestmark = [pytest.mark.long, needs_spark]
FEED = "provider_statements"
NAME = "sor-2026-10-02-full.csv.zip"
PARTS_AT_LEAST = 8
BAD_SHARE = 0.01


def write_day(contract: Contract, path: Path, count: int) -> None:
    """So many statements with ids of their own, one in a hundred wrong, in parts that are packed once more."""
    chance = random.Random(count)
    good, bad = (
        [line_of(row)[36:] for row in records_of(contract, kind)[1:] if len(row[0]) == 36] for kind in ("good", "bad")
    )
    rows_a_part = max(1, min(100_000, count // PARTS_AT_LEAST))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for start in range(0, count, rows_a_part):
            inner = path.with_suffix(".inner")
            with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("part.csv", "w") as part:
                part.write(header_of(contract))
                for _ in range(min(rows_a_part, count - start)):
                    rest = chance.choice(bad if chance.random() < BAD_SHARE else good)
                    part.write(str(uuid.UUID(int=chance.getrandbits(128), version=4)).encode() + rest)
            archive.write(inner, f"part-{start}.zip")
            inner.unlink()


@dataclass
class Cost:
    """What a delivery took: seconds, and the most memory of all its processes together, in bytes."""

    seconds: float = 0.0
    memory: int = 0

    def look(self) -> None:
        every = [os.getpid(), *(one.pid for one in processes_below())]
        self.memory = max(self.memory, sum(_own_bytes(pid) for pid in every))


def _own_bytes(pid: int) -> int:
    """What a process has in memory; of what it shares with others its share."""
    with suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def taken_in(both: Both, settings: Settings, contract: Contract, path: Path) -> tuple[DeliveryResult, Cost]:
    engine, cost = both.engine(settings), Cost()
    (receipt,) = collect_files(settings, engine, contract, [path])
    started = time.monotonic()
    with at_the_same_time(cost.look, every=0.5):
        result = ingest_delivery(settings, engine, contract, receipt.delivery_id)
    cost.seconds = time.monotonic() - started
    return result, cost


def test_a_day_of_very_many_statements_is_the_same_both_ways(
    both: Both, catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contract, path = catalogue.contracts[FEED], tmp_path / NAME
    count = int(os.environ.get("HUB_SCALE_ROWS", "20000"))
    write_day(contract, path, count)
    one, of_order = taken_in(both, both.ordered, in_order(contract), path)
    with watched() as seen, small_groups(min(GROUP_BYTES, path.stat().st_size // PARTS_AT_LEAST)):
        other, of_spark = taken_in(both, both.spark, by_spark(contract), path)
    with capsys.disabled():
        print(f"\n{count} rows, {path.stat().st_size / 1e6:.0f} MB packed; {seen}")
        for name, cost in (("in order", of_order), ("on Spark", of_spark)):
            print(f"  {name}: {count / cost.seconds:,.0f} rows/s, {cost.seconds:.0f} s, {cost.memory / 2**20:,.0f} MiB")
    assert (one.status, one.rows_read) == (DeliveryStatus.LOADED, count)
    assert answer(one) == answer(other)
    seen.assert_spark_did_all(other)
    engines: list[sa.Engine] = [both.engine(both.ordered), both.engine(both.spark)]
    assert fingerprints(engines[0]) == fingerprints(engines[1])
