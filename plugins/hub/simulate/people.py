"""Made-up people. Surnames are put together from parts, addresses end in example.org, telephone numbers are those that
Ofcom keeps for drama, and no postcode exists."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.simulate.cells import TEXT, Numbers, days_text, joined, numbered, only_where, pick, pick_from
from hub.simulate.places import Places

FIRST_NAMES = [
    "Aaliyah", "Adam", "Aisha", "Alex", "Amara", "Amir", "Ana", "Asha", "Ben", "Callum", "Chidi", "Chloe", "Daniel",
    "David", "Dev", "Eilidh", "Elena", "Elif", "Emeka", "Erin", "Esther", "Fatima", "Femi", "Finn", "Gareth", "Grace",
    "Hana", "Harpreet", "Hassan", "Ibrahim", "Ioana", "Isla", "Jakub", "James", "Jamila", "Joanna", "Jordan", "Kai",
    "Kasia", "Kwame", "Leah", "Leila", "Liam", "Lucy", "Maeve", "Maria", "Marcus", "Meera", "Mina", "Mohammed",
    "Nadia", "Naomi", "Niamh", "Noah", "Olu", "Omar", "Owen", "Priya", "Rachel", "Rhys", "Robin", "Rosa", "Ruth",
    "Sam", "Sanjay", "Sarah", "Sean", "Simran", "Sofia", "Tariq", "Tom", "Uzma", "Wei", "Yasmin", "Yusuf", "Zainab",
    "Zoë",
]  # fmt: skip
SURNAME_BEGINNINGS = [
    "Alder", "Amber", "Ash", "Beck", "Birch", "Bracken", "Brindle", "Cedar", "Clay", "Copper", "Cress", "Dapple",
    "Elder", "Fallow", "Fern", "Flint", "Garnet", "Hazel", "Heather", "Holly", "Indigo", "Ivy", "Juniper", "Larch",
    "Linden", "Maple", "Marsh", "Meadow", "Moss", "Nettle", "Oaken", "Pebble", "Pine", "Quarry", "Reed", "Rowan",
    "Russet", "Sable", "Sedge", "Slate", "Thistle", "Umber", "Willow", "Yarrow",
]  # fmt: skip
SURNAME_ENDINGS = [
    "bourne", "brook", "combe", "croft", "dale", "fell", "field", "ford", "gate", "grove", "ham", "hurst", "ley",
    "mead", "mere", "more", "stead", "thorpe", "wick", "worth",
]  # fmt: skip
FIRST_BIRTH_DAY = -12_500
"""Days from 1970: the oldest are born in 1935, the youngest in 2012."""
BIRTH_DAYS = 28_000


@dataclass(frozen=True)
class People:
    """One value a person in each column; ``home`` is an index into the places."""

    names: pa.Array
    emails: pa.Array
    phones: pa.Array
    birth_dates: pa.Array
    postcodes: pa.Array
    home: Numbers


def make_people(chance: np.random.Generator, places: Places, count: int) -> People:
    """So many people, spread over the places as the hub's work is."""
    first = chance.integers(0, len(FIRST_NAMES), count)
    beginning = chance.integers(0, len(SURNAME_BEGINNINGS), count)
    ending = chance.integers(0, len(SURNAME_ENDINGS), count)
    home = places.draw(chance, count)
    number = np.arange(1, count + 1)
    surname = joined(pick(SURNAME_BEGINNINGS, beginning), pick(SURNAME_ENDINGS, ending))
    first_name = pick(FIRST_NAMES, first)
    plain = pc.replace_substring(pc.utf8_lower(first_name), "ë", "e")
    return People(
        names=joined(first_name, " ", surname),
        emails=joined(plain, ".", pc.utf8_lower(surname), pa.array(number).cast(TEXT), "@example.org"),
        phones=numbered("07700 900", chance.integers(0, 1000, count), 3),
        birth_dates=days_text(FIRST_BIRTH_DAY + chance.integers(0, BIRTH_DAYS, count)),
        postcodes=places.postcode_of(home, chance.integers(0, 2520, count)),
        home=home,
    )


def written_names(chance: np.random.Generator, people: People, persons: Numbers) -> pa.Array:
    """Names as different hands write them: mostly right, some in capitals, some with a letter lost."""
    names = pick_from(people.names, persons)
    hand = chance.random(len(persons))
    shorter = joined(pc.utf8_slice_codeunits(names, 0, 2), pc.utf8_slice_codeunits(names, 3))
    return pc.if_else(hand < 0.04, pc.utf8_upper(names), pc.if_else(pa.array(hand > 0.97), shorter, names))


def known(chance: np.random.Generator, share: float, values: pa.Array) -> pa.Array:
    """The values for a share of rows; the others did not give them."""
    return only_where(chance.random(len(values)) < share, values)
