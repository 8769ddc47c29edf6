"""A person's name: whether it is one, when two ways of writing it are the same, and the usual ways of writing it."""

import re
import unicodedata
from collections.abc import Sequence

from anyascii import anyascii

from hub.linkage.names.lists import words_of
from hub.linkage.names.spelling import has_words_of_its_own
from hub.privacy.readings import folded
from hub.vault.store import normalised

LEAST_TIMES = 3
"""One letter, so many times or more, is no name: aaa."""
_LETTERS = re.compile(r"[^\W\d_]+")
_SIGN_IN_WORD = re.compile(r"(?<=\w)[^\w\s](?=\w)")
_SHORTENED = re.compile(r"(?<=\w)[^\w\s](?:d|m|ll|ve)\b")
"""Ends of shortened verbs: I'd, I'm."""
_ACCENTS = frozenset(map(chr, range(0x300, 0x370)))


def spoken(name: str) -> str:
    """A name without titles and the points of initials, surname last. A title before a single word stays: Mr and Mrs
    of one name are two."""
    last, _, first = name.partition(",")
    words = f"{first} {last}".replace(".", " ").split()
    while len(words) > 2 and words[0] in words_of("title"):
        words = words[1:]
    return " ".join(words)


def plain(name: str) -> str:
    """One form for a name with and without accents, apostrophes and hyphens."""
    said = _without_accents(folded(name))
    return " ".join(re.sub("['`]", "", said).replace("-", " ").split())


def in_any_order(name: str) -> str:
    """One form for a name, plain, as it is spoken and surname first."""
    return min(_orders(plain(name)))


def usual_forms(name: str) -> set[str]:
    """The usual ways of writing a name that :func:`spoken` gave, its words in that order or surname first with a
    comma: with titles and points, and without accents, apostrophes or hyphens."""
    found = set[str]()
    for one in _spellings(name):
        as_spoken, words = _with_points(one), one.split()
        found |= as_spoken
        if len(words) > 1:
            titles = {form for title in words_of("title") for form in (title, f"{title}.")}
            found |= {f"{title} {form}" for title in titles for form in as_spoken}
            found |= {f"{' '.join(words[at:])}, {' '.join(words[:at])}" for at in range(1, len(words))}
    return found


def reordered_forms(name: str) -> set[str]:
    """The same, and surname first without a comma."""
    turned = {order for one in _spellings(name) for order in _orders(one)}
    return usual_forms(name) | {form for order in turned for form in _with_points(order)}


def is_one_with(name: str, other: str) -> bool:
    """Whether two names have the same words, or their first letters, in any order, with or without titles, accents,
    apostrophes and hyphens."""
    few, many = sorted((_words(name), _words(other)), key=len)
    return has_words_of_its_own(few, many, _may_be_one)


def is_name(text: str) -> bool:
    """Whether it names anybody: "-", "Not stated", "Mr Unknown", "Mrs N.A." and "xxx" stand in the place of a name. A
    word with a sign in it is one word (don't) or two (withheld/unknown)."""
    full = _SHORTENED.sub("", text)
    return all(_tells(_LETTERS.findall(one)) for one in (full, _SIGN_IN_WORD.sub("", full)))


def _without_accents(name: str) -> str:
    letters = [one for one in unicodedata.normalize("NFD", name) if one not in _ACCENTS]
    return unicodedata.normalize("NFC", "".join(map(_without_stroke, letters)))


def _without_stroke(letter: str) -> str:
    is_changed = not letter.isascii() and unicodedata.name(letter, "").startswith("LATIN ")
    return anyascii(letter).lower() if is_changed else letter


def _spellings(name: str) -> set[str]:
    found = {name, folded(name)}
    found |= {_without_accents(one) for one in found}
    found |= {one.replace("'", sign) for one in found for sign in ("", "\u2019")}
    return found | {one.replace("-", " ") for one in found}


def _orders(name: str) -> list[str]:
    words = name.split()
    return [" ".join(words[at:] + words[:at]) for at in range(len(words))] or [name]


def _with_points(name: str) -> set[str]:
    """A name as it is, and with a point behind each initial."""
    return {name, " ".join(f"{word}." if len(word) == 1 else word for word in name.split())}


def _words(name: str) -> list[str]:
    """The words of a name in letters without accents, without titles, and with its parts between hyphens apart."""
    return "".join(map(_in_letters, unicodedata.normalize("NFKD", spoken(normalised(name))))).split()


def _in_letters(char: str) -> str:
    if char.isascii() and (char.isalnum() or char in " _"):
        return char
    kind, called = unicodedata.category(char), unicodedata.name(char, "")
    if kind == "Pd" or char in "/&+;":
        return " "
    if called.startswith("LATIN "):
        return anyascii(char).lower()
    is_sign = kind[0] in "PS" or called.startswith("MODIFIER LETTER")
    return "" if is_sign or unicodedata.combining(char) else char


def _may_be_one(one: str, other: str) -> bool:
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])


def _tells(words: Sequence[str]) -> bool:
    """Whether some of these words are a name, rather than titles and what is written where there is none."""
    fillers, said = words_of("filler"), [word for word in words if word not in words_of("title")]
    together = "".join(said)
    if not words or fillers & {"".join(words), together} or (said and fillers.issuperset(said)):
        return False
    is_one_letter = len(set(together)) == 1
    return not (is_one_letter and ("x" in together or len(together) >= LEAST_TIMES))
