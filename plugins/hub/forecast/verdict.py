"""Whether forecasts may be published: only where they are surely better than every baseline, whichever is best.

A gain that could not have been shown with so few events is kept apart from one that was looked for and not found.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hub.forecast.scores import Differences

Code = Literal["better", "not_surely_better", "worse", "too_few_events"]
HIT_BUDGET = "hit_rate_5%"
HIT_RATE_TOLERANCE = 1e-9
"""Two hit rates no further apart are the same: shares summed in another order differ in their last digits."""
GAIN_TO_SHOW = 0.05
"""The smallest gain that matters, in bits an event. A test that would miss it, or the larger gain that was seen, more
than one time in five has too few events."""
SURE, POWER = 1.96, 0.84
"""Standard errors from zero to the end of a 95% interval, and beyond it for a gain that is found four times in five."""
LEAST_TOTAL_BITS = math.log2(40)
"""Bits gained in all, below which chance is never ruled out. If the baseline were right, chance alone would give a
forecast so many (a likelihood ratio of 40) with a probability of at most 1 in 40, however few events there are (Ville's
inequality); of so few periods the bootstrap's intervals cannot be trusted."""
LEAST_PERIODS = 6
"""The bootstrap draws blocks of two neighbours: fewer than three blocks do not show how much periods vary."""
SMALLEST_SHOWN_COUNT = 5
"""Sentences are published, where no smaller count than this may be; 0 may."""


@dataclass(frozen=True)
class Verdict:
    """The code, why nothing is published (empty where it is better), the best baseline, and how many events would have
    been enough; None where more of them would change nothing."""

    code: Code
    because: list[str] = field(default_factory=list)
    best_baseline: str | None = None
    events_needed: int | None = None

    @property
    def is_withheld(self) -> bool:
        return self.code != "better"

    @property
    def sentence(self) -> str | None:
        """Why it is withheld, or None."""
        return f"{_readable(self.code)}, as {'; '.join(self.because)}" if self.is_withheld else None


def reach_verdict(bits: Mapping[str, float], paired: Mapping[str, Differences], events: int, periods: int) -> Verdict:
    """The verdict on forecasts of so many periods, with so many events in all.

    Args:
        bits: log score of each baseline, in bits an event over uniform; higher is better.
        paired: how the forecasts differ from each baseline.
    """
    if not events:
        return Verdict("too_few_events", ["no event occurred in the test periods"])
    best = max(bits, key=lambda name: bits[name])
    if periods < LEAST_PERIODS:
        tested = f"{periods} period{'' if periods == 1 else 's'} with {_count(events)} events"
        return Verdict("too_few_events", [f"{tested} could be tested, and {LEAST_PERIODS} periods are needed"], best)
    if worse := [*_worse_bits(paired, bits), *_worse_hits(paired)]:
        return Verdict("worse", worse, best)
    unsure = {name: one["bits_per_event"] for name, one in paired.items() if one["bits_per_event"]["low"] <= 0}
    if unsure:
        return _unsure(unsure, bits, best, events)
    gain = paired[best]["bits_per_event"]["difference"]
    if gain * events < LEAST_TOTAL_BITS:
        needed = math.ceil(LEAST_TOTAL_BITS / gain)
        return Verdict("too_few_events", [_too_few(events, needed, gain)], best, needed)
    return Verdict("better", [], best)


def _unsure(unsure: Differences, bits: Mapping[str, float], best: str, events: int) -> Verdict:
    """The verdict where these baselines may be as good."""
    needed = {name: _needed(one, events) for name, one in unsure.items()}
    name = max(needed, key=lambda baseline: needed[baseline])
    if events < needed[name]:
        few = _too_few(events, needed[name], _gain_to_show(unsure[name]))
        return Verdict("too_few_events", [f"{few} over the {_readable(name)}'s {bits[name]:.4f}"], best, needed[name])
    because = [
        f"log score is not surely better than the {_readable(name)}'s, {bits[name]:.4f}: by {_interval(one)}"
        for name, one in sorted(unsure.items(), key=lambda item: -bits[item[0]])
    ]
    return Verdict("not_surely_better", because, best)


def _worse_bits(paired: Mapping[str, Differences], bits: Mapping[str, float]) -> list[str]:
    differences = {name: one["bits_per_event"] for name, one in paired.items()}
    return [
        f"log score is worse than the {_readable(name)}'s, {bits[name]:.4f}: by {_interval(one, -1)}"
        for name, one in differences.items()
        if one["high"] < 0
    ]


def _worse_hits(paired: Mapping[str, Differences]) -> list[str]:
    differences = {name: one[HIT_BUDGET] for name, one in paired.items()}
    return [
        f"hit rate at 5% of areas is worse than the {_readable(name)}'s: by {-one['difference']:.4f} "
        f"({-one['high']:.4f} to {-one['low']:.4f})"
        for name, one in differences.items()
        if one["high"] < -HIT_RATE_TOLERANCE
    ]


def _gain_to_show(one: Mapping[str, float]) -> float:
    """The gain that was seen, or the least that matters where it is smaller."""
    return max(one["difference"], GAIN_TO_SHOW)


def _needed(one: Mapping[str, float], events: int) -> int:
    """Events with which the gain is found four times in five: by how much the difference varied, and at least what a
    right forecast needs, whose log likelihood ratio over one nearly as good has twice its mean as variance."""
    gain = _gain_to_show(one)
    seen = events * ((SURE + POWER) * one["standard_error"] / gain) ** 2
    right = 2 * (SURE + POWER) ** 2 / (gain * math.log(2))
    return math.ceil(max(seen, right))


def _too_few(events: int, needed: int, gain: float) -> str:
    return (
        f"{_count(events)} events in the test periods, and about {needed:,} are needed to be sure of a gain of "
        f"{gain:.3f} bits an event"
    )


def _count(events: int) -> str:
    return f"{events:,}" if events >= SMALLEST_SHOWN_COUNT else f"fewer than {SMALLEST_SHOWN_COUNT}"


def _interval(one: Mapping[str, float], sign: int = 1) -> str:
    low, high = sorted((sign * one["low"], sign * one["high"]))
    return f"{sign * one['difference']:.4f} bits an event ({low:.4f} to {high:.4f})"


def _readable(name: str) -> str:
    return name.replace("_", " ")
