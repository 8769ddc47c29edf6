"""``force_scorecard_v1`` and ``provider_scorecard_v1``: by month of allocation in London, and for the whole time."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal

import pandas as pd

from recomputed.answers import Allocation
from recomputed.inputs import Inputs, Row
from recomputed.known_issues import KnownIssues
from recomputed.values import hours_between, median, month_end, month_of, rounded

type Group = list[Allocation]
PLACES = 2
"""Decimal places of a median."""
GROUPS = {
    "charge": "charge",
    "out_of_court_formal": "out_of_court",
    "out_of_court_informal": "out_of_court",
    "no_suspect": "no_suspect",
}
"""Outcome groups of the seed that the scorecard tells apart, besides those that begin with evidential_ or hub_."""


def force_scorecard(inputs: Inputs, allocations: Group, issues: KnownIssues) -> pd.DataFrame:
    """What the hub passed to each force; what a force recorded without the hub is left out."""
    names = {row["force_code"]: row["force_name"] for row in inputs.seed("police_forces")}
    outcomes = {row["outcome_code"]: row for row in inputs.seed("outcomes")}
    passed = [
        each for each in allocations if each.row["target_kind"] == "force" and each.row["route"] != "police_record"
    ]
    rows = []
    for ((force,), month), group in _by_month(passed, ("target_code",)).items():
        ends = [each.outcome.outcome for each in group if each.outcome]
        kinds = [_kind(outcomes[code]["outcome_group"]) if code in outcomes else "other" for code in ends]
        rows.append(
            {
                "force_code": force,
                "force_name": names[force],
                **_period(month),
                **_common(group, inputs.as_of),
                "count_accepted": sum(each.accepted_at is not None for each in group),
                "count_returned": sum(each.moved_on == "returned" for each in group),
                "count_transferred": sum(each.moved_on == "transferred" for each in group),
                "count_outcomes_positive": sum(
                    code in outcomes and outcomes[code]["is_positive"] == "true" for code in ends
                ),
                **{
                    f"count_outcomes_{kind}": kinds.count(kind)
                    for kind in ("charge", "out_of_court", "evidential", "no_suspect", "hub", "other")
                },
                "median_working_hours_to_acknowledgement": _median(
                    [each.working_hours_to(each.acknowledged_at) for each in group if each.acknowledged_at]
                ),
                "known_issue_ids": _issues(issues, "force_scorecard_v1", month, force),
            }
        )
    return pd.DataFrame(rows)


def provider_scorecard(inputs: Inputs, allocations: Group, issues: KnownIssues) -> pd.DataFrame:
    """What was referred to each provider, by duty and route: a provider's speed is compared within one route only."""
    names = {row["provider_code"]: row["provider_name"] for row in inputs.seed("platforms")}
    referred = [each for each in allocations if each.row["target_kind"] == "provider"]
    rows = []
    for ((provider, duty, route), month), group in _by_month(referred, ("target_code", "duty", "route")).items():
        ends = [each.outcome.outcome for each in group if each.outcome]
        rows.append(
            {
                "provider_code": provider,
                "provider_name": names[provider],
                "duty": duty,
                "route": route,
                **_period(month),
                **_common(group, inputs.as_of),
                "count_questioned": sum(each.is_questioned for each in group),
                "count_removed": ends.count("content_removed") + ends.count("account_suspended"),
                "count_restricted": ends.count("content_restricted"),
                "count_restored": ends.count("content_restored"),
                "count_no_violation": ends.count("no_violation"),
                "count_information_provided": ends.count("information_provided"),
                "median_hours_to_acknowledgement": _median(
                    [
                        hours_between(each.row["allocated_at"], each.acknowledged_at)
                        for each in group
                        if each.acknowledged_at
                    ]
                ),
                "median_hours_to_outcome": _median(
                    [
                        hours_between(each.row["allocated_at"], each.outcome.happened_at)
                        for each in group
                        if each.outcome
                    ]
                ),
                "known_issue_ids": _issues(issues, "provider_scorecard_v1", month, provider),
            }
        )
    return pd.DataFrame(rows)


def _by_month(allocations: Group, keys: tuple[str, ...]) -> dict[tuple[tuple[str, ...], date | None], Group]:
    """By the values of these columns and month, and once more for the whole time (None)."""
    found: dict[tuple[tuple[str, ...], date | None], Group] = defaultdict(list)
    for each in allocations:
        key = tuple(str(each.row[name]) for name in keys)
        found[key, month_of(each.row["allocated_at"])].append(each)
        found[key, None].append(each)
    return found


def _period(month: date | None) -> Row:
    return {"period_kind": "all" if month is None else "month", "month": month}


def _common(group: Group, as_of: datetime) -> Row:
    """What both scorecards count; every share has its base beside it."""
    return {
        "count_received": len(group),
        "count_due": sum(each.is_due(as_of) for each in group),
        "count_acknowledged": sum(each.acknowledged_at is not None for each in group),
        "count_acknowledged_in_time": sum(each.is_in_time for each in group),
        "count_overdue": sum(each.is_overdue(as_of) for each in group),
        "count_outcomes": sum(each.outcome is not None for each in group),
        "median_working_hours_to_outcome": _median(
            [each.working_hours_to(each.outcome.happened_at) for each in group if each.outcome]
        ),
    }


def _kind(group: str) -> str:
    for prefix in ("evidential", "hub"):
        if group.startswith(f"{prefix}_"):
            return prefix
    return GROUPS.get(group, "other")


def _median(hours: list[Decimal]) -> Decimal | None:
    middle = median(hours)
    return None if middle is None else rounded(middle, PLACES)


def _issues(issues: KnownIssues, view: str, month: date | None, sender: str) -> str | None:
    return issues.touching(view, month, None if month is None else month_end(month), sender=sender)
