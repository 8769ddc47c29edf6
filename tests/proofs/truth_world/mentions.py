"""How a person is written in one row: names, birth dates, postcodes and contacts, with the slips of each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from random import Random

from proofs.truth_world.contacts import write_mailbox, write_number
from proofs.truth_world.people import Person

NOBODY = (
    *("Unknown", "unknown", "N/A", "n/a", "Anonymous", "anonymous", "the victim", "Victim", "Not given", "Not known"),
    *(
        "-",
        "None",
        "TBC",
        "Withheld",
        "Prefer not to say",
        "Name withheld",
        "Mr X",
        "xxx",
        "Redacted",
        "Client",
        "Anon",
    ),
    *("Member of the public", "See above", "No name provided", "Does not wish to be named", "ANON FEMALE", "Victim 1"),
)
PARTS = ("name", "email", "phone", "date_of_birth", "postcode")


@dataclass(frozen=True)
class Mention:
    """What a row says of one person. ``person`` is empty where nobody can be told, as with a placeholder."""

    role: str
    person: str
    origin: str = ""
    cells: tuple[tuple[str, str], ...] = ()
    told: frozenset[str] = frozenset()
    """Which parts of the name can be read: given, initial, family, former."""
    mailbox: str = ""
    phone: str = ""
    labels: frozenset[str] = frozenset()

    @property
    def is_named(self) -> bool:
        return bool(self.told)

    def cell(self, part: str) -> str:
        return dict(self.cells).get(part, "")


def write_person(
    rng: Random, person: Person, role: str, parts: Collection[str], *, labels: frozenset[str] = frozenset()
) -> Mention:
    """The person as they, or somebody who took it down, wrote those parts of who they are."""
    cells: dict[str, str] = {}
    found = set(labels)
    told: frozenset[str] = frozenset()
    mailbox = phone = ""
    if "name" in parts:
        cells["name"], told, name_labels = write_name(rng, person)
        found |= name_labels
    if "email" in parts:
        own = person.second_mailbox if person.second_mailbox and rng.random() < 0.35 else person.mailbox
        found |= {"other mailbox"} if own != person.mailbox else set()
        cells["email"], odd = write_mailbox(rng, own)
        mailbox = own if odd != "mail with a typing error" else cells["email"]
        found |= {odd} if odd else set()
    if "phone" in parts and person.phone:
        cells["phone"], odd = write_number(rng, person.phone)
        phone = person.phone if odd != "telephone with a wrong digit" else cells["phone"]
        found |= {odd} if odd else set()
    if "date_of_birth" in parts and not person.organisation:
        cells["date_of_birth"], odd = _write_birthday(rng, person)
        found |= {odd} if odd else set()
    if "postcode" in parts:
        cells["postcode"] = _write_postcode(rng, person.home.postcode)
    return Mention(
        role, person.key, person.origin, tuple(cells.items()), told, mailbox.lower(), phone, frozenset(found)
    )


def write_nobody(rng: Random, role: str) -> Mention:
    """A word where a name should be."""
    return Mention(role, "", cells=(("name", rng.choice(NOBODY)),), labels=frozenset(("placeholder",)))


def write_name(rng: Random, person: Person) -> tuple[str, frozenset[str], set[str]]:
    """The name, which parts of it can be read, and what is odd about it."""
    if person.organisation:
        return person.organisation, frozenset(("given", "family")), {"organisation"}
    labels: set[str] = set()
    given, family, told = person.given[0], person.family[0], {"given", "family"}
    if len(person.given) > 1 and rng.random() < 0.35:
        given = rng.choice(person.given[1:])
        labels.add("short name" if person.origin in ("british", "caribbean") else "transliteration")
    if len(person.family) > 1 and rng.random() < 0.25:
        family = rng.choice(person.family[1:])
        labels.add("double name" if "-" in person.family[0] else "transliteration")
    if person.former_given and rng.random() < 0.4:
        given, told = person.former_given, {"former", "family"}
        labels.add("former given name")
    if person.former_family and rng.random() < 0.4:
        family, told = person.former_family, told - {"family"} | {"former"}
        labels.add("former family name")
    if rng.random() < 0.04:
        family = _slip(rng, family)
        labels.add("name with a typing error")
    if rng.random() < 0.03:
        given = _slip(rng, given)
        labels.add("name with a typing error")
    text, shown, odd = _arrange(rng, person, given, family)
    told = told & shown | ({"initial"} if "initial" in shown else set())
    return text, frozenset(told), labels | odd


def _arrange(rng: Random, person: Person, given: str, family: str) -> tuple[str, set[str], set[str]]:
    """The parts in the order in which they were written."""
    both, draw = {"given", "family", "former"}, rng.random()
    if person.origin in ("chinese", "vietnamese_filipino") and draw < 0.3:
        return f"{family} {given}", both, {"order without a comma"}
    if person.has_special_title and draw < 0.55:
        if draw < 0.2:
            return f"{person.title} {family}", both - {"given"}, {"title and family name"}
        return f"{person.title} {given} {family}", both, {"title of faith, rank or office"}
    forms = {
        "": (f"{given} {family}", both),
        "middle name": (f"{given} {person.middle or 'A.'} {family}", both),
        "title": (f"{person.title} {given} {family}", both),
        "title and family name": (f"{person.title} {family}", both - {"given"}),
        "single name": (given, both - {"family"}),
        "initial": (f"{given[0]}. {family}", both - {"given"} | {"initial"}),
        "family name first": (f"{family}, {given}", both),
        "order without a comma": (f"{family} {given}", both),
        "capitals": (f"{given} {family}".upper(), both),
        "small letters": (f"{given} {family}".lower(), both),
        "glued": (f"{given}{family}".replace(" ", ""), both),
        "family name in brackets": (f"{given} ({family})", both),
        "stray blanks": (f" {given}  {family} ", both),
    }
    chances = (56, 8, 7, 3, 3, 3, 4, 3, 4, 4, 1, 0.5, 2)
    label = rng.choices(list(forms), chances)[0]
    text, shown = forms[label]
    return text, shown, {label} if label else set()


def _slip(rng: Random, name: str) -> str:
    if len(name) < 4:
        return name
    place = rng.randrange(1, len(name) - 1)
    if rng.random() < 0.5:
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    return name[:place] + name[place + 1 :]


def _write_birthday(rng: Random, person: Person) -> tuple[str, str | None]:
    born, draw = person.born, rng.random()
    if person.is_born_on_1_january:
        return born.isoformat(), "born on 1 January"
    if draw < 0.02:
        return born.replace(month=1, day=1).isoformat(), "1 January for an unknown day"
    if draw < 0.04 and born.day <= 12 and born.day != born.month:
        return date(born.year, born.day, born.month).isoformat(), "day and month exchanged"
    if draw < 0.08:
        return wrong_digit(rng, born).isoformat(), "birth date with a wrong digit"
    return born.isoformat(), None


def wrong_digit(rng: Random, born: date) -> date:
    """The date with one digit that is another."""
    if rng.random() < 0.5:
        return born.replace(
            year=born.year + rng.choice((-10, -1, 1)) if born.year > 1912 else born.year + 1, day=min(born.day, 28)
        )
    return born.replace(day=(born.day + 10) if born.day <= 18 else born.day - 10)


def _write_postcode(rng: Random, postcode: str) -> str:
    return postcode if rng.random() < 0.85 else postcode.replace(" ", "")
