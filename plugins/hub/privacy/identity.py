"""By what a person is known, and whether a row is about that person.

An e-mail address, a telephone number, a handle or a code identifies by itself, unless other persons have it too; a name
does with a date of birth, a postcode or a contact that others have too. What people wrote identifies nobody. Values are
compared column by column, in the form that their tokens are made of; a telephone number also in the ways of writing it.
"""

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa

from hub.contracts.model import Contract
from hub.contracts.values import TEXT_SUBJECT, Column
from hub.ingest.validation.formats import REGION, is_possible_email, is_possible_phone
from hub.privacy.person_names import (
    in_any_order,
    is_name,
    is_one_with,
    plain,
    reordered_forms,
    spoken,
    usual_forms,
)
from hub.vault.hub_keys import RowKeys
from hub.vault.store import normalised, tokenise

NAME, BIRTH, POSTCODE, PHONE, EMAIL = "name", "date_of_birth", "postcode", "phone", "email"
WITH_A_NAME = (BIRTH, POSTCODE)
TAIL_DIGITS = 7
"""Two ways of writing one telephone number end in the same digits."""

type Known = Mapping[str, frozenset[str]]
"""Values by field."""


def field_of(column: Column) -> str:
    """What a personal column says of its subject: name, email, phone, date_of_birth, …"""
    return column.name.removeprefix(f"{column.subject}_")


def identifying_columns(contract: Contract) -> dict[str, dict[str, Column]]:
    """The columns that can say who a subject is, by subject and field; what people wrote is none."""
    return {
        subject: {field_of(column): column for column in columns}
        for subject, columns in contract.subjects.items()
        if subject != TEXT_SUBJECT
    }


