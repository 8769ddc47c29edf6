"""Gaussian kernels between areas, from their centres: how one event is spread over the neighbourhood."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array
from scipy.spatial import cKDTree

from hub.forecast.calendar import Indices
from hub.forecast.panel import Areas, Floats

BANDWIDTHS = (0.7, 1.4, 2.8, 5.6)
"""Standard deviations, in typical distances between neighbouring centres."""
REACH = 2.6
"""Where a kernel ends, in standard deviations: what lies beyond is 3% of its mass, and costs most of the time."""
LEAST_PLACED = 3


@dataclass(frozen=True)
class Kernel:
    """Column j holds the shares, summing to 1, in which an event in area j falls on each area; areas x areas.

    Columns of areas without any event in the panel are left empty: nothing is ever spread from there.
    """

    bandwidth_km: float
    shares: csc_array

    def spread(self, areas: Indices, weights: Floats) -> Floats:
        """Spread events (n areas, n x m weights) over all areas: areas x m."""
        return np.asarray(self.shares[:, areas] @ weights, dtype=np.float64)


def make_kernels(areas: Areas, sources: Indices) -> tuple[Kernel, ...]:
    """One kernel a bandwidth, for events in ``sources``. None where fewer than three areas have coordinates.

    Events of areas without coordinates stay where they are.
    """
    points = np.column_stack([areas.x_km, areas.y_km])
    is_placed = np.isfinite(points).all(axis=1)
    if is_placed.sum() < LEAST_PLACED:
        return ()
    tree = cKDTree(points[is_placed])
    nearest = tree.query(points[is_placed], k=2)[0][:, 1]
    spacing = float(np.median(nearest[nearest > 0])) if (nearest > 0).any() else 0.0
    if not spacing:
        return ()
    place = np.flatnonzero(is_placed)
    placed, elsewhere = sources[is_placed[sources]], sources[~is_placed[sources]]
    near = cKDTree(points[placed]).sparse_distance_matrix(
        tree, REACH * spacing * max(BANDWIDTHS), output_type="ndarray"
    )
    pairs = _Pairs(placed[near["i"]], place[near["j"]], near["v"])
    return tuple(_kernel(pairs, elsewhere, areas.count, spacing * bandwidth) for bandwidth in BANDWIDTHS)


@dataclass(frozen=True)
class _Pairs:
    """Areas within reach of each other: where an event is, where its share falls, and how far that is, in km."""

    source: Indices
    target: Indices
    distance: Floats


def _kernel(pairs: _Pairs, elsewhere: Indices, count: int, bandwidth: float) -> Kernel:
    is_near = pairs.distance <= REACH * bandwidth
    source, target = pairs.source[is_near], pairs.target[is_near]
    weights = np.exp(-0.5 * (pairs.distance[is_near] / bandwidth) ** 2)
    sums = np.bincount(source, weights=weights, minlength=count)
    rows = np.concatenate([target, elsewhere])
    columns = np.concatenate([source, elsewhere])
    values = np.concatenate([weights / sums[source], np.ones(len(elsewhere))])
    return Kernel(bandwidth, csc_array((values, (rows, columns)), shape=(count, count)))
