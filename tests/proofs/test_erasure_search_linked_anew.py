"""The search for erased persons lets linkage give a few records of others another incident or person, and lets these
differ in what comes from that alone: whatever a record states, and every other record, is as it was."""

import json
import uuid
from collections import Counter
from collections.abc import Mapping

import pytest

from proofs.erasure_search.derived import Allowed, Changes, Derived
from proofs.erasure_search.known_victims import EVENTS, MEASURES
from proofs.erasure_search.linked_anew import ONE_IN, REPORT_PERSONS, REPORTS, Linkage
from proofs.erasure_search.snapshots import RowPlace

INCIDENTS, PLACES = "linkage.report_incidents", "intermediate.int_reports__places"
ERASED, BESIDE, MOVED, JOINED, RENAMED, OTHER, SERVICE, ANSWERED = range(1, 9)
"""Row numbers: ``MOVED`` is alone in "i3" and comes to "i4", which ``JOINED`` is in; linkage gives the victim of
``RENAMED`` another id; ``SERVICE`` is an event of a service about the incident of ``MOVED``."""
FEW_IN = 10
FILLERS = 7 * FEW_IN
Row = dict[str, object]
Said = dict[tuple[str, int], Row | None]


@pytest.fixture(autouse=True)
def of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """One record in few may be linked anew, so that few others are needed beside those of a test."""
    monkeypatch.setattr("proofs.erasure_search.derived.ONE_IN", FEW_IN)


def place(number: int) -> RowPlace:
    return "community_reports", uuid.UUID(int=1), number


def report(incident: str, victim: str | None, force: str = "A") -> Row:
    stated = {"reported_at": "noon", "body_code": "charity", "is_online": "no", "occurred_on": "1 May"}
    lent = {"force_code": force, "lad_code": force, "location_evidence": "force_named", "location_status": "located"}
    return {"incident_id": incident, "victim_person_id": victim, "reporter_person_id": None, **lent, **stated}


def event(incident: str, victim: str | None, kind: str = "reported") -> Row:
    said = {"event_id": "e", "incident_id": incident, "victim_person_id": victim, "event_kind": kind}
    return {**said, "journey_id": f"{incident} of {victim}", "known_to": None, "happened_at": "noon"}


def measures(incident: str, reports: int, victims: int = 1, force: str = "A") -> Row:
    counts = {"count_reports": reports, "count_victims": victims, "count_victims_referred": 0}
    return {"incident_id": incident, "force_code": force, "feed": "f", "month": "May", "strands": ["race"], **counts}


BEFORE: Said = {
    (REPORTS, ERASED): report("i1", "zoe"),
    (REPORTS, BESIDE): report("i1", "bo"),
    (REPORTS, MOVED): report("i3", None, "B"),
    (REPORTS, JOINED): report("i4", "kit"),
    (REPORTS, RENAMED): report("i5", "lu"),
    (REPORTS, OTHER): report("i6", "mo"),
    (REPORT_PERSONS, RENAMED): {"incident_id": "i5", "victim_person_id": "lu", "is_victim_erased": False},
    (INCIDENTS, MOVED): {"incident_id": "i3", "changed_at": "then"},
    (INCIDENTS, JOINED): {"incident_id": "i4", "changed_at": "then"},
    (PLACES, MOVED): {"incident_id": "i3", "location_evidence": "borough_named", "lad_code": "B"},
    (EVENTS, MOVED): event("i3", None),
    (EVENTS, JOINED): event("i4", "kit"),
    (EVENTS, RENAMED): event("i5", "lu"),
    (EVENTS, OTHER): event("i6", "mo"),
    (EVENTS, SERVICE): event("i3", None, "contacted"),
    ("marts.fct_force_responses", ANSWERED): {"incident_id": "i3", "match_state": "allocated", "reason": "none"},
    (MEASURES, ERASED): measures("i1", 2, 2),
    (MEASURES, MOVED): measures("i3", 1, 0, "B"),
    (MEASURES, JOINED): measures("i4", 1),
    (MEASURES, RENAMED): measures("i5", 1),
    (MEASURES, OTHER): measures("i6", 1),
}
AFTER: Said = {
    **BEFORE,
    (REPORTS, MOVED): report("i4", None),
    (REPORTS, RENAMED): report("i5", "lou"),
    (REPORT_PERSONS, RENAMED): {"incident_id": "i5", "victim_person_id": "lou", "is_victim_erased": False},
    (INCIDENTS, MOVED): {"incident_id": "i4", "changed_at": "now"},
    (PLACES, MOVED): {"incident_id": "i4", "location_evidence": "reporters_borough", "lad_code": "B"},
    (EVENTS, MOVED): event("i4", "kit"),
    (EVENTS, RENAMED): event("i5", "lou"),
    (EVENTS, SERVICE): event("i4", "kit", "contacted"),
    ("marts.fct_force_responses", ANSWERED): {"incident_id": "i4", "match_state": "none", "reason": "none"},
    (MEASURES, MOVED): None,
    (MEASURES, JOINED): measures("i4", 2),
}
WERE = {ERASED: "i1", BESIDE: "i1", MOVED: "i3", JOINED: "i4", RENAMED: "i5", OTHER: "i6"}
NAMED = {ERASED: "zoe", BESIDE: "bo", JOINED: "kit", RENAMED: "lu", OTHER: "mo"}
ARE, ARE_NAMED = WERE | {MOVED: "i4"}, NAMED | {RENAMED: "lou"}


