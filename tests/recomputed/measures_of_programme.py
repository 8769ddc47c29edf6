"""Measures of the hub's and the programme's own work."""

from collections import Counter
from datetime import date
from decimal import Decimal

from recomputed.capacity import HubDay
from recomputed.inputs import Inputs, Row
from recomputed.outcomes import Facts, parameter
from recomputed.records import latest
from recomputed.tally import WHOLE, Figure, Part, add_up, cut
from recomputed.values import amount, instant, month_of, month_of_day


def of_programme(inputs: Inputs, facts: list[Facts], hub_days: list[HubDay]) -> list[Figure]:
    """All of them."""
    return [
        *_hours(inputs, facts),
        *_capacity(hub_days),
        *_volunteers(latest(inputs, "volunteer_reports")),
        *_training(latest(inputs, "training_sessions")),
        *_money(latest(inputs, "programme_spend")),
    ]


def _hours(inputs: Inputs, facts: list[Facts]) -> list[Figure]:
    """Hours of all work, and the hours that local officers were spared: those that they would have spent on crimes
    which the hub worked on, less all hours of the hub's entries that name a report."""
    entries = latest(inputs, "hub_activity")
    all_hours = add_up(
        "hub_hours", (Part(month_of(instant(row["started_at"])), (), Decimal(row["hours"]), None, 1) for row in entries)
    )
    on_cases: dict[date, Decimal] = {each.month: Decimal(0) for each in facts}
    for row in entries:
        month = month_of(instant(row["started_at"]))
        on_case = Decimal(row["hours"]) if row["report_ref"] is not None else Decimal(0)
        on_cases[month] = on_cases.get(month, Decimal(0)) + on_case
    worked_on = Counter(each.month for each in facts if each.incident.is_criminal and each.is_worked_on)
    saved = []
    for month, hours in on_cases.items():
        spared = worked_on[month] * Decimal(parameter(inputs, "local_hours_per_incident", month))
        saved.append(Figure("officer_hours_saved", month, WHOLE, spared, hours, Decimal(worked_on[month])))
    return [*all_hours, *saved]


def _capacity(hub_days: list[HubDay]) -> list[Figure]:
    """By the month of the working day."""
    used = (Part(month_of_day(each.day), (), each.incidents - len(each.left_over), each.capacity) for each in hub_days)
    beyond = (Part(month_of_day(each.day), (), len(each.left_over), each.incidents) for each in hub_days)
    return [*add_up("capacity_used", used), *add_up("beyond_capacity", beyond)]


def _volunteers(rows: list[Row]) -> list[Figure]:
    """Reports of volunteers, and what the volunteers did."""
    made = [(month_of(instant(row["reported_at"])), (cut("provider", row["platform"]),), row["action"]) for row in rows]
    return [
        *add_up("volunteer_reports", (Part(month, cuts, 1) for month, cuts, _ in made)),
        *add_up("counter_narratives", (Part(month, cuts, did == "counter_narrative", 1) for month, cuts, did in made)),
        *add_up("support_signposted", (Part(month, cuts, did == "support_signposted", 1) for month, cuts, did in made)),
    ]


def _training(rows: list[Row]) -> list[Figure]:
    """Sessions by the audience and by the force that was trained."""
    held = [
        (
            month_of_day(date.fromisoformat(row["held_on"])),
            (cut("source", row["audience"]), cut("force", row["force_code"])),
            row,
        )
        for row in rows
    ]
    return [
        *add_up("training_sessions", (Part(month, cuts, 1) for month, cuts, _ in held)),
        *add_up("training_hours", (Part(month, cuts, Decimal(row["hours"]), None, 1) for month, cuts, row in held)),
        *add_up(
            "training_attended",
            (Part(month, cuts, _count(row, "attended"), _count(row, "invited")) for month, cuts, row in held),
        ),
        *add_up(
            "training_completed",
            (Part(month, cuts, _count(row, "completed"), _count(row, "attended")) for month, cuts, row in held),
        ),
    ]


def _count(row: Row, what: str) -> int:
    return int(row[f"count_{what}"] or 0)


def _money(rows: list[Row]) -> list[Figure]:
    """Lines of the budget by who pays and what for; of a line without a claim nothing has been claimed."""
    lines = []
    for row in rows:
        month = date.fromisoformat(f"{row['period_month']}-01")
        cuts = (cut("source", row["funding_source"]), cut("budget_line", row["budget_line"]))
        lines.append((month, cuts, row))
    return [
        *add_up(
            "spent_of_budget",
            (Part(month, cuts, _pounds(row, "spent"), _pounds(row, "budget")) for month, cuts, row in lines),
        ),
        *add_up(
            "claimed_of_spent",
            (Part(month, cuts, _pounds(row, "claimed"), _pounds(row, "spent")) for month, cuts, row in lines),
        ),
    ]


def _pounds(row: Row, what: str) -> Decimal:
    return amount(row[f"{what}_amount"]) or Decimal(0)
