"""How likely a day is, given a sender's own past: shares, counts, medians and clocks, each with the spread that its
days have had beyond chance.

Shares are judged by the beta-binomial predictive, volumes by the negative binomial one with the day of the week,
medians by a robust scale and Student's t, clocks by the likelihood ratio of the same hours shifted. All take numpy
arrays and give probabilities that are two-sided where nothing else is said.
"""

from dataclasses import dataclass

import numpy as np
import scipy  # loads its parts as they are used: every command of the hub imports this module

HALF = 0.5
LEAST_CORRELATION = 2e-3
"""Rows of one day are a little alike even where the past shows nothing of it."""
SURPRISING = 3.0
"""Standard deviations from which a tail is worked out exactly; before it nothing is near any limit."""
MOST_EXACT_ROWS = 20_000
HOURS = 24
MAD_TO_SIGMA = 1.4826
MEDIAN_ERROR = 0.93
"""Standard error of a median in interquartile ranges over the root of the rows, of a normal sample."""
LEAST_SPREAD = 0.03
"""Of a median, relative: less than that is rounding."""
LEAST_DISPERSION = 0.005
"""Of a volume, beyond Poisson: no sender is steadier than a fourteenth around its own mean."""
EVENT = 1.25


@dataclass(frozen=True)
class Shares:
    """What the past says of the shares of several buckets: expected share, correlation of the rows of one day, and how
    many rows all of it is worth."""

    share: np.ndarray
    correlation: np.ndarray
    worth: np.ndarray


