"""Situations in which several incidents look like one."""

from collections.abc import Iterator
from dataclasses import replace

from proofs.truth_world.events import Event, World, make_event
from proofs.truth_world.facts import places, words
from proofs.truth_world.homes import make_home
from proofs.truth_world.how import How
from proofs.truth_world.reports import Report
from proofs.truth_world.sending import COMMUNITY, TRUE_VISION, VOLUNTEER, of_police, send, some_feed, usual
from proofs.truth_world.stories_told import Story, abuse, account_name


def _trap(world: World, name: str) -> frozenset[str]:
    """A mark that the reports of the situation share."""
    return frozenset((f"{name}#{world.events}",))


def in_stock_words(world: World) -> Iterator[Report]:
    """Strangers use one phrase on one day."""
    rng, day, traps = world.rng, world.day(), _trap(world, "stock phrase")
    platform = rng.choice(("facebook", "x", "tiktok"))
    for _ in range(rng.randint(3, 6)):
        event = make_event(world, platform=platform, happened=day, has_post=rng.random() < 0.4)
        how = replace(usual(world, event), text="stock", traps=traps)
        yield send(world, some_feed(world, event), event, how)


def copied_to_many(world: World) -> Iterator[Report]:
    """One text is sent to many people: each of them is attacked, and each is an incident."""
    rng, day, traps = world.rng, world.day(), _trap(world, "copied abuse")
    said = rng.choice(words("chain_mails")) if rng.random() < 0.5 else abuse(rng)
    platform = rng.choice(("whatsapp", "email", "instagram", "x"))
    for _ in range(rng.randint(2, 6)):
        event = make_event(world, victims=[world.victim()], platform=platform, happened=day)
        event = replace(event, story=_with(event.story, abuse=said))
        how = replace(usual(world, event), victim=event.victims[0], text="transcript", traps=traps)
        yield send(world, rng.choice((TRUE_VISION, COMMUNITY)), event, how)
        if rng.random() < 0.3:
            yield of_police(world, event, How(traps=traps))


def posted_again(world: World) -> Iterator[Report]:
    """Other accounts post the same words at other addresses."""
    rng, day, traps = world.rng, world.day(), _trap(world, "repost")
    said, platform = abuse(rng), rng.choice(("facebook", "x", "tiktok", "telegram"))
    for _ in range(rng.randint(2, 4)):
        event = make_event(world, has_post=True, platform=platform, happened=day)
        event = replace(event, story=_with(event.story, abuse=said))
        for _ in range(rng.choice((1, 2))):
            how = replace(usual(world, event), address="plain", text="transcript", days_off=0, traps=traps)
            yield send(world, rng.choice((TRUE_VISION, VOLUNTEER)), event, how)


def under_one_crime_number(world: World) -> Iterator[Report]:
    """Two forces have given the same number; reports give it and name no force."""
    rng, traps = world.rng, _trap(world, "one crime number of two forces")
    day, number = world.day(), f"{rng.randrange(1000, 999_999)}/26"
    forces = rng.sample(sorted({place.force for place in places()}), 2)
    for force in forces:
        home = make_home(rng)
        while home.force != force:
            home = make_home(rng)
        person = replace(world.people.make(), home=home)
        event = make_event(world, victims=[person], happened=day)
        how = replace(usual(world, event), victim=person, crime_reference=number, place="untold", traps=traps)
        yield send(world, rng.choice((TRUE_VISION, COMMUNITY)), event, how)
        yield of_police(world, event, How(crime_reference=number, traps=traps))


def by_a_wrong_link(world: World) -> Iterator[Report]:
    """Of two incidents with several reports each, one report bears the address of the other's post."""
    rng, day, traps = world.rng, world.day(), _trap(world, "chain by a wrong link")
    platform = rng.choice(("facebook", "x", "instagram"))
    pair = [make_event(world, has_post=True, platform=platform, happened=day) for _ in range(2)]
    for event in pair:
        for _ in range(rng.choice((2, 3))):
            how = replace(usual(world, event), address="plain", text="told", much=1.2, traps=traps)
            yield send(world, some_feed(world, event), event, how)
    told, linked = pair
    mistaken = replace(told, post=linked.post)
    labels = frozenset(("address of another post",))
    how = replace(usual(world, mistaken), address="plain", text="told", much=1.4, traps=traps, labels=labels)
    yield send(world, some_feed(world, mistaken), mistaken, how)


def by_one_account(world: World) -> Iterator[Report]:
    """One account attacks several people on one day."""
    rng, day, account = world.rng, world.day(), account_name(world.rng)
    traps = _trap(world, "one account, several victims")
    platform = rng.choice(("x", "instagram", "facebook"))
    for _ in range(rng.randint(2, 5)):
        victims = [world.victim()]
        event = make_event(
            world, victims=victims, has_post=rng.random() < 0.6, happened=day, account=account, platform=platform
        )
        for _ in range(rng.choice((1, 1, 2))):
            yield send(world, some_feed(world, event), event, replace(usual(world, event), traps=traps))


def in_one_thread(world: World) -> Iterator[Report]:
    """Comments beneath one post, by several people."""
    rng, traps = world.rng, _trap(world, "one thread")
    first = make_event(world, has_post=True, platform=rng.choice(("facebook", "reddit", "news_comments", "forum")))
    for number in range(rng.randint(2, 5)):
        event = first if not number else make_event(world, has_post=True, thread=first.post, happened=first.happened)
        event = replace(event, story=_with(event.story, scene=first.story.facts["scene"]))
        for _ in range(rng.choice((1, 1, 2))):
            how = replace(usual(world, event), address=rng.choice(("plain", "plain", "thread")), traps=traps)
            yield send(world, some_feed(world, event), event, how)


def of_one_victim(world: World) -> Iterator[Report]:
    """The same victim is attacked again on the days after, by the same account."""
    rng, account, person = world.rng, account_name(world.rng), world.victim()
    traps, day = _trap(world, "same victim again"), world.day()
    for _ in range(rng.randint(2, 4)):
        event = make_event(
            world, victims=[person], happened=day, account=account, platform=rng.choice(("x", "instagram"))
        )
        how = replace(usual(world, event), victim=person, days_off=0, traps=traps)
        yield send(world, rng.choice((TRUE_VISION, COMMUNITY)), event, how)
        day = min(
            day.fromordinal(day.toordinal() + rng.randint(1, 6)), world.today.fromordinal(world.today.toordinal() - 4)
        )


def at_one_occasion(world: World) -> Iterator[Report]:
    """A match or a vote sets off many posts about one thing on one day."""
    rng, traps = world.rng, _trap(world, "one occasion")
    first = make_event(world, has_post=True)
    yield _at_occasion(world, first, traps)
    for _ in range(rng.randint(2, 6)):
        event = make_event(world, has_post=True, happened=first.happened, platform=first.platform)
        yield _at_occasion(world, replace(event, story=_with(event.story, scene=first.story.facts["scene"])), traps)


def _at_occasion(world: World, event: Event, traps: frozenset[str]) -> Report:
    return send(world, some_feed(world, event), event, replace(usual(world, event), traps=traps))


def _with(story: Story, **facts: str) -> Story:
    return replace(story, facts={**story.facts, **facts})


SITUATIONS = {
    in_stock_words: 2.0,
    copied_to_many: 2.0,
    posted_again: 1.5,
    under_one_crime_number: 0.8,
    by_a_wrong_link: 1.0,
    by_one_account: 1.8,
    in_one_thread: 1.5,
    of_one_victim: 1.5,
    at_one_occasion: 1.0,
}
"""How often each happens, as a weight."""