def derived(said: Said, incidents: Mapping[int, str], persons: Mapping[int, str], fillers: int = FILLERS) -> Derived:
    rows = {(table, place(number)): Counter([json.dumps(row)]) for (table, number), row in said.items() if row}
    rows |= {(REPORTS, place(number)): Counter(["{}"]) for number in range(100, 100 + fillers)}
    groups: dict[object, set[RowPlace]] = {}
    for number, incident in incidents.items():
        groups.setdefault(incident, set()).add(place(number))
    by_role = {place(number): {"victim": person} for number, person in persons.items()}
    return Derived(rows, groups, Linkage({place(number): one for number, one in incidents.items()}, by_role))


def changes(
    further: Said,
    *,
    incidents: Mapping[int, str] = ARE,
    persons: Mapping[int, str] = ARE_NAMED,
    after: Said = AFTER,
    fillers: int = FILLERS,
) -> Changes:
    before = derived(BEFORE, WERE, NAMED, fillers)
    later = derived({**after, **further}, incidents, persons, fillers)
    return before.changed(later, Allowed(lambda one: one == place(ERASED), {"zoe"}))


def wrong(further: Said, incidents: Mapping[int, str] = ARE, persons: Mapping[int, str] = ARE_NAMED) -> list[str]:
    found = changes(further, incidents=incidents, persons=persons).wrong
    return [one.replace(f"community_reports, delivery {uuid.UUID(int=1)}, ", "") for one in found]


def but(table: str, number: int, **columns: object) -> Said:
    """The row after the build, but for these columns."""
    return {(table, number): {**(AFTER[table, number] or {}), **columns}}


def test_records_that_are_linked_anew_are_told_and_not_wrong() -> None:
    found = changes({})
    assert found.wrong == []
    assert found.linked_anew == {place(one) for one in (MOVED, JOINED, RENAMED, SERVICE, ANSWERED)}
    assert found.beside == set()


def test_nothing_is_linked_anew_where_nothing_changes() -> None:
    assert changes({}, incidents=WERE, persons=NAMED, after=BEFORE, fillers=0) == Changes()


def test_nothing_may_differ_where_linkage_says_what_it_said() -> None:
    found = changes({}, incidents=WERE, persons=NAMED)
    assert len(found.wrong) == len([one for one in AFTER if AFTER[one] != BEFORE[one]])
    assert found.linked_anew == set()