@dataclass(frozen=True)
class Identity:
    """What one person is known by. ``alone`` identifies by itself, unless with another name; ``names`` do with one of
    ``beside``; all by field. Tokens do not tell whether two names are one that is written in two ways: of tokens,
    ``reordered`` are the names surname first as well."""

    alone: Known
    names: frozenset[str]
    beside: Known
    are_tokens: bool = False
    reordered: frozenset[str] = frozenset()

    @classmethod
    def of(cls, records: Iterable[Mapping[str, str]]) -> "Identity":
        """From a person's values by field, as the vault holds them."""
        found: dict[str, set[str]] = {}
        for values in records:
            for field, value in values.items():
                if (text := normalised(value)) and _can_identify(field, text):
                    found.setdefault(field, set()).add(comparable(field, text))
        by_field = {field: frozenset(values) for field, values in found.items()}
        names = by_field.pop(NAME, frozenset())
        beside = {field: by_field.pop(field) for field in WITH_A_NAME if field in by_field}
        return cls(by_field, names, beside)

    @property
    def contacts(self) -> list[tuple[str, str]]:
        """What identifies by itself, as fields and values."""
        return sorted((field, value) for field, values in self.alone.items() for value in values)

    @property
    def addresses(self) -> frozenset[str]:
        """The person's e-mail addresses, those that others have too among them."""
        return self.alone.get(EMAIL, frozenset()) | self.beside.get(EMAIL, frozenset())

    @property
    def by_birth(self) -> "Identity":
        """The person as names and dates of birth tell."""
        return Identity({}, self.names, {BIRTH: self.beside.get(BIRTH, frozenset())})

    def only(self, field: str, value: str) -> "Identity":
        """A person of whom one value alone is known."""
        return Identity({field: frozenset({value})}, frozenset(), {})

    def sharing(self, shared: Iterable[tuple[str, str]]) -> "Identity":
        """The same person, once it is known which contacts others have too."""
        alone, beside = dict(self.alone), dict(self.beside)
        for field, value in shared:
            alone[field] = alone[field] - {value}
            beside[field] = beside.get(field, frozenset()) | {value}
        return replace(self, alone=alone, beside=beside)

    @property
    def with_shared_contacts(self) -> "Identity":
        """The person as contacts tell that others have too: for places where nobody's should be."""
        shared = {field: values for field, values in self.beside.items() if field not in WITH_A_NAME}
        alone = {field: self.alone.get(field, frozenset()) | shared.get(field, frozenset()) for field in self.alone}
        return replace(self, alone=alone)

    def may_know(self, field: str, value: str) -> bool:
        """Whether a value as delivered is one that the person is looked for by."""
        if field == NAME:
            return self._has_name_reordered(comparable_value(field, value))
        values = self.alone.get(field, frozenset()) | self.beside.get(field, frozenset())
        if field == PHONE and not {_tail(one) for one in values} & {_tail(value)}:
            return False
        return comparable_value(field, value) in values

    def who(self, row: Mapping[str, Mapping[str, str]], own: frozenset[str] = frozenset()) -> frozenset[str]:
        """As whom a row names the person. ``row`` has what it says of each subject, by field, in comparable form (or
        as tokens, where this holds tokens); ``own`` are subjects that are known to be the person. In a row about the
        person, who has the person's name is the same one, unless born on another day; so is who has a contact of the
        person, shared or not, where names do not tell the two apart."""
        about = own | {subject for subject, values in row.items() if self._is(values)}
        if not about:
            return about
        return about | {subject for subject, values in row.items() if self._may_be(values) or self._has_contact(values)}

    def has_name(self, name: str) -> bool:
        """Whether a name in comparable form is the person's, with or without accents, apostrophes and hyphens."""
        return name in self.names if self.are_tokens else plain(name) in self._plain_names

    def is_named_in(self, values: Mapping[str, str]) -> bool:
        """Whether values as delivered give the person's name, and no other date of birth."""
        return self._may_be({field: comparable_value(field, value) for field, value in values.items()})

    def gives_address(self, stated: Mapping[str, str]) -> bool:
        """Whether it gives an e-mail address of the person, whosever it is beside."""
        return stated.get(EMAIL) in self.addresses

    def _is(self, stated: Mapping[str, str]) -> bool:
        has_contact = any(stated.get(field) in values for field, values in self.alone.items())
        if has_contact and (self.are_tokens or not self.is_another(stated.get(NAME, ""))):
            return True
        if not self._may_be(stated):
            return False
        return any(stated.get(field) in values for field, values in self.beside.items())

    def _may_be(self, stated: Mapping[str, str]) -> bool:
        """Whether it is the person's name, and no other date of birth. Surname first without a comma, it needs the same
        date of birth: a son of Hassan Ali may be Ali Hassan."""
        name, births = stated.get(NAME, ""), self.beside.get(BIRTH, frozenset())
        if stated.get(BIRTH) in births:
            return self._has_name_reordered(name)
        return self.has_name(name) and not self._is_born_otherwise(stated)

    def _has_contact(self, stated: Mapping[str, str]) -> bool:
        """Whether it gives a contact of the person, and neither another name nor another date of birth."""
        if self.is_another(stated.get(NAME, "")) or self._is_born_otherwise(stated):
            return False
        return any(stated.get(field) in values for field, values in self.with_shared_contacts.alone.items())

    def _has_name_reordered(self, name: str) -> bool:
        return name in self.reordered if self.are_tokens else in_any_order(name) in self._plain_reordered

    @cached_property
    def _plain_names(self) -> frozenset[str]:
        return frozenset(map(plain, self.names)) - {""}

    @cached_property
    def _plain_reordered(self) -> frozenset[str]:
        return frozenset(map(in_any_order, self.names)) - {""}

    def _is_born_otherwise(self, stated: Mapping[str, str]) -> bool:
        births = self.beside.get(BIRTH, frozenset())
        return bool(births) and BIRTH in stated and stated[BIRTH] not in births

    def is_another(self, name: str) -> bool:
        """Whether a name is somebody else's: no name of the person has the same words, or their first letters, with or
        without accents, apostrophes and hyphens."""
        names = [own for own in self.names if is_name(own)]
        return bool(names) and is_name(name.casefold()) and not any(is_one_with(name, own) for own in names)

    def is_with_others(self, names: Iterable[str]) -> bool:
        """Whether one of these names is somebody else's; of a person without a name, whether two of them are two's."""
        others = sorted((name for name in names if is_name(name.casefold())), key=lambda name: len(name.split()))
        known = self if self.names else replace(self, names=frozenset(others[-1:]))
        return any(map(known.is_another, others))

    def tokens(self, keys: RowKeys, columns: Mapping[str, Column]) -> "Identity":
        """The person as the tokens of these columns tell, by field, under these keys."""

        def of(field: str, values: Iterable[str]) -> frozenset[str]:
            return as_tokens(field, {form for value in values for form in written_forms(field, value)})

        def as_tokens(field: str, forms: Set[str]) -> frozenset[str]:
            if field not in columns or not forms:
                return frozenset()
            return frozenset(
                tokenise(keys, columns[field], pa.chunked_array([pa.array(sorted(forms), pa.string())])).to_pylist()
            )

        return Identity(
            {field: of(field, values) for field, values in self.alone.items()},
            of(NAME, self.names),
            {field: of(field, values) for field, values in self.beside.items()},
            are_tokens=True,
            reordered=as_tokens(NAME, {form for name in self.names for form in reordered_forms(name)}),
        )


