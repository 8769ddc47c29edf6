"""Where a text names a person: the places of a full name, an e-mail address, a telephone number or a handle, and beside
the name of a date of birth, a postcode or a contact that others have too."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from hub.privacy.identity import BIRTH, EMAIL, NAME, PHONE, POSTCODE, Identity
from hub.privacy.name_patterns import name_pattern, name_words
from hub.privacy.readings import Reading, readings
from hub.privacy.value_patterns import patterns

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
        alone = [(NAME, name_pattern(name)) for name in sorted(identity.names) if len(name_words(name)) > 1]
        for field, value in identity.contacts:
            if field in (EMAIL, PHONE) or len(value) >= SHORTEST_HANDLE:
                alone += [(field, pattern) for pattern in patterns(field, [value])]
        beside = [
            (field, pattern)
            for field in (BIRTH, POSTCODE, EMAIL, PHONE)
            for pattern in patterns(field, identity.beside.get(field, frozenset()))
        ]
        return cls(_compiled(alone), _compiled(beside))

    def spans(self, text: str, *, is_named: bool = False) -> list[Span]:
        """Where a text names the person, in rising order and apart from each other. ``is_named`` says that the name
        is beside the text."""
        every = readings(text)
        found = [span for one in every for span in _found(self.alone, one)]
        if is_named or any(span.kind == NAME for span in found):
            found += [span for one in every for span in _found(self.beside, one)]
        return _apart(found)


def masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with a star for each letter of these parts: all else keeps its place, and its line."""
    for start, end in spans:
        text = f"{text[:start]}{re.sub(r'\S', '*', text[start:end])}{text[end:]}"
    return text


def _compiled(found: Iterable[tuple[str, str]]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern)) for kind, pattern in found)


def _found(compiled: Iterable[tuple[str, re.Pattern[str]]], reading: Reading) -> Iterable[Span]:
    """Where patterns find something, by the places of the text itself."""
    for kind, pattern in compiled:
        for match in pattern.finditer(reading.said):
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            yield Span(reading.starts[start], reading.ends[match.end() - 1], kind)


def _apart(spans: Iterable[Span]) -> list[Span]:
    """The spans without overlaps: those that share a character are one, as what its first part is."""
    apart: list[Span] = []
    for one in sorted(spans):
        if apart and one.start < apart[-1].end:
            apart[-1] = apart[-1]._replace(end=max(apart[-1].end, one.end))
        else:
            apart.append(one)
    return apart
