"""What the hub's desk could take on each working day, and what came in."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal

import pandas as pd

from recomputed.incidents import Incident
from recomputed.inputs import Inputs
from recomputed.known_issues import KnownIssues
from recomputed.values import month_of_day
from recomputed.working_time import HOME, calendars, holds


@dataclass(frozen=True)
class HubDay:
    """One working day of the hub."""

    day: date
    posts: Decimal | None
    capacity: int
    incidents: int
    urgent: int
    left_over: tuple[Incident, ...]
    """Those that came after what the posts can take on."""


def read_hub_days(inputs: Inputs, incidents: Iterable[Incident]) -> list[HubDay]:
    """From the first working day with an incident to the last, every working day."""
    calendar = calendars(inputs)[HOME]
    came: dict[date, list[Incident]] = defaultdict(list)
    for incident in incidents:
        if incident.first_hub_reported_at is not None:
            came[calendar.desk_day(incident.first_hub_reported_at)].append(incident)
    return [_hub_day(inputs, day, came.get(day, [])) for day in calendar.days if came and min(came) <= day <= max(came)]


def _hub_day(inputs: Inputs, day: date, came: list[Incident]) -> HubDay:
    """The most urgent are taken on first, then who came first; the rest stays with the local force."""
    posts = [row for row in inputs.seed("staffing") if holds(row, day)]
    rates = {row["role"]: Decimal(row["cases_a_day"]) for row in inputs.seed("case_rates") if holds(row, day)}
    places = sum((Decimal(row["fte"]) * rates[row["role"]] for row in posts), Decimal(0))
    capacity = int(places.to_integral_value(ROUND_FLOOR))
    return HubDay(
        day=day,
        posts=sum((Decimal(row["fte"]) for row in posts), Decimal(0)) if posts else None,
        capacity=capacity,
        incidents=len(came),
        urgent=sum(incident.is_urgent for incident in came),
        left_over=tuple(sorted(came, key=_turn)[capacity:]),
    )


def _turn(incident: Incident) -> tuple[bool, datetime | None, str]:
    return not incident.is_urgent, incident.first_hub_reported_at, incident.incident_id


def hub_capacity(hub_days: list[HubDay], issues: KnownIssues) -> pd.DataFrame:
    """hub_capacity_v1."""
    return pd.DataFrame(
        {
            "hub_day": each.day,
            "month": month_of_day(each.day),
            "count_full_posts": each.posts,
            "count_capacity": each.capacity,
            "count_incidents": each.incidents,
            "count_urgent": each.urgent,
            "count_beyond_capacity": len(each.left_over),
            "count_crimes_beyond_capacity": sum(incident.is_criminal for incident in each.left_over),
            "is_over_capacity": bool(each.left_over),
            "known_issue_ids": issues.touching("hub_capacity_v1", each.day, each.day),
        }
        for each in hub_days
    )
