"""Made-up people. Surnames are put together from parts, addresses end in example.org, telephone numbers begin with 06,
as none in the United Kingdom does, and no postcode exists. Some share a home with a telephone and a
surname, some have the name of another, some change their name or move."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.simulate.cells import TEXT, Numbers, drawn, either, joined, numbered, pick, zipf_shares
from hub.simulate.names import FIRST_NAMES, SURNAME_BEGINNINGS, SURNAME_ENDINGS
from hub.simulate.places import Places

FIRST_BIRTH_DAY = -12_500
"""Days from 1970: the oldest are born in 1935, the youngest in 2012."""
BIRTH_DAYS = 28_000
HOUSEHOLD_SHARE, SAME_NAME_SHARE = 0.16, 0.05
"""So many live with the person before them; of those so many have the same name, as father and son."""
CHANGED_NAME_SHARE, MOVED_SHARE, SECOND_EMAIL_SHARE = 0.06, 0.06, 0.25
UNUSED_NUMBERS = (
    ("06700 ", 0.62), ("0620 7", 0.16), ("0612 1", 0.05), ("0616 1", 0.05), ("0611 3", 0.03), ("0611 7", 0.03),
    ("0614 1", 0.03), ("0616 3", 0.03),
)  # fmt: skip
"""Beginnings of numbers, as long as real ones, that Ofcom has given to nobody. Of those that it keeps for drama there
are too few for so many people."""
FREE_DIGITS = 6
"""No number in use is so long. Without the further digits 8,000 numbers would be shared by all: of a hub with a million
reports three in five pairs of persons that may be one were compared for such a number and a common name alone."""


@dataclass(frozen=True)
class People:
    """One value a person in each column. ``first`` is an index into the first names, ``home`` and ``new_home`` into the
    places; days count from 1970. A person without a change has the same value before and after."""

    first: Numbers
    surnames: pa.Array
    new_surnames: pa.Array
    name_changed_on: Numbers
    emails: pa.Array
    new_emails: pa.Array
    phones: pa.Array
    birth_days: Numbers
    postcodes: pa.Array
    new_postcodes: pa.Array
    home: Numbers
    new_home: Numbers
    moved_on: Numbers

    @property
    def count(self) -> int:
        """How many people there are."""
        return len(self.first)

    def home_on(self, persons: Numbers, days: Numbers) -> Numbers:
        """Where they lived on those days, as indexes into the places."""
        homes: Numbers = np.where(days < self.moved_on[persons], self.home[persons], self.new_home[persons])
        return homes


def make_people(chance: np.random.Generator, places: Places, count: int, first_day: int, days: int) -> People:
    """So many people, spread over the places as the hub's work is; who changes something does so within the days."""
    lives_with = np.arange(count)
    together = chance.random(count) < HOUSEHOLD_SHARE
    together[:1] = False
    together[1:] &= ~together[:-1]
    lives_with[together] -= 1
    first = drawn(zipf_shares(len(FIRST_NAMES), 0.7), chance, count)
    same_name = together & (chance.random(count) < SAME_NAME_SHARE)
    first = np.where(same_name, first[lives_with], first)
    surname = _surnames(chance, count)[lives_with]
    changes_name = chance.random(count) < CHANGED_NAME_SHARE
    new_surname = np.where(changes_name, _surnames(chance, count), surname)
    home = places.draw(chance, count)[lives_with]
    house = chance.integers(0, 2520, count)[lives_with]
    moves = chance.random(count) < MOVED_SHARE
    new_home = np.where(moves, places.draw(chance, count), home)
    new_house = np.where(moves, chance.integers(0, 2520, count), house)
    emails = _emails(chance, first, surname)
    has_second = chance.random(count) < SECOND_EMAIL_SHARE
    return People(
        first=first,
        surnames=_written(surname),
        new_surnames=_written(new_surname),
        name_changed_on=first_day + chance.integers(0, days + 1, count),
        emails=emails,
        new_emails=pc.if_else(pa.array(has_second), _emails(chance, first, new_surname), emails),
        phones=_phones(chance, count).take(pa.array(lives_with)),
        birth_days=FIRST_BIRTH_DAY + chance.integers(0, BIRTH_DAYS, count),
        postcodes=places.postcode_of(home, house),
        new_postcodes=places.postcode_of(new_home, new_house),
        home=home,
        new_home=new_home,
        moved_on=first_day + chance.integers(0, days + 1, count),
    )


def _surnames(chance: np.random.Generator, count: int) -> Numbers:
    beginning = drawn(zipf_shares(len(SURNAME_BEGINNINGS), 0.6), chance, count)
    surname: Numbers = beginning * len(SURNAME_ENDINGS) + drawn(zipf_shares(len(SURNAME_ENDINGS), 0.6), chance, count)
    return surname


def _written(surname: Numbers) -> pa.Array:
    return pick([start + end for start in SURNAME_BEGINNINGS for end in SURNAME_ENDINGS], surname)


def _emails(chance: np.random.Generator, first: Numbers, surname: Numbers) -> pa.Array:
    """Addresses of several habits; the number keeps most of them apart, as it does in life."""
    count = len(first)
    plain = pick([forms[0].lower().replace("ë", "e") for forms in FIRST_NAMES], first)
    last = pc.utf8_lower(_written(surname))
    digits = pa.array(chance.integers(1, 100_000, count)).cast(TEXT)
    habit = chance.random(count)
    other = either(habit < 0.75, joined(pc.utf8_slice_codeunits(plain, 0, 1), last), joined(last, ".", plain))
    names = either(habit < 0.5, joined(plain, ".", last), other)
    return joined(names, digits, "@example.org")


def _phones(chance: np.random.Generator, count: int) -> pa.Array:
    shares = [share for _, share in UNUSED_NUMBERS]
    beginning = pick([start for start, _ in UNUSED_NUMBERS], drawn(shares, chance, count))
    return numbered(beginning, chance.integers(0, 10**FREE_DIGITS, count), FREE_DIGITS)
