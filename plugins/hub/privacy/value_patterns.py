"""Regular expressions for the ways in which a person's name and other values are written in text.

They are for text in small letters, and of the kind that PostgreSQL knows as well.
"""

import re
import string
import unicodedata
from collections.abc import Callable
from datetime import date

from hub.privacy.identity import BIRTH, EMAIL, PHONE, POSTCODE

_BETWEEN_WORDS = r"(?:\s*,\s*|\s+)"
_MARKS = "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]"
"""Accents, and the vowel signs of Hebrew and Arabic: written or left out at will."""
_APOSTROPHE, _HYPHEN = "'\u2018\u2019\u02bc\u00b4`", "-\u2010\u2011\u2013\u2212"
_BETWEEN = rf"[{_HYPHEN}\s()./]{{0,3}}"
UNSEEN = (
    "[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f]"
)
"""Characters that nobody sees (Unicode's category Cf): they would hide a word."""
_ALPHABETS = (*range(0xDF, 0x700), *range(0x1E00, 0x2000))
"""Latin, Greek, Cyrillic, Hebrew and Arabic, in which a letter can have an accent."""


def _accented_letters() -> dict[str, str]:
    """Each letter with all that are it under an accent."""
    found = {letter: letter for letter in string.ascii_lowercase}
    for char in map(chr, _ALPHABETS):
        base = unicodedata.normalize("NFKD", char)[0]
        if base != char and base.isalpha() and char == char.casefold():
            found[base] = found.get(base, base) + char
    # Letters with a stroke and the dotless i have no parts in Unicode; "I" in capitals is both Turkish letters.
    return found | {base: found[base] + other for base, other in {"d": "đ", "l": "ł", "o": "ø", "i": "\u0131"}.items()}


_ACCENTED = _accented_letters()
_BASE_OF = {accented: base for base, letters in _ACCENTED.items() for accented in letters}


def in_sql(said: str) -> str:
    """SQL for a text in the form that the patterns are for, as :func:`~hub.vault.store.normalised` gives it; most texts
    are in plain letters and cost little. ``:unseen`` is :data:`UNSEEN`, and ``said`` the name of a column."""
    plain = f"lower(normalize(regexp_replace({said}, :unseen, '', 'g'), nfkc))"
    folded = f"replace(replace({plain}, 'ß', 'ss'), '\u03c2', '\u03c3')"
    form = f"case when octet_length({said}) = length({said}) then {said} else {folded} end"
    return f"regexp_replace({form}, '\\s{{2,}}', ' ', 'g')"


def whole(pattern: str) -> str:
    """Not as a part of a longer word."""
    return rf"(?<!\w){pattern}(?!\w)"


def name_pattern(value: str) -> str:
    """A name as it is spoken or surname first, with or without its accents."""
    words = [_spelt(word) for word in value.split()]
    orders = [words[first:] + words[:first] for first in range(len(words))]
    return whole(f"(?:{'|'.join(_BETWEEN_WORDS.join(order) for order in orders)})")


def _spelt(word: str) -> str:
    return "".join(map(_letter, unicodedata.normalize("NFKC", word)))


def _letter(char: str) -> str:
    """One character of a name, with all that are written in its place."""
    if re.match(_MARKS, char):
        return ""
    if letters := _ACCENTED.get(_BASE_OF.get(char, char)):
        return f"[{letters}]{_MARKS}*"
    if char in _APOSTROPHE:
        return f"[{_APOSTROPHE}]?"
    if char in _HYPHEN:
        return rf"[{_HYPHEN}\s]?"
    # A syllable of Korean is one character or two to three.
    parts = unicodedata.normalize("NFD", char)
    return re.escape(char) + f"{_MARKS}*" if parts == char else f"(?:{char}|{parts})"


def _email(value: str) -> str:
    return rf"(?<![\w.+-]){re.escape(value)}(?![\w-]|\.\w)"


def _phone(value: str) -> str:
    """A number with and without the code of its country, however its digits are grouped."""
    import phonenumbers  # noqa: PLC0415  # half a second of every command's start

    number = phonenumbers.parse(value, None)
    digits = _BETWEEN.join(str(number.national_number))
    code = _BETWEEN.join(str(number.country_code))
    prefix = rf"(?:(?:\+|00)?{_BETWEEN}{code}{_BETWEEN}(?:\(?0\)?)?{_BETWEEN}|\(?0{_BETWEEN})?"
    return rf"(?<!\w){prefix}{digits}(?!\w)"


def _birth(value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return whole(re.escape(value))
    between = f"[{_HYPHEN}/.]?"
    forms = [f"{day.year}{between}0?{day.month}{between}0?{day.day}"]
    forms += [f"0?{day.day}[{_HYPHEN}/. ]0?{day.month}[{_HYPHEN}/. ]{day.year}"]
    forms += [f"0?{day.day} {day:%B} {day.year}".lower(), f"0?{day.day} {day:%b} {day.year}".lower()]
    return whole(f"(?:{'|'.join(forms)})")


def _postcode(value: str) -> str:
    return whole(rf"{re.escape(value[:-3])}\s*{re.escape(value[-3:])}")


PATTERNS: dict[str, Callable[[str], str]] = {EMAIL: _email, PHONE: _phone, BIRTH: _birth, POSTCODE: _postcode}
"""The pattern of a value, by its field: of contacts, and of what identifies beside a name."""
