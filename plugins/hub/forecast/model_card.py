"""The model card: what the forecaster is, and what its backtest measured. Every figure comes from the result."""

from collections.abc import Mapping
from typing import Any

from hub.forecast.backtest import STACK

COLUMNS = ("bits_per_event", "hit_rate_1%", "hit_rate_5%", "hit_rate_10%", "pai_5%", "pei_5%")
ABOUT = """# Model card: hotspot forecast

**What it does.** Says how many reports to expect in each area in the next period, with a 90% interval. It forecasts
reports, not crimes: where few report, it expects few. It says nothing about a person.

**How.** Reports are added up area by area at several memories and, where areas have coordinates, spread over
neighbours at several widths. Where counts of other kinds are given, a Poisson regression on them says what an area
with such counts has, and the area's own reports move that. A mixture of all these is weighted by what it would have
said of the latest reports; a Poisson regression corrects it; the top tenth is recalibrated on past forecasts; the
level of all areas together comes from the latest weeks, corrected for reports still to come.

**What it must not be used for.** To decide about a person, or without a person's approval. Never train it on what
officers found because they were sent.
"""


def write_card(result: Mapping[str, Any]) -> str:
    """The card as Markdown, from what ``Backtest.result`` gives."""
    if "methods" not in result:
        return f"{ABOUT}\n## Backtest\n\nNot scored: {'; '.join(result['because'])}.\n"
    parts = [_data, _scores, _baselines, _paired, _calibration]
    return "\n".join([ABOUT, *(part(result) for part in parts), f"## Verdict\n\n{_sentence(summary(result))}\n"])


def summary(result: Mapping[str, Any]) -> str:
    """The verdict in a line, with the best baseline and its score."""
    if "methods" not in result:
        return f"withheld, too few events: {'; '.join(result['because'])}"
    best = result["best_baseline"]
    beside = f"best baseline: {_words(best)}, {result['methods'][best]['bits_per_event']:.3f} bits an event"
    if result["withheld"]:
        return f"withheld, {_words(result['verdict'])}: {'; '.join(result['because'])} ({beside})"
    gain = result["paired"][best]["bits_per_event"]
    return (
        f"better than every baseline on log score, surely worse than none on hit rate at 5% of areas: "
        f"{_interval(gain)} bits an event more than the best ({beside})"
    )


def _data(result: Mapping[str, Any]) -> str:
    as_of = "only what had been reported before it" if result["as_of"] else "what had occurred before it"
    left_out = result["events_outside_areas"]
    context = result["context"]
    beside = (
        "No counts of other kinds were given."
        if context is None
        else f"Counts of {len(context['kinds'])} other kinds, {context['counts']:,} in all, were used in the same way."
    )
    return (
        f"## Backtest\n\n{result['events']:,} reports in {result['areas']:,} areas over {result['periods']} "
        f"{result['unit']}s, {result['first_test']} to {result['last_test']}. Each forecast was made from {as_of}. "
        f"Left out because their area is not in the list: {left_out:,}. {beside}\n"
    )


def _scores(result: Mapping[str, Any]) -> str:
    lines = ["| method | " + " | ".join(_words(column) for column in COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, scores in result["methods"].items():
        lines.append(f"| {_words(name)} | " + " | ".join(f"{scores[column]:.3f}" for column in COLUMNS) + " |")
    return "\n".join(lines) + "\n"


def _baselines(result: Mapping[str, Any]) -> str:
    lines = ["Baselines are set again before each period to what has scored best on the events known by then:", ""]
    lines += ["| baseline | at the first test | at the last test | changes |", "|---|---|---|---|"]
    for name, one in result["baselines"].items():
        first, last = (_setting(one[f"setting_at_{end}_test"]) for end in ("first", "last"))
        lines.append(f"| {_words(name)} | {first} | {last} | {one['changes']} |")
    return "\n".join(lines) + "\n"


def _setting(setting: Mapping[str, float | None]) -> str:
    values = {name: "without end" if value is None else f"{value:g}" for name, value in setting.items()}
    return ", ".join(f"{_words(name)} {value}" for name, value in values.items())


def _paired(result: Mapping[str, Any]) -> str:
    lines = [f"Differences of the {STACK} from each, with 95% intervals (paired block bootstrap):", ""]
    lines += ["| against | bits per event | hit rate 5% | hit rate 10% |", "|---|---|---|---|"]
    for name, one in result["paired"].items():
        cells = [_interval(one[column]) for column in ("bits_per_event", "hit_rate_5%", "hit_rate_10%")]
        lines.append(f"| {_words(name)} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _calibration(result: Mapping[str, Any]) -> str:
    outside = "".join(f"- Outside its range: {line}.\n" for line in result["outside_ranges"])
    return (
        f"90% intervals covered {result['coverage_90']:.3f} of all counts and {result['coverage_90_top_tenth']:.3f} in "
        f"the top tenth; of whole counts they promised {result['coverage_90_promised']:.3f}, and with the steps of "
        f"counts taken in part they covered {result['coverage_90_in_part']:.3f}. Observed over expected: "
        f"{_ratio(result['level_observed_over_expected'])} in all, "
        f"{_ratio(result['top_tenth_observed_over_expected'])} in the top tenth.\n\n"
        + (outside or "Coverage, level and top tenth lie inside their ranges.\n")
    )


def _interval(one: Mapping[str, float]) -> str:
    return f"{one['difference']:+.3f} ({one['low']:+.3f} to {one['high']:+.3f})"


def _ratio(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"


def _sentence(line: str) -> str:
    return f"{line[0].upper()}{line[1:]}."


def _words(name: str) -> str:
    return name.replace("_", " ")
