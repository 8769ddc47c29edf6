"""How much likelier some days are if something changed than if it is as before: the logarithm of that ratio.

Shares are compared by the beta-binomial, numbers of rows by the gamma-Poisson; both have closed forms. What a sender's
days have had beyond chance makes each row count for less than one. All functions take arrays of many series.
"""

from dataclasses import dataclass

import numpy as np
import scipy  # loads its parts as they are used: every command of the hub imports this module

HALF = 0.5
LEAST_CORRELATION = 2e-3
"""Rows of one day are a little alike even where the past shows nothing of it."""
TYPICAL_DAYS = 10
"""So many days without any likeness are added to a past, so that few days do not tell of none or of much."""
MOST_WORTH = 3000.0
"""Rows that a past is worth at most: shares wander."""
LEAST_SHARE = 1e-5
CLOCK_WORTH = 100.0
SHIFTED = (np.arange(24) - np.arange(24)[:, None]) % 24
"""For each shift of a clock, which hour is written in the place of each."""
LEAST_DISPERSION = 0.005
"""Of a volume, beyond Poisson: no sender is steadier than a fourteenth around its own mean."""
CLUSTERED = 0.3
"""Rows come in twos and threes, as one thing brings several, so their number scatters so much more than Poisson."""
EVENT = 1.35


@dataclass(frozen=True)
class Past:
    """What the past says of some shares: the share, the likeness of rows of one day, how many rows it is worth."""

    share: np.ndarray
    correlation: np.ndarray
    worth: np.ndarray


