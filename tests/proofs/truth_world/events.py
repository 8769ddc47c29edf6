"""Incidents: what happened, when, to whom and where."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

from proofs.truth_world.homes import Home, make_home
from proofs.truth_world.people import People, Person
from proofs.truth_world.posts import PRIVATE, WITH_POSTS, Post, make_post
from proofs.truth_world.stories_told import Story, account_name, make_story

STRANDS = {"race": 64, "religion": 14, "sexual_orientation": 13, "disability": 6, "transgender": 5}
RELIGIOUS = frozenset(("jewish", "south_asian_muslim", "arab", "east_african", "turkish_kurdish", "iranian_afghan"))
DAYS = 60
FORCE_FORMS = ("{n:07d}/26", "20/{n:06d}/26", "CRI-{n:06d}-26", "26{n:08d}", "{n:06d}/26")


@dataclass(frozen=True)
class Event:
    """One incident. ``scene`` is where it happened, where that was not online."""

    number: int
    happened: date
    strands: tuple[str, ...]
    platform: str | None
    post: Post | None
    scene: Home | None
    victims: tuple[Person, ...]
    story: Story

    @property
    def key(self) -> str:
        return f"I{self.number:06d}"

    @property
    def home(self) -> Home | None:
        """Where its place is sought: the scene, or else the home of who was attacked."""
        return self.scene or (self.victims[0].home if self.victims else None)

    @property
    def force(self) -> str:
        return self.home.force if self.home else ""


@dataclass
class World:
    """Who lives in it, when it is, and which numbers its senders have given so far."""

    rng: Random
    today: date
    people: People = field(init=False)
    known: list[Person] = field(default_factory=list)
    workers: list[Person] = field(default_factory=list)
    events: int = 0
    references: int = 0
    crimes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.people = People(self.rng, self.today)
        self.workers = [self.people.make(least_age=22) for _ in range(40)]

    def day(self) -> date:
        """Some day of the last weeks, and not of the last four: reports are still to follow."""
        return self.today - timedelta(days=4 + self.rng.randrange(DAYS))

    def moment(self, day: date, days_after: int) -> datetime:
        """A time on a day, or some days later, but not after yesterday."""
        that = min(day + timedelta(days=days_after), self.today - timedelta(days=1))
        return datetime(that.year, that.month, that.day, tzinfo=UTC) + timedelta(
            seconds=self.rng.randrange(25_200, 82_800)
        )

    def victim(self, *, origin: str | None = None) -> Person:
        """Somebody new, or sometimes somebody who was attacked before."""
        if origin is None and self.known and self.rng.random() < 0.08:
            return self.rng.choice(self.known)
        person = self.people.make(origin=origin)
        self.known.append(person)
        return person

    def reference(self, prefix: str) -> str:
        """A report's reference; senders leave gaps."""
        self.references += self.rng.randint(1, 4)
        return f"{prefix}-{20_000_000 + self.references:08d}"

    def crime_reference(self, force: str) -> str:
        """The next number of a force; each force counts for itself and writes it its own way."""
        start = int.from_bytes(force.encode()[-4:]) % 400_000
        self.crimes[force] = self.crimes.get(force, start) + self.rng.randint(1, 9)
        return FORCE_FORMS[sum(force.encode()) % len(FORCE_FORMS)].format(n=self.crimes[force])


def make_event(
    world: World,
    *,
    victims: Sequence[Person] = (),
    has_post: bool = False,
    is_online: bool = True,
    happened: date | None = None,
    account: str | None = None,
    thread: Post | None = None,
    story: Story | None = None,
    scene: Home | None = None,
    platform: str | None = None,
) -> Event:
    """Something that nobody has told before, as far as it is not given."""
    rng = world.rng
    is_online = is_online and scene is None
    world.events += 1
    strands = _strands(rng, victims)
    if platform is None and is_online:
        kinds = WITH_POSTS if has_post else {**WITH_POSTS, **PRIVATE}
        platform = thread.platform if thread else rng.choices(list(kinds), list(kinds.values()))[0]
    writer = account or account_name(rng)
    if scene is None and not is_online:
        near = victims[0].home if victims and rng.random() < 0.6 else None
        scene = near or make_home(rng)
    home = scene or (victims[0].home if victims else make_home(rng))
    town = rng.choice((home.place.name.partition(",")[0], *home.place.localities))
    return Event(
        number=world.events,
        happened=happened or world.day(),
        strands=strands,
        platform=platform,
        post=make_post(rng, platform, writer, thread=thread.thread if thread else None)
        if has_post and platform
        else None,
        scene=scene,
        victims=tuple(victims),
        story=story or make_story(rng, strands[0], is_online=is_online, account=writer, town=town),
    )


def _strands(rng: Random, victims: Sequence[Person]) -> tuple[str, ...]:
    chances = dict(STRANDS)
    if victims and victims[0].origin in RELIGIOUS:
        chances["religion"] *= 4
    if victims and victims[0].former_given:
        chances["transgender"] *= 60
    first = rng.choices(list(chances), list(chances.values()))[0]
    if rng.random() < 0.12:
        other = rng.choice([one for one in STRANDS if one != first])
        return (first, other)
    return (first,)
