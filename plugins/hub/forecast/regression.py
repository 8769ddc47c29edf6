"""Poisson regression around the mixture: which kinds of area it underrates or overrates, from the shapes.

The rate of area i in a period is mixture_i x exp(features_i . coefficients); no coefficient, no change. Reports enter
with their features; what would have been expected enters through every area of every n-th period, which stands for n.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import PoissonRegressor

from hub.forecast.calendar import Indices
from hub.forecast.panel import Floats

SHRINKAGE = 30.0
"""Strength of the prior that the mixture is right, in the log-likelihood of reports; chosen before the first tests."""
FLOOR = 0.02
"""Share of the uniform shape inside each logarithm, so that none falls without bound."""
POINT = 1e-4
"""Exposure of a report's own row: it says what happened, and next to nothing of what was expected."""
LARGEST_CHANGE = 5.0


@dataclass(frozen=True)
class Slice:
    """All areas at the start of one period: features (areas x features), floored mixture (areas)."""

    features: Floats
    base: Floats


def make_slice(mixture: Floats, shapes: Floats, covariates: Floats) -> Slice:
    """Features of every area from its mixture (areas), chosen shapes (n x areas) and covariates (areas x m)."""
    base = floored(mixture)
    logs = [np.log(floored(shape) * len(mixture)) for shape in shapes]
    return Slice(np.column_stack([np.log(base * len(mixture)), *logs, covariates]), base)


def floored(shape: Floats) -> Floats:
    """The shape with a little of the uniform one."""
    return np.asarray(FLOOR / shape.shape[-1] + (1 - FLOOR) * shape)


def fit_coefficients(slices: list[Slice], expected: Floats, features: Floats, counts: Indices) -> Floats:
    """Coefficients (features).

    Args:
        slices: the periods that stand for all of them.
        expected: slices, the reports of the periods that each stands for.
        features: cells x features, those of each cell's area at the start of its period.
        counts: cells, the reports in each.
    """
    rows = np.concatenate([*(one.features for one in slices), features])
    bases = [one.base * reports for one, reports in zip(slices, expected, strict=True)]
    exposure = np.concatenate([*bases, POINT * counts])
    rate = np.zeros(len(rows))
    rate[len(rows) - len(features) :] = 1 / POINT
    model = PoissonRegressor(alpha=SHRINKAGE / exposure.sum(), solver="newton-cholesky", max_iter=30, tol=1e-5)
    model.fit(rows, rate, sample_weight=exposure)
    return np.asarray(model.coef_, dtype=np.float64)


def apply_coefficients(one: Slice, coefficients: Floats) -> Floats:
    """The corrected shape (areas), summing to 1."""
    change = np.clip(one.features @ coefficients, -LARGEST_CHANGE, LARGEST_CHANGE)
    rate = one.base * np.exp(change - change.max())
    return np.asarray(rate / rate.sum())
