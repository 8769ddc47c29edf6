"""Where people live and where things happen, and how people write such a place."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from proofs.truth_world.facts import Place, border_districts, places

INWARD = "ABDEFGHJLNPQRSTUWXYZ"
CITIES = frozenset(
    ("Leeds", "Bradford", "Sheffield", "Salford", "Birmingham", "Coventry", "Leicester", "York", "Derby")
)
METROPOLITAN = "E23000001"


@dataclass(frozen=True)
class Home:
    """A postcode, in a force's area; ``shares`` says which forces its district may belong to."""

    place: Place
    postcode: str
    small_area: str
    force: str
    shares: Mapping[str, float]

    @property
    def district(self) -> str:
        return self.postcode.split()[0]

    @property
    def is_on_a_border(self) -> bool:
        return len(self.shares) > 1


@dataclass(frozen=True)
class WrittenPlace:
    """What was written as the name of a place, and which forces a reader who knows the country would think of."""

    text: str
    forces: frozenset[str]
    label: str


def make_home(rng: Random, place: Place | None = None) -> Home:
    """Somewhere in that place, else in the country, and then in London more often than elsewhere."""
    in_london = rng.random() < 0.4
    place = place or rng.choice([one for one in places() if (one.force == METROPOLITAN) == in_london])
    # A district on a border belongs to the other kind of home.
    district = rng.choice([one for one in place.districts if one not in border_districts()] or list(place.districts))
    shares = border_districts().get(district, {place.force: 1.0})
    return Home(place, _postcode(rng, district), rng.choice(place.small_areas), place.force, shares)


def make_home_on_a_border(rng: Random) -> Home:
    """In a postcode district of several forces, with each as often as its share says."""
    district = rng.choice(sorted(border_districts()))
    shares = border_districts()[district]
    force = rng.choices(list(shares), list(shares.values()))[0]
    place = rng.choice([place for place in places() if place.force == force] or list(places()))
    return Home(place, _postcode(rng, district), rng.choice(place.small_areas), force, shares)


def doubtful_places() -> list[Place]:
    """Those of a city, of a double name, or with a name that exists twice."""
    return [
        place
        for place in places()
        if place.name in CITIES
        or "," in place.name
        or " and " in place.name
        or {place.name, *place.localities} & _twice().keys()
    ]


def write_place(rng: Random, place: Place) -> WrittenPlace:
    """The name of an authority as people write it."""
    own = frozenset((place.force,))
    forms = [(place.name, "place as listed")] * 5 + [
        (place.name.lower(), "place as listed"),
        (f"{place.name}, England" if not place.force.startswith("W") else f"{place.name}, Wales", "place, country"),
        (f"{place.name} council area", "council area"),
        (f"{place.name} Council", "council"),
        (_with_typo(rng, place.name), "place with a typing error"),
    ]
    if place.force == METROPOLITAN:
        forms += [
            (f"London Borough of {place.name}", "London borough"),
            (f"LB {place.name}", "London borough"),
            (f"{place.name}, London", "London borough"),
        ]
    else:
        forms += [(f"{place.name} Borough Council", "council"), (f"{place.name} District", "council area")]
    if place.name in CITIES:
        forms += [(f"City of {place.name}", "city of"), (f"{place.name} City Council", "city of")] * 3
    if "," in place.name:
        plain, _, of = place.name.partition(", ")
        forms += [(plain, "double name")] * 3 + [(f"{of} {plain}", "double name")]
    if " and " in place.name:
        forms += [(place.name.replace(" and ", " & "), "double name"), (place.name.split(" and ")[0], "double name")]
    if place.localities:
        locality = rng.choice(place.localities)
        forms += [(locality, "locality")] * 3 + [(f"{locality}, {place.name}", "locality and place")]
    text, label = rng.choice(forms)
    if text in _twice():
        return WrittenPlace(text, own | _twice()[text], "name that exists twice")
    return WrittenPlace(text, own, label)


@cache
def _twice() -> dict[str, frozenset[str]]:
    """Names of places that lie in several forces' areas."""
    seen: dict[str, set[str]] = {}
    for place in places():
        for name in (place.name, *place.localities):
            seen.setdefault(name, set()).add(place.force)
    return {name: frozenset(forces) for name, forces in seen.items() if len(forces) > 1}


def _with_typo(rng: Random, text: str) -> str:
    place = rng.randrange(1, len(text) - 1)
    match rng.randrange(3):
        case 0:
            return text[:place] + text[place + 1 :]
        case 1:
            return text[:place] + text[place] * 2 + text[place + 1 :]
        case _:
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _postcode(rng: Random, district: str) -> str:
    return f"{district} {rng.randrange(10)}{rng.choice(INWARD)}{rng.choice(INWARD)}"
