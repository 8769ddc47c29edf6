"""Which records linkage gives another incident or person than before, and what builds may say otherwise of them.

Names and texts of the erased count no more towards how common a name or text is, so that linkage decides some pairs
of other records otherwise. That changes whom a record is put together with, and never what it states."""

import json
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import sqlalchemy as sa

from proofs.erasure_search.known_victims import EVENTS, MEASURES, REFERRED, VICTIMS
from proofs.erasure_search.row_texts import difference_in_words, without
from proofs.erasure_search.snapshots import RowPlace

Counted = Mapping[tuple[str, RowPlace], Counter[str]]


def _named(columns: str) -> frozenset[str]:
    return frozenset(columns.split())


REPORTS, REPORT_PERSONS = "marts.fct_reports", "intermediate.int_reports__persons"
ONE_IN = 1_000
"""More of others' records than one in so many may not be linked anew. Of the pairs that linkage joins, two to three in
1,000 are wrong (decision 0035): erasures are to move fewer records than linkage errs in anyway."""
PERSONS = ("victim_person_id", "reporter_person_id")
OF_PERSON = {REPORTS: frozenset(PERSONS), REPORT_PERSONS: frozenset(PERSONS)}
"""What comes from the persons whom linkage finds in a record."""
OF_VICTIMS = {EVENTS: frozenset({"victim_person_id", "journey_id"}), MEASURES: frozenset({VICTIMS, REFERRED})}
"""What comes from the victims of all records of an incident."""
_ANSWERS = frozenset({"allocation_id", "match_state"})
OF_INCIDENT = {
    REPORTS: frozenset({"force_code", "lad_code", "location_evidence", "location_status"}),
    MEASURES: _named(
        "force_code provider_code strands funnel outcome_code is_criminal is_investigated is_referred_elsewhere"
        " has_arrest is_closed is_charged is_positive count_reports closed_month"
    ),
    "intermediate.int_reports__places": frozenset({"location_evidence"}),
    "marts.fct_force_responses": _ANSWERS,
    "marts.fct_provider_responses": _ANSWERS,
}
"""What an incident says of all its reports together, or lends to each of them."""
ITS_INCIDENT = {"linkage.report_incidents": frozenset({"changed_at"}), EVENTS: frozenset({"journey_id"})}
"""What changes with the incident's id, beside that."""
STATED = {
    REPORTS: _named(
        "report_id feed delivery_id row_number offence_lsoa_code offence_postcode_district report_ref body_code"
        " provider_code crime_reference content_url is_online is_anonymous is_reporter_victim is_threat_to_life"
        " is_consented_share_police is_consented_share_anonymised is_consented_refer_support is_consented_contact"
        " occurred_on reported_at"
    ),
    EVENTS: _named(
        "event_id record_hash delivery_id row_number feed event_ref service_code event_kind event_detail happened_at"
        " recorded_at known_at"
    ),
    MEASURES: frozenset({"delivery_id", "row_number", "feed", "month"}),
}
"""What a record states itself, and its delivery: no linkage changes it, not even beside the erased."""

INCIDENTS = """
    select reports.feed, reports.delivery_id, reports.row_number, linked.incident_id
    from linkage.report_incidents as linked
    inner join marts.fct_reports as reports on linked.report_id = reports.report_id
"""
LINKED = """
    select feed, delivery_id, row_number, role, person_id from linkage.mention_identities
    inner join linkage.mention_persons using (mention_id)
"""


@dataclass(frozen=True)
class Linkage:
    """What linkage's own tables say: the incident of each report, and the person of each role in a record."""

    incidents: Mapping[RowPlace, str] = field(default_factory=dict)
    persons: Mapping[RowPlace, Mapping[str, str]] = field(default_factory=dict)


def read_linkage(connection: sa.Connection) -> Linkage:
    """As the last build left it."""
    persons: dict[RowPlace, dict[str, str]] = {}
    for row in connection.execute(sa.text(LINKED)):
        persons.setdefault(_as_place(row[:3]), {})[str(row.role)] = str(row.person_id)
    rows = connection.execute(sa.text(INCIDENTS)).all()
    return Linkage({_as_place(row[:3]): str(row.incident_id) for row in rows}, persons)


@dataclass(frozen=True)
class Build:
    """What linkage and the builds after it say of each record."""

    linkage: Linkage
    rows: Counted

    @cached_property
    def incidents(self) -> Mapping[RowPlace, set[str]]:
        """The incident that linkage gives a report; of a record that is no report, those that its rows name."""
        found: dict[RowPlace, set[str]] = {place: {one} for place, one in self.linkage.incidents.items()}
        for (_, place), rows in self.rows.items():
            if place not in self.linkage.incidents:
                found.setdefault(place, set()).update(filter(None, (_said(row, "incident_id") for row in rows)))
        return found

    @cached_property
    def persons_in(self) -> Mapping[str, set[str]]:
        """Whom linkage names in the records of each incident."""
        found: dict[str, set[str]] = {}
        for place, incidents in self.incidents.items():
            for incident in incidents:
                found.setdefault(incident, set()).update(self.linkage.persons.get(place, {}).values())
        return found

    @cached_property
    def measured(self) -> Counter[str]:
        """How many rows of measures each incident has."""
        tables = (rows for (table, _), rows in self.rows.items() if table == MEASURES)
        return Counter(_said(text, "incident_id") for rows in tables for text in rows.elements())


