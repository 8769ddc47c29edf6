"""Intervals of rare counts cover nearly everything; what is right about them is seen in other figures, and said."""

from itertools import islice

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from hub.forecast.calibration import interval
from hub.forecast.coverage import cover, outside_ranges, probabilities
from hub.forecast.crps import crps
from hub.forecast.panel import Floats

RESULT = {
    "coverage_90": 0.95,
    "coverage_90_promised": 0.95,
    "coverage_90_in_part": 0.9,
    "share_of_zero_counts": 0.6,
    "top_tenth_observed_over_expected": 1.0,
    "level_observed_over_expected": 1.0,
}


def _counts(mean: Floats, dispersion: float) -> np.ndarray:
    size = 1 / dispersion
    return np.random.default_rng(11).negative_binomial(size, size / (size + mean))


@pytest.mark.parametrize("mean", [0.002, 0.4, 6.0])
def test_a_right_forecast_covers_what_it_promises_and_ninety_percent_with_steps_in_part(mean: float) -> None:
    expected = np.full(40_000, mean)
    low, high = interval(expected, 0.5)
    told = cover(expected, low, high, 0.5, _counts(expected, 0.5))
    assert told.covered == pytest.approx(told.promised, abs=0.005)
    assert told.in_part == pytest.approx(0.90, abs=0.005)
    assert (told.covered > 0.99) == (mean == 0.002)


def test_a_forecast_of_rare_counts_that_is_five_times_too_low_is_seen_though_it_covers_nearly_all() -> None:
    expected = np.full(40_000, 0.02)
    low, high = interval(expected, 0.0)
    told = cover(expected, low, high, 0.0, _counts(expected * 5, 0.5))
    assert told.covered > 0.90
    assert told.covered < told.promised - 0.05


@pytest.mark.parametrize("dispersion", [0.0, 1e-4])
@pytest.mark.parametrize("mean", [800.0, 2000.0])
def test_many_expected_reports_have_an_interval_and_a_score_like_few(mean: float, dispersion: float) -> None:
    """The probability of none of them is too small for a floating-point number."""
    law = nbinom(1 / dispersion, 1 / (1 + dispersion * mean)) if dispersion else poisson(mean)
    low, high = interval(np.array([mean]), dispersion)
    assert (low[0], high[0]) == (law.ppf(0.05), law.ppf(0.95))
    steps = np.arange(6000)
    score = ((law.cdf(steps) - (mean <= steps)) ** 2).sum()
    assert crps(np.array([mean]), dispersion, np.array([int(mean)])) == pytest.approx(score, rel=1e-3)
    told = cover(np.array([mean]), low, high, dispersion, np.array([int(mean)]))
    assert 0.9 <= told.promised < 0.91


def test_probabilities_are_those_of_the_negative_binomial() -> None:
    mean = np.array([0.1, 3.0])
    made = np.array(list(islice(probabilities(mean, 0.25), 9)))
    np.testing.assert_allclose(made, nbinom.pmf(np.arange(9)[:, None], 4, 4 / (4 + mean)))


def test_coverage_above_its_range_is_said_with_the_share_of_zeros() -> None:
    rare = RESULT | {"coverage_90": 0.998, "coverage_90_promised": 0.998, "share_of_zero_counts": 0.997}
    (told,) = outside_ranges(rare)
    assert told.startswith("coverage of the 90% interval is 0.998, outside 0.9 to 0.98: 99.7% of counts are 0")


def test_coverage_short_of_what_was_promised_is_not_excused_by_zeros() -> None:
    (told,) = outside_ranges(RESULT | {"coverage_90": 0.85, "coverage_90_promised": 0.95})
    assert told == "coverage of the 90% interval is 0.850, outside 0.9 to 0.98"


def test_what_lies_inside_its_ranges_is_not_spoken_of() -> None:
    assert outside_ranges(RESULT) == []
    assert "top tenth is 1.200" in outside_ranges(RESULT | {"top_tenth_observed_over_expected": 1.2})[0]
