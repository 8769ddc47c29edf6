"""What the vault costs: a load whose personal values become tokens and are encrypted, beside one of the same file whose
columns are plain."""

import tempfile
from collections.abc import Collection
from pathlib import Path

import yaml

from benchmarks.load import Ingested, LoadBench
from benchmarks.report import Line, print_lines
from benchmarks.wide_delivery import COLUMNS, FEED, write_contract, write_delivery
from hub.doors import embedded_postgres

ROUNDS = 3
RATIO_LIMIT = 2.5
PERSONAL = {"force_code": "personal", "lsoa_code": "personal", "description": "sensitive"}
"""Made personal for the measurement: two people and a text, three subjects of each record."""


def run(rows: int = 200_000) -> bool:
    """Measure and print; returns whether the limit is kept."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        bench = LoadBench(Path(folder))
        try:
            return _measure(bench, rows)
        finally:
            embedded_postgres.stop(bench.server)


def _measure(bench: LoadBench, rows: int) -> bool:
    delivery = bench.folder / "delivery.csv"
    write_delivery(delivery, rows)
    expectations = bench.folder / "project" / "expectations"
    plain: list[Ingested] = []
    kept: list[Ingested] = []
    for _ in range(ROUNDS):
        # In turn, so that what else the machine does meets both alike.
        for loads, personal in ((plain, ()), (kept, PERSONAL)):
            _classify(expectations, personal)
            loads.append(bench.ingest(delivery))
    without, with_vault = (min(load.seconds for load in loads) for loads in (plain, kept))
    named = ", ".join(sorted(PERSONAL))
    print(f"{rows:,} rows, {len(COLUMNS)} columns, of which personal: {named}")
    return print_lines(
        [
            Line("a load of plain columns", without, "s"),
            Line(
                "a load with tokens and vault", with_vault, "s", with_vault / without, RATIO_LIMIT, "times one without"
            ),
        ]
    )


def _classify(expectations: Path, personal: Collection[str]) -> None:
    """The same contract, with these columns kept in the vault."""
    write_contract(expectations)
    path = expectations / FEED / "contract.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    for column in document["schema"][0]["properties"]:
        if column["name"] in personal:
            column["classification"] = PERSONAL[column["name"]]
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
