"""The search for erased persons lets the next build say of others what it said before: an erased victim's events become
nobody's and the measures count fewer known victims, masked texts are other texts, and whatever else changes is seen."""

import json
import uuid
from collections import Counter

import pytest

from proofs.erasure_search.derived import Allowed, Derived
from proofs.erasure_search.snapshots import RowPlace

FEED, DELIVERY = "community_reports", uuid.UUID(int=1)
OF_ERASED: RowPlace = (FEED, DELIVERY, 1)
OTHER: RowPlace = (FEED, DELIVERY, 3)
EVENTS, MEASURES, KEYS, MARKS, REPORTS = (
    "marts.fct_journey_event_versions",
    "marts.fct_incident_measures",
    "linkage.report_keys",
    "linkage.report_marks",
    "marts.fct_reports",
)
Row = dict[str, object]


def says(table: str, *rows: Row, place: RowPlace = OTHER) -> Derived:
    """What a build says of one record, whose incident is no other's."""
    counted = Counter(json.dumps(row, sort_keys=True) for row in rows)
    return Derived({(table, place): counted}, {"an incident": {OF_ERASED}, "another": {OTHER}})


def changed(before: Derived, after: Derived, *victims: str, masked: str = "") -> list[str]:
    """The changes that are seen when the person of row 1 is erased, and the column ``masked`` of row 3 is masked.
    ``victims`` are the ids that linkage gave that person."""
    texts = {OTHER: {masked}} if masked else {}
    seen = before.changed(after, Allowed(lambda place: place == OF_ERASED, victims, texts)).wrong
    return [one.partition(f"delivery {DELIVERY}, ")[2] for one in seen]


def reports(*rows: tuple[int, str]) -> Derived:
    counted = {(REPORTS, (FEED, DELIVERY, number)): Counter([json.dumps({"force": force})]) for number, force in rows}
    return Derived(counted, {"an incident": {OF_ERASED, (FEED, DELIVERY, 2)}})


@pytest.mark.parametrize(
    ("rows", "seen"),
    [
        ([(1, "A"), (2, "A"), (3, "A")], []),
        ([(1, "B"), (2, "B"), (3, "A")], []),
        ([(3, "A"), (2, "A")], []),
        ([(1, "A"), (3, "A")], ["row 2, 0 rows instead of 1"]),
        ([(1, "A"), (2, "A"), (3, "B")], ["row 3, force"]),
        ([(1, "A"), (2, "A")], ["row 3, 0 rows instead of 1"]),
    ],
)
def test_the_next_build_keeps_the_rows_of_others(rows: list[tuple[int, str]], seen: list[str]) -> None:
    assert changed(reports((1, "A"), (2, "A"), (3, "A")), reports(*rows)) == seen


def event(victim: str | None, journey: str, **further: object) -> Row:
    of_event = {"event_id": "e", "incident_id": "i", "event_kind": "reported", "known_to": None}
    return {**of_event, "victim_person_id": victim, "journey_id": journey, **further}


def test_an_event_of_an_erased_victim_becomes_nobodys() -> None:
    rows = [event("zoe", "of zoe", known_to=day) for day in (None, "a day")]
    freed = [event(None, "of nobody", known_to=day) for day in ("a day", None)]
    assert changed(says(EVENTS, *rows), says(EVENTS, *freed), "zoe") == []
    # Linkage knows the erased by another id, or nobody is.
    assert changed(says(EVENTS, *rows), says(EVENTS, *freed), "bo") == ["row 3, journey_id, victim_person_id"]


@pytest.mark.parametrize(
    ("was", "now", "columns"),
    [
        (event("zoe", "j"), event("bo", "of bo"), "journey_id, victim_person_id"),
        (event("bo", "of bo"), event(None, "k"), "journey_id, victim_person_id"),
        (event("bo", "of bo"), event("bo", "k"), "journey_id"),
        (event(None, "j"), event("bo", "of bo"), "journey_id, victim_person_id"),
        (event(None, "j"), event(None, "k"), "journey_id"),
    ],
)
def test_an_event_of_another_or_that_is_given_to_another_is_seen(was: Row, now: Row, columns: str) -> None:
    assert changed(says(EVENTS, was), says(EVENTS, now), "zoe") == [f"row 3, {columns}"]


def test_an_erased_victims_event_loses_nothing_else() -> None:
    was, now = event("zoe", "j", event_kind="closed"), event(None, "k", event_kind="opened")
    assert "event_kind" in changed(says(EVENTS, was), says(EVENTS, now), "zoe")[0]
    assert changed(says(EVENTS, was), says(EVENTS), "zoe") == ["row 3, 0 rows instead of 1"]


def measured(victims: int, referred: int, *events: Row, **further: object) -> Derived:
    """What a build counts of the incident "i", whose first report is row 3, and the events of another record."""
    measures = {"incident_id": "i", "count_victims": victims, "count_victims_referred": referred, "force": "A"}
    of_events = says(EVENTS, *events, place=(FEED, DELIVERY, 4))
    of_incident = says(MEASURES, {**measures, **further})
    return Derived({**of_incident.rows, **of_events.rows}, of_incident.of_incident)


ZOE, ZOE_REFERRED = event("zoe", "of zoe"), event("zoe", "of zoe", event_kind="referred")
BO, KIT_REFERRED = event("bo", "of bo"), event("kit", "of kit", event_kind="referred")
FREED = {"victim_person_id": None, "journey_id": "of nobody"}


def freed(*events: Row) -> list[Row]:
    """The events after Zoe and Kit were erased."""
    return [{**one, **FREED} if one["victim_person_id"] in {"zoe", "kit"} else one for one in events]


