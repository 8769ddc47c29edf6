"""What names, contacts and groups of mentions say of who is one person."""

import pytest
import sqlalchemy as sa

from hub.linkage.contacts import comparable_birth, comparable_email, comparable_phone
from hub.linkage.names.parsing import NOBODY, Name, parse_name
from hub.linkage.names.spelling import sound
from hub.linkage.people import link_people
from hub.settings import Settings
from linkage.mentions import are_one, mention_of, persons, say_incident, table, tell

PHONE, HOME, BORN = "07700 900123", "SW1A 1AI", "1990-02-07"
ROSALIND = {"name": "Rosalind Umberwick", "phone": PHONE, "postcode": HOME}


@pytest.mark.parametrize(
    "name",
    [
        "Umberwick, Rosalind",
        "UMBERWICK Rosalind",
        "RosalindUmberwick",
        "Revd Canon Rosalind Umberwick OBE",
        "the victim Rosalind Umberwick",
    ],
)
def test_a_name_is_taken_apart_however_it_is_ordered_titled_glued_or_written(name: str) -> None:
    parsed = parse_name(name)
    assert [sound(word) for word in (parsed.given[0], parsed.surname or "")] == [sound("rosalind"), sound("umberwick")]


@pytest.mark.parametrize("name", ["Unknown", "N/A", "n/k", "Anonymous", "the victim", "Mr", "J.", "Unknown male", "-"])
def test_what_a_form_holds_in_the_place_of_a_name_is_nobody(name: str) -> None:
    assert parse_name(name) == NOBODY


def test_a_name_in_another_script_is_written_in_latin_letters() -> None:
    assert parse_name("Олександр Коваленко") == parse_name("Oleksandr Kovalenko")


def test_a_single_word_may_be_either_name_and_an_initial_is_kept() -> None:
    assert parse_name("Mr Umberwick") == Name(lone="umberwick")
    assert parse_name("R. Umberwick").given == ("r",)
    assert parse_name("Fatima El-Sayed").surname_parts == ("sayed",)


def test_a_mailbox_or_a_number_is_one_however_it_is_written() -> None:
    assert len({comparable_email(one) for one in ("R.Umber+hub@gmail.com", "rumber@googlemail.com")}) == 1
    assert comparable_email("r.umber@example.org") != comparable_email("rumber@example.org")
    written = ("07700 900123", "7700900123", "+44 (0)7700 900123", "0044 7700-900-123", "447700900123")
    assert {comparable_phone(one) for one in written} == {"+447700900123"}
    assert comparable_phone("00000 000000") is None


def test_the_first_of_january_is_a_year() -> None:
    born = comparable_birth("1984-01-01")
    assert born is not None
    assert (born.year, born.date) == ("1984", None)


def test_an_initial_or_one_word_with_a_familys_telephone_is_nobody_for_certain(
    settings: Settings, engine: sa.Engine
) -> None:
    families = (
        ("Jasper Umberwick", "J. Umberwick", BORN),
        ("Conrad Fernhollow", "Fernhollow", "1974-09-12"),
        ("Tobias Gorsebank", "Mr Gorsebank", "1962-04-28"),
    )
    for place, (known, short, born) in enumerate(families):
        phone = f"07700 90012{place}"
        tell(engine, 10 * place, {"name": known, "phone": phone, "date_of_birth": born})
        tell(engine, 10 * place + 1, {"name": short, "phone": phone, "email": f"quiet.hill{place}@example.org"})
    link_people(settings, engine)
    for place, (_, short, _) in enumerate(families):
        assert not are_one(engine, mention_of(10 * place), mention_of(10 * place + 1)), short


def test_one_slip_among_many_mentions_parts_nobody(settings: Settings, engine: sa.Engine) -> None:
    email = "rosalind.umberwick@example.org"
    told = (
        ROSALIND | {"date_of_birth": BORN},
        ROSALIND | {"date_of_birth": "1991-02-07"},
        ROSALIND | {"name": "Rosalnid Umberwick", "date_of_birth": "1990-07-02"},
        {"name": "Umberwick Rosalind", "email": email, "date_of_birth": "1990-01-01"},
        {"name": "Rosalind Umberwyck", "email": email, "phone": PHONE, "date_of_birth": BORN},
        {"name": "Ms Umberwick", "email": email, "phone": PHONE},
    )
    for number, victim in enumerate(told):
        tell(engine, number, victim)
    link_people(settings, engine)
    assert are_one(engine, *(mention_of(number) for number in range(len(told))))


def test_who_may_be_parent_or_child_of_one_name_is_neither(settings: Settings, engine: sa.Engine) -> None:
    tell(engine, 1, ROSALIND | {"date_of_birth": BORN})
    tell(engine, 2, ROSALIND | {"date_of_birth": "2014-11-30"})
    tell(engine, 3, ROSALIND)
    link_people(settings, engine)
    assert len(set(persons(engine).values())) == 3


def test_twins_at_one_address_are_two(settings: Settings, engine: sa.Engine) -> None:
    tell(engine, 1, ROSALIND | {"date_of_birth": BORN})
    tell(engine, 2, ROSALIND | {"date_of_birth": BORN, "name": "Tobias Umberwick"})
    link_people(settings, engine)
    assert not are_one(engine, mention_of(1), mention_of(2))


