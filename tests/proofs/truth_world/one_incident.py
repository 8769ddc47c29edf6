"""Situations in which one incident is reported several times and its reports hardly look alike."""

from collections.abc import Iterator
from dataclasses import replace

from proofs.truth_world.disguises import DISGUISES
from proofs.truth_world.events import World, make_event
from proofs.truth_world.how import How
from proofs.truth_world.reports import Report
from proofs.truth_world.sending import COMMUNITY, POLICE, TRUE_VISION, VOLUNTEER, of_police, send, send_usual, usual
from proofs.truth_world.wrappers import WRAPPERS

ON_PLATFORMS = {
    "mirror": ("x", "reddit", "youtube", "instagram", "tiktok", "telegram"),
    "opaque identifier": ("facebook", "reddit", "bluesky"),
    "federated instance": ("mastodon",),
}


def reported_once(world: World) -> Iterator[Report]:
    """Most incidents are."""
    rng = world.rng
    is_online, victims = rng.random() < 0.85, [world.victim()] if rng.random() < 0.6 else []
    event = make_event(world, victims=victims, is_online=is_online, has_post=is_online and rng.random() < 0.6)
    yield from send_usual(world, event)


def recorded_by_police_alone(world: World) -> Iterator[Report]:
    """The force was told, the hub was not."""
    event = make_event(world, victims=[world.victim()], is_online=world.rng.random() < 0.6)
    yield of_police(world, event, How(days_off=world.rng.choices((0, None), (9, 1))[0]))


def seen_by_several(world: World) -> Iterator[Report]:
    """A victim, friends, a body, sometimes the police."""
    rng = world.rng
    event = make_event(world, victims=[world.victim()], has_post=rng.random() < 0.5, is_online=rng.random() < 0.8)
    if event.scene:
        event = replace(event, post=None)
    yield from send_usual(world, event, rng.choice((2, 2, 2, 3, 4)))
    if rng.random() < 0.3:
        yield of_police(world, event)


def goes_round(world: World) -> Iterator[Report]:
    """A post that attacks a whole group, seen by many."""
    event = make_event(world, has_post=True)
    yield from send_usual(world, event, min(25, int(world.rng.paretovariate(1.1)) + 2))


def wrapped(world: World) -> Iterator[Report]:
    """A post that some reach by an archive, a shim, a redirect, a mirror or another identifier."""
    rng = world.rng
    kind = rng.choice(sorted(WRAPPERS))
    platforms = ON_PLATFORMS.get(kind)
    event = make_event(world, has_post=True, platform=rng.choice(platforms) if platforms else None)
    for address in ("plain", *[kind] * rng.choice((1, 1, 2))):
        how = replace(usual(world, event), address=address, much=rng.choice((0.4, 0.8)))
        yield send(world, rng.choice((TRUE_VISION, COMMUNITY, VOLUNTEER)), event, how)


def on_another_day(world: World) -> Iterator[Report]:
    """Told fully, without an address, by people who give other days or none, or do not say where it was."""
    rng = world.rng
    victims = [world.victim()] if rng.random() < 0.4 else []
    event = make_event(world, victims=victims)
    odd = rng.choice(({"days_off": 1}, {"days_off": None}, {"tells_platform": False}))
    for number in range(2):
        how = replace(usual(world, event), address="", text="told", much=1.2, days_off=0, tells_platform=True)
        if number:
            how = replace(how, days_off=odd.get("days_off", 0), tells_platform=bool(odd.get("tells_platform", True)))
        yield send(world, rng.choice((TRUE_VISION, COMMUNITY)), event, how)


def police_beside_report(world: World) -> Iterator[Report]:
    """The victim told both; the force's record says who, when and what kind, and nothing else."""
    rng = world.rng
    event = make_event(world, victims=[world.victim()], is_online=rng.random() < 0.75)
    yield send(
        world, rng.choice((TRUE_VISION, COMMUNITY)), event, replace(usual(world, event), victim=event.victims[0])
    )
    how = How(days_off=rng.choices((0, 1, None), (85, 8, 7))[0], address="", days_after=rng.choice((0, 1, 4, 20, 40)))
    yield of_police(world, event, replace(how, labels=frozenset(("police record beside a report",))))


def names_the_victim(world: World) -> Iterator[Report]:
    """A report with the victim in its columns, and a paraphrase that names them in its text alone."""
    rng = world.rng
    event = make_event(world, victims=[world.victim()], is_online=rng.random() < 0.8)
    first = usual(world, event)
    yield send(world, rng.choice((TRUE_VISION, COMMUNITY)), event, replace(first, victim=event.victims[0]))
    how = replace(
        usual(world, event), reporter=world.people.make(), victim=None, voice="witness", text="told", address=""
    )
    labels = frozenset(("victim named in the text alone",))
    yield send(
        world, rng.choice((TRUE_VISION, COMMUNITY)), event, replace(how, much=0.6, names_victim=True, labels=labels)
    )


