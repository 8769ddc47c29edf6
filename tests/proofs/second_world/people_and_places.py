"""Made-up people, and places as they are in the United Kingdom. Nobody here exists."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

GIVEN = [
    "Aisha",
    "Anwen",
    "Bartholomew",
    "Bronagh",
    "Callum",
    "Chidi",
    "Dilys",
    "Eilidh",
    "Farrukh",
    "Gwilym",
    "Hamza",
    "Isla",
    "Jadwiga",
    "Kwame",
    "Leah",
    "Malachi",
    "Niamh",
    "Oluwaseun",
    "Parveen",
    "Quentin",
    "Ruaridh",
    "Siân",
    "Tamsin",
    "Uzma",
    "Verity",
    "Wanjiru",
    "Xiu",
    "Yusuf",
    "Żaneta",
    "André",
    "Chloë",
    "Seán",
    "Mary-Anne",
]
FAMILY = [
    "Abernethy",
    "Begum",
    "Cadwallader",
    "D'Arcy",
    "Eze",
    "Featherstonehaugh",
    "Goldblum",
    "Hussain",
    "Iqbal",
    "Jellicoe",
    "Kowalczyk",
    "Llewellyn",
    "McGarvey",
    "Nwosu",
    "O'Dowd",
    "Pritchard",
    "Quayle",
    "Rosen",
    "Shah",
    "Tregenza",
    "Umarov",
    "Vasquez-Lowe",
    "Wrigglesworth",
    "Xu",
    "Yiadom",
    "Ziółkowska",
    "Nic-Dhòmhnaill",
]
INWARD = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(frozen=True)
class Place:
    """A local authority with its force, postal districts and the first of its small areas."""

    name: str
    force: str
    districts: tuple[str, ...]
    area: str


PLACES = [
    Place("Leeds", "E23000010", ("LS6", "LS11", "LS28"), "E01011264"),
    Place("Tower Hamlets", "E23000001", ("E1", "E3", "E14"), "E01004202"),
    Place("Camden", "E23000001", ("NW1", "WC1N", "NW5"), "E01000842"),
    Place("Manchester", "E23000005", ("M1", "M14", "M40"), "E01005061"),
    Place("Liverpool", "E23000004", ("L1", "L8", "L36"), "E01006512"),
    Place("Newcastle upon Tyne", "E23000007", ("NE1", "NE4", "NE6"), "E01008288"),
    Place("Sandwell", "E23000014", ("B66", "B70", "DY4"), "E01009900"),
    Place("Leicester", "E23000021", ("LE1", "LE5"), "E01013606"),
    Place("King's Lynn and West Norfolk", "E23000024", ("PE30", "PE31"), "E01026660"),
    Place("Brighton and Hove", "E23000033", ("BN1", "BN2", "BN41"), "E01016850"),
    Place("Bristol, City of", "E23000036", ("BS1", "BS5", "BS16"), "E01014485"),
    Place("Cornwall", "E23000035", ("TR1", "PL25", "TR26"), "E01018730"),
    Place("Cardiff", "W15000003", ("CF10", "CF24"), "W01001693"),
    Place("Gwynedd", "W15000001", ("LL55", "LL57"), "W01000060"),
    Place("Glasgow City", "POLICE_SCOTLAND", ("G1", "G42"), "S01009758"),
    Place("Belfast", "PSNI", ("BT1", "BT9"), "95GG01S1"),
]


@dataclass(frozen=True)
class Person:
    """Somebody who writes, or about whom is written."""

    name: str
    email: str
    phone: str
    born: date
    postcode: str
    place: Place


def make_people(rng: Random, count: int, today: date) -> list[Person]:
    """So many people, some of whom share a name."""
    return [_person(rng, number, today) for number in range(count)]


def _person(rng: Random, number: int, today: date) -> Person:
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    place = rng.choice(PLACES)
    digits = f"{rng.randrange(1000):03d}"
    return Person(
        name=f"{given} {family}",
        email=f"{rng.choice(('post', 'inbox', 'me'))}.{number}{rng.choice(('', '+hub', '_x'))}@mail.example.org",
        phone=rng.choice((f"07700 900{digits}", f"07700900{digits}", f"+44 7700 900{digits}")),
        born=today - timedelta(days=rng.randint(14 * 366, 92 * 365)),
        postcode=f"{rng.choice(place.districts)} {rng.randrange(10)}{rng.choice(INWARD)}{rng.choice(INWARD)}",
        place=place,
    )


def small_area(rng: Random, place: Place) -> str:
    """One of the small areas that follow the place's first."""
    if not place.area[1:].isdigit():
        return place.area
    return f"{place.area[:3]}{int(place.area[3:]) + rng.randrange(8):06d}"
