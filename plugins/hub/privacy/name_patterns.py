"""Regular expressions for the ways in which a person's name is written in text, as in ``value_patterns``."""

import re
import string
import unicodedata

from hub.privacy.readings import folded
from hub.privacy.value_patterns import whole

_MARKS = "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]"
"""Accents, and the vowel signs of Hebrew and Arabic: written or left out at will."""
_APOSTROPHES = "'`"
_APOSTROPHE, _HYPHEN = f"[{_APOSTROPHES}]", r"\s*-\s*"
_NEXT_WORD = r"""(?:\s*["']?[,;|]["']?\s*|\s+|[+_])"""
"""Between two words: blanks, a comma, two fields of a row, or what is written for a blank in addresses."""
_ALPHABETS = (*range(0xDF, 0x700), *range(0x1E00, 0x2000), *range(0x2C60, 0x2C80))
"""Latin, Greek, Cyrillic, Hebrew and Arabic, in which a letter can have an accent."""
_CHANGED = re.compile("LATIN SMALL LETTER ([A-Z]) WITH ")
_AS_TWO = {"ae": "æä", "oe": "œöø", "ue": "ü", "aa": "å", "th": "þ", "dh": "ð", "ng": "ŋ"}
"""Letters that people write as two where they have no key for them."""


def _base_of(char: str) -> str:
    """The letter that this is under an accent. One with a stroke or a hook has no parts in Unicode, but a name that
    tells its letter."""
    base = unicodedata.normalize("NFKD", char)[0]
    found = _CHANGED.match(unicodedata.name(base, ""))
    return found[1].lower() if found else {"\u0131": "i", "ð": "d"}.get(base, base)


def _accented_letters() -> dict[str, str]:
    """Each letter with all that are it under an accent."""
    found = {letter: letter for letter in string.ascii_lowercase}
    for char in map(chr, _ALPHABETS):
        base = _base_of(char)
        if base != char and base.isalpha() and char == char.casefold():
            found[base] = found.get(base, base) + char
    return found


_ACCENTED = _accented_letters()
_BASE_OF = {accented: base for base, letters in _ACCENTED.items() for accented in letters}


def name_words(name: str) -> list[list[str]]:
    """The words of a name, each in the parts that hyphens make."""
    said = re.sub(_HYPHEN, "-", folded(name))
    words = [[part for part in word.split("-") if part.strip(_APOSTROPHES)] for word in re.split(r"[\s,]+", said)]
    return [word for word in words if word]


def name_pattern(value: str) -> str:
    """A name as it is spoken or surname first, with or without its accents, apostrophes and hyphens."""
    words = name_words(value)
    orders = [words[first:] + words[:first] for first in range(len(words))]
    # Of two words, a hyphen would make one surname: that of somebody else.
    after = rf"(?:{_NEXT_WORD}|{_HYPHEN})" if len(words) > 2 else _NEXT_WORD
    return whole(f"(?:{'|'.join(_in_order(order, after) for order in orders)})")


def _in_order(words: list[list[str]], after: str) -> str:
    # An initial has a point or none; a word of one letter can as well be cut from what follows by an apostrophe.
    after_one = rf"(?:[{_APOSTROPHES}.]\s*|{after})"
    *first, last = words
    said = [_parts(word) + (after_one if len(word[-1]) == 1 else after) for word in first]
    return "".join([*said, _parts(last)])


def _parts(word: list[str]) -> str:
    return rf"(?:{_HYPHEN}|\s+)?".join(map(_spelt, word))


def _spelt(word: str) -> str:
    """A word of a name; between any two of its letters an apostrophe may be written or left out."""
    pattern, at = "", 0
    while at < len(word):
        char, pair = word[at], word[at : at + 2]
        if char in _APOSTROPHES:
            pattern += rf"\s?{_APOSTROPHE}?\s?"
        elif not re.match(_MARKS, char):
            between = f"{_APOSTROPHE}?" if pattern and word[at - 1] not in _APOSTROPHES else ""
            pattern += between + (_pair(pair) if pair in _AS_TWO else _letter(char))
            at += pair in _AS_TWO
        at += 1
    return pattern


def _pair(pair: str) -> str:
    first, second = map(_letter, pair)
    return f"(?:{first}{_APOSTROPHE}?{second}|[{_AS_TWO[pair]}]{_MARKS}*)"


def _letter(char: str) -> str:
    """One character of a name, with all that are written in its place."""
    one = _one_letter(char)
    if pairs := [pair for pair, letters in _AS_TWO.items() if char in letters]:
        return f"(?:{one}|{'|'.join(pairs)})"
    return one


def _one_letter(char: str) -> str:
    if letters := _ACCENTED.get(_BASE_OF.get(char, char)):
        return f"[{letters}]{_MARKS}*"
    # A syllable of Korean is one character or two to three.
    parts = unicodedata.normalize("NFD", char)
    return re.escape(char) + f"{_MARKS}*" if parts == char else f"(?:{char}|{parts})"
