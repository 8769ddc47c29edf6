"""The questions that the attack puts to a solver: which other tables there are beside the true one."""

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from hub.disclosure.tables import Numbers, Places

NODES = 200
"""Where a search for one table stops, in nodes of branch and bound. Most end at the first."""


def whole_change(
    lines: sp.csc_array, least: Numbers, most: Numbers, goal: Numbers, lowest: Numbers, highest: Numbers
) -> Numbers | None:
    """A change of counts by whole numbers, each from ``lowest`` to ``highest``, with the sums of ``lines`` from
    ``least`` to ``most``; None where none was found. It is as near to the least of the goal as is found, or without a
    goal the smallest one: that is found at once nearly always, since the smallest is whole without being told to."""
    size = len(goal)
    aim, low, high = goal, lowest, highest
    if not goal.any():
        # What is more, and then what is less.
        aim, lines = np.ones(2 * size), sp.hstack([lines, -lines], format="csc")
        low, high = np.maximum([lowest, -highest], 0.0).ravel(), np.maximum([highest, -lowest], 0.0).ravel()
    found = milp(
        aim,
        constraints=LinearConstraint(lines, least, most),
        bounds=Bounds(low, high),
        integrality=np.ones(len(aim)),
        options={"node_limit": NODES, "mip_rel_gap": 0.02},
    )
    if found.x is None:
        return None
    change: Numbers = np.round(found.x[:size] - (0.0 if len(aim) == size else found.x[size:]))
    return change


def lines_of(
    lines: sp.csr_array, sums: Numbers, counts: Numbers, places: Places
) -> tuple[sp.csr_array, Numbers, Places]:
    """What lines with these sums say of some cells when the others stay as they are, and which they are; those with an
    infinite sum say nothing."""
    own = sp.csr_array(lines[:, places])
    found = np.flatnonzero((np.diff(own.indptr) > 0) & np.isfinite(sums))
    own = own[found]
    return own, sums[found] - (lines[found] @ counts - own @ counts[places]), found
