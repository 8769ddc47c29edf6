"""From evidence to incidents, as a pure function: the same whatever the order, and never against what is known."""

from itertools import combinations, permutations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.linkage.incidents.components import Link, Member, Override, join_reports
from hub.linkage.incidents.content_urls import ContentAddress
from hub.linkage.incidents.evidence import Reason
from hub.linkage.incidents.statements import Person, read_person

MOSS, IVY = Person("fernley moss", "1988-02-29"), Person("ivy quarrymead", "1951-07-03")
NO_POST = ContentAddress()


def post(name: str) -> ContentAddress:
    return ContentAddress(f"x:{name}", kind="x:number")


def member(report_id: str, address: ContentAddress = NO_POST, victim: Person | None = None, at: int = 0) -> Member:
    return Member(report_id, at, address, victim)


def same_post(first: str, second: str) -> Link:
    return Link(20.0, first, second, Reason.CONTENT)


def parts(anchors: dict[str, str]) -> set[frozenset[str]]:
    return {frozenset(one for one, anchor in anchors.items() if anchor == part) for part in set(anchors.values())}


def test_a_chain_of_likeness_breaks_at_its_weakest_link() -> None:
    members = [member("a", post("1")), member("b"), member("c"), member("d", post("2"))]
    links = [Link(9.0, "a", "b"), Link(6.0, "b", "c"), Link(8.0, "c", "d")]
    assert parts(join_reports(members, links, [])) == {frozenset("ab"), frozenset("cd")}


def test_two_victims_are_not_joined_by_a_report_that_names_none() -> None:
    members = [member("a", victim=MOSS), member("b"), member("c", victim=IVY)]
    links = [Link(6.0, "a", "b"), Link(9.5, "b", "c")]
    assert parts(join_reports(members, links, [])) == {frozenset("a"), frozenset("bc")}


def test_one_post_with_two_victims_is_one_incident() -> None:
    members = [member("a", post("1"), MOSS), member("b", post("1"), IVY)]
    assert parts(join_reports(members, [same_post("a", "b")], [])) == {frozenset("ab")}


def test_one_weak_link_alone_does_not_hold_two_incidents_together() -> None:
    members = [member(one) for one in "abcd"]
    links = [Link(12.0, "a", "b"), Link(12.0, "c", "d"), Link(6.0, "b", "c")]
    assert parts(join_reports(members, links, [])) == {frozenset("ab"), frozenset("cd")}
    assert parts(join_reports(members, [*links, Link(5.5, "a", "d")], [])) == {frozenset("abcd")}


def test_a_text_that_fits_two_posts_alike_joins_neither() -> None:
    members = [member("a", post("1")), member("b", post("2")), member("c")]
    links = [Link(9.0, "a", "c"), Link(8.0, "b", "c")]
    assert parts(join_reports(members, links, [])) == {frozenset("a"), frozenset("b"), frozenset("c")}


def test_a_report_with_the_address_of_another_post_stays_where_everything_else_puts_it() -> None:
    members = [member("a", post("1")), member("b", post("2")), member("c", post("2"))]
    assert parts(join_reports(members, [Link(8.0, "a", "b")], [])) == {frozenset("ab"), frozenset("c")}


def test_a_report_with_a_cannot_link_leaves_the_others_of_its_post_together() -> None:
    members = [member(one, post("1"), at=place) for place, one in enumerate("abcd")]
    links = [same_post(*pair) for pair in combinations("abcd", 2)]
    assert parts(join_reports(members, links, [Override("a", "c", False, 1)])) == {frozenset("abd"), frozenset("c")}


def test_a_later_must_link_wins_over_an_earlier_and_a_cannot_link_over_both() -> None:
    members = [member(one) for one in "abc"]
    overrides = [Override("a", "b", True, 1), Override("b", "c", True, 2), Override("a", "c", False, 0)]
    assert parts(join_reports(members, [], overrides)) == {frozenset("a"), frozenset("bc")}