def test_a_number_that_many_give_says_nothing_and_one_that_few_give_does(settings: Settings, engine: sa.Engine) -> None:
    names = ("Ada Birchwold", "Ben Calderby", "Cleo Dunmarsh", "Dev Elmsgate", "Ewa Fernhollow", "Farid Gorsebank")
    pair = ({"name": "Rosalind Umberwick", "phone": PHONE}, {"name": "Rosalind Umberwyck", "phone": PHONE})
    for number, victim in enumerate(pair):
        tell(engine, number, victim)
    link_people(settings, engine)
    assert are_one(engine, mention_of(0), mention_of(1))
    for number, name in enumerate(names, start=10):
        tell(engine, number, {"name": name, "phone": PHONE})
    link_people(settings, engine)
    assert not are_one(engine, mention_of(0), mention_of(1))
    step_by_step = persons(engine)
    link_people(settings, engine, full=True)
    assert persons(engine) == step_by_step


def test_who_is_known_by_part_of_a_name_joins_the_person_however_many_join_before(
    settings: Settings, engine: sa.Engine
) -> None:
    email = "rosalind.umberwick@example.org"
    for number in range(12):
        tell(engine, number, {"name": "R. Umberwick", "email": email, "phone": f"07700 9001{number:02}"})
    tell(engine, 99, ROSALIND | {"email": email})
    link_people(settings, engine)
    assert len(set(persons(engine).values())) == 1


def test_a_name_in_another_spelling_or_order_with_the_home_is_one_person(settings: Settings, engine: sa.Engine) -> None:
    pairs = (
        ("Radosław Borkowski", "Borkowska Radoslaw"),
        ("Leung Mei Fan", "Meifan LEUNG"),
        ("Qasim Chowdhury", "Kasim Choudhry"),
        ("Marisol Dela Vantuyo", "Dela Vantuyo Marisol"),
        ("Xasan Garaad", "Hassan Garad"),
    )
    for home, names in enumerate(pairs, start=1):
        for number, name in enumerate(names):
            tell(engine, 10 * home + number, {"name": name, "postcode": f"SW1A {home}AI"})
    link_people(settings, engine)
    for home, names in enumerate(pairs, start=1):
        assert are_one(engine, mention_of(10 * home), mention_of(10 * home + 1)), names
    assert len(set(persons(engine).values())) == len(pairs)


def test_children_of_one_family_name_that_is_written_first_are_two(settings: Settings, engine: sa.Engine) -> None:
    for number, name in enumerate(("Leung Mei Fan", "Leung Kai Ho")):
        tell(engine, number, {"name": name, "postcode": HOME, "date_of_birth": BORN})
    link_people(settings, engine)
    assert not are_one(engine, mention_of(0), mention_of(1))


def test_parent_and_child_with_one_name_home_and_mailbox_are_two(settings: Settings, engine: sa.Engine) -> None:
    shared = ROSALIND | {"email": "rosalind.umberwick@example.org"}
    tell(engine, 1, shared | {"date_of_birth": BORN})
    tell(engine, 2, shared | {"date_of_birth": "2014-01-01"})
    link_people(settings, engine)
    assert not are_one(engine, mention_of(1), mention_of(2))


def test_a_surname_is_the_victims_who_may_report_for_themselves(settings: Settings, engine: sa.Engine) -> None:
    """Where the form does not ask whether the reporter is the victim, and they share the home."""
    email = "rosalind.umberwick@example.org"
    tell(engine, 1, ROSALIND | {"email": email})
    for number, is_same in ((2, None), (3, False)):
        victim, reporter = {"name": "Ms Umberwick", "phone": PHONE}, {"name": "Rosalind Umberwick", "email": email}
        tell(engine, number, victim, reporter, is_same=is_same)
        say_incident(engine, number, number)
    link_people(settings, engine)
    assert are_one(engine, mention_of(1), mention_of(2))
    assert not are_one(engine, mention_of(1), mention_of(3))


def test_a_single_word_adds_nothing_to_full_names(settings: Settings, engine: sa.Engine) -> None:
    """Two full names alone are not enough, and not any more because one of the two is also written short."""
    tell(engine, 1, {"name": "William Umberwick", "email": "acorn@example.org"})
    tell(engine, 2, {"name": "Mr Umberwick", "email": "acorn@example.org", "phone": PHONE})
    tell(engine, 3, {"name": "William Umberwick", "email": "river@example.org"})
    link_people(settings, engine)
    assert not are_one(engine, mention_of(1), mention_of(3))


def test_of_all_unsure_pairs_of_two_persons_one_is_asked_about(settings: Settings, engine: sa.Engine) -> None:
    jasper = {"name": "Jasper Umberwick", "phone": PHONE, "date_of_birth": BORN}
    for number, more in enumerate(({}, {"postcode": HOME}, {"email": "quiet.hill@example.org"})):
        tell(engine, number, jasper | more)
    tell(engine, 9, {"name": "Mr Umberwick", "phone": PHONE})
    link_people(settings, engine)
    assert are_one(engine, *map(mention_of, range(3)))
    assert sorted(state for (state,) in table(engine, "person_pairs", "state")).count("review") == 1
