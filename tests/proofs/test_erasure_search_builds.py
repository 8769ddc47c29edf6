"""The search for erased persons lets the next build say of others what it said before: an erased victim's events become
nobody's, masked texts are other texts, and whatever else changes is seen."""

import json
import uuid
from collections import Counter

import pytest

from proofs.erasure_search.derived import Allowed, Derived
from proofs.erasure_search.snapshots import RowPlace

FEED, DELIVERY = "community_reports", uuid.UUID(int=1)
OF_ERASED: RowPlace = (FEED, DELIVERY, 1)
OTHER: RowPlace = (FEED, DELIVERY, 3)
EVENTS, KEYS, MARKS, REPORTS = (
    "marts.fct_journey_event_versions",
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
    seen = before.changed(after, Allowed(lambda place: place == OF_ERASED, victims, texts))
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
    return {"event_id": "e", "incident_id": "i", "victim_person_id": victim, "journey_id": journey, **further}


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