def comparable_value(field: str, value: str) -> str:
    """A value as delivered, in comparable form."""
    return comparable(field, normalised(value))


def comparable(field: str, text: str) -> str:
    """One form for all ways of writing a telephone number or a postcode, and for a name with and without titles or
    surname first; anything else, normalised, as it is."""
    if field == POSTCODE:
        return text.replace(" ", "")
    if field == NAME:
        return spoken(text)
    if field == PHONE and is_possible_phone(text):
        import phonenumbers  # noqa: PLC0415  # half a second of every command's start

        number = phonenumbers.parse(text, REGION)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return text


def written_forms(field: str, value: str) -> set[str]:
    """The usual ways of writing a value that :func:`comparable` gave: each has a token of its own."""
    if field == POSTCODE:
        return {value, f"{value[:-3]} {value[-3:]}"}
    if field == NAME:
        return usual_forms(value)
    if field != PHONE or not value.startswith("+"):
        return {value}
    import phonenumbers  # noqa: PLC0415  # as above

    number, form = phonenumbers.parse(value, None), phonenumbers.PhoneNumberFormat
    code = str(number.country_code)
    written = {phonenumbers.format_number(number, one) for one in (form.NATIONAL, form.INTERNATIONAL, form.E164)}
    bare = str(number.national_number)
    written |= {f"{code}{bare}", f"00{code}{bare}", f"+{code} {bare}", f"+{code} (0){bare}", f"+{code}(0){bare}", bare}
    # The library leaves the first zero out where it does not know the number. Five and six digits is how most people
    # write a mobile number, four and three their own.
    digits = f"0{bare}"
    written |= {f"{digits[:5]} {digits[5:]}", f"{digits[:5]} {digits[5:8]} {digits[8:]}"}
    written |= {f"+{code} {bare[:4]} {bare[4:]}", f"+{code} {bare[:4]} {bare[4:7]} {bare[7:]}"}
    return {form for one in written for form in (one, one.replace(" ", ""), one.replace(" ", "-"))}


def _tail(text: str) -> str:
    return re.sub(r"\D", "", text)[-TAIL_DIGITS:]


def _can_identify(field: str, text: str) -> bool:
    """Whether a normalised value is what its field should hold; n/a, a telephone number of zeros and the first day of a
    calendar are what forms are filled with."""
    if field == PHONE:
        return is_possible_phone(text)
    if field == EMAIL:
        return is_possible_email(text)
    if field == NAME:
        return is_name(text)
    if field == BIRTH:
        from hub.linkage.contacts import NO_BIRTH_DATE  # noqa: PLC0415  # it brings phonenumbers

        return text.replace("-", "") not in NO_BIRTH_DATE
    return True
