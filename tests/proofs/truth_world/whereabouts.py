"""Situations of places: borders, names of many forms, and reporters who name their own borough."""

from collections.abc import Iterator
from dataclasses import replace

from proofs.truth_world.events import World, make_event
from proofs.truth_world.homes import doubtful_places, make_home, make_home_on_a_border
from proofs.truth_world.reports import Report
from proofs.truth_world.sending import COMMUNITY, TRUE_VISION, VOLUNTEER, send, usual


def on_a_border(world: World) -> Iterator[Report]:
    """The postcode district lies in two forces' areas, and nothing else is known."""
    rng = world.rng
    victim = replace(world.people.make(), home=make_home_on_a_border(rng))
    event = make_event(world, victims=[victim], is_online=rng.random() < 0.5)
    event = replace(event, scene=victim.home if event.scene else None)
    for _ in range(rng.choice((1, 1, 2))):
        how = replace(usual(world, event), victim=victim, place="told" if event.scene else "untold")
        yield send(world, rng.choice((TRUE_VISION, COMMUNITY)), event, how)


def in_the_reporters_borough(world: World) -> Iterator[Report]:
    """A post that attacks a group; who reports it says where they themselves live."""
    rng = world.rng
    event = make_event(world, has_post=True)
    for _ in range(rng.choice((1, 2))):
        how = replace(usual(world, event), own_borough=make_home(rng))
        yield send(world, rng.choice((TRUE_VISION, COMMUNITY, VOLUNTEER)), event, how)


def in_a_named_place(world: World) -> Iterator[Report]:
    """Somebody was attacked somewhere, and the place is named in their words."""
    rng = world.rng
    home = make_home(rng, rng.choice(doubtful_places())) if rng.random() < 0.5 else make_home(rng)
    victim = replace(world.people.make(), home=home)
    event = make_event(world, victims=[victim], scene=home if rng.random() < 0.6 else None)
    yield send(world, rng.choice((TRUE_VISION, COMMUNITY)), event, replace(usual(world, event), place="named"))


SITUATIONS = {on_a_border: 1.6, in_the_reporters_borough: 1.5, in_a_named_place: 4}
"""How often each happens, as a weight."""
