"""An incident: what its reports together say, its class, and where it belongs."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from recomputed.inputs import Inputs, Row
from recomputed.places import Place, Places, Suspect, settle
from recomputed.records import latest
from recomputed.reports import References, Report
from recomputed.values import instant
from recomputed.working_time import holds_at


@dataclass(frozen=True)
class Triage:
    """An officer's last decision, as the policy of its day counts it."""

    counts_as: str
    is_criminal: bool
    decided_at: datetime


@dataclass(frozen=True)
class Incident:
    """One incident with its reports, the earliest first."""

    incident_id: str
    reports: tuple[Report, ...]
    triage: Triage | None
    strands: tuple[str, ...]
    place: Place
    platform: str | None
    funnel: str
    """abroad, uk, awaiting_provider or not_criminal."""

    @property
    def is_criminal(self) -> bool:
        """A crime until a triage decides otherwise."""
        return self.triage is None or self.triage.is_criminal

    @property
    def force(self) -> str | None:
        """The force to which the best evidence points."""
        return self.place.force

    @property
    def first(self) -> Report:
        return self.reports[0]

    @property
    def is_urgent(self) -> bool:
        """A crime that threatens a life."""
        return self.is_criminal and any(report.is_threat_to_life for report in self.reports)

    @property
    def is_online(self) -> str:
        """Yes where any report says so, no where only that is said."""
        told = {report.is_online for report in self.reports}
        return next((answer for answer in ("yes", "no") if answer in told), "unknown")

    @property
    def first_hub_reported_at(self) -> datetime | None:
        """When it was first reported to the hub; None where only a force's records tell of it."""
        told = [report.reported_at for report in self.reports if report.feed != "police_hate_crimes"]
        return min(told, default=None)


def read_incidents(inputs: Inputs, reports: list[Report]) -> dict[str, Incident]:
    """All incidents by their ids."""
    references, places = References(reports), Places(inputs)
    by_incident: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        by_incident[report.incident_id].append(report)
    triages = _triages(inputs, references)
    suspects = _suspects(inputs, references, by_incident, triages)
    return {
        incident_id: _incident(incident_id, members, triages.get(incident_id), suspects[incident_id], places)
        for incident_id, members in by_incident.items()
    }


def _incident(
    incident_id: str, members: list[Report], triage: Triage | None, suspects: list[Suspect], places: Places
) -> Incident:
    evidence = places.of_reports(members)
    evidence += [found for suspect in suspects for found in places.of_suspect(suspect, members)]
    place = settle(evidence)
    only_abroad = any(suspect.is_abroad for suspect in suspects) and all(suspect.is_abroad for suspect in suspects)
    if triage is not None and not triage.is_criminal:
        funnel = "not_criminal"
    elif only_abroad or place.force == "ABROAD":
        funnel = "abroad"
    else:
        funnel = "uk" if place.force is not None else "awaiting_provider"
    return Incident(
        incident_id=incident_id,
        reports=tuple(members),
        triage=triage,
        strands=tuple(sorted({strand for report in members for strand in report.strands})),
        place=place,
        platform=next((report.platform for report in members if report.platform is not None), None),
        funnel=funnel,
    )


def _triages(inputs: Inputs, references: References) -> dict[str, Triage]:
    """The last triage of each incident that has one, by the policy of its day; those right before it that say the same
    decided it already."""
    given: dict[str, list[Row]] = defaultdict(list)
    for row in latest(inputs, "hub_activity"):
        incident_id = references.incident(row["report_ref"])
        if row["activity"] == "triage" and incident_id is not None:
            given[incident_id].append(row)
    found: dict[str, Triage] = {}
    for incident_id, rows in given.items():
        for row in sorted(rows, key=_when_decided):
            triage = _triage(inputs, row)
            if incident_id not in found or found[incident_id].counts_as != triage.counts_as:
                found[incident_id] = triage
    return found


def _triage(inputs: Inputs, row: Row) -> Triage:
    moment = instant(row["started_at"])
    policy = next(
        policy
        for policy in inputs.seed("incident_classes")
        if policy["incident_class"] == row["decision"] and holds_at(policy, moment)
    )
    return Triage(policy["counts_as"], policy["is_criminal"] == "true", moment)


def _when_decided(row: Row) -> tuple[datetime, str]:
    return instant(row["started_at"]), row["activity_ref"]


def _suspects(
    inputs: Inputs, references: References, by_incident: dict[str, list[Report]], triages: dict[str, Triage]
) -> dict[str, list[Suspect]]:
    """Where providers say the suspects of each incident are. Of the subject of what is no crime nothing may be held
    unless somebody reported a threat to life, since the day from which the law asks for that."""
    thresholds = inputs.seed("non_crime_thresholds")
    found: dict[str, list[Suspect]] = defaultdict(list)
    for row in latest(inputs, "provider_responses"):
        incident_id, country = references.incident(row["report_ref"]), row["suspect_country_code"]
        if row["kind"] != "information_provided" or incident_id is None or country is None:
            continue
        moment = instant(row["happened_at"])
        needs_risk = any(row["is_risk_needed"] == "true" and holds_at(row, moment) for row in thresholds)
        is_risk = any(report.is_threat_to_life for report in by_incident[incident_id])
        is_criminal = incident_id not in triages or triages[incident_id].is_criminal
        if is_criminal or is_risk or not needs_risk:
            is_abroad = country != "GB"
            found[incident_id].append(Suspect(incident_id, row["suspect_force_code"], is_abroad, moment))
    return found