@pytest.mark.parametrize(
    ("events", "was", "now", "columns"),
    [
        ([ZOE, BO], (2, 0), (1, 0), ""),
        ([ZOE, ZOE_REFERRED, BO], (2, 1), (1, 0), ""),
        ([ZOE, ZOE_REFERRED, KIT_REFERRED, BO], (3, 2), (1, 0), ""),
        ([ZOE, ZOE_REFERRED, KIT_REFERRED, BO], (3, 2), (2, 1), ""),
        # However many events a victim has, it is one victim.
        ([ZOE, ZOE_REFERRED, BO], (3, 1), (1, 0), "count_victims"),
        ([ZOE, {**ZOE, "event_id": "f"}, BO], (3, 0), (1, 0), "count_victims"),
        ([ZOE_REFERRED, BO], (3, 3), (2, 1), "count_victims_referred"),
        ([ZOE_REFERRED, BO], (3, 3), (1, 1), "count_victims, count_victims_referred"),
        # Somebody else was referred, not one of the erased.
        ([ZOE, BO], (2, 1), (1, 0), "count_victims_referred"),
        ([ZOE, BO], (2, 0), (3, 0), "count_victims"),
        ([ZOE_REFERRED, BO], (2, 1), (1, 2), "count_victims_referred"),
        # The erased were victims of no incident, of another one, or by a version that did not hold any more.
        ([BO], (2, 0), (1, 0), "count_victims"),
        ([{**ZOE, "incident_id": "j"}, BO], (2, 0), (1, 0), "count_victims"),
        ([{**ZOE_REFERRED, "known_to": "a day"}, BO], (2, 1), (1, 0), "count_victims, count_victims_referred"),
    ],
)
def test_measures_count_an_erased_victim_no_more_and_everybody_else(
    events: list[Row], was: tuple[int, int], now: tuple[int, int], columns: str
) -> None:
    seen = changed(measured(*was, *events), measured(*now, *freed(*events)), "zoe", "kit")
    assert seen == ([f"row 3, {columns}"] if columns else [])


def test_measures_lose_nobody_who_was_not_erased_or_is_still_a_victim() -> None:
    before, after = measured(2, 1, ZOE_REFERRED, BO), measured(1, 0, *freed(ZOE_REFERRED, BO))
    assert "row 3, count_victims, count_victims_referred" in changed(before, after, "kit")
    still = measured(1, 0, ZOE_REFERRED, BO)
    assert changed(before, still, "zoe") == ["row 3, count_victims, count_victims_referred"]
    # Zoe is still named, but no more as somebody who was referred.
    both = measured(2, 1, ZOE, ZOE_REFERRED, BO)
    assert changed(both, measured(1, 0, ZOE, *freed(ZOE_REFERRED), BO), "zoe") == ["row 3, count_victims"]


def test_measures_of_an_incident_of_an_erased_victim_lose_nothing_else() -> None:
    before, events = measured(2, 1, ZOE_REFERRED, BO), freed(ZOE_REFERRED, BO)
    assert changed(before, measured(1, 0, *events, force="B"), "zoe") == ["row 3, force"]
    assert changed(before, measured(1, 0, *events, incident_id="j"), "zoe") == [
        "row 3, count_victims, count_victims_referred, incident_id"
    ]
    assert changed(before, measured(1, 0, *events, count_victims=None), "zoe") == ["row 3, count_victims"]
    gone = Derived(says(EVENTS, *events, place=(FEED, DELIVERY, 4)).rows, before.of_incident)
    assert changed(before, gone, "zoe") == ["row 3, 0 rows instead of 1"]


def test_the_counts_of_other_relations_do_not_fall() -> None:
    was, now = ({"incident_id": "i", "count_victims": number, "count_victims_referred": 0} for number in (2, 1))
    events = says(EVENTS, ZOE, place=(FEED, DELIVERY, 4)).rows
    before, after = (Derived({**says(REPORTS, row).rows, **events}, {}) for row in (was, now))
    assert "row 3, count_victims" in changed(before, after, "zoe")


KEPT: Row = {"report_id": "r", "delivery_id": "d"}


@pytest.mark.parametrize(
    ("table", "was", "now"),
    [
        (REPORTS, [{**KEPT, "description_token": "t"}], [{**KEPT, "description_token": "u"}]),
        (MARKS, [{**KEPT, "keys": [1, 2], "positions": [7, 7]}], [{**KEPT, "keys": [3], "positions": [6]}]),
        (KEYS, [{**KEPT, "key": key, "position": 7} for key in (1, 2)], [{**KEPT, "key": 3, "position": 6}]),
    ],
)
def test_what_is_made_of_a_masked_text_may_change_and_nothing_beside_it(
    table: str, was: list[Row], now: list[Row]
) -> None:
    before, after = says(table, *was), says(table, *now)
    assert changed(before, after, masked="description") == []
    assert changed(before, after), "no text of the report was masked"
    other = says(table, *({**row, "delivery_id": "e"} for row in now))
    assert changed(before, other, masked="description") == ["row 3, delivery_id"]
    assert changed(before, says(table), masked="description"), "nothing is said of the report any more"


def test_the_token_of_another_column_than_the_masked_one_is_seen() -> None:
    before, after = says(REPORTS, {**KEPT, "notes_token": "t"}), says(REPORTS, {**KEPT, "notes_token": "u"})
    assert changed(before, after, masked="description") == ["row 3, notes_token"]


def test_a_masked_text_of_one_report_excuses_no_other() -> None:
    place = (FEED, DELIVERY, 4)
    before = says(REPORTS, {**KEPT, "description_token": "t"}, place=place)
    after = says(REPORTS, {**KEPT, "description_token": "u"}, place=place)
    assert changed(before, after, masked="description") == ["row 4, description_token"]
