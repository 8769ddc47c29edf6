"""Situations of people: attacked again and again, alike, or not named at all."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from proofs.truth_world.events import World, make_event
from proofs.truth_world.how import How
from proofs.truth_world.people import Person
from proofs.truth_world.reports import Report
from proofs.truth_world.sending import COMMUNITY, TRUE_VISION, of_police, send, some_feed, usual

HOUSES = ("mosque", "synagogue", "gurdwara", "community centre", "pride committee", "disability forum", "Polish club")


def _of(world: World, person: Person, *, events: int, traps: frozenset[str] = frozenset()) -> Iterator[Report]:
    """Incidents of one person, each told once or more, mostly with who it is."""
    rng = world.rng
    for _ in range(events):
        event = make_event(world, victims=[person], is_online=rng.random() < 0.8)
        for _ in range(rng.choice((1, 2))):
            how = replace(usual(world, event), victim=person, traps=traps)
            yield send(world, some_feed(world, event, volunteers=False), event, how)
        if rng.random() < 0.35:
            yield of_police(world, event, How(traps=traps))


def attacked_often(world: World) -> Iterator[Report]:
    """Somebody whose whole street takes part; they and others report it for months."""
    yield from _of(world, world.victim(), events=world.rng.randint(5, 9))


def under_two_names(world: World) -> Iterator[Report]:
    """Their papers still have another given name than they."""
    yield from _of(world, world.people.of_the_other_name(world.victim()), events=3)


def parent_and_child(world: World) -> Iterator[Report]:
    """One name, one home, one telephone; another birthday."""
    yield from _alike(world, "parent and child of one name", world.people.child_of_one_name)


def twins(world: World) -> Iterator[Report]:
    """One family name, one birthday, one home."""
    yield from _alike(world, "twins", world.people.twin)


def household(world: World) -> Iterator[Report]:
    """Brothers, sisters, spouses: one family name, one home, one telephone."""
    yield from _alike(world, "household", world.people.of_the_household)


def namesakes(world: World) -> Iterator[Report]:
    """One name, two homes."""
    yield from _alike(world, "namesakes", world.people.namesake)


def _alike(world: World, name: str, make_other: Callable[[Person], Person]) -> Iterator[Report]:
    one = world.victim()
    traps = frozenset((f"{name}#{one.number}",))
    for person in (one, make_other(one)):
        yield from _of(world, person, events=world.rng.choice((1, 2)), traps=traps)


def nobody_named(world: World) -> Iterator[Report]:
    """The victim's name is a word such as "unknown"."""
    rng = world.rng
    for _ in range(rng.randint(2, 4)):
        event = make_event(world, is_online=rng.random() < 0.8)
        how = replace(usual(world, event), victim=None, labels=frozenset(("placeholder",)))
        yield send(world, rng.choice((TRUE_VISION, COMMUNITY)), event, how)


def clients_of_one_office(world: World) -> Iterator[Report]:
    """One case worker, several clients, and the office's contacts beside all of them."""
    rng, worker = world.rng, world.rng.choice(world.workers)
    for _ in range(rng.randint(2, 5)):
        event = make_event(world, victims=[world.victim()])
        how = replace(usual(world, event), victim=event.victims[0], reporter=worker, voice="worker")
        yield send(world, COMMUNITY, event, how)


def a_house_is_attacked(world: World) -> Iterator[Report]:
    """The victim is a mosque, a school or a club."""
    person = world.people.make()
    house = world.people.organisation(f"{person.home.place.name} {world.rng.choice(HOUSES)}")
    yield from _of(world, house, events=world.rng.randint(1, 3))


SITUATIONS = {
    attacked_often: 0.6,
    under_two_names: 0.5,
    parent_and_child: 0.8,
    twins: 0.6,
    household: 0.9,
    namesakes: 0.8,
    nobody_named: 1.2,
    clients_of_one_office: 1.2,
    a_house_is_attacked: 0.6,
}
"""How often each happens, as a weight."""
