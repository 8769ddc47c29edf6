"""The lists of names and of words in names. Their files say where each row comes from."""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent
NICKNAMES = FOLDER / "nicknames.csv"
KNOWN_NAMES = FOLDER / "known_names.csv"
"""Words that are given names and no surnames, or the other way round, in 45 languages and countries: from the lists of
Faker 40.63.0 (https://github.com/joke2k/faker, MIT licence), in plain Latin letters."""
NAME_WORDS = FOLDER / "name_words.csv"
FAMILY_NAME_FIRST = FOLDER / "family_name_first.csv"
"""Family names of peoples who write the family name first, the commonest first, each with the spellings that it has in
Latin letters."""


@cache
def nicknames() -> Mapping[str, frozenset[str]]:
    """The given names that a nickname, or another way of writing one, is short for."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in _rows(NICKNAMES):
        found[row["nickname"]].add(row["given_name"])
    return MappingProxyType({nickname: frozenset(names) for nickname, names in found.items()})


@cache
def british_given_names() -> frozenset[str]:
    """Given names that are usual in Britain, and their short forms."""
    return frozenset({*nicknames(), *(name for names in nicknames().values() for name in names)})


@cache
def listed_names() -> Mapping[str, str]:
    """Words that are ``given_name`` or ``surname`` alone: Henry and Francis, which are both, are neither."""
    return MappingProxyType({row["name"]: row["kind"] for row in _rows(KNOWN_NAMES)})


@cache
def known_names() -> Mapping[str, str]:
    """Words that are ``given_name`` or ``surname`` alone, or given names of Britain that are seldom surnames."""
    british = {name: "given_name" for name in british_given_names() if listed_names().get(name) != "surname"}
    return MappingProxyType({**listed_names(), **british})


@cache
def words_of(kind: str) -> frozenset[str]:
    """The words in names of one kind: title, suffix, particle, filler or given_name_or_surname."""
    return frozenset(row["word"] for row in _rows(NAME_WORDS) if row["kind"] == kind)


@cache
def family_names_first() -> Mapping[str, int]:
    """Each spelling of a family name that is written first, and its rank: 0 for the commonest."""
    found: dict[str, int] = {}
    for rank, row in enumerate(_rows(FAMILY_NAME_FIRST)):
        for spelling in row["spellings"].split():
            found.setdefault(spelling, rank)
    return MappingProxyType(found)


def family_names_of(spelling: str) -> frozenset[str]:
    """The family names that may be written so, by their first spelling."""
    return _spelled_so().get(spelling, frozenset())


@cache
def _spelled_so() -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in _rows(FAMILY_NAME_FIRST):
        spellings = row["spellings"].split()
        for one in spellings:
            found[one].add(f"{row['language']} {spellings[0]}")
    return {spelling: frozenset(names) for spelling, names in found.items()}


@cache
def digest() -> str:
    """Changes with all that decides how names are read and compared: code and lists."""
    found = hashlib.sha256()
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in {".py", ".csv"}:
            found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