@pytest.mark.parametrize(
    ("further", "seen"),
    [
        # Records that are not linked anew.
        (but(REPORTS, OTHER, force_code="B"), f"{REPORTS}: row {OTHER}, force_code"),
        (but(REPORTS, OTHER, victim_person_id="kit"), f"{REPORTS}: row {OTHER}, victim_person_id"),
        (but(REPORTS, OTHER, incident_id="i4"), f"{REPORTS}: row {OTHER}, incident_id"),
        (but(MEASURES, OTHER, count_reports=2), f"{MEASURES}: row {OTHER}, count_reports"),
        ({(MEASURES, OTHER): None}, f"{MEASURES}: row {OTHER}, 0 rows instead of 1"),
        ({(REPORTS, OTHER): None}, f"{REPORTS}: row {OTHER}, 0 rows instead of 1"),
        ({(PLACES, OTHER): {"incident_id": "i6"}}, f"{PLACES}: row {OTHER}, 1 rows instead of 0"),
        (
            but(EVENTS, OTHER, incident_id="i4") | but(MEASURES, OTHER, count_reports=2),
            f"{MEASURES}: row {OTHER}, count_reports",
        ),
        # What a record that is linked anew states.
        (but(REPORTS, MOVED, body_code="police"), f"{REPORTS}: row {MOVED}, body_code"),
        (but(REPORTS, MOVED, reported_at="night"), f"{REPORTS}: row {MOVED}, reported_at"),
        (but(REPORTS, JOINED, occurred_on="2 May"), f"{REPORTS}: row {JOINED}, occurred_on"),
        (but(PLACES, MOVED, lad_code="A"), f"{PLACES}: row {MOVED}, lad_code"),
        (but(EVENTS, MOVED, event_kind="closed"), f"{EVENTS}: row {MOVED}, event_kind"),
        (but(EVENTS, SERVICE, happened_at="night"), f"{EVENTS}: row {SERVICE}, happened_at"),
        (but("marts.fct_force_responses", ANSWERED, reason="x"), f"marts.fct_force_responses: row {ANSWERED}, reason"),
        (but(MEASURES, JOINED, month="June"), f"{MEASURES}: row {JOINED}, month"),
        (but(REPORT_PERSONS, RENAMED, is_victim_erased=True), f"{REPORT_PERSONS}: row {RENAMED}, is_victim_erased"),
        # What comes from the incident, where the person alone is another; and the other way round.
        (but(REPORTS, RENAMED, force_code="B"), f"{REPORTS}: row {RENAMED}, force_code"),
        (but(MEASURES, RENAMED, count_reports=2), f"{MEASURES}: row {RENAMED}, count_reports"),
        (but(REPORTS, MOVED, victim_person_id="kit"), f"{REPORTS}: row {MOVED}, victim_person_id"),
        (but(REPORTS, JOINED, victim_person_id=None), f"{REPORTS}: row {JOINED}, victim_person_id"),
        (but(INCIDENTS, JOINED, changed_at="now"), f"{INCIDENTS}: row {JOINED}, changed_at"),
        # What linkage does not say.
        (but(REPORTS, MOVED, incident_id="i6"), f"{REPORTS}: row {MOVED}, incident_id"),
        (but(REPORTS, RENAMED, victim_person_id="mo"), f"{REPORTS}: row {RENAMED}, victim_person_id"),
        (but(REPORTS, RENAMED, victim_person_id=None), f"{REPORTS}: row {RENAMED}, victim_person_id"),
        (but(EVENTS, MOVED, victim_person_id="mo"), f"{EVENTS}: row {MOVED}, victim_person_id"),
        (but(EVENTS, SERVICE, victim_person_id="mo"), f"{EVENTS}: row {SERVICE}, victim_person_id"),
        (but(EVENTS, JOINED, journey_id="another"), f"{EVENTS}: row {JOINED}, journey_id"),
        # Rows that are gone, or too many.
        ({(REPORTS, MOVED): None}, f"{REPORTS}: row {MOVED}, 0 rows instead of 1"),
        ({(EVENTS, SERVICE): None}, f"{EVENTS}: row {SERVICE}, 0 rows instead of 1"),
        ({(MEASURES, RENAMED): None}, f"{MEASURES}: row {RENAMED}, 0 rows instead of 1"),
        ({(MEASURES, JOINED): None}, f"{MEASURES}: row {JOINED}, its incident has 0 rows"),
        ({(MEASURES, MOVED): measures("i4", 2)}, f"{MEASURES}: row {MOVED}, its incident has 2 rows"),
        ({(MEASURES, SERVICE): measures("i6", 1)}, f"{MEASURES}: row {SERVICE}, 1 rows instead of 0"),
    ],
)
def test_whatever_else_differs_is_seen(further: Said, seen: str) -> None:
    assert seen in wrong(further)