def past_of(counts: np.ndarray, totals: np.ndarray) -> Past:
    """The past of each series. ``counts`` and ``totals`` are (days, series); a day without rows has total 0."""
    rows = totals.sum(axis=0)
    share = (counts.sum(axis=0) + HALF) / (rows + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scatter = np.where(totals > 0, (counts - totals * share) ** 2 / (totals * share * (1 - share)), 0.0)
    days = (totals > 0).sum(axis=0)
    mean_rows = np.maximum(rows / np.maximum(days, 1), 1.0)
    excess = (scatter.sum(axis=0) + TYPICAL_DAYS) / (days + TYPICAL_DAYS) - 1
    correlation = np.clip(excess / np.maximum(mean_rows - 1, 1.0), LEAST_CORRELATION, HALF)
    worth = (totals / (1 + np.maximum(totals - 1, 0) * correlation)).sum(axis=0) + 1
    return Past(np.clip(share, LEAST_SHARE, 1 - LEAST_SHARE), correlation, np.minimum(worth, MOST_WORTH))


def counted_singly(past: Past, counts: np.ndarray, totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts and totals of some days together, as far as rows of one day count singly."""
    weight = 1 / (1 + np.maximum(totals - 1, 0) * past.correlation)
    return (counts * weight).sum(axis=0), (totals * weight).sum(axis=0)


def share_evidence(past: Past, counts: np.ndarray, totals: np.ndarray, leeway: np.ndarray) -> np.ndarray:
    """Evidence that shares have become others, whichever. A change within ``leeway`` is none."""
    before = _nearest(past, counts, totals, leeway)
    betaln = scipy.special.betaln
    hits, misses = before * past.worth, (1 - before) * past.worth
    as_before = betaln(hits + counts, misses + totals - counts) - betaln(hits, misses)
    changed = betaln(HALF + counts, HALF + totals - counts) - betaln(HALF, HALF)
    evidence: np.ndarray = changed - as_before
    return evidence


def _nearest(past: Past, counts: np.ndarray, totals: np.ndarray, leeway: np.ndarray) -> np.ndarray:
    """The shares that count as before, as near to those of now as the leeway lets them be."""
    now = np.where(totals > 0, counts / np.maximum(totals, 1e-9), past.share)
    wandered = past.share + np.clip(now - past.share, -leeway, leeway)
    nearest: np.ndarray = np.clip(wandered, LEAST_SHARE, 1 - LEAST_SHARE)
    return nearest


def exchange_evidence(
    past: Past, first: np.ndarray, second: np.ndarray, counts: np.ndarray, totals: np.ndarray, leeway: np.ndarray
) -> np.ndarray:
    """Evidence that the shares of two buckets are exchanged, for pairs of places in the past. Counts and totals are
    those that count singly; a change within ``leeway`` is none."""
    worth = np.minimum(past.worth[first], past.worth[second])
    one, other = past.share[first] * worth, past.share[second] * worth
    before = _nearest(past, counts, totals, leeway)
    hits, misses = counts[first], counts[second]
    betaln = scipy.special.betaln
    old, new = before[first] * worth, before[second] * worth
    exchanged = betaln(other + hits, one + misses) - betaln(other, one)
    evidence: np.ndarray = exchanged - (betaln(old + hits, new + misses) - betaln(old, new))
    return evidence


def clock_evidence(before: np.ndarray, hours: np.ndarray) -> tuple[float, int]:
    """Evidence that a clock is shifted, and by how many hours. ``before`` and ``hours`` are (days, 24) counts. The past
    is worth no more than so many rows: people's hours wander."""
    shares = (before.sum(axis=0) + 1.0) / (before.sum() + before.shape[1])
    days = before[before.sum(axis=1) > 0]
    past = past_of(days, np.repeat(days.sum(axis=1)[:, None], len(shares), axis=1))
    weight = 1 / (1 + np.maximum(hours.sum(axis=1) - 1, 0) * past.correlation.mean())
    now = (hours * weight[:, None]).sum(axis=0)
    worth = min(float(past.worth.mean()), CLOCK_WORTH) * shares
    shifted = worth[SHIFTED]
    gammaln = scipy.special.gammaln
    likely = (gammaln(shifted + now) - gammaln(shifted)).sum(axis=1)
    ratios = likely[1:] - likely[0]
    best = int(ratios.argmax()) + 1
    evidence = float(np.logaddexp.reduce(ratios) - np.log(len(ratios)))
    return evidence, best if best <= len(shares) // 2 else best - len(shares)


@dataclass(frozen=True)
class Volume:
    """What the past says of the rows of a day: how many by the day of the week, how much more they scatter than by
    chance, how many rows the past is worth."""

    expected: np.ndarray
    dispersion: float
    worth: float


def volume_of(rows: np.ndarray, weekdays: np.ndarray) -> Volume:
    """The past of a number of rows. ``weekdays`` holds 0 to 6 for each day. Days after an event say nothing of the
    usual ones, so all are cut a little above those."""
    usual = max(float(np.median(rows)), 1.0)
    cut = np.minimum(rows, EVENT * usual + 1)
    level = max(float(cut.mean()), 1e-9)
    seen = [cut[weekdays == one] for one in range(7)]
    expected = np.array([(each.sum() + 4 * level) / (len(each) + 4) for each in seen])
    fitted = expected[weekdays]
    fewer = cut < fitted
    scatter = np.where(fewer, (cut - fitted) ** 2 - fitted, 0.0) / fitted**2
    dispersion = max(float(scatter.sum()) / (fewer.sum() + TYPICAL_DAYS / 2), LEAST_DISPERSION)
    return Volume(expected, dispersion, float((fitted / (1 + dispersion * fitted)).sum()))


def volume_evidence(past: Volume, rows: np.ndarray, weekdays: np.ndarray, leeway: tuple[float, float]) -> float:
    """Evidence that the number of rows has become another, whichever. A change within ``leeway`` is none."""
    expected = past.expected[weekdays]
    weight = 1 / (1 + CLUSTERED + past.dispersion * expected)
    count, awaited = float((rows * weight).sum()), float((expected * weight).sum())
    rate = float(np.clip(count / awaited, *leeway))
    return _gamma_poisson(1.0, 1.0, count, awaited) - _gamma_poisson(rate * past.worth, past.worth, count, awaited)


def _gamma_poisson(shape: float, rate: float, count: float, awaited: float) -> float:
    gammaln = scipy.special.gammaln
    spread = shape * np.log(rate) - (shape + count) * np.log(rate + awaited)
    return float(gammaln(shape + count) - gammaln(shape) + spread)
