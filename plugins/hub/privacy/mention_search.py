"""Where a text names a person: the places of a full name, an e-mail address, a telephone number or a handle, and beside
the name of a date of birth, a postcode or a contact that others have too."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from hub.privacy.identity import BIRTH, EMAIL, NAME, PHONE, POSTCODE, Identity
from hub.privacy.value_patterns import PATTERNS, name_pattern, whole

SHORTEST_HANDLE = 8
"""A shorter handle or code is an ordinary word too often."""


class Span(NamedTuple):
    """A part of a text, as what it names the person (name, email, phone, …), and the keyed hash of its words, where
    they are to be known again."""

    start: int
    end: int
    kind: str
    words_hash: str = ""


@dataclass(frozen=True)
class MentionSearch:
    """Finds one person in what others wrote. Patterns by what they find; ``beside`` counts in a text with the name."""

    alone: tuple[tuple[str, re.Pattern[str]], ...]
    beside: tuple[tuple[str, re.Pattern[str]], ...]

    @classmethod
    def of(cls, identity: Identity) -> "MentionSearch":
        """What a person can be found by in others' texts. One name of two is no full name."""
        names = sorted(name for name in identity.names if len(name.split()) > 1)
        alone = [(NAME, name_pattern(name)) for name in names]
        for field, value in identity.contacts:
            if field in (EMAIL, PHONE):
                alone.append((field, PATTERNS[field](value)))
            elif len(value) >= SHORTEST_HANDLE:
                alone.append((field, whole(re.escape(value))))
        beside = [
            (field, PATTERNS[field](value))
            for field in (BIRTH, POSTCODE, EMAIL, PHONE)
            for value in sorted(identity.beside.get(field, frozenset()))
        ]
        return cls(_compiled(alone), _compiled(beside))

    def spans(self, text: str, *, is_named: bool = False) -> list[Span]:
        """Where a text names the person, in rising order and apart from each other. ``is_named`` says that the name
        is beside the text."""
        said, places = _folded(text)
        found = list(_found(self.alone, said))
        if is_named or any(span.kind == NAME for span in found):
            found += _found(self.beside, said)
        return _apart(Span(places[one.start], places[one.end - 1] + 1, one.kind) for one in found)


def masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with a star for each letter of these parts: all else keeps its place, and its line."""
    for start, end in spans:
        text = f"{text[:start]}{re.sub(r'\S', '*', text[start:end])}{text[end:]}"
    return text


def _compiled(patterns: Iterable[tuple[str, str]]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern)) for kind, pattern in patterns)


def _found(patterns: Iterable[tuple[str, re.Pattern[str]]], said: str) -> Iterable[Span]:
    for kind, pattern in patterns:
        for match in pattern.finditer(said):
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            yield Span(start, match.end(), kind)


def _folded(text: str) -> tuple[str, range | list[int]]:
    """A text in the form that patterns are for, and the place of each of its characters in the text itself. Characters
    that nobody sees are left out: they would hide a word."""
    if text.isascii():
        return text.lower(), range(len(text))
    said: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if unicodedata.category(char) == "Cf":
            continue
        for one in unicodedata.normalize("NFKC", char).casefold():
            said.append(one)
            places.append(place)
    return "".join(said), places


def _apart(spans: Iterable[Span]) -> list[Span]:
    """The spans without overlaps: those that share a character are one, as what its first part is."""
    apart: list[Span] = []
    for one in sorted(spans):
        if apart and one.start < apart[-1].end:
            apart[-1] = apart[-1]._replace(end=max(apart[-1].end, one.end))
        else:
            apart.append(one)
    return apart