def test_the_measures_of_an_incident_stand_at_its_first_report() -> None:
    now_first: Said = {(MEASURES, MOVED): measures("i4", 2), (MEASURES, JOINED): None}
    assert wrong(now_first) == []
    assert f"{MEASURES}: row {JOINED}, incident_id" in wrong(but(MEASURES, JOINED, incident_id="i6"))


def test_a_record_that_leaves_its_incident_is_measured_in_its_own() -> None:
    before = derived(AFTER, ARE, ARE_NAMED)
    allowed = Allowed(lambda one: one == place(ERASED), {"zoe"})
    assert before.changed(derived(BEFORE, WERE, NAMED), allowed).wrong == []
    not_measured = derived({**BEFORE, (MEASURES, MOVED): None}, WERE, NAMED)
    assert f"row {MOVED}, its incident has 0 rows" in before.changed(not_measured, allowed).wrong[0]
    as_anothers = derived({**BEFORE, (MEASURES, MOVED): measures("i6", 1)}, WERE, NAMED)
    assert any(f"row {MOVED}, incident_id" in one for one in before.changed(as_anothers, allowed).wrong)


def test_who_loses_the_incident_or_person_is_not_linked_anew() -> None:
    lost = {number: one for number, one in ARE.items() if number != OTHER}
    assert f"{REPORTS}: row {OTHER}, force_code" in wrong(but(REPORTS, OTHER, force_code="B"), incidents=lost)
    nobody = {number: one for number, one in ARE_NAMED.items() if number != OTHER}
    further = but(REPORTS, OTHER, victim_person_id=None)
    assert f"{REPORTS}: row {OTHER}, victim_person_id" in wrong(further, persons=nobody)


def test_the_erased_link_nobody_anew() -> None:
    moved, renamed = ARE | {ERASED: "i6"}, ARE_NAMED | {ERASED: "yu"}
    force, victims = but(REPORTS, OTHER, force_code="B"), but(MEASURES, OTHER, count_victims=2)
    assert wrong(force, moved, renamed) == [f"{REPORTS}: row {OTHER}, force_code"]
    assert wrong(victims, moved, renamed) == [f"{MEASURES}: row {OTHER}, count_victims"]


def test_a_record_beside_the_erased_keeps_what_it_states() -> None:
    assert wrong(but(REPORTS, BESIDE, force_code="B", victim_person_id=None)) == []
    assert wrong(but(REPORTS, BESIDE, reported_at="night")) == [f"{REPORTS}: row {BESIDE}, reported_at"]
    assert wrong({(REPORTS, BESIDE): None}) == [f"{REPORTS}: row {BESIDE}, 0 rows instead of 1"]


def test_a_record_beside_the_erased_that_is_linked_anew_is_counted_apart() -> None:
    further: Said = {
        (REPORTS, BESIDE): report("i6", "bo"),
        **but(MEASURES, OTHER, count_reports=2, count_victims=2),
    }
    found = changes(further, incidents=ARE | {BESIDE: "i6"})
    assert (found.wrong, found.beside) == ([], {place(BESIDE)})
    assert place(OTHER) in found.linked_anew
    assert place(BESIDE) not in found.linked_anew
    first: Said = {(MEASURES, BESIDE): measures("i1", 2, 2), (MEASURES, ERASED): None}
    before, later = derived(BEFORE | first, WERE, NAMED), derived(AFTER | further, ARE | {BESIDE: "i6"}, ARE_NAMED)
    found = before.changed(later, Allowed(lambda one: one == place(ERASED), {"zoe"}))
    assert found.wrong == []
    assert place(BESIDE) not in found.linked_anew


@pytest.mark.parametrize(("others", "is_too_many"), [(5_000, False), (4_999, True)])
def test_too_many_linked_anew_are_wrong(others: int, is_too_many: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proofs.erasure_search.derived.ONE_IN", ONE_IN)
    records = len({number for _, number in BEFORE} - {ERASED, BESIDE})
    found = changes({}, fillers=others - records).wrong
    assert found == ([f"5 of {others} records are linked anew: over one in 1000"] if is_too_many else [])


def test_a_record_counts_as_linked_anew_whether_or_not_a_row_differs() -> None:
    assert place(OTHER) in changes({}, persons=ARE_NAMED | {OTHER: "may"}).linked_anew
