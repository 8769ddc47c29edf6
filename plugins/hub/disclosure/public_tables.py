"""The tables of the public statistics and protected figures: what their cells add up to."""

import numpy as np
import pandas as pd

from hub.disclosure.breakdowns import knowing_the_rule
from hub.disclosure.closing import knowing_the_way
from hub.disclosure.figures import Rules, learned, rounded
from hub.disclosure.history import Past
from hub.disclosure.knowledge import Knowledge
from hub.disclosure.protected_tables import PUBLIC, as_measures, is_rest, split_dimensions
from hub.disclosure.tables import Dimension, Flags, Numbers, Table, make_table

OVERLAPPING = "criminal_incidents"
"""Its parts are strands, of which an incident can have several, or none: then it is counted as ``NOT_STATED``."""
NOT_STATED = "not_stated"
TRIAGED = ("measures/reports but reports_criminal", "measures/reports_investigated but criminal_investigated")
"""Who triaged an incident as no crime has worked on it: its reports are among those investigated, besides one of each
crime that the hub worked on."""


def figures(past: Past, rules: Rules) -> Numbers:
    """The figure of each cell, were it shown."""
    values: Numbers = np.where(past.stated_counts == 0, 0.0, rounded(past.stated_counts, rules))
    return values


def revealed(values: Numbers, stays: Flags, rules: Rules) -> Knowledge:
    """What each figure tells, were it shown: one that ``stays`` as it was published is of a count that may have moved
    since, by less than the revision threshold, and is not small. A zero is replaced as soon as it is none."""
    figure = learned(values, rules).widened(np.where(stays & (values > 0), rules.revision_threshold - 1.0, 0.0))
    return Knowledge(np.where(values > 0, np.maximum(figure.lower, rules.threshold), figure.lower), figure.upper)


def whole_table(cells: pd.DataFrame, rules: Rules) -> Table:
    """All public and protected figures, with all margins, as one table of area, part and period, for a reader who knows
    the ``rules``; what has nothing to do with each other falls apart in it. Parts are named ``measure_code/part_code``,
    because the same case is counted in several measures."""
    parts = {
        measure: sorted(set(cells.loc[cells["measure_code"] == measure, "part_code"]) - {"all"}) for measure in PUBLIC
    }
    dimensions = [
        Dimension("area_code", _parents(cells, "area_code", "parent_area_code")),
        *(
            Dimension(
                "part_code",
                {f"{measure}/{part}": [f"{measure}/all"] for part in parts[measure]},
                overlaps=measure == OVERLAPPING,
                alone=f"{measure}/{NOT_STATED}",
                is_shared_trait=True,
            )
            for measure in PUBLIC
        ),
        Dimension("period_code", _parents(cells, "period_code", "parent_period_code")),
    ]
    named = cells.assign(part_code=cells["measure_code"] + "/" + cells["part_code"])
    measures = as_measures(cells)
    split_keys = named.assign(
        area_code=measures["area_code"], part_code=measures["measure_code"] + "/" + measures["part_code"]
    )
    table = make_table(named, dimensions, split_dimensions(), is_rest(cells), split_keys)
    return knowing_the_rule(knowing_the_way(_knowing_triage(table)), rules.threshold)


def _knowing_triage(table: Table) -> Table:
    """For a reader who knows what is :data:`TRIAGED`. What an entry decides of and what it is work on are found out
    apart, so the counts can be otherwise; then nothing is said, as who believes it learns nothing true."""
    of_period = [
        dict(zip(table.keys["period_code"][is_part], np.flatnonzero(is_part).tolist(), strict=True))
        for is_part in ((table.keys["part_code"] == part) for part in TRIAGED)
    ]
    both = sorted(of_period[0].keys() & of_period[1].keys())
    fewer, more = (np.array([places[period] for period in both], dtype=np.intp) for places in of_period)
    are_so = table.counts[fewer] <= table.counts[more]
    return table.knowing_at_most(fewer[are_so], more[are_so], 0.0)


def _parents(counts: pd.DataFrame, code: str, parent: str) -> dict[str, list[str]]:
    pairs = counts[[code, parent]].dropna().drop_duplicates()
    return {str(one): [str(whole)] for one, whole in pairs.itertuples(index=False)}
