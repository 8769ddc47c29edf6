"""Who is one person, and who is not: tiny families of made-up mentions."""

import pytest
import sqlalchemy as sa

from hub.linkage.people import link_people
from hub.linkage.people.comparable import make_comparable
from hub.settings import Settings
from linkage.mentions import are_one, mention_of, name_report, persons, say_incident, tell

ZOE = {"name": "Zoë Alderbourne", "date_of_birth": "1990-02-07", "postcode": "SW1A 1AI", "phone": "07700 900123"}
ROBERT = {"name": "Robert Umberwick", "email": "robert.umberwick77@example.org", "date_of_birth": "1971-11-30"}


@pytest.mark.parametrize(
    "other",
    [
        {"name": "ALDERBOURNE, ZOE", "date_of_birth": "1990-02-07"},
        {"name": "Ms Zoe Alderborne", "date_of_birth": "1990-07-02", "postcode": "sw1a1ai"},
        pytest.param(
            {"name": "Z. Alderbourne", "phone": "+44 7700 900123", "postcode": "SW1A 1AI"}, marks=pytest.mark.long
        ),
        pytest.param(
            {"name": "Alderbourne Zoe", "phone": "0044 (0)7700 900123", "date_of_birth": "1990-02-07"},
            marks=pytest.mark.long,
        ),
    ],
    ids=[
        "capitals, surname first, no accents",
        "typo and swapped date",
        "initial",
        "order changed, number from abroad",
    ],
)
def test_one_person_written_in_two_ways_is_one_person(
    settings: Settings, engine: sa.Engine, other: dict[str, str]
) -> None:
    tell(engine, 1, ZOE)
    tell(engine, 2, other)
    link_people(settings, engine)
    assert are_one(engine, mention_of(1), mention_of(2))


def test_a_nickname_with_the_same_address_is_the_same_person(settings: Settings, engine: sa.Engine) -> None:
    tell(engine, 1, ROBERT)
    tell(engine, 2, {"name": "Bob Umberwick", "email": "Robert.Umberwick77@Example.org"})
    link_people(settings, engine)
    assert are_one(engine, mention_of(1), mention_of(2))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ZOE, ZOE | {"name": "Liam Alderbourne", "date_of_birth": "1988-05-21"}),
        pytest.param(
            ZOE,
            {"name": "Liam Alderbourne", "phone": ZOE["phone"], "postcode": ZOE["postcode"]},
            marks=pytest.mark.long,
        ),
        (ROBERT, {"name": "Robert Umberwick", "email": "robert.umberwick78@example.org"}),
        pytest.param({"name": "Zoë Alderbourne"}, {"name": "Zoë Alderbourne"}, marks=pytest.mark.long),
        pytest.param(
            ROBERT | {"postcode": "N1 1AI"},
            {"name": "Robert Umberwick", "date_of_birth": "1999-04-04", "postcode": "N1 1AI"},
            marks=pytest.mark.long,
        ),
    ],
    ids=[
        "brother and sister",
        "household with one phone",
        "another's number in the address",
        "a name alone",
        "father and son",
    ],
)
def test_two_people_who_are_much_alike_stay_two(
    settings: Settings, engine: sa.Engine, one: dict[str, str], other: dict[str, str]
) -> None:
    tell(engine, 1, one)
    tell(engine, 2, other)
    link_people(settings, engine)
    assert not are_one(engine, mention_of(1), mention_of(2))


def test_a_third_who_is_like_both_does_not_chain_a_brother_to_a_sister(settings: Settings, engine: sa.Engine) -> None:
    shared = {"phone": ZOE["phone"], "postcode": ZOE["postcode"]}
    tell(engine, 1, {"name": "Zoë Alderbourne", **shared})
    tell(engine, 2, {"name": "Liam Alderbourne", **shared})
    tell(engine, 3, {"name": "Alderbourne", **shared})
    link_people(settings, engine)
    assert not are_one(engine, mention_of(1), mention_of(2))


def test_reporter_and_victim_of_one_report_are_two_people_unless_the_report_says_they_are_one(
    settings: Settings, engine: sa.Engine
) -> None:
    tell(engine, 1, ZOE, {"name": "Zoë Alderbourne", "phone": ZOE["phone"]}, is_same=False)
    tell(engine, 2, {"name": "Umberwick"}, {"name": "Robert Umberwick", "email": ROBERT["email"]}, is_same=True)
    link_people(settings, engine)
    assert not are_one(engine, mention_of(1), mention_of(1, "reporter"))
    assert are_one(engine, mention_of(2), mention_of(2, "reporter"))