def quotes_the_hub(world: World) -> Iterator[Report]:
    """The force quotes the hub's reference, and often has the birth date or the name a little wrong."""
    rng = world.rng
    event = make_event(world, victims=[world.victim()], is_online=rng.random() < 0.8)
    first = send(
        world, rng.choice((TRUE_VISION, COMMUNITY)), event, replace(usual(world, event), victim=event.victims[0])
    )
    yield first
    slips = rng.random() < 0.5
    labels = {"hub reference quoted"} | ({"hub reference beside a wrong birth date"} if slips else set())
    how = How(hub_reference=first.reference, slips_in_birthday=slips, address="", labels=frozenset(labels))
    yield of_police(world, event, how)


def gives_a_crime_number(world: World) -> Iterator[Report]:
    """Somebody gives the number that the police gave them, in their own spelling."""
    rng = world.rng
    event = make_event(world, victims=[world.victim()], is_online=rng.random() < 0.7)
    number = world.crime_reference(event.force)
    written = rng.choice((number, number, number.lower(), f"Crime ref {number}", number.lstrip("0")))
    yield send(
        world, rng.choice((TRUE_VISION, COMMUNITY)), event, replace(usual(world, event), crime_reference=written)
    )
    yield of_police(world, event, How(crime_reference=number, labels=frozenset(("crime number given",))))


def disguised(world: World) -> Iterator[Report]:
    """The words of a post, copied by one and disguised, retyped or read from a picture by another."""
    rng = world.rng
    event = make_event(world, has_post=rng.random() < 0.5, victims=[world.victim()] if rng.random() < 0.3 else [])
    for disguise in ("", rng.choice(sorted(DISGUISES))):
        how = replace(usual(world, event), text="transcript", address="", disguise=disguise)
        yield send(world, rng.choice((TRUE_VISION, COMMUNITY, VOLUNTEER)), event, how)


def reported_again(world: World) -> Iterator[Report]:
    """The same reporter reports again, because nobody answered."""
    rng = world.rng
    event = make_event(world, victims=[world.victim()] if rng.random() < 0.5 else [], has_post=rng.random() < 0.4)
    how = replace(usual(world, event), reporter=world.people.make(), voice="witness", text="told")
    first = send(world, TRUE_VISION, event, how)
    yield first
    quoted = first.reference if rng.random() < 0.4 else ""
    labels = frozenset(("same reporter again",))
    again = replace(how, much=0.5, hub_reference=quoted, labels=labels, days_after=rng.randint(3, 12), address="")
    yield send(world, rng.choice((TRUE_VISION, COMMUNITY)), event, again)


def says_nothing(world: World) -> Iterator[Report]:
    """Several people who tell next to nothing: these are pairs that nobody could link."""
    rng = world.rng
    event = make_event(world, victims=[world.victim()] if rng.random() < 0.3 else [])
    for _ in range(rng.choice((2, 2, 3))):
        how = replace(usual(world, event), victim=None, reporter=None, voice="witness", text="brief", address="")
        yield send(world, rng.choice((TRUE_VISION, COMMUNITY, VOLUNTEER)), event, how)


def attacks_two(world: World) -> Iterator[Report]:
    """A couple or family is attacked at once; each report names another of them."""
    rng = world.rng
    one = world.victim()
    other = world.people.of_the_household(one)
    event = make_event(world, victims=[one, other], is_online=rng.random() < 0.4)
    for victim in (one, other):
        how = replace(usual(world, event), victim=victim, reporter=victim, voice="victim", text="told", much=1.2)
        yield send(world, TRUE_VISION, event, replace(how, labels=frozenset(("two victims of one incident",))))


def recorded_weeks_later(world: World) -> Iterator[Report]:
    """A body passes a case on weeks afterwards, to the police too."""
    rng = world.rng
    event = make_event(world, victims=[world.victim()])
    labels = frozenset(("told weeks later",))
    yield from send_usual(world, event)
    how = replace(usual(world, event), victim=event.victims[0], days_after=rng.randint(15, 45), labels=labels)
    yield send(world, COMMUNITY, event, replace(how, days_off=rng.choice((None, None, 3))))
    if rng.random() < 0.5:
        yield send(world, POLICE, event, How(victim=event.victims[0], days_after=rng.randint(15, 45), labels=labels))


SITUATIONS = {
    reported_once: 30,
    recorded_by_police_alone: 7,
    seen_by_several: 9,
    goes_round: 3,
    wrapped: 5,
    on_another_day: 4,
    police_beside_report: 6,
    names_the_victim: 2.5,
    quotes_the_hub: 3,
    gives_a_crime_number: 2.5,
    disguised: 3.5,
    reported_again: 2.5,
    says_nothing: 3,
    attacks_two: 1.2,
    recorded_weeks_later: 1.8,
}
"""How often each happens, as a weight."""