def test_the_earliest_report_is_the_anchor() -> None:
    members = [member("b", post("1"), at=5), member("a", post("1"), at=9)]
    assert join_reports(members, [same_post("a", "b")], []) == {"a": "b", "b": "b"}


ids = st.sampled_from("abcdefghij")
members_told = st.lists(
    st.builds(
        Member,
        report_id=ids,
        reported_at=st.integers(0, 3),
        address=st.sampled_from([NO_POST, NO_POST, post("1"), post("2"), ContentAddress("x:1#c", "x:1", "x:number")]),
        victim=st.sampled_from([None, None, MOSS, IVY]),
    ),
    unique_by=lambda one: one.report_id,
)
pairs = st.tuples(ids, ids).filter(lambda pair: pair[0] < pair[1])
links_told = st.lists(st.tuples(st.sampled_from([5.5, 9.0, 12.0]), pairs), unique_by=lambda link: link[1]).map(
    lambda links: [Link(score, *pair) for score, pair in links]
)
overrides_told = st.lists(
    st.tuples(pairs, st.booleans(), st.integers(0, 2)), max_size=4, unique_by=lambda one: one[0]
).map(lambda overrides: [Override(*pair, is_together, at) for pair, is_together, at in overrides])


@settings(deadline=None)
@given(members_told, links_told, overrides_told, st.randoms(use_true_random=False))
def test_incidents_are_the_same_in_any_order_and_hold_nothing_apart(
    members: list[Member], links: list[Link], overrides: list[Override], chance: Random
) -> None:
    known = {one.report_id for one in members}
    told = {one.report_id: one for one in members}
    links = [link for link in links if {link.first, link.second} <= known]
    links = [link for link in links if not told[link.first].address.contradicts(told[link.second].address)]
    anchors = join_reports(members, links, overrides)
    chance.shuffle(members)
    chance.shuffle(links)
    chance.shuffle(overrides)
    assert join_reports(members, links, overrides) == anchors
    apart = [one for one in overrides if not one.is_together and {one.first, one.second} <= known]
    assert all(anchors[one.first] != anchors[one.second] for one in apart)
    if not overrides:
        for part in parts(anchors):
            addresses = [told[one].address for one in part]
            assert not any(one.contradicts(other) for one in addresses for other in addresses)


def test_a_day_that_one_report_names_is_a_slip_and_one_that_two_name_is_another_attack() -> None:
    """Of one victim: so days that follow each other do not chain."""
    days = {"a1": 1, "a2": 1, "slip": 2, "b1": 3, "b2": 3, "c1": 4, "c2": 4}
    members = [Member(name, day, NO_POST, None, day) for name, day in days.items()]
    same_day = [("a1", "a2"), ("b1", "b2"), ("c1", "c2")]
    links = [Link(12.0, one, other, Reason.VICTIM) for one, other in same_day]
    ends = [("a1", "slip"), ("a2", "slip"), ("b1", "slip"), ("b2", "slip"), *product(("b1", "b2"), ("c1", "c2"))]
    links += [Link(6.0, min(pair), max(pair), Reason.VICTIM) for pair in ends]
    found = join_reports(members, links, [])
    groups = {frozenset(name for name in found if found[name] == anchor) for anchor in found.values()}
    assert groups == {frozenset({"a1", "a2", "slip"}), frozenset({"b1", "b2"}), frozenset({"c1", "c2"})}


def test_a_wrong_address_that_fits_only_the_report_that_says_little_joins_no_incident_of_several() -> None:
    members = [member(one, post("1")) for one in "abcd"]
    links = [Link(16.0, "a", "b", Reason.CONTENT), Link(15.0, "b", "c", Reason.CONTENT)]
    fits_one = Link(11.5, "a", "d", Reason.CONTENT)
    assert parts(join_reports(members, [*links, fits_one], [])) == {frozenset("abc"), frozenset("d")}
    fits_two = Link(10.5, "b", "d", Reason.CONTENT)
    assert parts(join_reports(members, [*links, fits_one, fits_two], [])) == {frozenset("abcd")}


