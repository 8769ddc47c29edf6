"""``measures_v1``: each measure by month and cut, with the definition that holds in the month.

What a figure counts is in :mod:`recomputed.measures_of_incidents`, :mod:`recomputed.measures_of_victims` and
:mod:`recomputed.measures_of_programme`.
"""

from decimal import Decimal

import pandas as pd

from recomputed.inputs import Inputs, Row
from recomputed.known_issues import KnownIssues
from recomputed.quarantined import Quarantined
from recomputed.tally import Figure
from recomputed.values import month_end, rounded
from recomputed.working_time import holds

PLACES = 6
"""Decimal places of a share."""


def measures(inputs: Inputs, figures: list[Figure]) -> pd.DataFrame:
    """The whole view; what no definition holds for is not counted."""
    definitions = inputs.seed("measures")
    issues, quarantined = KnownIssues(inputs), Quarantined(inputs)
    rows = []
    for figure in figures:
        for definition in definitions:
            if definition["measure_code"] == figure.measure and holds(definition, figure.month):
                rows.append(_row(figure, definition, issues, quarantined))
    return pd.DataFrame(rows)


def _row(figure: Figure, definition: Row, issues: KnownIssues, quarantined: Quarantined) -> Row:
    dimension, code = figure.cut
    return {
        "measure_code": figure.measure,
        "measure_version": int(definition["measure_version"]),
        "measure_name": definition["measure_name"],
        "success_measure": definition["success_measure"],
        "month": figure.month,
        "dimension": dimension,
        "dimension_code": code,
        "outcome_base": definition["outcome_base"],
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "measure_value": value(figure, definition["value_form"]),
        "base_size": _base(figure, definition["base_is"]),
        "base_is": definition["base_is"],
        "value_form": definition["value_form"],
        "unit": definition["unit"],
        "definition": definition["definition"],
        "numerator_definition": definition["numerator"],
        "denominator_definition": definition["denominator"],
        "base_definition": definition["base"],
        "measure_source": definition["source"],
        "known_issue_ids": issues.touching("measures_v1", figure.month, month_end(figure.month), figure=figure.measure),
        "count_rows_quarantined": quarantined.count("measures_v1", figure.measure, figure.month),
    }


def value(figure: Figure, form: str) -> Decimal | None:
    """The numerator, its share of the denominator, or what is left of it; a share of nothing is none."""
    if form == "count":
        return figure.numerator
    if figure.denominator is None:
        raise ValueError(f"{figure.measure} has no denominator")
    if form == "difference":
        return figure.numerator - figure.denominator
    return rounded(figure.numerator / figure.denominator, PLACES) if figure.denominator else None


def _base(figure: Figure, base_is: str) -> Decimal | None:
    """How many a value rests on; the definition says which figure that is."""
    return {"numerator": figure.numerator, "denominator": figure.denominator, "apart": figure.base_apart}[base_is]
