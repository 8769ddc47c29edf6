"""What became of incidents: the facts of each that measures and public statistics count."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from recomputed.events import Event
from recomputed.incidents import Incident
from recomputed.inputs import Inputs, Row
from recomputed.values import month_of
from recomputed.working_time import holds


@dataclass(frozen=True)
class Facts:
    """One incident and what is counted of it."""

    incident: Incident
    month: date
    """Month of its first report."""
    closed_month: date | None
    """Month of its latest outcome, if that is final."""
    is_charged: bool
    is_positive: bool
    """Whether its latest outcome is positive, a charge included."""
    is_worked_on: bool
    is_referred_elsewhere: bool
    has_arrest: bool
    count_victims: int
    count_victims_referred: int


def read_facts(
    inputs: Inputs, incidents: dict[str, Incident], events: list[Event], allocations: list[Row]
) -> list[Facts]:
    """The facts of every incident."""
    outcomes = {row["outcome_code"]: row for row in inputs.seed("outcomes")}
    of_incident: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda event: event.happened_at):
        of_incident[event.incident_id].append(event)
    owners: dict[str, set[str]] = defaultdict(set)
    for row in allocations:
        is_its_own_record = row["sequence_number"] == 1 and row["route"] == "police_record"
        if row["duty"] == "owner" and row["target_kind"] == "force" and not is_its_own_record:
            owners[row["incident_id"]].add(row["target_code"])
    found = []
    for incident_id, incident in incidents.items():
        told, month = of_incident[incident_id], month_of(incident.first.reported_at)
        decided = [event for event in told if event.kind == "police_outcome"]
        outcome = outcomes[str(decided[-1].detail)] if decided else None
        is_final = outcome is not None and outcome["is_final"] == "true"
        found.append(
            Facts(
                incident=incident,
                month=month,
                closed_month=month_of(decided[-1].happened_at) if is_final else None,
                is_charged=outcome is not None and outcome["outcome_group"] == "charge",
                is_positive=outcome is not None and outcome["is_positive"] == "true",
                is_worked_on=any(event.kind == "worked_on" for event in told),
                is_referred_elsewhere=bool(owners[incident_id] - {parameter(inputs, "home_force", month)}),
                has_arrest=any((event.kind, event.detail) == ("told", "arrest") for event in told),
                count_victims=len({event.victim for event in told} - {None}),
                count_victims_referred=len({event.victim for event in told if event.kind == "referred"} - {None}),
            )
        )
    return found


def parameter(inputs: Inputs, code: str, month: date) -> str:
    """The value of an assumption that holds in a month."""
    for row in inputs.seed("measure_parameters"):
        if row["parameter_code"] == code and holds(row, month):
            return str(row["parameter_value"] or row["parameter_text"])
    raise LookupError(code)
