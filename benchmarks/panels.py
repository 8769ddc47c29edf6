"""The real panels of ``HUB_OPEN_DATA``, how each is tested, and ``hub backtest`` run on one as anybody would."""

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from hub.settings import read_settings

HUB = Path(sys.executable).with_name("hub")
Result = dict[str, Any]


@dataclass(frozen=True)
class PanelTest:
    """One panel: where it is, how it is tested, and the bits or hit rates it must reach."""

    folder: str
    period: str
    first_test: str
    least_bits: float | None = None
    least_hits: tuple[float, float, float] | None = None
    as_of: bool = False
    has_context: bool = False
    most_seconds: float | None = None


PANELS = {
    "toronto": PanelTest("toronto_hate_crimes", "week", "2022-03-07", least_bits=0.45),
    "toronto_as_of": PanelTest("toronto_hate_crimes", "week", "2022-03-07", as_of=True),
    "burglary": PanelTest("portland_burglary", "week", "2015-04-20", least_bits=0.97, most_seconds=20),
    "auto_theft": PanelTest("portland_auto_theft", "week", "2015-04-20", least_bits=1.20, most_seconds=20),
    "london": PanelTest("london_lsoa_monthly", "month", "2025-03-01", least_hits=(0.14, 0.33, 0.43)),
    "london_context": PanelTest(
        "london_lsoa_monthly", "month", "2025-03-01", least_hits=(0.14, 0.33, 0.43), has_context=True
    ),
}


class Measured(NamedTuple):
    """The backtest's JSON, the seconds that it took by the clock, and those of the processor."""

    result: Result
    seconds: float
    processor: float


RECORDED = Path("london_recorded_crime") / "recorded-crime-lsoa.parquet"
FORECAST = "RACE OR RELIGIOUS AGG PUBLIC FEAR"
"""The offence that London's panel is of; the file has it among the others."""


def write_context(data: Path, out: Path) -> Path:
    """London's counts of the other offences that the hub's own forecasts learn from, as a file of context."""
    wide = pd.read_parquet(data / RECORDED)
    found = pd.read_csv(read_settings().dbt_project / "seeds" / "officer_found_offences.csv")
    others = wide[(wide["minor_category"] != FORECAST) & ~wide["major_category"].isin(found["offence_major"])]
    months = [column for column in others.columns if column.isdecimal()]
    long = others.melt(["lsoa_code", "minor_category"], months, "month", "count")
    long = long[long["count"] > 0]
    long["month"] = long["month"].str[:4] + "-" + long["month"].str[4:] + "-01"
    long.columns = ["area_id", "kind", "occurred_on", "count"]
    path = out / "context.csv"
    long.to_csv(path, index=False)
    return path


def measure(test: PanelTest, areas: Path, events: Path, out: Path, context: Path | None = None) -> Measured:
    """Run the backtest on these files, with the forecasts written to ``out``."""
    command: list[str | Path] = [HUB, "backtest", "--events", events, "--areas", areas]
    command += ["--period", test.period, "--first-test", test.first_test]
    command += ["--forecasts", out / "forecasts.csv", "--json", out / "result.json"]
    command += ["--as-of", "reported"] if test.as_of else []
    command += [] if context is None else ["--context", context]
    started, before = time.perf_counter(), _processor_seconds()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    return Measured(result, seconds, _processor_seconds() - before)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
