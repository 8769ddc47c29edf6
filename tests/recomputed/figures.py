"""All published figures, recomputed and held against what is published."""

import pandas as pd
import sqlalchemy as sa

from recomputed.allocation_plan import read_decisions
from recomputed.answers import read_allocations
from recomputed.capacity import hub_capacity, read_hub_days
from recomputed.clocks import read_clocks
from recomputed.compare import differences
from recomputed.events import read_events
from recomputed.incidents import read_incidents
from recomputed.inputs import Inputs, read_table
from recomputed.known_issues import KnownIssues
from recomputed.measures import measures
from recomputed.measures_of_incidents import of_incidents
from recomputed.measures_of_programme import of_programme
from recomputed.measures_of_victims import of_victims
from recomputed.outcomes import read_facts
from recomputed.public_counts import Cell, read_cells
from recomputed.public_statistics import differences_of_public
from recomputed.reports import read_reports
from recomputed.scorecards import force_scorecard, provider_scorecard

KEYS = {
    "measures_v1": ["measure_code", "month", "dimension", "dimension_code"],
    "force_scorecard_v1": ["force_code", "period_kind", "month"],
    "provider_scorecard_v1": ["provider_code", "duty", "route", "period_kind", "month"],
    "hub_capacity_v1": ["hub_day"],
}
ALLOCATIONS, KEY_OF_ALLOCATIONS = "fct_allocations", ["incident_id", "duty", "sequence_number"]
PUBLIC = "public_statistics_v1"


def recompute(inputs: Inputs) -> tuple[dict[str, pd.DataFrame], list[Cell]]:
    """The views of KEYS, the allocations behind them, and the cells of the public statistics."""
    issues = KnownIssues(inputs)
    reports = read_reports(inputs)
    incidents = read_incidents(inputs, reports)
    events = read_events(inputs, reports)
    hub_days = read_hub_days(inputs, incidents.values())
    decisions = read_decisions(inputs, reports, incidents, hub_days)
    facts = read_facts(inputs, incidents, events, decisions)
    allocations = read_allocations(inputs, reports, decisions)
    figures = [
        *of_incidents(facts),
        *of_victims(inputs, read_clocks(inputs, incidents, events)),
        *of_programme(inputs, facts, hub_days),
    ]
    views = {
        "measures_v1": measures(inputs, figures),
        "force_scorecard_v1": force_scorecard(inputs, allocations, issues),
        "provider_scorecard_v1": provider_scorecard(inputs, allocations, issues),
        "hub_capacity_v1": hub_capacity(hub_days, issues),
        ALLOCATIONS: pd.DataFrame(decisions),
    }
    return views, read_cells(inputs, reports, facts)


def published(engine: sa.Engine) -> dict[str, pd.DataFrame]:
    """What readers see of these views."""
    with engine.connect() as connection:
        return {view: read_table(connection, f"publish.{view}") for view in (*KEYS, PUBLIC)}


def disagreements(inputs: Inputs, shown: dict[str, pd.DataFrame]) -> list[str]:
    """Every figure of which the publish and the second computation say something else; empty where they agree."""
    views, cells = recompute(inputs)
    found = [line for view, key in KEYS.items() for line in differences(view, key, views[view], shown[view])]
    found += differences(ALLOCATIONS, KEY_OF_ALLOCATIONS, views[ALLOCATIONS], inputs.allocations)
    return found + differences_of_public(inputs, cells, shown[PUBLIC])
