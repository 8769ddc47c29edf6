"""Names, as people write them, made comparable.

A name is taken apart into given names and surname, whose order a comma, capitals or known names tell. A single word may
be either. Letters of other scripts and accents become plain Latin ones; titles go; what forms hold in the place of a
name ("unknown", "the victim") is none.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from anyascii import anyascii

NICKNAMES = Path(__file__).with_name("nicknames.csv")
KNOWN_NAMES = Path(__file__).with_name("known_names.csv")
"""Words that are given names and no surnames, or the other way round, in 45 languages and countries: from the lists of
Faker 40.63.0 (https://github.com/joke2k/faker, MIT licence), in plain Latin letters."""
NAME_WORDS = Path(__file__).with_name("name_words.csv")
LEAST_OF_A_WORD = 2
_INNER_CAPITAL = re.compile(r"(?<=[a-z]{3})(?=[A-Z][a-z])")
_SPELLINGS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"(?:dzh|dj)", "j"),
        (r"(?:tsch|tch|cz)", "ch"),
        (r"sch", "sh"),
        (r"(?:ck|kh|q|x|c(?!h))", "k"),
        (r"^w", "v"),
        (r"z", "s"),
        (r"(?<!^)[aeiouyhw]", ""),
        (r"(.)\1+", r"\1"),
    )
)


@dataclass(frozen=True)
class Name:
    """Words in lower case without accents. ``given`` may begin with an initial; ``surname`` has no blanks or hyphens,
    and ``surname_parts`` are those of a double one. ``lone`` is a single word, which may be either."""

    given: tuple[str, ...] = ()
    surname: str | None = None
    surname_parts: tuple[str, ...] = ()
    lone: str | None = None

    @property
    def is_full(self) -> bool:
        """Whether it has a surname and a given name that is more than an initial."""
        return self.surname is not None and bool(self.given) and len(self.given[0]) >= LEAST_OF_A_WORD

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that is more than an initial, each once, in the order of the alphabet."""
        words = {*self.given, *self.surname_parts, self.surname, self.lone} - {None}
        return tuple(sorted(word for word in words if word and len(word) >= LEAST_OF_A_WORD))


NOBODY = Name()


def sound(word: str) -> str:
    """What ways of writing a name in Latin letters have in common: its first letter and the consonants after it."""
    for pattern, instead in _SPELLINGS:
        word = pattern.sub(instead, word)
    return word


@cache
def nicknames() -> Mapping[str, frozenset[str]]:
    """The given names that a nickname, or another way of writing one, is short for."""
    found: dict[str, set[str]] = {}
    for row in _rows(NICKNAMES):
        found.setdefault(row["nickname"], set()).add(row["given_name"])
    return {nickname: frozenset(names) for nickname, names in found.items()}


def forms_of(given: str) -> frozenset[str]:
    """A given name and those that it is short for."""
    return frozenset({given}) | nicknames().get(given, frozenset())


@cache
def spellings_of(given: str) -> frozenset[str]:
    """A given name, those that it is short for, and what is short for those."""
    formal = forms_of(given)
    return formal | {short for short, names in nicknames().items() if names & formal}


def parse_name(text: str) -> Name:
    """The parts of a name as delivered. Nobody, where it holds none."""
    plain = _plain(text)
    before, comma, after = plain.partition(",")
    first, second = _words(before), _words(after)
    if comma and first and second:
        return _name([*map(str.lower, second)], [*map(str.lower, first)])
    words = _words(plain)
    if len(words) == 1 and (parted := _INNER_CAPITAL.split(words[0]))[1:]:
        words = parted
    if len(words) < 2:
        return _lone(words)
    in_capitals = [word for word in words if word.isupper() and len(word) > 2]
    low = [word.lower() for word in words]
    if len(in_capitals) == 1 and in_capitals[0] == words[0]:
        return _name(low[1:], low[:1])
    if _is_reversed(low[0], low[-1]):
        return _name(low[1:], low[:1])
    start = _start_of_surname(low)
    return _name(low[:start], low[start:])


def parse_parts(given: str, surname: str) -> Name:
    """A name that comes in two columns."""
    first, last = (re.findall(r"[a-z-]+", _plain(text).lower()) for text in (given, surname))
    if not last:
        return Name(given=tuple(first)) if first and len(first[0]) >= LEAST_OF_A_WORD else NOBODY
    name = _name(first, last)
    return name if first else Name(surname=name.surname, surname_parts=name.surname_parts)


def _plain(text: str) -> str:
    """In Latin letters, without apostrophes and dots."""
    plain = anyascii(unicodedata.normalize("NFKC", text)).replace("/", "")
    return re.sub(r"['`.]", lambda found: " " if found[0] == "." else "", plain)


def _is_reversed(first: str, last: str) -> bool:
    """Whether a known given name comes last: after a known surname, or after any word where Britain knows it as one."""
    if len(first) < LEAST_OF_A_WORD or _known().get(last) != "given_name":
        return False
    return _known().get(first) == "surname" or (last in _british() and first not in _known())


@cache
def _british() -> frozenset[str]:
    return frozenset({*nicknames(), *(name for names in nicknames().values() for name in names)})


@cache
def _known() -> Mapping[str, str]:
    listed = {row["name"]: row["kind"] for row in _rows(KNOWN_NAMES)}
    return listed | {name: "given_name" for name in _british() if listed.get(name) != "surname"}


def _name(given: list[str], surname: list[str]) -> Name:
    particles = _kind("particle")
    parts = tuple(
        part for word in surname for part in word.split("-") if len(part) > LEAST_OF_A_WORD and part not in particles
    )
    whole = "".join(surname).replace("-", "")
    names = tuple(dict.fromkeys(part for word in given for part in (word.replace("-", ""), *word.split("-")) if part))
    if len(whole) < LEAST_OF_A_WORD:
        return Name(given=names) if any(len(name) >= LEAST_OF_A_WORD for name in names) else NOBODY
    return Name(given=names, surname=whole, surname_parts=parts or (whole,))


def _lone(words: list[str]) -> Name:
    word = words[0].lower().replace("-", "") if words else ""
    return Name(lone=word) if len(word) >= LEAST_OF_A_WORD else NOBODY


def _start_of_surname(words: list[str]) -> int:
    """Where the surname begins: at the last word, or at the particles before it."""
    start = len(words) - 1
    while start > 1 and words[start - 1] in _kind("particle"):
        start -= 1
    return start


def _words(text: str) -> list[str]:
    """The words of a name without titles, suffixes and fillers; none where all are."""
    words = [word.strip("-") for word in re.findall(r"[A-Za-z-]+", text)]
    words = [word for word in words if word]
    titles, suffixes, fillers = _kind("title"), _kind("suffix"), _kind("filler")
    if all(word.lower() in titles | suffixes | fillers for word in words):
        return []
    while len(words) > 1 and words[0].lower() in titles | fillers and len(words[0]) > 1:
        words = words[1:]
    while len(words) > 1 and words[-1].lower() in suffixes | titles:
        words = words[:-1]
    return words


@cache
def _kind(kind: str) -> frozenset[str]:
    return frozenset(row["word"] for row in _rows(NAME_WORDS) if row["kind"] == kind)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
