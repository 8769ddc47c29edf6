"""Hotspot forecasts on four real panels against the figures they must reach, London's without and with other offences.

``python -m benchmarks.hotspots [PANEL ...]``. The panels are read from ``HUB_OPEN_DATA``; without it nothing is
measured, and that is said. What a forecast learns, it learns from before its period. The time that is held against its
limit is the processor's, all of it in one thread: what the clock shows on an idle machine. The clock stands beside it.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import feedback, floor, honesty
from benchmarks.panels import PANELS, PanelTest, Result, measure, write_context
from benchmarks.report import print_lines
from hub.forecast.coverage import NAMES, RANGES
from hub.forecast.model_card import summary as verdict
from hub.settings import read_settings

HONEST = ("toronto", "burglary")
"""Panels that the backtest is also tried to be fooled on."""


@dataclass(frozen=True)
class Check:
    """One target: what was measured, the range it must lie in, and whether the lower end itself is not enough.

    ``is_said``: the backtest's own result tells that the figure lies outside its range, which is allowed.
    """

    what: str
    measured: float
    least: float
    most: float = float("inf")
    is_above: bool = False
    is_said: bool = False

    @property
    def verdict(self) -> str:
        is_enough = self.measured > self.least if self.is_above else self.measured >= self.least
        if is_enough and self.measured <= self.most:
            return "kept"
        return "outside, and the result says so" if self.is_said else "NOT KEPT"


def checks(test: PanelTest, result: Result, processor: float) -> list[Check]:
    """Every target of a panel."""
    stack = result["methods"]["stack"]
    told = []
    if test.least_bits is not None:
        told.append(Check("bits an event", stack["bits_per_event"], test.least_bits))
    for budget, least in zip(("1%", "5%", "10%"), test.least_hits or (), strict=False):
        told.append(Check(f"hit rate at {budget} of areas", stack[f"hit_rate_{budget}"], least, is_above=True))
    for name, paired in result["paired"].items():
        low = paired["bits_per_event"]["low"]
        told.append(Check(f"bits over {name.replace('_', ' ')}, lower bound", low, 0.0, is_above=True))
    said = " ".join(result["outside_ranges"])
    for figure, (least, most) in RANGES.items():
        told.append(Check(NAMES[figure], result[figure], least, most, is_said=NAMES[figure] in said))
    promised = result["coverage_90_promised"]
    told.append(
        Check("  what intervals of whole counts promise", result["coverage_90"], promised - 0.02, promised + 0.02)
    )
    told.append(Check("  the same, steps of counts in part", result["coverage_90_in_part"], 0.88, 0.92))
    if test.most_seconds is not None:
        told.append(Check("seconds of processor time", processor, 0.0, test.most_seconds))
    return told


def run(names: list[str], say: Callable[[str], None] = print) -> bool:
    """Measure the named panels, or all; returns whether every target is kept."""
    data = read_settings().open_data
    if data is None:
        say("hotspots: HUB_OPEN_DATA names no folder of real open data, so nothing is measured")
        return True
    is_kept = True
    for name in names or PANELS:
        with tempfile.TemporaryDirectory() as folder:
            source = data / "hotspot_benchmarks" / PANELS[name].folder
            out = Path(folder)
            context = write_context(data, out) if PANELS[name].has_context else None
            result, seconds, processor = measure(
                PANELS[name], source / "areas.csv", source / "events.csv", out, context
            )
        hits = " / ".join(f"{result['methods']['stack'][f'hit_rate_{budget}']:.3f}" for budget in ("1%", "5%", "10%"))
        size = f"{result['areas']} areas, {result['periods']} {result['unit']}s, {result['events']} events"
        say(f"{name}: {size}; hits {hits}; {seconds:.1f} s by the clock")
        say(f"  {verdict(result)}")
        for check in checks(PANELS[name], result, processor):
            ends = f"{'above' if check.is_above else 'at least'} {check.least:g}" + (
                f", at most {check.most:g}" if check.most != float("inf") else ""
            )
            say(f"  {check.what:<42} {check.measured:>8.4f}   ({ends}: {check.verdict})")
            is_kept &= check.verdict != "NOT KEPT"
        if name in HONEST:
            with tempfile.TemporaryDirectory() as folder:
                is_kept &= print_lines(honesty.lines(name, PANELS[name], data, Path(folder)))
    return is_kept


def main(names: list[str]) -> int:
    """0 when every target is kept, 1 when one is not, 2 when there is no such panel."""
    if unknown := [name for name in names if name not in PANELS]:
        print(f"no panel {', '.join(unknown)}; there are {', '.join(PANELS)}", file=sys.stderr)
        return 2
    is_kept = run(names)
    if not names:
        print("feedback of visits:", flush=True)
        is_kept &= feedback.run()
        print("the floor in SQL:", flush=True)
        is_kept &= floor.run()
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
