"""Made-up people, as they are; how they are written is another matter (`mentions`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from proofs.truth_world.contacts import make_mailbox, telephone_numbers
from proofs.truth_world.facts import Names, names
from proofs.truth_world.homes import Home, make_home

FAITH_TITLES = {
    "jewish": "Rabbi",
    "south_asian_muslim": "Imam",
    "east_african": "Sheikh",
    "arab": "Sheikh",
    "south_asian_hindu_sikh": "Giani",
}
OTHER_TITLES = ("Dr", "Prof", "Cllr", "Rev", "Revd Canon", "Sgt", "PC", "Capt", "Sir")
ESTIMATED_BIRTHDAYS = {"east_african": 0.3, "iranian_afghan": 0.3, "arab": 0.12, "south_asian_muslim": 0.06}
"""Share of those of an origin whose papers say 1 January, because nobody knows the day."""


@dataclass(frozen=True)
class Person:
    """Somebody, with the forms of their names, the first being the one in their papers."""

    number: int
    origin: str
    is_woman: bool
    given: tuple[str, ...]
    middle: str | None
    family: tuple[str, ...]
    title: str
    has_special_title: bool
    born: date
    home: Home
    mailbox: str
    phone: str | None
    former_given: str | None = None
    former_family: str | None = None
    second_mailbox: str | None = None
    organisation: str | None = None

    @property
    def key(self) -> str:
        return f"P{self.number:06d}"

    @property
    def full_name(self) -> str:
        return self.organisation or f"{self.given[0]} {self.family[0]}"

    @property
    def is_born_on_1_january(self) -> bool:
        return (self.born.month, self.born.day) == (1, 1)


class People:
    """Makes people, each with numbers and mailboxes of their own."""

    def __init__(self, rng: Random, today: date) -> None:
        self.rng = rng
        self.today = today
        self.last = 0
        self.numbers: Iterator[str] = telephone_numbers(rng)

    def make(self, *, origin: str | None = None, home: Home | None = None, least_age: int = 13) -> Person:
        """Somebody new."""
        rng = self.rng
        of = self._names(origin)
        is_woman = rng.random() < 0.5
        forms = of.women if is_woman else of.men
        given, family = _often_first(rng, forms), _often_first(rng, of.family)
        if rng.random() < 0.06:
            other = _often_first(rng, of.family)
            family = (f"{family[0]}-{other[0]}", f"{family[0]} {other[0]}", family[0], other[0])
        self.last += 1
        special = rng.random() < 0.08
        titles = ("Mrs", "Ms", "Miss") if is_woman else ("Mr",)
        faith = FAITH_TITLES.get(of.origin) if not is_woman else None
        draw = rng.random()
        return Person(
            number=self.last,
            origin=of.origin,
            is_woman=is_woman,
            given=given,
            middle=_often_first(rng, forms)[0] if rng.random() < 0.4 else None,
            family=family,
            title=(faith if faith and rng.random() < 0.6 else rng.choice(OTHER_TITLES))
            if special
            else rng.choice(titles),
            has_special_title=special,
            born=self._birthday(of.origin, least_age),
            home=home or make_home(rng),
            mailbox=make_mailbox(rng, given[0], family[0], self.last),
            phone=next(self.numbers, None) if rng.random() < 0.75 else None,
            former_family=_often_first(rng, of.family)[0] if is_woman and draw < 0.05 else None,
            second_mailbox=make_mailbox(rng, family[0], given[0], self.last) if rng.random() < 0.15 else None,
        )

    def of_the_other_name(self, person: Person) -> Person:
        """Somebody whose papers still have another given name, as those of many transgender people do."""
        of = self._names(person.origin)
        other = _often_first(self.rng, of.men if person.is_woman else of.women)
        return replace(person, former_given=other[0])

    def child_of_one_name(self, parent: Person) -> Person:
        """A son or daughter who bears the parent's name and lives in one home with one telephone."""
        born = parent.born + timedelta(days=self.rng.randint(20 * 365, 34 * 365))
        return self._relative(parent, given=parent.given, born=min(born, self.today - timedelta(days=12 * 365)))

    def twin(self, person: Person) -> Person:
        """Born on one day, in one home."""
        return self._relative(person, given=self._other_given(person), born=person.born)

    def of_the_household(self, person: Person) -> Person:
        """A brother, sister or spouse."""
        years = self.rng.randint(-9, 9) * 365 + self.rng.randint(30, 300)
        return self._relative(person, given=self._other_given(person), born=person.born + timedelta(days=years))

    def namesake(self, person: Person) -> Person:
        """Somebody of the same name who lives elsewhere."""
        other = self.make(origin=person.origin)
        return replace(
            other,
            is_woman=person.is_woman,
            given=person.given,
            family=person.family,
            title=person.title,
            has_special_title=person.has_special_title,
            mailbox=make_mailbox(self.rng, person.given[0], person.family[0], other.number),
        )

    def organisation(self, name: str) -> Person:
        """A mosque, school or club that is attacked as such."""
        return replace(self.make(), organisation=name)

    def _relative(self, person: Person, *, given: tuple[str, ...], born: date) -> Person:
        self.last += 1
        return replace(
            person,
            number=self.last,
            given=given,
            middle=None,
            born=born,
            mailbox=person.mailbox if self.rng.random() < 0.3 else make_mailbox(self.rng, given[0], "home", self.last),
            former_given=None,
            former_family=None,
            second_mailbox=None,
        )

    def _other_given(self, person: Person) -> tuple[str, ...]:
        of = self._names(person.origin)
        forms = [one for one in (of.women if person.is_woman else of.men) if not set(one) & set(person.given)]
        return self.rng.choice(forms)

    def _birthday(self, origin: str, least_age: int) -> date:
        born = self.today - timedelta(days=int(self.rng.triangular(least_age, 88, max(least_age, 31)) * 365.25))
        return born.replace(month=1, day=1) if self.rng.random() < ESTIMATED_BIRTHDAYS.get(origin, 0) else born

    def _names(self, origin: str | None) -> Names:
        of = names()
        if origin is not None:
            return next(one for one in of if one.origin == origin)
        return self.rng.choices(of, [one.share for one in of])[0]


def _often_first(rng: Random, forms: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Common names, which are listed first, are common, and no name is rare."""
    return rng.choices(forms, [1 / (rank + 12) for rank in range(len(forms))])[0]
