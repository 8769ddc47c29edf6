"""Intervals, recalibration and scores, on examples small enough to check by hand."""

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from hub.forecast.calibration import Calibration, interval
from hub.forecast.floor import shrink
from hub.forecast.scores import CURVE, MethodScores, best_catch, catch, differences

MEANS = np.array([1e-4, 0.05, 0.06, 0.3, 1.0, 4.7, 33.0, 260.0])


def test_interval_is_the_quantiles_of_a_poisson_count() -> None:
    low, high = interval(MEANS, 0.0)
    assert low.tolist() == poisson.ppf(0.05, MEANS).astype(int).tolist()
    assert high.tolist() == poisson.ppf(0.95, MEANS).astype(int).tolist()


@pytest.mark.parametrize("dispersion", [0.2, 2.0])
def test_interval_is_the_quantiles_of_a_scattered_count(dispersion: float) -> None:
    size = 1 / dispersion
    low, high = interval(MEANS, dispersion)
    assert low.tolist() == nbinom.ppf(0.05, size, size / (size + MEANS)).astype(int).tolist()
    assert high.tolist() == nbinom.ppf(0.95, size, size / (size + MEANS)).astype(int).tolist()


def test_top_tenth_that_got_more_than_expected_is_given_more_and_order_stays() -> None:
    shape = np.array([0.2, 0.15, *np.linspace(0.05, 0.02, 18)])
    shape /= shape.sum()
    calibration = Calibration(forget=1.0)
    calibration.remember(0, shape, 1000.0)
    counts = np.zeros(20, dtype=np.int64)
    counts[[0, 1, 7]] = [300, 200, 500]
    calibration.learn(counts, 1.0)
    corrected = calibration.correct(shape)
    factor = (500 + 50) / (shape[:2].sum() * 1000 + 50)
    assert corrected[:2].sum() == pytest.approx(shape[:2].sum() * factor, rel=1e-4)
    assert corrected.sum() == pytest.approx(1)
    assert (np.diff(corrected) < 0).all()


def test_areas_that_tie_at_the_edge_share_the_budget_whatever_their_order() -> None:
    shape, counts = np.array([0.4, 0.2, 0.2, 0.2]), np.array([5, 9, 0, 0])
    at = CURVE.index(0.5)
    assert catch(shape, counts)[at] == pytest.approx(5 + 9 / 3)
    assert catch(shape[::-1], counts[::-1])[at] == pytest.approx(5 + 9 / 3)
    assert best_catch(counts)[at] == 14


def test_areas_alike_but_for_chance_are_drawn_to_their_mean() -> None:
    random = np.random.default_rng(2)
    alike = shrink(random.poisson(4.0, 400).astype(float), 1.0)
    apart = shrink(random.poisson(random.gamma(0.5, 8.0, 400)).astype(float), 1.0)
    assert alike.std() * 400 < 0.15
    assert apart.std() * 400 > 1
    assert alike.sum() == pytest.approx(1)


def test_a_difference_that_every_period_shows_has_an_interval_above_zero_and_one_of_none_does_not() -> None:
    random = np.random.default_rng(4)
    counts = [random.poisson([8.0, 1.0, 1.0, 1.0]) for _ in range(60)]
    right, even, guess, other_guess = MethodScores(), MethodScores(), MethodScores(), MethodScores()
    for one in counts:
        right.add(np.array([8, 1, 1, 1]) / 11, one)
        even.add(np.full(4, 0.25), one)
        guess.add(random.permutation([0.3, 0.25, 0.25, 0.2]), one)
        other_guess.add(random.permutation([0.3, 0.25, 0.25, 0.2]), one)
    totals = np.array([float(one.sum()) for one in counts])
    clear = differences(right, even, totals, block=4)["bits_per_event"]
    none = differences(guess, other_guess, totals, block=4)["bits_per_event"]
    assert clear["low"] > 0.5
    assert none["low"] < 0 < none["high"]
