"""What the vault costs: a load whose personal values become tokens and are encrypted, beside one of the same file whose
columns are all plain.

Held against the limit on the feed of the hub that tells most of people. Beside it, without a limit, stands a file that
is harder than any feed: short plain rows that load fast, with three subjects each.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.load import Ingested, LoadBench
from benchmarks.report import Line, print_lines
from benchmarks.wide_delivery import FEED, write_contract, write_delivery
from hub.settings import read_settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from hub.warehouse import embedded_postgres

ROUNDS = 3
RATIO_LIMIT = 2.5
SEED = 20_260_401
OWN_FEED = "true_vision_reports"
KEPT = ("personal", "sensitive")
MADE_PERSONAL = {"force_code": "personal", "lsoa_code": "personal", "description": "sensitive"}
"""Two people and a text, three subjects of each record."""

Classified = Callable[[str, str], str]
"""The class that a column of this name is to have in place of the one that it has."""


@dataclass(frozen=True)
class Ratio:
    """Seconds of the best load without the vault, and of the best with it."""

    without: float
    with_vault: float

    def lines(self, limit: float | None) -> list[Line]:
        """As printed, held against the limit where there is one."""
        ratio = self.with_vault / self.without
        unit = "s" if limit is not None else f"s   {ratio:.2f} times one without (no limit)"
        return [
            Line("a load of plain columns", self.without, "s"),
            Line("a load with tokens and vault", self.with_vault, unit, ratio, limit, "times one without"),
        ]


def run(reports: int = 400_000, rows: int = 200_000) -> bool:
    """Measure and print; returns whether the limit is kept on the hub's own feed."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        contract = read_settings({}).expectations / OWN_FEED / "contract.yaml"
        delivery = _simulated(Path(folder, "simulated"), reports)
        own = _measure(Path(folder, "own"), OWN_FEED, yaml.safe_load(contract.read_text("utf-8")), delivery, _as_it_is)
        is_kept = print_lines(own.lines(RATIO_LIMIT))
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        write_contract(Path(folder, "contracts"))
        contract = Path(folder, "contracts", FEED, "contract.yaml")
        delivery = Path(folder, "delivery.csv")
        write_delivery(delivery, rows)
        made = _measure(Path(folder, "harder"), FEED, yaml.safe_load(contract.read_text("utf-8")), delivery, _harder)
        print_lines(made.lines(None))
    return is_kept


def _simulated(folder: Path, reports: int) -> Path:
    """A day's file of the feed: as many reports as a day never has."""
    simulate(Plan(reports=reports, days=1, seed=SEED), folder)
    (delivery,) = (folder / OWN_FEED).iterdir()
    return delivery


def _measure(folder: Path, feed: str, contract: Mapping[str, Any], delivery: Path, classified: Classified) -> Ratio:
    folder.mkdir()
    bench = LoadBench(folder, feed)
    try:
        plain: list[Ingested] = []
        kept: list[Ingested] = []
        for _ in range(ROUNDS):
            # In turn, so that what else the machine does meets both alike.
            for loads, choose in ((plain, _all_plain), (kept, classified)):
                count = _write(bench.settings.expectations / feed, contract, choose)
                loads.append(bench.ingest(delivery))
    finally:
        embedded_postgres.stop(bench.server)
    without, with_vault = (min(load.seconds for load in loads) for loads in (plain, kept))
    columns = len(contract["schema"][0]["properties"])
    print(f"{feed}: {kept[0].answer['rows_accepted']:,} rows, {columns} columns, {count} of them personal")
    return Ratio(without, with_vault)


def _write(folder: Path, contract: Mapping[str, Any], classified: Classified) -> int:
    """Write the contract with the classes that are chosen; returns how many columns the vault keeps."""
    folder.mkdir(parents=True, exist_ok=True)
    (schema,) = contract["schema"]
    columns = [
        column | {"classification": classified(column["name"], column["classification"])}
        for column in schema["properties"]
    ]
    document = {**contract, "schema": [schema | {"properties": columns}]}
    (folder / "contract.yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return sum(column["classification"] in KEPT for column in columns)


def _as_it_is(_: str, given: str) -> str:
    return given


def _all_plain(_: str, given: str) -> str:
    return "internal" if given in KEPT else given


def _harder(name: str, given: str) -> str:
    return MADE_PERSONAL.get(name, given)
