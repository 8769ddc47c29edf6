"""Generated people, and the rows of files that speak of them."""

import itertools
import random
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

TV, CR, VS = FEEDS = ("true_vision_reports", "community_reports", "victim_support_events")
MORNING = "2026-10-03T09:15:00+01:00"
CONSENTS = ("consent_share_police", "consent_share_anonymised", "consent_refer_support", "consent_contact")
BASE: dict[str, dict[str, Any]] = {
    TV: {"reported_at": MORNING, "is_anonymous": "no", "strands": "race"} | dict.fromkeys(CONSENTS, "yes"),
    CR: {"body_code": "galop", "reported_at": MORNING, "strands": ["race"]} | dict.fromkeys(CONSENTS, True),
    VS: {"service_code": "galop", "kind": "offered", "happened_at": MORNING, "recorded_at": MORNING},
}
WRONG: dict[str, dict[str, Any]] = {TV: {"strands": "all"}, CR: {"strands": ["all"]}, VS: {"kind": "all"}}
REFERENCES = {TV: ("report_ref", "TV"), CR: ("case_ref", "GAL"), VS: ("event_ref", "VS")}
REPORTED = ("name email", "name phone", "name email phone", "name email home")
CONTACTS = {"email", "phone"}
SUFFERED = {
    TV: ("name born", "name postcode", "name born postcode"),
    CR: ("name email", "name phone", "name email phone born postcode", "name born", "name home"),
    VS: ("email", "name email born postcode", "name postcode", "name home"),
}
NUMBERS, RANDOM = itertools.count(1), random.Random(178)


def squeezed(text: str) -> str:
    """Letters and digits alone, without accents and capitals: most ways of writing something come to the same."""
    return re.sub(r"[\W_\u0300-\u036f]", "", unicodedata.normalize("NFKD", text.casefold()))


@dataclass(frozen=True)
class Person:
    given: str
    surname: str
    phone: str
    home: str
    born: str
    postcode: str

    @property
    def email(self) -> str:
        return f"{self.given[::-1]}.{self.postcode[-3:]}@example.org".lower()

    def says(self, fields: str, way: int = 0, **other: str) -> "Said":
        """What a row says of them, in one of four ways of writing."""
        digits, plain = self.phone.replace(" ", ""), unicodedata.normalize("NFKD", self.surname.replace("Ł", "L"))
        plain = plain.encode("ascii", "ignore").decode().replace("'", "").replace("-", " ")
        ways = {
            "name": (
                f"{self.given} {self.surname}",
                f"{self.surname.upper()}, {self.given}",
                f"Dr {self.given} {self.surname}",
                f"{self.given[0]}. {plain}",
            ),
            "email": (self.email, self.email.upper(), self.email.title(), self.email),
            "phone": (self.phone, f"+44 {digits[1:5]} {digits[5:]}", f"0044{digits[1:]}", digits),
            "home": (self.home, self.home, self.home.replace(" ", ""), f"+44 {self.home[1:]}"),
            "born": (self.born,) * 4,
            "postcode": (self.postcode, self.postcode.lower(), self.postcode.replace(" ", ""), self.postcode),
        }  # fmt: skip
        columns = {"home": "phone", "born": "date_of_birth"}
        return Said(self, {columns.get(one, one): ways[one][way] for one in fields.split()} | other)


@dataclass(frozen=True)
class Said:
    who: Person
    values: dict[str, str]


@dataclass(frozen=True)
class Row:
    feed: str
    values: dict[str, Any]
    said: dict[str, Said]
    is_wrong: bool


def row(
    feed: str,
    reporter: Said | None = None,
    victim: Said | None = None,
    text: str = "It was bad.",
    *,
    wrong: bool = True,
) -> Row:
    """A row that goes into quarantine, where it is wrong, with what it says of two people."""
    number, (column, prefix) = next(NUMBERS), REFERENCES[feed]
    own = BASE[feed] | {column: f"{prefix}-{number:08}"} | (WRONG[feed] if wrong else {})
    own |= {"client_ref": f"C-{number}"} if feed == VS else {"description": text}
    said = {role: one for role, one in (("reporter", reporter), ("victim", victim)) if one}
    told = {f"{role}_{name}": value for role, one in said.items() for name, value in one.values.items()}
    return Row(feed, own | told, said, wrong)


def right(feed: str, reporter: Said | None = None, victim: Said | None = None) -> Row:
    """A row that is accepted."""
    return row(feed, reporter, victim, wrong=False)


def family(size: int = 2) -> list[Person]:
    """People of one household: surname, postcode and a telephone number are the same."""
    number = next(NUMBERS)
    surname = ("Brontë-Lös", "O'Quill", "Łomnicz", "Ångström", "Nolan")[number % 5]
    postcode = f"N{1 + number % 20} {1 + number % 9}{''.join(RANDOM.choices('ABDEFGHJLN', k=2))}"
    persons = []
    for initial in RANDOM.sample("BDGKLMNRSTVZ", size):
        given = initial + "".join(RANDOM.choice("aeiou") + RANDOM.choice("bdgklmnrstvz") for _ in range(4))
        own = next(NUMBERS)
        born = f"{1940 + own % 60}-{1 + own // 60 % 12:02}-{RANDOM.randint(1, 28):02}"
        phones = f"07700 900{own % 1000:03}", f"020 7946 0{number % 1000:03}"
        persons.append(Person(given, surname, *phones, born, postcode))
    return persons