def test_what_the_reporter_gives_helps_to_know_the_victim_who_reports(settings: Settings, engine: sa.Engine) -> None:
    tell(engine, 1, {"name": "Robert Umberwick"}, {"email": ROBERT["email"]}, is_same=True)
    tell(engine, 2, {"name": "Robert Umberwick", "email": ROBERT["email"]})
    link_people(settings, engine)
    assert are_one(engine, mention_of(1), mention_of(2))


def test_victims_of_one_incident_with_one_name_are_one_person_and_with_two_names_two(
    settings: Settings, engine: sa.Engine
) -> None:
    for number, name in ((1, "Zoë Alderbourne"), (2, "Zoe Alderbourne"), (3, "Robert Umberwick")):
        tell(engine, number, {"name": name})
        say_incident(engine, number, 7)
    link_people(settings, engine)
    assert are_one(engine, mention_of(1), mention_of(2))
    assert not are_one(engine, mention_of(1), mention_of(3))


def test_who_is_not_named_is_the_one_whom_other_reports_of_the_incident_name(
    settings: Settings, engine: sa.Engine
) -> None:
    for number, victim in (
        (1, {"name": "Zoë Alderbourne"}),
        (2, {"postcode": "SW1A 1AI"}),
        (3, {"postcode": "SW1A 1AI"}),
    ):
        tell(engine, number, victim)
        say_incident(engine, number, 7 if number < 3 else 8)
    link_people(settings, engine)
    assert are_one(engine, mention_of(1), mention_of(2))
    assert not are_one(engine, mention_of(1), mention_of(3))  # a postcode alone is that of a whole street


def test_who_is_not_named_stays_alone_where_an_incident_has_two_victims(settings: Settings, engine: sa.Engine) -> None:
    for number, victim in (
        (1, {"name": "Zoë Alderbourne"}),
        (2, {"name": "Robert Umberwick"}),
        (3, {"postcode": "N1"}),
    ):
        tell(engine, number, victim)
        say_incident(engine, number, 7)
    link_people(settings, engine)
    assert len(set(persons(engine).values())) == 3


def test_a_reporter_who_may_be_the_victim_is_not_taken_for_one_who_is_not_named(
    settings: Settings, engine: sa.Engine
) -> None:
    tell(engine, 1, {"postcode": "SW1A 1AI"})
    tell(engine, 2, None, {"name": "Robert Umberwick"})
    for number in (1, 2):
        say_incident(engine, number, 7)
    link_people(settings, engine)
    assert not are_one(engine, mention_of(1), mention_of(2, "reporter"))


def test_a_client_of_a_service_is_one_person_however_written(settings: Settings, engine: sa.Engine) -> None:
    tell(engine, 1, ZOE, client=5)
    tell(engine, 2, {"name": "Z. Umberwick"}, client=5)
    tell(engine, 3, ZOE | {"name": "Zoë Umberwick", "phone": "07700 900456"}, client=6)
    tell(engine, 4, {"name": "Zoë Alderbourne"}, client=7)
    link_people(settings, engine)
    assert are_one(engine, mention_of(1), mention_of(2), mention_of(3))
    assert not are_one(engine, mention_of(1), mention_of(4))


def test_an_event_is_about_the_incident_of_the_report_that_it_names_or_else_of_the_crime(
    settings: Settings, engine: sa.Engine
) -> None:
    tell(engine, 1, {"postcode": "SW1A 1AI"})
    tell(engine, 2, {"date_of_birth": "1990-02-07"})
    say_incident(engine, 1, 7)
    say_incident(engine, 2, 8)
    tell(engine, 11, {"name": "Zoë Alderbourne"}, client=5)
    name_report(engine, 11, 1)
    name_report(engine, 11, 2, grade=2)
    tell(engine, 12, {"name": "Robert Umberwick"}, client=6)
    for report in (1, 2):  # of two incidents: the reference leads nowhere
        name_report(engine, 12, report)
    name_report(engine, 12, 2, grade=2)
    link_people(settings, engine)
    assert are_one(engine, mention_of(11), mention_of(1))
    assert are_one(engine, mention_of(12), mention_of(2))


def test_a_mention_without_any_value_is_nobody(settings: Settings, engine: sa.Engine) -> None:
    tell(engine, 1, {})
    tell(engine, 2, ZOE)
    link_people(settings, engine)
    assert set(persons(engine)) == {mention_of(2)}


def test_what_is_filled_in_for_nothing_is_not_compared() -> None:
    import pyarrow as pa  # noqa: PLC0415

    mentions = pa.table(
        {
            "appearance_id": ["a"],
            "role": ["victim"],
            "name": ["Mr"],
            "email": ["none"],
            "phone": ["0000000000"],
            "date_of_birth": ["1900-01-01"],
            "postcode": ["unknown"],
        }
    )
    (identity,) = make_comparable(mentions).to_pylist()
    assert {name for name, value in identity.items() if value is not None} == {"appearance_id"}
