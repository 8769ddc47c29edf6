"""Forecasts are published only where they are surely better than every baseline; else it is said which is missing."""

import pytest

from hub.forecast.scores import Differences
from hub.forecast.verdict import GAIN_TO_SHOW, reach_verdict

BITS = {"long_run_mean": 0.31, "empirical_bayes": 0.42}
MANY, PERIODS = 5000, 100


def _paired(low: float, high: float = 0.2, hit_high: float = 0.02) -> Differences:
    error = (high - low) / 3.92
    return {
        "bits_per_event": {"difference": (low + high) / 2, "low": low, "high": high, "standard_error": error},
        "hit_rate_5%": {
            "difference": hit_high - 0.03,
            "low": hit_high - 0.06,
            "high": hit_high,
            "standard_error": 0.01,
        },
    }


def test_a_forecast_that_surely_beats_every_baseline_is_published() -> None:
    verdict = reach_verdict(BITS, {name: _paired(0.01) for name in BITS}, MANY, PERIODS)
    assert (verdict.code, verdict.is_withheld, verdict.sentence) == ("better", False, None)
    assert verdict.best_baseline == "empirical_bayes"


@pytest.mark.parametrize("unsure", BITS)
def test_one_baseline_that_may_be_as_good_is_enough_to_withhold(unsure: str) -> None:
    paired = {name: _paired(-0.01 if name == unsure else 0.01, 0.03) for name in BITS}
    verdict = reach_verdict(BITS, paired, MANY, PERIODS)
    assert verdict.code == "not_surely_better"
    (because,) = verdict.because
    assert because == (
        f"log score is not surely better than the {unsure.replace('_', ' ')}'s, {BITS[unsure]:.4f}: "
        "by 0.0100 bits an event (-0.0100 to 0.0300)"
    )


def test_a_log_score_that_is_surely_worse_is_called_worse() -> None:
    verdict = reach_verdict(
        BITS, {"long_run_mean": _paired(0.01), "empirical_bayes": _paired(-0.03, -0.01)}, MANY, PERIODS
    )
    assert verdict.code == "worse"
    assert verdict.because == [
        "log score is worse than the empirical bayes's, 0.4200: by 0.0200 bits an event (0.0100 to 0.0300)"
    ]


def test_a_better_log_score_does_not_excuse_a_worse_hit_rate() -> None:
    paired = {"long_run_mean": _paired(0.01), "empirical_bayes": _paired(0.01, hit_high=-0.02)}
    verdict = reach_verdict(BITS, paired, MANY, PERIODS)
    assert verdict.code == "worse"
    assert verdict.because == [
        "hit rate at 5% of areas is worse than the empirical bayes's: by 0.0500 (0.0200 to 0.0800)"
    ]


def test_a_hit_rate_that_differs_in_the_last_digit_of_a_sum_is_no_worse() -> None:
    assert (
        reach_verdict(BITS, {name: _paired(0.01, hit_high=-(2**-54)) for name in BITS}, MANY, PERIODS).code == "better"
    )


def test_a_test_that_would_have_missed_a_gain_has_too_few_events_and_says_how_many_it_takes() -> None:
    """At a standard error of a twentieth, 0.05 bits lie one of them from zero: 2.8 squared times as many events show
    it four times in five."""
    paired = {name: _paired(-GAIN_TO_SHOW * 1.96, GAIN_TO_SHOW * 1.96) for name in BITS}
    verdict = reach_verdict(BITS, paired, 100, PERIODS)
    assert (verdict.code, verdict.events_needed) == ("too_few_events", 784)
    assert str(verdict.sentence).startswith(
        "too few events, as 100 events in the test periods, and about 784 are needed"
    )
    assert reach_verdict(BITS, paired, 4, PERIODS).because[0].startswith("fewer than 5 events")


def test_intervals_of_a_handful_of_events_prove_nothing() -> None:
    """Five events of 0.1 bits each are as likely as not by chance, however alike they are."""
    verdict = reach_verdict(BITS, {name: _paired(0.09, 0.11) for name in BITS}, 5, PERIODS)
    assert (verdict.code, verdict.events_needed) == ("too_few_events", 54)
    assert reach_verdict(BITS, {name: _paired(0.09, 0.11) for name in BITS}, 54, PERIODS).code == "better"


@pytest.mark.parametrize(
    ("events", "periods", "said"), [(0, 20, "no event occurred"), (900, 5, "5 periods with 900 events")]
)
def test_no_verdict_is_reached_by_no_event_or_few_periods(events: int, periods: int, said: str) -> None:
    verdict = reach_verdict(BITS, {name: _paired(0.1) for name in BITS}, events, periods)
    assert verdict.code == "too_few_events"
    assert said in verdict.because[0]
