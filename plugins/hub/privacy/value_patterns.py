"""Regular expressions for the ways in which a person's name and other values are written in text.

They are for text in small letters, and of the kind that PostgreSQL knows as well.
"""

import re
import string
import unicodedata
from collections.abc import Callable
from datetime import date

from hub.privacy.identity import BIRTH, EMAIL, PHONE, POSTCODE

_BETWEEN = r"[\s().\-/]{0,3}"
_BETWEEN_WORDS = r"(?:\s*,\s*|\s+)"
_MARKS = "[\u0300-\u036f]*"


def _accented_letters() -> dict[str, str]:
    """Each letter from a to z with all that are it under an accent."""
    found = {letter: letter for letter in string.ascii_lowercase}
    for char in map(chr, (*range(0xDF, 0x250), *range(0x1E00, 0x1F00))):
        base = unicodedata.normalize("NFKD", char)[0]
        if base in found and char.islower():
            found[base] += char
    # Letters with a stroke have no parts in Unicode.
    return found | {base: found[base] + stroke for base, stroke in {"d": "đ", "l": "ł", "o": "ø"}.items()}


_ACCENTED = _accented_letters()


def whole(pattern: str) -> str:
    """Not as a part of a longer word."""
    return rf"(?<!\w){pattern}(?!\w)"


def name_pattern(value: str) -> str:
    """A name as it is spoken or surname first, with or without its accents."""
    words = [_spelt(word) for word in value.split()]
    orders = [words[first:] + words[:first] for first in range(len(words))]
    return whole(f"(?:{'|'.join(_BETWEEN_WORDS.join(order) for order in orders)})")


def _spelt(word: str) -> str:
    letters = (char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))
    return "".join(
        f"[{accented}]{_MARKS}" if (accented := _ACCENTED.get(char)) else re.escape(char) for char in letters
    )


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
    forms = [f"{day.year}[-/.]?0?{day.month}[-/.]?0?{day.day}", f"0?{day.day}[-/. ]0?{day.month}[-/. ]{day.year}"]
    forms += [f"0?{day.day} {day:%B} {day.year}".lower(), f"0?{day.day} {day:%b} {day.year}".lower()]
    return whole(f"(?:{'|'.join(forms)})")


def _postcode(value: str) -> str:
    return whole(rf"{re.escape(value[:-3])}\s*{re.escape(value[-3:])}")


PATTERNS: dict[str, Callable[[str], str]] = {EMAIL: _email, PHONE: _phone, BIRTH: _birth, POSTCODE: _postcode}
"""The pattern of a value, by its field: of contacts, and of what identifies beside a name."""
