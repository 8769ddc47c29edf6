"""Who reports an incident when nothing in particular is the matter, and how."""

from collections.abc import Iterator
from dataclasses import replace

from proofs.truth_world.events import Event, World
from proofs.truth_world.how import How
from proofs.truth_world.reports import Report
from proofs.truth_world.rows import FEEDS

TRUE_VISION, COMMUNITY, VOLUNTEER, POLICE = FEEDS


def send(world: World, feed: str, event: Event, how: How) -> Report:
    """A row of that feed. A body's own workers tell in their voice."""
    if feed == COMMUNITY and how.reporter is None:
        how = replace(how, voice="worker")
    return FEEDS[feed](world, event, how)


def usual(world: World, event: Event) -> How:
    """As people report who are under no particular circumstances."""
    rng = world.rng
    victim = event.victims[0] if event.victims and rng.random() < 0.85 else None
    is_victim = victim is not None and rng.random() < 0.5
    return How(
        reporter=victim if is_victim else world.people.make() if rng.random() < 0.75 else None,
        victim=victim,
        voice="victim" if is_victim else "witness",
        address=rng.choices(("plain", "", "profile", "thread"), (76, 18, 4, 2))[0],
        text=rng.choices(("told", "brief", "stock"), (87, 9, 4))[0],
        much=rng.choice((1.2, 1.0, 0.9, 0.6)),
        days_off=rng.choices((0, 1, 2, None), (80, 8, 2, 10))[0],
        tells_platform=rng.random() < 0.9,
        place="told" if rng.random() < 0.8 else "untold",
    )


def some_feed(world: World, event: Event, *, volunteers: bool = True) -> str:
    """One of those that the public use; volunteers look at what is online."""
    share = 20 if volunteers and event.scene is None else 0
    return world.rng.choices((TRUE_VISION, COMMUNITY, VOLUNTEER), (50, 30, share))[0]


def send_usual(world: World, event: Event, count: int = 1) -> Iterator[Report]:
    """So many reports of the public."""
    for _ in range(count):
        yield send(world, some_feed(world, event), event, usual(world, event))


def of_police(world: World, event: Event, how: How | None = None) -> Report:
    """The record of the force where it happened or where the victim lives."""
    given = how or How()
    victim = event.victims[0] if event.victims else None
    return send(world, POLICE, event, replace(given, victim=given.victim or victim))
