"""How the people whom two reports name are compared."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.linkage.incidents.persons import Likeness, Name, compare_names, compare_people, compare_victims
from hub.linkage.incidents.statements import Person, one_person, read_person

BORN = "1988-02-29"


def told(name: str | None, birth: str | None = None, postcode: str | None = None, email: str | None = None) -> Person:
    person = read_person(name, birth, postcode, email)
    assert person is not None
    return person


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bernadette Quarrymead", "Bernie Quarrymead"),
        ("Sgt Radosław Borkowski", "Radoslaw Borkowska"),
        ("Leung Mei Fan", "Meifan Leung"),
        ("Qasim al-Thornbi", "Kasim Thornbi"),
        ("Garaad Warsaame", "Garad Warsame"),
    ],
)
def test_a_whole_name_is_one_in_other_spellings_and_orders(one: str, other: str) -> None:
    assert compare_people(told(one), told(other)) == "the whole name"


def test_an_initial_is_a_part_of_a_name_and_no_whole_word_of_another() -> None:
    assert compare_people(told("Ivy A. Quarrymead"), told("Ivy Ashcombe")) == "part of the name"
    assert compare_people(told("C. Rosmarin"), told("Cohlan")) is None


def test_another_given_name_of_one_family_is_another_person() -> None:
    ada, tobias = told("Ada Quarrymead", postcode="SW1A 1AA"), told("Tobias Quarrymead", postcode="SW1A 1AA")
    assert compare_people(ada, tobias) == "another of one family name"
    assert compare_victims(ada, tobias) is Likeness.CONTRADICT


def test_a_mailbox_or_birthday_that_a_family_shares_does_not_make_two_one() -> None:
    shared = {"birth": BORN, "email": "quarrymead@example.org"}
    assert compare_people(told("Ada Quarrymead", **shared), told("Tobias Quarrymead", **shared)) is None


def test_the_same_name_in_two_towns_is_less_than_the_same_name() -> None:
    here, there = told("Ivy Quarrymead", postcode="TS3 5WU"), told("Ivy Quarrymead", postcode="CV4 2FS")
    assert compare_people(here, there) == "the whole name, another home"
    assert compare_people(here, told("Ivy Quarrymead", postcode="TS3 5WV")) == "the whole name"


def test_years_that_are_far_apart_contradict_though_one_knows_no_more_than_the_year() -> None:
    level = compare_people(told("Ivy Quarrymead", "2000-01-01"), told("Ivy Quarrymead", BORN))
    assert level == "name, but another date of birth"
    assert compare_people(told("Ivy Quarrymead", "1988-01-01"), told("Ivy Quarrymead", BORN)) != level


def test_the_fuller_name_of_a_victim_who_reports_counts() -> None:
    person = one_person(told("Ivy", BORN), told("Ivy Quarrymead", email="ivy@example.org"))
    assert person == told("Ivy Quarrymead", BORN, email="ivy@example.org")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mohamed Mohamed", "Ali Mohamed"),
        ("James Jameson", "James Brown"),
        ("Hassan Hassani", "Hassan Khan"),
        ("Robert Roberts", "Robert Khan"),
    ],
)
def test_a_word_of_a_name_is_no_more_than_one_word_of_another(one: str, other: str) -> None:
    names = [told(name).name for name in (one, other)]
    assert compare_names(*names) is compare_names(*reversed(names)) is Name.UNKNOWN
    assert compare_people(told(one), told(other)) is None


NAME_WORDS = st.sampled_from(
    ("mohamed", "mohamud", "ali", "hassan", "hassani", "james", "jameson", "jim", "roberts", "bob", "ann", "annan", "a")
)
names_told = st.lists(NAME_WORDS, min_size=1, max_size=4).map(" ".join)
people_told = st.builds(
    read_person,
    st.none() | names_told,
    st.sampled_from([None, BORN, "1988-01-01", "1989-01-01", "1989-02-29", "1988-02-28", "1951-07-03"]),
    st.sampled_from([None, "SW1A 1AA", "SW1A 1AB", "SW1B 1AA", "TS3 5WU", "TS3"]),
    st.sampled_from([None, "ivy@example.org", "i.v.y@example.org", "moss@example.org"]),
    st.sampled_from([None, "07700 900123", "+44 7700 900123", "07700 900124"]),
)


@given(people_told, people_told)
@settings(deadline=None)
def test_two_people_compare_alike_whichever_comes_first(one: Person | None, other: Person | None) -> None:
    assert compare_people(one, other) == compare_people(other, one)
    names = [person.name if person else None for person in (one, other)]
    assert compare_names(*names) is compare_names(*reversed(names))


def test_contacts_are_compared_as_they_are_of_mentions_of_people() -> None:
    assert all(read_person(None, phone=number) is None for number in ("07700 000000", "00000000000"))
    dotted, plain = (told(None, email=f"{local}@corp.example") for local in ("i.vy", "ivy"))
    assert compare_people(dotted, plain) is None
    assert told(None, email="i.vy+hub@googlemail.com") == told(None, email="ivy@gmail.com")
    written = [read_person(None, phone=number) for number in ("07700 900123", "+44 7700 900123", "7700900123")]
    assert (
        compare_people(written[0], written[1]) == compare_people(written[1], written[2]) == "contact or date of birth"
    )
