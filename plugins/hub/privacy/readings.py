"""What a text says, however its characters are written: the one form in which every search looks for a person.

A text has one reading or two: as it stands, and with references (``&#64;``), percent signs (``%40``) and escapes
(``\\u0040``) as the characters they stand for. In both, letters are small and composed, what nobody sees is left out,
and dashes, apostrophes and digits are the plain ones.
"""

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from hub.contracts.characters import DIGITS, SAME, UNSEEN

MOST_ROUNDS = 3
"""A reference can stand for a part of another: so often they are put into their places."""
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_UNSEEN = re.compile(UNSEEN)
_OTHERS = SAME | DIGITS
_OTHER = re.compile(f"[{''.join(_OTHERS)}]")
_BEYOND_ASCII = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")


def _bytes_of_a_character(mark: str, leads: Sequence[str], rest: str) -> str:
    """A pattern for the bytes of a character in UTF-8, each as its number after a mark; behind the first mark."""
    return "|".join(f"{lead}(?:{mark}{rest}){{{count}}}" for count, lead in enumerate(leads, start=1))


_HEX = ("[cCdD][0-9a-fA-F]", "[eE][0-9a-fA-F]", "[fF][0-4]")
_OCTAL = ("3[0-3][0-7]", "3[45][0-7]", "36[0-4]")
_REST = "[89abAB][0-9a-fA-F]"
_REFERENCE = r"#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};"
_PERCENT = f"{_bytes_of_a_character('%', _HEX, _REST)}|[0-9a-fA-F]{{2}}"
_ESCAPE = "|".join(
    (
        f"x(?:{_bytes_of_a_character(r'\\+x', _HEX, _REST)}|[0-9a-fA-F]{{2}})",
        _bytes_of_a_character(r"\\+", _OCTAL, "2[0-7][0-7]"),
        "[0-3][0-7][0-7]",
        r"u[dD][89abAB][0-9a-fA-F]{2}\\+u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}",
        r"[nrt!-/:-@\[\]-`{-~]",
    )
)
CODED = rf"[&%\\](?:(?<=&)(?:{_REFERENCE})|(?<=%)(?:{_PERCENT})|(?<=\\)(?:\\*)(?:{_ESCAPE}))"
"""What stands for another character: references of HTML and XML, percent signs of addresses, escapes of JSON, of
programs and of PostgreSQL. A pattern for Python and for PostgreSQL."""
_CODED = re.compile(CODED)


class Reading(NamedTuple):
    """What a text says, and of each character where what it is written as begins and ends in the text itself."""

    said: str
    starts: Sequence[int]
    ends: Sequence[int]


def folded(text: str) -> str:
    """A text as patterns know it, as it stands."""
    if text.isascii():
        return text.lower()
    plain = _OTHER.sub(lambda found: _OTHERS[found[0]], _UNSEEN.sub("", text))
    return unicodedata.normalize("NFKC", plain).casefold()


def said_in(text: str) -> list[str]:
    """What a text says, in each of its readings, with one blank between words."""
    decoded = text
    for _ in range(MOST_ROUNDS):
        before, decoded = decoded, _CODED.sub(lambda found: _character(found[0]), decoded)
        if before == decoded:
            break
    return [" ".join(folded(one).split()) for one in ([text] if decoded == text else [text, decoded])]


def readings(text: str) -> list[Reading]:
    """The readings of a text, with places."""
    plain = Reading(text, range(len(text)), range(1, len(text) + 1))
    decoded = plain
    for _ in range(MOST_ROUNDS):
        found = ((one.start(), one.end(), _character(one[0])) for one in _CODED.finditer(decoded.said))
        before, decoded = decoded, _changed(decoded, found)
        if before.said == decoded.said:
            break
    return [_folded(one) for one in ([plain] if decoded.said == text else [plain, decoded])]


def _folded(reading: Reading) -> Reading:
    if reading.said.isascii():
        return reading._replace(said=reading.said.lower())
    seen = _changed(reading, ((one.start(), one.end(), "") for one in _UNSEEN.finditer(reading.said)))
    composed = _changed(seen, _composed(seen.said))
    return composed._replace(said=composed.said.translate(_LOWER))


def _composed(said: str) -> Iterator[tuple[int, int, str]]:
    """Each letter beyond ASCII with its marks, as one."""
    for run in _BEYOND_ASCII.finditer(said):
        start = run.start()
        for place in range(start + 1, run.end() + 1):
            if place == run.end() or not _goes_on(said[place]):
                yield start, place, _one_folded(said[start:place])
                start = place


@lru_cache(maxsize=4096)
def _one_folded(letter: str) -> str:
    return folded(letter)


@lru_cache(maxsize=4096)
def _goes_on(char: str) -> bool:
    """Whether a character can become one with that before it: an accent, or the second part of a Korean syllable."""
    if char.isascii():
        return False
    first = unicodedata.normalize("NFKD", char)[0]
    return unicodedata.category(first)[0] == "M" or "\u1161" <= first <= "\u11ff"


def _changed(reading: Reading, changes: Iterable[tuple[int, int, str]]) -> Reading:
    """A reading with other texts from one place to another, in rising order."""
    said, starts, ends, at = [], list[int](), list[int](), 0
    for start, end, new in changes:
        said += [reading.said[at:start], new]
        starts += [*reading.starts[at:start], *[reading.starts[start]] * len(new)]
        ends += [*reading.ends[at:start], *[reading.ends[end - 1]] * len(new)]
        at = end
    if not said:
        return reading
    said.append(reading.said[at:])
    return Reading("".join(said), [*starts, *reading.starts[at:]], [*ends, *reading.ends[at:]])


def _character(code: str) -> str:
    """The decoded text, or the same where nothing is coded."""
    if code[0] == "&":
        return html.unescape(code)
    if code[0] == "%":
        return _of_bytes(bytes.fromhex(code.replace("%", "")))
    escapes = [one for one in code.split("\\") if one]
    kind = escapes[0][0] if escapes else "\\"
    if kind == "u":
        return str(json.loads('"' + "".join(f"\\{one}" for one in escapes) + '"'))
    if kind == "x":
        return _of_bytes(bytes(int(one[1:], 16) for one in escapes))
    if kind.isdigit():
        return _of_bytes(bytes(int(one, 8) for one in escapes))
    return " " if kind in "nrt" else kind


def _of_bytes(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
