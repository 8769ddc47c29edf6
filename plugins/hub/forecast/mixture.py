"""The mixture of shapes: weights that make the latest known reports likeliest, by expectation maximisation."""

from hub.forecast.panel import Floats

MEMORY_WEEKS = 26.0
"""Half-life of the evidence for a weight: shorter than any other memory, so that the mixture follows a change."""
PRIOR_REPORTS = 0.1
"""What each shape is credited with before any report speaks for it."""
ROUNDS = 12


def fit_weights(likelihoods: Floats, evidence: Floats, weights: Floats) -> Floats:
    """Weights (shapes) after more rounds from the given ones.

    Args:
        likelihoods: reports x shapes, the share that each shape gave to the report's area before it was known.
        evidence: reports, how much each counts.
        weights: shapes, where to begin.
    """
    for _ in range(ROUNDS):
        claims = likelihoods * weights
        claims *= (evidence / claims.sum(axis=1))[:, None]
        credited = claims.sum(axis=0) + PRIOR_REPORTS
        weights = credited / credited.sum()
    return weights
