"""Two reports compare alike, whichever of them has the smaller id, and however early it is seen that they are none."""

import json
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hub.linkage.incidents.accounts import compare_handles, read_account
from hub.linkage.incidents.content_urls import read_address
from hub.linkage.incidents.evidence import most_of_people, score_pair
from hub.linkage.incidents.places import compare_places
from hub.linkage.incidents.review import explain
from hub.linkage.incidents.statements import ReportRecord, read_person
from hub.linkage.incidents.text_evidence import Shared
from hub.linkage.incidents.texts import plain_text, undisguised_text
from hub.settings import read_settings

FORCES = st.sampled_from([None, "E23000001", "W15000001"])
REFERENCES = st.frozensets(st.sampled_from(["26001", "26002"]), max_size=1)


def report(text: str = "", **said: Any) -> ReportRecord:
    plain = undisguised_text(text)
    record = ReportRecord("a", "d", 1, 0, 20_000, is_day_known=True, text=plain, account=read_account(text))
    return replace(record, **said)


def weighed(one: ReportRecord, other: ReportRecord) -> dict[str, str]:
    found = score_pair(one, other, Shared(word_bits=30.0, words=8.0))
    return {weight.subject: weight.level for weight in found.weights} if found else {}


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("redlion88", "redlion8", "the same account"),
        ("abcdefgh", "abcdefghi", "the same account"),
        ("redlion8", "redfox8", "another account"),
        ("brass_teapot_of_kettlewell", "iron_trivet_of_settle_town", "another account"),
    ],
)
def test_slips_in_the_name_of_an_account_are_counted_by_the_longer_name(one: str, other: str, level: str) -> None:
    names = [frozenset({name}) for name in (one, other)]
    assert compare_handles(*names) == compare_handles(*reversed(names)) == level


def test_a_victim_is_not_looked_for_in_a_report_that_names_its_own() -> None:
    one = report(victim=read_person("Ann Ash"))
    other = report("After Ann Ash my friend I was attacked, too.", reporter=read_person("Ann Ash"))
    assert "named" in weighed(one, other)
    with_victim = replace(other, victim=read_person("Bea Birch"))
    assert not any("named" in weighed(*pair) for pair in permutations((one, with_victim)))


def test_of_two_ways_in_which_a_victim_is_named_the_one_that_weighs_most_counts() -> None:
    one = report("Carol Cedar was there", victim=read_person("", "1988-02-29"), reporter=read_person("Carol Cedar"))
    other = report("The quay was full", victim=read_person("Carol Cedar", "1988-02-28"))
    levels = {weighed(*pair).get("named") for pair in permutations((one, other))}
    assert levels == {"the victim of one is named in the other's text"}


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("City of London", "City of London", "the same borough"),
        ("London Borough of Camden", "Camden Council", "the same borough"),
        ("Richmond", "Richmond upon Thames", "the same borough"),
        ("City of London", "City of Westminster", "another borough"),
        ("East Sussex", "West Sussex", "another borough"),
        ("North Tyneside", "South Tyneside", "another borough"),
        ("Richmond upon Thames", "Kingston upon Thames", "another borough"),
        ("Newcastle upon Tyne", "Newcastle-under-Lyme", "another borough"),
        ("Waltham Forest", "New Forest", "another borough"),
        ("Somerset", "North Somerset", None),
        ("London", "Camden", None),
        ("London", "London", None),
    ],
)
def test_boroughs_are_compared_by_all_words_that_tell_them_apart(one: str, other: str, level: str | None) -> None:
    places = [report(borough=plain_text(name)) for name in (one, other)]
    assert compare_places(*places) == compare_places(*reversed(places)) == level


def test_a_post_that_attacks_one_victim_is_no_less_one_incident_a_few_days_apart_than_many() -> None:
    first = report(address=read_address("https://x.com/a/status/1234567890"), victim=read_person("Ann Ash"))
    found = [score_pair(first, replace(first, day=first.day + days), Shared()) for days in (1, 2, 3, 4, 10)]
    totals = [one.weight for one in found if one]
    assert len(totals) == 5
    assert totals == sorted(totals, reverse=True)


def test_the_documentation_shows_an_explanation_as_it_is_found() -> None:
    victim = read_person("Ann Ash", "1988-02-29")
    one = report(victim=victim, strands=frozenset({"race"}))
    found = score_pair(one, replace(one, strands=frozenset({"race", "religion"})), Shared())
    assert found is not None
    shown = json.dumps(explain(json.dumps(found.weights)))
    assert f'"explanation": {shown}' in (read_settings({}).project / "docs" / "linkage.md").read_text()


TEXTS = (
    "",
    'On Sunday @redlion88 wrote "may your boiler freeze all winter" about Ann Ash at 14:35.',
    'It was redlion8 who wrote "may your boiler freeze" to us at 14:40, see 26001/26.',
    "Mohamed Mohamed was shouted at near the quay, they said: nobody asked you to sing here.",
    "Somebody shouted near the quay, nobody asked you to sing here.",
)
people = st.none() | st.builds(
    read_person,
    st.sampled_from(["", "Ann Ash", "Ali Mohamed", "Mohamed Mohamed", "Ash"]),
    st.sampled_from([None, "1988-02-29", "1988-01-01", "1951-07-03"]),
    st.sampled_from([None, "SW1A 1AA", "TS3 5WU"]),
    st.sampled_from([None, "ash@example.org"]),
)
reports = st.builds(
    report,
    st.sampled_from(TEXTS),
    day=st.integers(20_000, 20_005),
    is_day_known=st.booleans(),
    is_police=st.booleans(),
    is_online=st.sampled_from([None, True, False]),
    platform=st.sampled_from([None, "x", "reddit"]),
    address=st.sampled_from(
        [None, "https://x.com/redlion8/status/123", "https://x.com/redlion88", "https://x.com/other_12/status/124"]
    ).map(read_address),
    victim=people,
    reporter=people,
    borough=st.sampled_from(
        [None, "london", "city of london", "north tyneside", "south tyneside", "richmond", "richmond upon thames"]
    ),
    force=FORCES,
    strands=st.frozensets(st.sampled_from(["race", "religion"])),
    crime_references=REFERENCES,
    hub_references=st.frozensets(st.sampled_from(["TV000001"]), max_size=1),
    mentioned_references=REFERENCES,
)
shared_told = st.builds(Shared, *[st.sampled_from([0.0, 1.0, 4.0, 12.0])] * 5)


@given(reports, reports, shared_told)
@settings(deadline=None)
def test_two_reports_weigh_the_same_whichever_comes_first(
    one: ReportRecord, other: ReportRecord, shared: Shared
) -> None:
    assert score_pair(one, other, shared) == score_pair(other, one, shared)


@given(reports, reports, shared_told)
@settings(deadline=None)
def test_people_are_worth_no_more_than_was_expected_before_they_were_compared(
    one: ReportRecord, other: ReportRecord, shared: Shared
) -> None:
    # With the hub's own reference nearly every pair is kept.
    one, other = (replace(record, hub_references=frozenset({"TV000001"})) for record in (one, other))
    found = score_pair(one, other, shared)
    assume(found)
    told = found.weights if found else ()
    people = sum(weight.weight for weight in told if weight.subject in ("victim", "named", "reporter"))
    assert people <= most_of_people(one, other)
