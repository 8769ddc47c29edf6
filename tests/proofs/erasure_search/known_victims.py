"""Whom the measures count as known victims of an incident, and how many of them an erasure may take from a count."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

EVENTS = "marts.fct_journey_event_versions"
MEASURES = "marts.fct_incident_measures"
VICTIMS, REFERRED = "count_victims", "count_victims_referred"
Row = Mapping[str, object]
Fewer = Mapping[tuple[object, str], int]
"""By how much a count of an incident may fall, by incident and column."""


def may_count_fewer(before: Iterable[Row], after: Iterable[Row], erased: Collection[str]) -> Fewer:
    """For the ``erased`` whom an incident's events named before and name no more. Somebody whom they still name, since
    linkage gives the same id to records that are left, is still counted."""
    gone = _counted(before, erased) - _counted(after, erased)
    return Counter((incident, column) for incident, column, _ in gone)


def with_the_erased(was: Collection[str], now: Counter[str], fewer: Fewer) -> Counter[str]:
    """Rows of the measures as they are ``now``, but with the counts that they had where these fell as they may."""
    before = {row["incident_id"]: row for row in map(json.loads, was)}
    found: Counter[str] = Counter()
    for text, number in now.items():
        row = json.loads(text)
        row |= dict(_fallen(before.get(row["incident_id"], {}), row, fewer))
        found[json.dumps(row, sort_keys=True)] += number
    return found


def _counted(events: Iterable[Row], persons: Collection[str]) -> set[tuple[object, str, object]]:
    """Incident, column and person, of these persons. A version that was overwritten makes nobody a victim."""
    found = set()
    for event in events:
        incident, person = event["incident_id"], event["victim_person_id"]
        if person in persons and event["known_to"] is None:
            found.add((incident, VICTIMS, person))
            if event["event_kind"] == "referred":
                found.add((incident, REFERRED, person))
    return found


def _fallen(old: Row, new: Row, fewer: Fewer) -> Iterator[tuple[str, object]]:
    """The counts that fell by no more than they may, as they were."""
    for column in (VICTIMS, REFERRED):
        was, now, most = old.get(column), new.get(column), fewer.get((new["incident_id"], column), 0)
        if isinstance(was, int) and isinstance(now, int) and 0 < was - now <= most:
            yield column, was
