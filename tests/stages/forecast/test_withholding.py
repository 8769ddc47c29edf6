"""Forecasts are withheld when the simplest rule does as well, and the reason is told in figures."""

from hub.stages.forecast.backtest import withheld_because


def _paired(low: float, high: float) -> dict[str, dict[str, float]]:
    return {
        "bits_per_event": {"difference": 0.0004, "low": low, "high": 0.03},
        "hit_rate_5%": {"difference": -0.03, "low": -0.04, "high": high},
    }


def test_a_gain_that_may_be_chance_is_withheld() -> None:
    (because,) = withheld_because(_paired(low=-0.01, high=0.02))
    assert "by 0.0004 bits an event (-0.0100 to 0.0300)" in because


def test_a_better_log_score_does_not_excuse_a_worse_hit_rate() -> None:
    (because,) = withheld_because(_paired(low=0.01, high=-0.02))
    assert "by 0.0300 (0.0200 to 0.0400)" in because


def test_a_sure_gain_with_a_hit_rate_that_may_be_equal_is_published() -> None:
    assert withheld_because(_paired(low=0.01, high=0.001)) == []


def test_a_hit_rate_that_differs_in_the_last_digit_of_a_sum_is_no_worse() -> None:
    assert withheld_because(_paired(low=0.01, high=-(2**-54))) == []
