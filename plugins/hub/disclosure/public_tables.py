"""The tables of the public statistics: what their cells add up to."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.disclosure.attack import Knowledge
from hub.disclosure.figures import Rules, learned, rounded
from hub.disclosure.history import Past
from hub.disclosure.tables import Dimension, Numbers, Table, make_table

OVERLAPPING = "criminal_incidents"
"""Its parts are strands, of which an incident can have several."""


def figures(past: Past, rules: Rules) -> Numbers:
    """The figure of each cell, were it shown."""
    values: Numbers = np.where(past.stated_counts == 0, 0.0, rounded(past.stated_counts, rules))
    return values


def told(past: Past, values: Numbers, rules: Rules) -> Knowledge:
    """What each figure tells, were it shown: one that stays as it was published is of a count that may have moved
    since, by less than the revision threshold, and is not small. A zero is replaced as soon as it is none."""
    may_have_moved = ~past.is_stated_anew & (values > 0)
    figure = learned(values, rules).widened(np.where(may_have_moved, rules.revision_threshold - 1.0, 0.0))
    return Knowledge(np.where(values > 0, np.maximum(figure.lower, rules.threshold), figure.lower), figure.upper)


def tables(counts: pd.DataFrame) -> list[tuple[npt.NDArray[np.intp], Table]]:
    """Each measure as a table of area, part and period with all margins, with the places of its cells in ``counts``."""
    found = []
    for measure in sorted(set(counts["measure_code"])):
        cells = np.flatnonzero(counts["measure_code"] == measure)
        own = counts.iloc[cells]
        parts = sorted(set(own["part_code"]) - {"all"})
        dimensions = [
            Dimension("area_code", _parents(own, "area_code", "parent_area_code")),
            Dimension(
                "part_code",
                {part: ["all"] for part in parts},
                overlaps=measure == OVERLAPPING,
                is_shared_trait=True,
            ),
            Dimension("period_code", _parents(own, "period_code", "parent_period_code")),
        ]
        found.append((cells, make_table(own, dimensions)))
    return found


def _parents(counts: pd.DataFrame, code: str, parent: str) -> dict[str, list[str]]:
    pairs = counts[[code, parent]].dropna().drop_duplicates()
    return {str(one): [str(whole)] for one, whole in pairs.itertuples(index=False)}
