"""What happened on the ways of victims: the events that the feeds tell of, and the incident that each is about."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from recomputed.inputs import Inputs, rows_of
from recomputed.records import latest
from recomputed.reports import References, Report
from recomputed.values import instant, start_of_day

HUB_WORK = ("triage", "suspect_enquiries", "evidence_package", "platform_notice")
"""What counts as work of the hub on a case, by the definition of reports investigated."""
HUB_EVENTS = {
    **dict.fromkeys(HUB_WORK, "worked_on"),
    "victim_acknowledgement": "acknowledged",
    "needs_assessment": "needs_assessed",
    "victim_update": "told",
    "complaint": "complaint",
}


@dataclass(frozen=True)
class Told:
    """An event as a record tells it, with what the record names."""

    kind: str
    detail: str | None
    happened_at: datetime
    report: Report | None = None
    report_ref: str | None = None
    crime_reference: str | None = None
    client: tuple[str, str] | None = None
    """The service and its own reference of the person."""
    person: str | None = None
    """Who it is about, by linkage, where the record describes somebody."""


@dataclass(frozen=True)
class Event:
    """An event on the way of one victim through one incident; the victim is None where nobody knows who it is."""

    incident_id: str
    victim: str | None
    kind: str
    detail: str | None
    happened_at: datetime


def read_events(inputs: Inputs, reports: list[Report]) -> list[Event]:
    """All events whose incident can be told, each in its latest version."""
    references = References(reports)
    told = [*_of_reports(inputs, reports), *_of_hub(inputs), *_of_forces(inputs)]
    told += [*_of_services(inputs), *_of_surveys(inputs)]
    victims: dict[str, set[str]] = defaultdict(set)
    incidents_of_victim: dict[str, set[str]] = defaultdict(set)
    for report in reports:
        if report.victim is not None:
            victims[report.incident_id].add(report.victim)
            incidents_of_victim[report.victim].add(report.incident_id)
    of_client = _incidents_of_clients(told, references)
    events = []
    for event in told:
        by_person = incidents_of_victim.get(event.person, set()) if event.person else set()
        found = _find(event, references, of_client, by_person)
        if found is not None:
            incident_id, named = found
            victim = _whose(event, named, victims[incident_id])
            events.append(Event(incident_id, victim, event.kind, event.detail, event.happened_at))
    return events


def _named(event: Told, references: References) -> list[Report]:
    """Reports that an event names by a reference: a report's own if it names one that is known, else the crime's."""
    if event.report is not None:
        return [event.report]
    return references.named(event.report_ref) or references.of_crime(event.crime_reference)


def _incidents_of_clients(told: list[Told], references: References) -> dict[tuple[str, str], set[str]]:
    """The incidents that each service names for each of its clients."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for event in told:
        incidents = {report.incident_id for report in _named(event, references)}
        if event.client is not None and len(incidents) == 1:
            found[event.client] |= incidents
    return found


def _find(
    event: Told,
    references: References,
    of_client: dict[tuple[str, str], set[str]],
    by_person: set[str],
) -> tuple[str, Report | None] | None:
    """The incident that an event is about, and the one report that it names: by what it names, else by what else is
    told of the same client, else by the person. What points to several incidents points to none."""
    named = _named(event, references)
    if named:
        incidents = {report.incident_id for report in named}
        return (incidents.pop(), named[0] if len(named) == 1 else None) if len(incidents) == 1 else None
    by_client = of_client.get(event.client, set()) if event.client else set()
    candidates = by_client or by_person
    return (next(iter(candidates)), None) if len(candidates) == 1 else None


def _whose(event: Told, report: Report | None, victims: set[str]) -> str | None:
    """The victim of the report named; else the person described, if a victim of the incident; else its only victim;
    else that person; else nobody."""
    if report is not None and report.victim is not None:
        return report.victim
    if event.person in victims:
        return event.person
    if len(victims) == 1:
        return next(iter(victims))
    return event.person


def _of_reports(inputs: Inputs, reports: list[Report]) -> Iterator[Told]:
    """Each report is one; a force's record has its outcome, too. Type 0 is no outcome."""
    for report in reports:
        detail = "refer_support" if report.may_refer_to_support else None
        yield Told("reported", detail, report.reported_at, report=report)
    of_crime = {
        (report.force_named, report.crime_reference): report
        for report in reports
        if report.feed == "police_hate_crimes"
    }
    for row in latest(inputs, "police_hate_crimes"):
        if row["outcome_code"] != "0":
            report = of_crime[row["force_code"], row["crime_reference"]]
            day = start_of_day(date.fromisoformat(row["outcome_on"]))
            yield Told("police_outcome", row["outcome_code"], day, report=report)


def _of_forces(inputs: Inputs) -> Iterator[Told]:
    for row in latest(inputs, "force_responses"):
        if row["kind"] == "outcome" and row["outcome_code"] != "0":
            moment = instant(row["happened_at"])
            yield Told("police_outcome", row["outcome_code"], moment, report_ref=row["incident_ref"])


def _of_hub(inputs: Inputs) -> Iterator[Told]:
    for row in latest(inputs, "hub_activity"):
        if row["activity"] in HUB_EVENTS:
            kind: str = HUB_EVENTS[row["activity"]]
            detail = row["activity"] if kind == "worked_on" else row["detail_code"]
            yield Told(kind, detail, instant(row["started_at"]), report_ref=row["report_ref"])


def _of_services(inputs: Inputs) -> Iterator[Told]:
    persons = {
        row["hash"]: row["person_id"] for row in rows_of(inputs.mentions) if row["feed"] == "victim_support_events"
    }
    for row in latest(inputs, "victim_support_events"):
        yield Told(
            "support_offered" if row["kind"] == "offered" else row["kind"],
            row["closing_reason"],
            instant(row["happened_at"]),
            report_ref=row["report_ref"],
            crime_reference=row["crime_reference"],
            client=(row["service_code"], row["client_ref"]),
            person=persons.get(row["hash"]),
        )


def _of_surveys(inputs: Inputs) -> Iterator[Told]:
    """Of the answers only the stated confidence in the police is an event."""
    for row in latest(inputs, "victim_surveys"):
        if row["question_code"] == "confidence_in_police" and row["answer"] in "12345":
            moment = start_of_day(date.fromisoformat(row["answered_on"]))
            client = ("survey", row["respondent_ref"])
            yield Told("confidence_stated", row["answer"], moment, report_ref=row["report_ref"], client=client)
