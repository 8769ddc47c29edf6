"""Finds identifiers of erased persons in a text: full name with birth date or postcode, e-mail address, telephone
number, handle."""

import html
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from proofs.erasure_search import forms
from proofs.erasure_search.persons import Person

ESCAPED = re.compile(r"\\u[0-9a-fA-F]{4}|\\n|\\t|\\\"")
PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
ENTITY = re.compile(r"&(?:#\w+|[a-z]+);")


class Hit(NamedTuple):
    """A person, by index, and the kind of identifier that was found; never the value."""

    person: int
    kind: str


class Identifier(NamedTuple):
    """A hit and, to tell two of one kind apart, what was found in the form in which it is compared."""

    hit: Hit
    value: object


class Finder:
    """Looks for all of these persons at once."""

    def __init__(self, persons: Sequence[Person]) -> None:
        self._persons = persons
        self._contacts: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._names: dict[forms.Name, set[int]] = defaultdict(set)
        for index, person in enumerate(persons):
            for contact in person.contacts:
                self._contacts[contact].add(index)
            for name in person.names:
                self._names[name].add(index)
        self._words = frozenset(word for name in self._names for word in name)
        self._lengths = frozenset(len(value) for kind, value in self._contacts if kind == "telephone")
        self._has_handles = any(kind == "handle" for kind, _ in self._contacts)

    def hits(self, text: str) -> set[Hit]:
        """Who is in a text, whichever way it is escaped. Name and birth date or postcode count together where they are
        in the same text."""
        return {one.hit for one in self.identifiers(text)}

    def identifiers(self, text: str) -> set[Identifier]:
        """Who is in a text, and by what."""
        return {one for form in _unescaped(text) for one in self._identifiers(form)}

    def _identifiers(self, text: str) -> Iterator[Identifier]:
        for kind, value in self._contacts_in(text):
            for person in self._contacts.get((kind, value), ()):
                yield Identifier(Hit(person, kind), value)
        named = {(person, name) for name in forms.names_in(text, self._words) for person in self._names.get(name, ())}
        if named:
            days, postcodes = set(forms.days_in(text)), set(forms.postcodes_in(text))
            for person, name in named:
                for day in days & self._persons[person].births:
                    yield Identifier(Hit(person, "name and birth date"), (name, day))
                for postcode in postcodes & self._persons[person].postcodes:
                    yield Identifier(Hit(person, "name and postcode"), (name, postcode))

    def _contacts_in(self, text: str) -> Iterator[tuple[str, str]]:
        for email in forms.emails_in(text):
            yield "email", email
        for number in forms.telephones_in(text, self._lengths):
            yield "telephone", number
        if self._has_handles:
            for handle in forms.handles_in(text):
                yield "handle", handle


def _unescaped(text: str) -> Iterator[str]:
    yield text
    if ESCAPED.search(text):
        yield re.sub(r"\\u[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})*", _of_json, text).replace("\\n", " ").replace('\\"', '"')
    if PERCENT.search(text):
        yield unquote(text)
    if ENTITY.search(text):
        yield html.unescape(text)


def _of_json(found: re.Match[str]) -> str:
    return str(json.loads(f'"{found[0]}"')).encode("utf-8", "replace").decode()
