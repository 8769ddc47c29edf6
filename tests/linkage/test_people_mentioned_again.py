"""A person who is mentioned again: each step gives what a run over everything gives."""

import random
import uuid
from contextlib import suppress

import pytest
import sqlalchemy as sa

from hub.linkage.overrides import OverrideRefused
from hub.linkage.people import link_people
from hub.linkage.people.review import set_override
from hub.settings import Settings
from linkage.mentions import FAMILY, ZOE, are_one, mention_of, persons, results, say_incident, take_back, tell

SHORT = {"name": "Zoe Alderborne", "phone": ZOE["phone"]}
"""Zoe with a typo: another identity record of one person, unless something speaks against it."""


def after(*mentions: str) -> list[int]:
    """Numbers of records whose mentions have larger ids than these."""
    roles = ("victim", "reporter")
    return [number for number in range(10, 999) if min(mention_of(number, role) for role in roles) > max(mentions)]


def test_a_repeated_mention_is_compared_with_whom_its_incident_brings(settings: Settings, engine: sa.Engine) -> None:
    liam, named = FAMILY[2], {"name": "Zoe Alderbourne"}
    for number, (who, incident) in enumerate(((ZOE, 1), (named, 2), (liam, 3))):
        tell(engine, number, who)
        say_incident(engine, number, incident)
    link_people(settings, engine)
    before = results(engine)
    assert not are_one(engine, mention_of(0), mention_of(1))
    again = after(mention_of(0))[0]
    tell(engine, again, ZOE)
    say_incident(engine, again, 2)
    link_people(settings, engine)
    assert are_one(engine, mention_of(0), mention_of(1))
    step_by_step = results(engine)
    link_people(settings, engine, full=True)
    assert results(engine) == step_by_step
    take_back(engine, again)
    link_people(settings, engine)
    assert results(engine) == before


def test_a_later_mention_leaves_a_persons_id_and_an_earlier_one_changes_it(
    settings: Settings, engine: sa.Engine
) -> None:
    for number in (0, 1):
        tell(engine, number, FAMILY[number], day=1)
        say_incident(engine, number, 1)
    assert link_people(settings, engine).counts["identities_joined"] == 2
    later, earlier = after(mention_of(0))[:2]
    tell(engine, later, ZOE, day=2)
    say_incident(engine, later, 1)
    counts = link_people(settings, engine).counts
    assert counts["mentions_written"] == 1
    assert are_one(engine, mention_of(0), mention_of(later))
    # A person's id is that of their earliest mention.
    tell(engine, earlier, ZOE, day=0)
    say_incident(engine, earlier, 1)
    assert link_people(settings, engine).counts["mentions_written"] == 4
    step_by_step = results(engine)
    link_people(settings, engine, full=True)
    assert results(engine) == step_by_step


def test_two_whom_a_later_record_says_are_two_people_part(settings: Settings, engine: sa.Engine) -> None:
    for number, victim in ((0, ZOE), (1, SHORT)):
        tell(engine, number, victim, day=1)
        say_incident(engine, number, 1)
    link_people(settings, engine)
    assert are_one(engine, mention_of(0), mention_of(1))
    both = after(mention_of(0), mention_of(1))[0]
    tell(engine, both, ZOE, SHORT, is_same=False, day=2)
    say_incident(engine, both, 1)
    link_people(settings, engine)
    assert not are_one(engine, mention_of(0), mention_of(1))
    step_by_step = results(engine)
    link_people(settings, engine, full=True)
    assert results(engine) == step_by_step


def test_a_person_whose_earliest_mention_is_withdrawn_gets_the_id_of_the_next(
    settings: Settings, engine: sa.Engine
) -> None:
    tell(engine, 0, ZOE, day=5)
    earliest = after(mention_of(0))[0]
    tell(engine, earliest, ZOE, day=1)
    link_people(settings, engine)
    known_as = persons(engine)[mention_of(0)]
    take_back(engine, earliest)
    link_people(settings, engine)
    assert persons(engine).keys() == {mention_of(0)}
    assert persons(engine)[mention_of(0)] != known_as


def test_an_override_about_later_mentions_can_be_taken_back(settings: Settings, engine: sa.Engine) -> None:
    robert = {"name": "Robert Umberwick", "phone": "07700 900456"}
    tell(engine, 0, ZOE, day=1)
    tell(engine, 1, robert, day=1)
    later, latest = after(mention_of(0), mention_of(1))[:2]
    tell(engine, later, ZOE, day=2)
    tell(engine, latest, robert, day=2)
    link_people(settings, engine)
    one, other = uuid.UUID(mention_of(later)), uuid.UUID(mention_of(latest))
    set_override(engine, (one, other), is_together=True, because="changed the name", decided_by="tester")
    link_people(settings, engine)
    assert are_one(engine, mention_of(0), mention_of(1), mention_of(later), mention_of(latest))
    with engine.begin() as connection:
        connection.execute(sa.text("delete from linkage.person_overrides"))
    link_people(settings, engine)
    assert are_one(engine, mention_of(0), mention_of(later))
    assert are_one(engine, mention_of(1), mention_of(latest))
    assert not are_one(engine, mention_of(0), mention_of(1))


PEOPLE = tuple(
    {"name": name, "phone": f"07700 9004{place}{place}"}
    for place, names in enumerate(
        (
            ("Ada Birchwold", "Ada Birchwald"),
            ("Ben Calderby", "Benjamin Calderby"),
            ("Cleo Dunmarsh", "Cleo Dunmarch"),
            ("Dev Elmsgate", "Dev Elmgate"),
        )
    )
    for name in names
)
"""Four persons, each written in two ways: most of them stay as they are while something happens to another."""


def change_something(engine: sa.Engine, draw: random.Random, told: set[int], known: list[int]) -> None:
    """Tell of somebody, or of two in one record, early or late; take a record back, and all decisions; give one another
    incident; or decide about two. ``told``: the records that stand; ``known``: those of the last run."""
    chance = draw.random()
    if told and chance < 0.15:
        gone = draw.choice(sorted(told))
        told.remove(gone)
        take_back(engine, gone)
        with engine.begin() as connection:
            connection.execute(sa.text("delete from linkage.person_overrides"))
    elif told and chance < 0.3:
        say_incident(engine, draw.choice(sorted(told)), draw.randint(1, 4))
    elif len(known) > 1 and chance < 0.4:
        one, other = (uuid.UUID(mention_of(number)) for number in draw.sample(known, 2))
        # What contradicts an earlier decision is refused.
        with suppress(OverrideRefused):
            set_override(engine, (one, other), is_together=draw.random() < 0.5, because="x", decided_by="tester")
    else:
        number, place = draw.randrange(100, 1_000_000), draw.randrange(len(PEOPLE))
        also = draw.choice((None, None, PEOPLE[place ^ 1], draw.choice(PEOPLE)))
        tell(engine, number, PEOPLE[place], also, is_same=draw.choice((None, False, True)), day=draw.randrange(30))
        say_incident(engine, number, draw.randint(1, 4))
        told.add(number)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))])
def test_each_step_gives_what_a_run_over_everything_gives(settings: Settings, engine: sa.Engine, seed: int) -> None:
    draw = random.Random(seed)
    told: set[int] = set()
    for step in range(6):
        known = sorted(told)
        for _ in range(12 if step == 0 else draw.randint(1, 3)):
            change_something(engine, draw, told, known)
        link_people(settings, engine)
        step_by_step = results(engine)
        link_people(settings, engine, full=True)
        assert results(engine) == step_by_step
