"""Names, as people write them, made comparable.

A name is taken apart into given names and surname, whose order a comma, capitals or known names tell. A single word may
be either. Letters of other scripts and accents become plain Latin ones; titles go; what forms hold in the place of a
name ("unknown", "the victim") is none.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from anyascii import anyascii

from hub.linkage.names.lists import british_given_names, family_names_first, known_names, listed_names, words_of

SHORTEST_WORD = 2
_INNER_CAPITAL = re.compile(r"(?<=[a-z]{3})(?=[A-Z][a-z])")


@dataclass(frozen=True)
class Name:
    """Words in lower case without accents. ``given`` may begin with an initial; ``surname`` has no blanks or hyphens,
    and ``surname_parts`` are those of a double one. ``lone`` is the word of a name of one word: a given name or a
    surname. ``letters`` are given names and surname in one word, without initials."""

    given: tuple[str, ...] = ()
    surname: str | None = None
    surname_parts: tuple[str, ...] = ()
    lone: str | None = None
    letters: str = field(default="", compare=False)

    @property
    def is_full(self) -> bool:
        """Whether it has a surname and a first given name that is more than an initial."""
        return self.surname is not None and bool(self.given) and len(self.given[0]) >= SHORTEST_WORD

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that is more than an initial, each once, in the order of the alphabet."""
        words = {*self.given, *self.surname_parts, self.surname, self.lone} - {None}
        return tuple(sorted(word for word in words if word and len(word) >= SHORTEST_WORD))


NOBODY = Name()


def parse_name(text: str) -> Name:
    """The parts of a name as delivered. Nobody, where it holds none."""
    plain = _plain(text)
    before, comma, after = plain.partition(",")
    first, second = _words(before), _words(after)
    if comma and first and second:
        return _name([*map(str.lower, second)], [*map(str.lower, first)])
    words = _parted(_words(plain))
    if len(words) < 2:
        return _lone(words)
    low = [word.lower() for word in words]
    if end := _end_of_surname_in_capitals(words):
        return _name(low[end:], low[:end])
    if _is_reversed(low[0], low[-1]) or _has_family_name_first(low):
        return _name(low[1:], low[:1])
    start = _start_of_surname(low)
    return _name(low[:start], low[start:])


def parse_parts(given: str, surname: str) -> Name:
    """A name that comes in two columns. A title may be a surname here, such as Bishop."""
    first = [word.lower() for word in _words(_plain(given))]
    last = re.findall(r"[a-z-]+", _plain(surname).lower())
    if words_of("filler").issuperset(last):
        return Name(given=tuple(first)) if any(len(word) >= SHORTEST_WORD for word in first) else NOBODY
    name = _name(first, last)
    return name if first else Name(surname=name.surname, surname_parts=name.surname_parts)


def words_of_name(text: str) -> list[str]:
    """The words of a name in small Latin letters, as they are written, without titles, fillers and particles."""
    words = [word for one in _parted(_words(_plain(text))) for word in one.lower().split("-") if word]
    return [word for word in words if word not in words_of("particle")] or words


def _parted(words: list[str]) -> list[str]:
    """The words of a name that is written in one: AmiraKhan."""
    return _INNER_CAPITAL.split(words[0]) if len(words) == 1 else words


def _plain(text: str) -> str:
    """In Latin letters, without apostrophes, and without slashes so that "n/a" is the filler "na"; a dot ends a
    word."""
    plain = anyascii(unicodedata.normalize("NFKC", text)).replace("/", "")
    return re.sub(r"['`.]", lambda found: " " if found[0] == "." else "", plain)


def _end_of_surname_in_capitals(words: list[str]) -> int:
    """How many words the name begins with that are in capitals, where these alone are: VAN DEN BERG Jan. 0 for others,
    and for two letters, which may be initials: AJ Smith."""
    is_capital = [word.isupper() and len(word) >= SHORTEST_WORD for word in words]
    end = is_capital.index(False) if False in is_capital else 0
    return end if not any(is_capital[end:]) and len("".join(words[:end])) > SHORTEST_WORD else 0


def _is_reversed(first: str, last: str) -> bool:
    """Whether the last word is a given name behind its surname. It is one where the first is known as a
    surname alone; or where the last is usual in Britain and no surname, and the first is in no list. Not in "Rohan
    Henry": Henry is a surname, too."""
    if len(first) < SHORTEST_WORD or known_names().get(last) != "given_name":
        return False
    if known_names().get(first) == "surname":
        return True
    return last in british_given_names() and last in listed_names() and first not in known_names()


def _has_family_name_first(words: list[str]) -> bool:
    """Whether the name begins with a family name as Chinese, Korean and Vietnamese people write theirs. Where the last
    word may be one as well, the commoner of the two is the family name."""
    first, last = words[0], words[-1]
    ranks = family_names_first()
    # In "Lee Harrow", Lee is the given name.
    is_given_too = first in british_given_names() or (len(words) == 2 and first in words_of("given_name_or_surname"))
    if first not in ranks or is_given_too:
        return False
    return ranks[first] < ranks[last] if last in ranks else known_names().get(last) != "surname"


def _name(given: list[str], surname: list[str]) -> Name:
    particles = words_of("particle")
    parts = tuple(
        part for word in surname for part in word.split("-") if len(part) > SHORTEST_WORD and part not in particles
    )
    whole = "".join(surname).replace("-", "")
    if whole in family_names_first() and not any(word in known_names() for word in given):
        # Two syllables of one given name, which are written as one word, with a hyphen or as two.
        given = ["-".join(given)]
    names = tuple(dict.fromkeys(part for word in given for part in (word.replace("-", ""), *word.split("-")) if part))
    if len(whole) < SHORTEST_WORD:
        return Name(given=names) if any(len(name) >= SHORTEST_WORD for name in names) else NOBODY
    letters = "".join([*(word.replace("-", "") for word in given if len(word) >= SHORTEST_WORD), whole])
    return Name(given=names, surname=whole, surname_parts=parts or (whole,), letters=letters)


def _lone(words: list[str]) -> Name:
    word = words[0].lower().replace("-", "") if words else ""
    return Name(lone=word) if len(word) >= SHORTEST_WORD else NOBODY


def _start_of_surname(words: list[str]) -> int:
    """Where the surname begins: at the last word, or at the particles before it."""
    start = len(words) - 1
    while start > 1 and words[start - 1] in words_of("particle"):
        start -= 1
    return start


def _words(text: str) -> list[str]:
    """The words of a name without titles, suffixes and fillers; none where all are."""
    words = [word.strip("-") for word in re.findall(r"[A-Za-z-]+", text)]
    words = [word for word in words if word]
    titles, suffixes, fillers = words_of("title"), words_of("suffix"), words_of("filler")
    if all(word.lower() in titles | suffixes | fillers for word in words):
        return []
    while len(words) > 1 and words[0].lower() in titles | fillers and len(words[0]) > 1:
        words = words[1:]
    while len(words) > 1 and words[-1].lower() in suffixes | titles:
        words = words[:-1]
    return words
