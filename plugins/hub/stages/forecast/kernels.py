"""Gaussian kernels between areas, from their centres: how one event is spread over the neighbourhood."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array
from scipy.spatial import cKDTree

from hub.stages.forecast.calendar import Indices
from hub.stages.forecast.panel import Areas, Floats

BANDWIDTHS = (0.7, 1.4, 2.8, 5.6)
"""Standard deviations, in typical distances between neighbouring centres."""
REACH = 2.6
"""Where a kernel ends, in standard deviations: what lies beyond is 3% of its mass, and costs most of the time."""
LEAST_PLACED = 3


@dataclass(frozen=True)
class Kernel:
    """Column j holds the shares, summing to 1, in which an event in area j falls on each area; areas x areas."""

    bandwidth_km: float
    shares: csc_array

    def spread(self, areas: Indices, weights: Floats) -> Floats:
        """Spread events (n areas, n x m weights) over all areas: areas x m."""
        return np.asarray(self.shares[:, areas] @ weights, dtype=np.float64)


def make_kernels(areas: Areas) -> tuple[Kernel, ...]:
    """One kernel a bandwidth; none where fewer than three areas have coordinates. Areas without keep their events."""
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
    return tuple(_kernel(tree, place, areas.count, spacing * bandwidth) for bandwidth in BANDWIDTHS)


def _kernel(tree: cKDTree, place: Indices, count: int, bandwidth: float) -> Kernel:
    near = tree.sparse_distance_matrix(tree, REACH * bandwidth, output_type="ndarray")
    weights = np.exp(-0.5 * (near["v"] / bandwidth) ** 2)
    sums = np.bincount(near["j"], weights=weights, minlength=len(place))
    elsewhere = np.setdiff1d(np.arange(count), place)
    rows = np.concatenate([place[near["i"]], elsewhere])
    columns = np.concatenate([place[near["j"]], elsewhere])
    values = np.concatenate([weights / sums[near["j"]], np.ones(len(elsewhere))])
    return Kernel(bandwidth, csc_array((values, (rows, columns)), shape=(count, count)))
