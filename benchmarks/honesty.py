"""Whether the backtest can be fooled: reports strewn at random must score at chance and be withheld, and what is dated
after a day must change no forecast of a period before it. On the real panels, through the command, as anybody would.
"""

import csv
import random
from pathlib import Path
from typing import Any

from benchmarks.panels import PanelTest, measure
from benchmarks.report import Line

SEED = 11
MOST_BITS_OF_CHANCE = 0.03
SAME_TO = 1e-6
"""Of a forecast: sums are added up in another order when rows of the future differ."""
Row = dict[str, str]


def lines(name: str, test: PanelTest, data: Path, out: Path) -> list[Line]:
    """Both measurements of one panel."""
    source = data / "hotspot_benchmarks" / test.folder
    events, areas = _rows(source / "events.csv"), [row["area_id"] for row in _rows(source / "areas.csv")]
    strewn = measure(test, source / "areas.csv", _write(out, "strewn", _strewn(events, areas)), out).result
    bits = abs(float(strewn["methods"]["stack"]["bits_per_event"]))
    measure(test, source / "areas.csv", source / "events.csv", out)
    before = _rows(out / "forecasts.csv")
    days = sorted({row["period_start"] for row in before})
    cut_off = days[len(days) // 2]
    measure(test, source / "areas.csv", _write(out, "changed", _changed(events, areas, cut_off)), out)
    moved = _largest_change(before, _rows(out / "forecasts.csv"), cut_off)
    withheld = "withheld" if strewn["withheld"] else "NOT withheld"
    ratio = bits / MOST_BITS_OF_CHANCE if strewn["withheld"] else float("inf")
    return [
        Line(f"{name}: bits of strewn reports, {withheld}", bits, "", ratio, 1.0, f"of {MOST_BITS_OF_CHANCE}"),
        Line(f"{name}: change by what is later", moved, "", moved / SAME_TO, 1.0, f"of {SAME_TO:g}"),
    ]


def _strewn(events: list[Row], areas: list[str]) -> list[Row]:
    chance = random.Random(SEED)  # noqa: S311 - a measurement that is the same again
    return [row | {"area_id": chance.choice(areas)} for row in events]


def _changed(events: list[Row], areas: list[str], cut_off: str) -> list[Row]:
    """Half of what occurred from the cut-off on is gone; the rest is all in one area, and there twice."""
    chance = random.Random(SEED)  # noqa: S311
    earlier = [row for row in events if row["occurred_on"][:10] < cut_off]
    later = [row | {"area_id": areas[0]} for row in events if row["occurred_on"][:10] >= cut_off]
    return earlier + 2 * chance.sample(later, len(later) // 2)


def _largest_change(before: list[Row], after: list[Row], cut_off: str) -> float:
    """Of the expectations of periods up to the one that begins at the cut-off, relative to the expectation."""
    told = {(row["period_start"], row["area_id"]): float(row["expected"]) for row in after}
    earlier = [row for row in before if row["period_start"] <= cut_off]
    return max(
        abs(told[row["period_start"], row["area_id"]] - float(row["expected"])) / max(float(row["expected"]), SAME_TO)
        for row in earlier
    )


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(out: Path, name: str, rows: list[Row]) -> Path:
    path = out / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[Any] = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