class LinkedAnew:
    """The records to which linkage gave another incident or person, and those in an incident with one, before or after;
    those ``of_erased`` aside. Whom linkage gives nothing any more is not linked anew, but lost."""

    def __init__(self, before: Build, after: Build, of_erased: Collection[RowPlace]) -> None:
        self._before, self._after = before, after
        self.by_incident = _changed(before.linkage.incidents, after.linkage.incidents) - set(of_erased)
        self.by_person = {
            place
            for place, persons in before.linkage.persons.items()
            if _changed(persons, after.linkage.persons.get(place, {})) and place not in of_erased
        }
        self._regrouped = self._incidents_of(self.by_incident)
        self._touched = self._regrouped | self._incidents_of(self.by_person)

    @property
    def given(self) -> set[RowPlace]:
        """To which linkage gave another incident or person."""
        return self.by_incident | self.by_person

    def difference(self, table: str, place: RowPlace, was: Counter[str], now: Counter[str]) -> str:
        """In which columns rows differ that may not in a record that is linked anew, if it is one; empty where in
        none. A row of an incident's measures stands at its first report, which may be another now."""
        is_first_report = table == MEASURES and place in self._after.linkage.incidents
        if is_first_report and self._is_in(self._regrouped, place) and was.total() + now.total() == 1:
            return ", ".join(sorted(self._said_otherwise(table, place, was, now)))
        may_differ = self._may_differ(table, place)
        left = difference_in_words(without(may_differ, was), without(may_differ, now))
        return left or ", ".join(sorted(self._said_otherwise(table, place, was, now)))

    def without_measures(self) -> Iterator[tuple[RowPlace, int]]:
        """Records whose incident has no row of measures, or several, where the one before had its own."""
        for place, was in self._before.linkage.incidents.items():
            now = self._after.linkage.incidents.get(place)
            is_regrouped = was in self._regrouped or now in self._regrouped
            if now and is_regrouped and self._before.measured[was] == 1 != self._after.measured[now]:
                yield place, self._after.measured[now]

    def _may_differ(self, table: str, place: RowPlace) -> frozenset[str]:
        found: frozenset[str] = frozenset()
        if place in self.by_person:
            found |= OF_PERSON.get(table, frozenset())
        if self._is_in(self._touched, place):
            found |= OF_VICTIMS.get(table, frozenset())
        is_regrouped = self._is_in(self._regrouped, place)
        if is_regrouped:
            found |= OF_INCIDENT.get(table, frozenset())
        is_report = place in self._before.linkage.incidents
        if place in self.by_incident or (is_regrouped and not is_report):
            found |= ITS_INCIDENT.get(table, frozenset()) | {"incident_id"}
        return found

    def _said_otherwise(self, table: str, place: RowPlace, was: Counter[str], now: Counter[str]) -> set[str]:
        """The columns of new rows that do not say what linkage says: another incident than the record's, somebody who
        is in no record of it, nobody where there was somebody, another journey of the same incident and victim."""
        incident = self._after.linkage.incidents.get(place)
        journeys = {_journey(row): row.get("journey_id") for row in map(json.loads, was)}
        named = {column for column in OF_PERSON.get(table, ()) if was and all(_said(row, column) for row in was)}
        found = set()
        for row in map(json.loads, now - was):
            said = row.get("incident_id")
            found |= {"incident_id"} if incident and said not in (None, incident) else set()
            known = self._after.persons_in.get(str(said or incident), set())
            found |= {column for column in PERSONS if row.get(column) not in {None, *known}}
            found |= {column for column in named if not row.get(column)}
            if table == EVENTS and journeys.get(_journey(row), row.get("journey_id")) != row.get("journey_id"):
                found.add("journey_id")
        return found

    def _is_in(self, incidents: set[str], place: RowPlace) -> bool:
        return not incidents.isdisjoint(self._incidents_of([place]))

    def _incidents_of(self, places: Iterable[RowPlace]) -> set[str]:
        """Those of the records, before and after."""
        both = (self._before.incidents, self._after.incidents)
        return {incident for place in places for build in both for incident in build.get(place, ())}


def states_the_same(table: str, was: Counter[str], now: Counter[str]) -> bool:
    """Whether rows of a record that shares an incident with the erased are all there, and state what they stated."""
    if was.total() != now.total():
        return was.total() < now.total()
    stated = STATED.get(table, frozenset())
    return _only(stated, was) == _only(stated, now)


def _only(columns: Collection[str], rows: Counter[str]) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for text, number in rows.items():
        row = json.loads(text)
        found[tuple(json.dumps(row.get(column)) for column in sorted(columns))] += number
    return found


def _changed[Key](before: Mapping[Key, str], after: Mapping[Key, str]) -> set[Key]:
    return {key for key in before.keys() & after.keys() if before[key] != after[key]}


def _said(text: str, column: str) -> str:
    return str(json.loads(text).get(column) or "")


def _journey(row: Mapping[str, object]) -> tuple[object, object]:
    return row.get("incident_id"), row.get("victim_person_id")


def _as_place(row: Iterable[object]) -> RowPlace:
    feed, delivery_id, row_number = row
    return str(feed), uuid.UUID(str(delivery_id)), int(str(row_number))
