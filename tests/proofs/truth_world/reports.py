"""Reports of incidents as rows of the four feeds that bring them, with the truth of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from proofs.second_world.sent import Cells
from proofs.truth_world.disguises import DISGUISES, hurried
from proofs.truth_world.events import Event, World
from proofs.truth_world.how import How
from proofs.truth_world.mentions import Mention
from proofs.truth_world.posts import Address, author_address, plain_address, thread_address
from proofs.truth_world.stories_told import Told, tell, tell_briefly, tell_in_stock_words, transcribe
from proofs.truth_world.wrappers import WRAPPERS, wrap


@dataclass(frozen=True)
class Report:
    """A row, and what is true of it: its incident, its people, and all by which it could be linked."""

    feed: str
    cells: Cells
    reference: str
    reported_at: datetime
    occurred_on: str
    event: Event
    mentions: tuple[Mention, ...]
    labels: frozenset[str]
    traps: frozenset[str]
    facts: frozenset[str]
    """Facts of the story that its text gives away."""
    named_in_text: str
    """Whom the text names."""
    post_keys: frozenset[str]
    references: frozenset[str]
    place_shares: Mapping[str, float]
    """The share of each force by the best that it says of a place."""
    contradicts_itself: bool

    @property
    def victim(self) -> Mention | None:
        return next((one for one in self.mentions if one.role == "victim"), None)

    @property
    def reporter(self) -> Mention | None:
        return next((one for one in self.mentions if one.role == "reporter"), None)


@dataclass(frozen=True)
class Written:
    """What all feeds say of an incident: the text, the address and the day."""

    told: Told
    text: str
    address: Address | None
    occurred_on: str | None
    platform: str | None
    reported_at: datetime
    victim_in_text: str
    labels: frozenset[str]


def write_common(world: World, event: Event, how: How) -> Written:
    """The parts of a report that do not depend on its feed."""
    rng, labels = world.rng, set(how.labels)
    named = how.victim or (event.victims[0] if event.victims else None)
    victim_name = named.full_name if how.names_victim and named else ""
    told = how.told or _tell(rng, event, how, victim_name)
    text = told.text
    if how.disguise:
        text = DISGUISES[how.disguise](rng, text)
        labels.add(how.disguise)
    elif rng.random() < 0.2:
        text = hurried(rng, text)
    address = _address(rng, event, how)
    if address and address.label != "plain address":
        labels.add(address.label)
    if how.hub_reference and "same reporter again" in labels:
        text = f"{text} My reference was {how.hub_reference}."
    after = how.days_after if how.days_after is not None else rng.choice((0, 0, 0, 0, 1, 1, 2, 3, 5, 9))
    occurred_on = None
    if how.days_off is not None:
        day = min(event.happened + timedelta(days=how.days_off), world.today - timedelta(days=1))
        occurred_on = day.isoformat()
        after = max(after, how.days_off)
    if how.days_off:
        labels.add("another day")
    elif how.days_off is None:
        labels.add("unknown day")
    if event.platform and not how.tells_platform:
        labels.add("unknown platform")
    return Written(
        told=told,
        text=text,
        address=address,
        occurred_on=occurred_on,
        platform=event.platform if how.tells_platform else None,
        reported_at=world.moment(event.happened, after),
        victim_in_text=named.key if victim_name and named and not how.told else "",
        labels=frozenset(labels),
    )


def written_time(rng: Random, moment: datetime) -> str:
    """With an offset, in one of the forms that the contracts take."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if rng.random() < 0.5 else moment.isoformat(timespec="seconds")


def _tell(rng: Random, event: Event, how: How, victim_name: str) -> Told:
    match how.text:
        case "brief":
            return tell_briefly(rng, event.story, how.voice)
        case "stock":
            return tell_in_stock_words(rng, event.story)
        case "transcript":
            return transcribe(rng, event.story)
        case _:
            return tell(rng, event.story, how.voice, much=how.much, victim=victim_name)


def _address(rng: Random, event: Event, how: How) -> Address | None:
    if event.post is None or not how.address:
        return None
    if how.address in WRAPPERS:
        return wrap(rng, event.post, how.address)
    if how.address == "profile":
        return author_address(event.post)
    if how.address == "thread":
        return thread_address(event.post)
    return plain_address(rng, event.post)