def test_links_that_wait_for_another_are_counted_whichever_ids_are_smaller() -> None:
    names = ("a1", "a2", "b1", "b2", "c1", "c2")
    pairs = {("a1", "a2"): 14.0, ("b1", "b2"): 14.1, ("c1", "c2"): 14.2}
    pairs |= {("a1", "b1"): 8.0, ("a1", "c1"): 7.8, ("a2", "c2"): 7.7, ("a2", "b2"): 7.0}
    for order in permutations("abc"):
        told = {name: f"{order.index(name[0])}{name[1]}" for name in names}
        links = [Link(weight, *sorted(told[one] for one in pair)) for pair, weight in pairs.items()]
        assert parts(join_reports([member(told[name]) for name in names], links, [])) == {frozenset(told.values())}


@settings(deadline=None)
@given(members_told, st.lists(pairs, unique=True), st.permutations("abcdefghij"), st.randoms(use_true_random=False))
def test_other_ids_change_no_incident(
    members: list[Member], pairs_told: list[tuple[str, str]], others: list[str], chance: Random
) -> None:
    """Where no two links weigh the same; of those that do the ids decide which comes first."""
    named = dict(zip("abcdefghij", others, strict=True))
    known = {one.report_id for one in members}
    weights = chance.sample([5.0 + step / 8 for step in range(80)], 45)
    reasons = [chance.choice(list(Reason)) for _ in weights]
    links = [
        Link(weight, *pair, reason)
        for weight, reason, pair in zip(weights, reasons, pairs_told, strict=False)
        if set(pair) <= known
    ]
    renamed = [link._replace(first=one, second=other) for link in links for one, other in [_named(link, named)]]
    found = parts(join_reports([one._replace(report_id=named[one.report_id]) for one in members], renamed, []))
    before = parts(join_reports(members, links, []))
    assert found == {frozenset(named[one] for one in part) for part in before}


def _named(link: Link, named: dict[str, str]) -> list[str]:
    return sorted((named[link.first], named[link.second]))


@pytest.mark.parametrize("name", ["Aaron Aalto", "Zoe Zimmer"])
def test_a_late_victim_of_a_post_that_attacks_many_is_one_of_its_victims(name: str) -> None:
    """Wherever their name is in the alphabet."""
    names = ("adam", "carol", "dora", "edith", "frank", "gerda", "hilda", "irene", "jacob", "karla", "maria", "norma")
    others = [Person(" ".join(sorted((one, f"{one}berg")))) for one in names]
    others += [Person(" ".join(sorted((one, f"{one}son")))) for one in names]
    others += [Person(" ".join(sorted((one, f"{one}wick")))) for one in names]
    late = read_person(name)
    members = [member(f"r{place:02}", post("1"), victim) for place, victim in enumerate([*others, late])]
    links = [same_post("r00", one.report_id) for one in members[1:]]
    links += [Link(12.0, "r05", "x"), Link(11.0, "r07", "x")]
    anchors = join_reports([*members, member("x", victim=late)], links, [])
    assert anchors["x"] == anchors["r00"]


def test_a_crime_number_joins_no_two_forces_by_a_report_that_names_none() -> None:
    here, nowhere, there = member("a"), member("b"), member("c")
    members = [here._replace(force="E23000001"), nowhere, there._replace(force="W15000001")]
    links = [Link(7.5, "a", "b", Reason.REFERENCE), Link(7.0, "b", "c", Reason.REFERENCE)]
    assert parts(join_reports(members, links, [])) == {frozenset("ab"), frozenset("c")}
    proof = [Link(17.0, "a", "b", Reason.REFERENCE), Link(16.0, "b", "c", Reason.REFERENCE)]
    assert parts(join_reports(members, proof, [])) == {frozenset("abc")}
