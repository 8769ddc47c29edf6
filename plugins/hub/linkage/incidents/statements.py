"""What a report says that can put it beside another, in one way of writing."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from hub.linkage.contacts import comparable_email, comparable_phone
from hub.linkage.incidents.accounts import Account
from hub.linkage.incidents.content_urls import NO_ADDRESS, ContentAddress
from hub.linkage.incidents.texts import undisguised_text
from hub.linkage.names.parsing import parse_name, words_of_name

LEAST_REFERENCE = 4
WITH_YEAR = 10
FIRST_OF_JANUARY = "01-01"


NOTHING_REPEATED = Account()


@dataclass(frozen=True, slots=True)
class Person:
    """Who was attacked or who reports, as one report says it: a name in plain lower-case words in order, ISO date of
    birth, postcode, mail address and telephone number as ``hub.linkage.contacts`` makes them comparable. ``given`` and
    ``family`` are the parts of a name that has both."""

    name: str | None = None
    birth: str | None = None
    postcode: str | None = None
    email: str | None = None
    phone: str | None = None
    given: str | None = None
    family: str | None = None


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """What a report says. ``day`` counts from 1970: when it happened, or where that is not said (``is_day_known``
    false) when it was reported. ``text`` is without disguise. ``crime_references`` are those of a force that it quotes
    or, as a police record, is kept under; ``hub_references`` those of reports: its own, or for a police record that of
    the report that the hub passed on; ``mentioned_references`` what its text may mention of either."""

    report_id: str
    delivery_id: str
    row_number: int
    reported_at: int
    day: int
    is_day_known: bool
    is_police: bool = False
    is_online: bool | None = None
    platform: str | None = None
    address: ContentAddress = NO_ADDRESS
    text: str = ""
    account: Account = NOTHING_REPEATED
    victim: Person | None = None
    reporter: Person | None = None
    area: str | None = None
    district: str | None = None
    borough: str | None = None
    force: str | None = None
    strands: frozenset[str] = field(default_factory=frozenset)
    crime_references: frozenset[str] = field(default_factory=frozenset)
    hub_references: frozenset[str] = field(default_factory=frozenset)
    mentioned_references: frozenset[str] = field(default_factory=frozenset)


def plain_reference(reference: str | None) -> str | None:
    """A reference in one way of writing; None for none, and for words that people write in its place."""
    plain = re.sub(r"[^0-9A-Z]", "", (reference or "").upper())
    return plain if len(plain) >= LEAST_REFERENCE and re.search(r"[0-9]", plain) else None


def plain_crime_number(reference: str | None) -> str | None:
    """The running number of a force's crime reference, which is written with and without area, year and zeros:
    ``20/064955/26``, ``CRI-064955-26``, ``2600064955``; None for none."""
    parts = re.findall(r"[0-9]+", reference or "")
    longest = max(parts, key=len, default="")
    # Ten digits and more begin with the year.
    number = (longest[2:] if len(longest) >= WITH_YEAR else longest).lstrip("0")
    return number if len(number) >= LEAST_REFERENCE else plain_reference(reference)


def references_of(account: Account) -> frozenset[str]:
    """The references that a text may mention, of a force or of the hub. A bare number of four digits is none: years,
    prices and house numbers have as many."""
    plain = {plain_reference(one) for one in account.references}
    crime = {plain_crime_number(one) for one in account.references if not _is_bare(one)}
    return frozenset(one for one in plain | crime if one)


def _is_bare(reference: str) -> bool:
    return reference.isdigit() and len(reference.lstrip("0")) <= LEAST_REFERENCE


def read_person(
    name: str | None,
    birth: str | None = None,
    postcode: str | None = None,
    email: str | None = None,
    phone: str | None = None,
) -> Person | None:
    """Who a report names; None where it names nobody."""
    plain = " ".join(sorted(words_of_name(name or ""))) or None
    parts = parse_name(name or "")
    place = "".join((postcode or "").upper().split()) or None
    number, mailbox = comparable_phone(phone or ""), comparable_email(email or "")
    whole = (parts.given[0], parts.surname) if parts.is_full else ()
    person = Person(plain, birth or None, place, mailbox, number, *whole)
    return person if any((plain, birth, place, mailbox, number)) else None


@lru_cache(maxsize=1 << 16)
def names_in_texts(name: str) -> frozenset[str]:
    """The words of a name as they are in texts without disguise; an initial says too little."""
    return frozenset(undisguised_text(word) for word in name.split() if len(word) > 1)


def one_person(victim: Person | None, reporter: Person | None) -> Person | None:
    """The victim who reports: the values of both places."""
    if victim is None or reporter is None:
        return victim or reporter
    names = [one for one in (victim, reporter) if one.name]
    fuller = max(names, key=lambda one: one.family is not None) if names else victim
    return Person(
        fuller.name,
        victim.birth or reporter.birth,
        victim.postcode or reporter.postcode,
        victim.email or reporter.email,
        victim.phone or reporter.phone,
        fuller.given,
        fuller.family,
    )