def shares_of(counts: np.ndarray, totals: np.ndarray) -> Shares:
    """The past of each bucket. ``counts`` and ``totals`` are (days, buckets); a day without rows has total 0."""
    rows = totals.sum(axis=0)
    share = (counts.sum(axis=0) + HALF) / (rows + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scatter = np.where(totals > 0, (counts - totals * share) ** 2 / (totals * share * (1 - share)), 0.0)
    days = np.maximum((totals > 0).sum(axis=0), 1)
    mean_rows = np.maximum(rows / days, 1.0)
    excess = np.where(days > 1, scatter.sum(axis=0) / np.maximum(days - 1, 1), 1.0) - 1
    correlation = np.clip(excess / np.maximum(mean_rows - 1, 1.0), LEAST_CORRELATION, HALF)
    worth = rows / (1 + (mean_rows - 1) * correlation)
    return Shares(share, correlation, worth)


def share_surprise(past: Shares, counts: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Probability of a count at least as far from the past as these, for each bucket."""
    spread = _spread(past)
    expected = totals * past.share
    deviation = np.sqrt(totals * past.share * (1 - past.share) * (1 + (totals - 1) * spread))
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.nan_to_num(np.abs(counts - expected) / deviation) > SURPRISING
    result = np.ones(len(counts))
    for place in np.flatnonzero(far & (totals > 0)).tolist():
        pull = 1 / spread[place] - 1
        alpha, beta = past.share[place] * pull, (1 - past.share[place]) * pull
        result[place] = _tail(float(counts[place]), float(totals[place]), alpha, beta, float(expected[place]))
    return result


def chance_of_none(past: Shares, totals: np.ndarray) -> np.ndarray:
    """Probability that none of so many rows is in a bucket, for each."""
    pull = 1 / _spread(past) - 1
    alpha, beta = past.share * pull, (1 - past.share) * pull
    chance: np.ndarray = np.exp(scipy.special.betaln(alpha, beta + totals) - scipy.special.betaln(alpha, beta))
    return chance


def _spread(past: Shares) -> np.ndarray:
    """Correlation of the rows of one day, and what is not known of the share itself."""
    spread: np.ndarray = past.correlation + (1 - past.correlation) / (past.worth + 2)
    return spread


def _tail(count: float, total: float, alpha: float, beta: float, expected: float) -> float:
    """Twice the nearer tail of the beta-binomial."""
    is_more = count > expected
    if total > MOST_EXACT_ROWS:
        tail = (
            scipy.special.betaincc(alpha, beta, count / total)
            if is_more
            else scipy.special.betainc(alpha, beta, count / total)
        )
        return float(min(1.0, 2 * tail))
    places = np.arange(count, total + 1) if is_more else np.arange(0, count + 1)
    logs = (
        scipy.special.gammaln(total + 1) - scipy.special.gammaln(places + 1) - scipy.special.gammaln(total - places + 1)
        + scipy.special.betaln(places + alpha, total - places + beta) - scipy.special.betaln(alpha, beta)
    )  # fmt: skip
    return float(min(1.0, 2 * np.exp(scipy.special.logsumexp(logs))))


def volume_surprise(
    past: np.ndarray, weekdays: np.ndarray, count: float, of_weekdays: np.ndarray
) -> tuple[float, float]:
    """Probability of so many rows on some days together, as far from the past, and how many were expected.

    ``past`` holds the rows of earlier days (zeros too) and ``weekdays`` 0 to 6 for each; ``of_weekdays`` are those of
    the days that are judged. A weekday's own factor is drawn to the mean as far as it was seldom seen."""
    usual = float(np.median(past))
    if usual <= 0:
        return 1.0, 0.0
    # After an event there are as many rows as people write, and nothing of it tells how few are too few: the middle is
    # the median, the weekday's factor is taken of days cut at a little above it, the spread of the days below it.
    cut = np.minimum(past, EVENT * usual)
    seen = [cut[weekdays == one] for one in range(7)]
    expected = usual * np.array([(each.sum() + 2 * cut.mean()) / (len(each) + 2) for each in seen]) / cut.mean()
    fitted = expected[weekdays]
    fewer = past < fitted
    scatter = (past - fitted) ** 2 / fitted**2 - 1 / fitted
    dispersion = max(float(scatter[fewer].mean()) if fewer.any() else 0.0, LEAST_DISPERSION)
    # A week is steadier than a day, but not by the root of seven: its days have their causes in common.
    dispersion = dispersion / np.sqrt(len(of_weekdays)) + (1 / usual + dispersion) / len(past)
    awaited = float(expected[of_weekdays].sum())
    size = 1 / dispersion
    chance = size / (size + awaited)
    low, high = scipy.stats.nbinom.cdf(count, size, chance), scipy.stats.nbinom.sf(count - 1, size, chance)
    return float(min(1.0, 2 * min(low, high))), awaited


def median_surprise(past: np.ndarray, median: float, spread: float, rows: int) -> tuple[float, float]:
    """Probability of a median as far from those of the past days, and the median of the past. ``spread`` is the
    interquartile range within the day."""
    middle = float(np.median(past))
    between = MAD_TO_SIGMA * float(np.median(np.abs(past - middle)))
    within = MEDIAN_ERROR * spread / np.sqrt(rows)
    scale = np.sqrt(between**2 + within**2 + (LEAST_SPREAD * abs(middle)) ** 2)
    if scale == 0:
        return (1.0 if median == middle else 0.0), middle
    return float(2 * scipy.stats.t.sf(abs(median - middle) / scale, len(past) - 1)), middle


@dataclass(frozen=True)
class Clock:
    """What the past says of the hours: the share of each of 24, and the correlation of the rows of one day."""

    shares: np.ndarray
    correlation: float


def clock_of(past: np.ndarray) -> Clock:
    """The clock of past days. ``past`` is (days, 24) counts."""
    of_days = past[past.sum(axis=1) > 0]
    total = of_days.sum(axis=0) + 1.0
    totals = np.repeat(of_days.sum(axis=1)[:, None], HOURS, axis=1)
    correlation = float(shares_of(of_days, totals).correlation.mean()) if len(of_days) else HALF
    return Clock(total / total.sum(), correlation)


def clock_ratio(clock: Clock, hours: np.ndarray, shift: int) -> float:
    """Logarithm of the likelihood ratio of the past's hours shifted against as they are, as far as rows of one day
    count singly. ``hours`` are counts of 24."""
    weight = 1 / (1 + max(hours.sum() - 1, 0) * clock.correlation)
    return float(hours @ np.log(np.roll(clock.shares, shift) / clock.shares) * weight)


def clock_surprise(clock: Clock, hours: np.ndarray) -> tuple[float, int]:
    """A bound on the probability that hours which are right look so much like the past's shifted, and by how many hours
    they look shifted.

    The likelihood ratio of a shift against none has a mean of one where nothing is shifted, so the inverse of its mean
    over all shifts bounds the probability."""
    ratios = np.array([clock_ratio(clock, hours, by) for by in range(1, HOURS)])
    best = int(ratios.argmax()) + 1
    bound = float(np.exp(min(0.0, np.log(HOURS - 1) - scipy.special.logsumexp(ratios))))
    return bound, best if best <= HOURS // 2 else best - HOURS
