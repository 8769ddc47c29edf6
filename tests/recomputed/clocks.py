"""The clocks of the Victims' Code: from the event that starts one to the end of the working day by which it is due."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from recomputed.events import Event
from recomputed.incidents import Incident
from recomputed.inputs import Inputs, Row
from recomputed.values import day_in_london, month_due
from recomputed.working_time import HOME, Calendar, calendars, holds_at


@dataclass(frozen=True)
class Clock:
    """One clock of one victim; done_at is None while nothing has stopped it."""

    code: str
    force: str | None
    started_at: datetime
    due_at: datetime
    done_at: datetime | None

    @property
    def month(self) -> date:
        """The month in which it was due."""
        return month_due(self.due_at)

    @property
    def is_met(self) -> bool:
        """Whether it was done by when it was due."""
        return self.done_at is not None and self.done_at <= self.due_at


def read_clocks(inputs: Inputs, incidents: dict[str, Incident], events: list[Event]) -> list[Clock]:
    """All clocks that have started. Only crimes whose victim is known have any."""
    rules = inputs.seed("victims_code_clocks")
    ends = inputs.seed("victims_code_clock_events")
    calendar = calendars(inputs)[HOME]
    journeys: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda event: event.happened_at):
        if event.victim is not None and incidents[event.incident_id].is_criminal:
            journeys[event.incident_id, event.victim].append(event)
    found = []
    for (incident_id, _), way in journeys.items():
        for code in sorted({row["clock_code"] for row in ends}):
            starts = [row for row in ends if (row["clock_code"], row["clock_end"]) == (code, "starts")]
            stops = [row for row in ends if (row["clock_code"], row["clock_end"]) == (code, "stops")]
            versions = [row for row in rules if row["clock_code"] == code]
            found += list(_clock(code, incidents[incident_id], way, starts, stops, versions, calendar))
    return found


def _clock(
    code: str,
    incident: Incident,
    way: list[Event],
    starts: list[Row],
    stops: list[Row],
    versions: list[Row],
    calendar: Calendar,
) -> Iterator[Clock]:
    """The clock that a way has started, if it has; the first event that starts or stops it counts."""
    begun = next((event.happened_at for event in way if _fits(event, starts)), None)
    rule = next((row for row in versions if begun is not None and holds_at(row, begun)), None)
    if begun is None or rule is None:
        return
    is_enhanced = rule["is_enhanced_for_hate_crime"] == "true" and bool(incident.strands)
    owed = int(rule["enhanced_working_days" if is_enhanced else "standard_working_days"])
    may_precede = rule["may_precede_start"] == "true"
    done = (event.happened_at for event in way if _fits(event, stops) and (may_precede or event.happened_at >= begun))
    due_on = calendar.after(day_in_london(begun), owed)
    yield Clock(code, incident.force, begun, calendar.end_of(due_on), next(done, None))


def _fits(event: Event, ends: list[Row]) -> bool:
    return any(
        row["event_kind"] == event.kind and (row["event_detail"] is None or row["event_detail"] == event.detail)
        for row in ends
    )
