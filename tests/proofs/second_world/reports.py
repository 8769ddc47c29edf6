"""Right reports of the four feeds that bring them, a little untidy as people are."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random

from proofs.second_world.people_and_places import PLACES, Person, make_people, small_area
from proofs.second_world.sent import Cells
from proofs.second_world.stories import PLATFORMS, address, choose_strands, tell

LONDON = timezone(timedelta(hours=1))
BODIES = {"stop_hate_uk": "SHUK", "cst": "CST", "tell_mama": "TM", "galop": "GAL", "catch": "CAT"}
DAYS = 40


@dataclass
class World:
    """Who lives in it, when it is, and which references its senders have given so far."""

    rng: Random
    now: datetime
    size: int
    people: list[Person] = field(default_factory=list)
    references: list[tuple[str, datetime]] = field(default_factory=list)
    last: int = 4_000_000

    def __post_init__(self) -> None:
        self.people = make_people(self.rng, max(20, self.size // 3), self.now.date())

    def number(self) -> int:
        """A number that was not given before; senders leave gaps."""
        self.last += self.rng.randint(1, 3)
        return self.last

    def moment(self) -> datetime:
        """Some time in the last weeks, at least two days ago."""
        return self.now - timedelta(days=2, seconds=self.rng.randrange(DAYS * 86_400))

    def later(self, moment: datetime) -> datetime:
        """Some time after, up to a day ago."""
        return moment + (self.now - timedelta(days=1) - moment) * self.rng.random()


def written(rng: Random, moment: datetime) -> str:
    """With an offset, in one of the forms that the contracts take."""
    if rng.random() < 0.4:
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment.astimezone(LONDON).isoformat(timespec="seconds")


def _occurred(rng: Random, moment: datetime) -> str | None:
    before: date = (moment - timedelta(days=rng.choice((0, 0, 0, 1, 2, 9, 200)))).date()
    return None if rng.random() < 0.12 else before.isoformat()


def _online(world: World) -> dict[str, object]:
    """Whether online, and then where."""
    rng = world.rng
    answer = rng.choice(("yes", "yes", "yes", "yes", "no", "unknown"))
    seen = answer == "yes"
    return {
        "is_online": answer,
        "platform": rng.choice(PLATFORMS) if seen else None,
        "content_url": address(rng, world.size) if seen and rng.random() < 0.7 else None,
    }


def _place(rng: Random, person: Person) -> dict[str, object]:
    place = person.place if rng.random() < 0.7 else rng.choice(PLACES)
    return {
        "offence_postcode_district": rng.choice(place.districts) if rng.random() < 0.6 else None,
        "offence_lsoa_code": small_area(rng, place) if rng.random() < 0.3 else None,
        "borough_named": place.name if rng.random() < 0.6 else None,
        "force_named": place.force if rng.random() < 0.4 else None,
    }


def true_vision(world: World) -> Cells:
    """A report through the portal."""
    rng, person, moment = world.rng, world.rng.choice(world.people), world.moment()
    anonymous, reference = rng.random() < 0.25, f"TV-{world.number():08d}"
    world.references.append((reference, moment))
    return {
        "report_ref": reference,
        "reported_at": written(rng, moment),
        "occurred_on": _occurred(rng, moment),
        "is_anonymous": "yes" if anonymous else "no",
        "reporter_is_victim": rng.choice(("yes", "no")),
        "reporter_name": None if anonymous else person.name,
        "reporter_email": None if anonymous or rng.random() < 0.3 else person.email,
        "reporter_phone": None if anonymous or rng.random() < 0.5 else person.phone,
        "victim_name": None if anonymous else person.name,
        "victim_date_of_birth": None if anonymous else person.born.isoformat(),
        "victim_postcode": None if anonymous else person.postcode,
        "strands": "|".join(choose_strands(rng)),
        **_online(world),
        "description": tell(rng),
        **_place(rng, person),
        "crime_reference": None if rng.random() < 0.9 else f"CR/{world.number()}/26",
        "is_threat_to_life": "yes" if rng.random() < 0.03 else "no",
        "consent_share_police": rng.choice(("yes", "yes", "no")),
        "consent_share_anonymised": rng.choice(("yes", "yes", "yes", "no")),
        "consent_refer_support": rng.choice(("yes", "no")),
        "consent_contact": "no" if anonymous else rng.choice(("yes", "no")),
    }


def community(world: World) -> Cells:
    """A case of a reporting body."""
    rng, person, other, moment = (
        world.rng,
        world.rng.choice(world.people),
        world.rng.choice(world.people),
        world.moment(),
    )
    body = rng.choice(sorted(BODIES))
    reference = f"{BODIES[body]}-{world.number():08d}"
    world.references.append((reference, moment))
    return {
        "body_code": body,
        "case_ref": reference,
        "reported_at": written(rng, moment),
        "occurred_on": _occurred(rng, moment),
        "strands": choose_strands(rng),
        **_online(world),
        "description": tell(rng),
        "reporter_name": other.name,
        "reporter_email": other.email,
        "reporter_phone": other.phone if rng.random() < 0.5 else None,
        "victim_name": person.name if rng.random() < 0.8 else None,
        "victim_email": person.email if rng.random() < 0.5 else None,
        "victim_phone": person.phone if rng.random() < 0.5 else None,
        "victim_date_of_birth": person.born.isoformat() if rng.random() < 0.5 else None,
        "victim_postcode": person.postcode if rng.random() < 0.7 else None,
        **_place(rng, person),
        "crime_reference": None,
        "is_threat_to_life": rng.random() < 0.03,
        "consent_share_police": rng.random() < 0.7,
        "consent_share_anonymised": rng.random() < 0.9,
        "consent_refer_support": rng.random() < 0.5,
        "consent_contact": rng.random() < 0.6,
    }


def volunteer(world: World) -> Cells:
    """Content that a volunteer found."""
    rng, moment, place = world.rng, world.moment(), world.rng.choice(PLACES)
    action, reference = (
        rng.choice(("reported", "reported", "counter_narrative", "support_signposted")),
        f"VOL-{world.number():08d}",
    )
    world.references.append((reference, moment))
    return {
        "report_ref": reference,
        "reported_at": written(rng, moment),
        "occurred_on": _occurred(rng, moment),
        "volunteer_code": f"V{rng.randrange(60):04d}",
        "strands": "|".join(choose_strands(rng)),
        "platform": rng.choice(PLATFORMS),
        "content_url": address(rng, world.size) if rng.random() < 0.8 else None,
        "description": tell(rng),
        "borough_named": place.name if rng.random() < 0.4 else None,
        "force_named": place.force if rng.random() < 0.2 else None,
        "is_threat_to_life": rng.choice(("no", "no", "no", "yes")),
        "is_criminal_in_view": rng.choice(("yes", "no", "unknown")),
        "action": action,
        "reported_to_platform_at": written(rng, world.later(moment)) if action == "reported" else None,
    }


def police(world: World) -> Cells:
    """A crime that a force recorded, sometimes one that the hub passed on."""
    rng, person, moment = world.rng, world.rng.choice(world.people), world.moment()
    passed_on = bool(world.references) and rng.random() < 0.2
    outcome = rng.choice(("0", "0", "0", "1", "8", "14", "16", "18"))
    occurred = moment.date() - timedelta(days=rng.randrange(20))
    return {
        "crime_reference": f"{rng.randrange(10, 99)}/{world.number()}/26",
        "force_code": person.place.force,
        "recorded_at": written(rng, moment),
        "occurred_on": occurred.isoformat(),
        "occurred_to_on": moment.date().isoformat() if rng.random() < 0.2 else None,
        "offence_code": rng.choice(("8M", "8P", "105B", "9B", "58J", "8L", "8R", "9A", "66")),
        "strands": "|".join(choose_strands(rng)),
        **_online(world),
        "offence_lsoa_code": small_area(rng, person.place) if rng.random() < 0.6 else None,
        "hub_reference": rng.choice(world.references)[0] if passed_on else None,
        "victim_name": person.name if rng.random() < 0.8 else None,
        "victim_date_of_birth": person.born.isoformat() if rng.random() < 0.8 else None,
        "victim_postcode": person.postcode if rng.random() < 0.8 else None,
        "outcome_code": outcome,
        "outcome_on": world.later(moment).date().isoformat() if outcome != "0" else None,
        "changed_at": written(rng, world.later(moment)) if rng.random() < 0.3 else None,
    }
