"""Names of places in texts, found by the hub's lists of places."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LEAST_LETTERS = 4
HOME = frozenset(
    {"live", "lives", "lived", "living", "reside", "resident", "based", "home", "moved", "from", "born", "stay",
     "stays", "staying"}
)  # fmt: skip
"""After one of these words a place is where somebody lives or comes from, which says nothing of the post."""
WORDS_FROM_HOME = 3
ORDINARY_WORDS = frozenset(
    {"angel", "banks", "barking", "bath", "battle", "beer", "borough", "bridge", "brill", "broadway", "bugle", "bury",
     "camber", "chard", "church", "cove", "craven", "crook", "cults", "deal", "dingle", "dollar", "felling", "fleet",
     "flint", "forth", "grain", "grove", "hallow", "halls", "hart", "healing", "heath", "hermitage", "hook", "hope",
     "hull", "knowle", "leek", "locking", "march", "mere", "mold", "over", "pill", "plains", "pool", "poplar", "rake",
     "reading", "ripe", "riverside", "road", "rock", "rode", "rugby", "sale", "saline", "sandwich", "sandy", "scone",
     "send", "settle", "stock", "stone", "street", "sway", "tumble", "valley", "ware", "wells", "wing", "wool"}
)  # fmt: skip
"""Names of places that are words of every day, too: such a word is a place where its capital can only mean that."""
WORD = re.compile("[^\\W_]+(?:['\u2018\u2019`][^\\W_]+)*")
END_OF_SENTENCE = re.compile(r"[.!?\n]")
SHORTENED = frozenset({"st", "mr", "mrs", "ms", "dr"})
"""A dot after these ends no sentence."""


@dataclass(frozen=True)
class _Text:
    """The words of a text, as they are written and made comparable, and which begin a sentence."""

    words: Sequence[str]
    plain: Sequence[str]
    is_first: Sequence[bool]

    @property
    def has_capitals(self) -> bool:
        return any(word[0].isupper() for word in self.words)

    def before(self, place: int) -> Sequence[str]:
        """The few words before it in the same sentence."""
        start = place
        while start > max(place - WORDS_FROM_HOME, 0) and not self.is_first[start]:
            start -= 1
        return self.plain[start:place]

    def is_beside_a_number(self, place: int) -> bool:
        """Whether a number comes before or after, as with a month."""
        return any(word[0].isdigit() for word in (*self.words[max(place - 1, 0) : place], *self.words[place + 1 :][:1]))


class PlaceNames:
    """Finds places by their names: ``authorities`` has the codes of local authorities by name, made comparable as the
    macro ``written_name`` does it."""

    def __init__(self, authorities: Mapping[str, Iterable[str]]) -> None:
        self._authorities = {
            name: frozenset(codes) for name, codes in authorities.items() if len(name) >= LEAST_LETTERS
        }
        self._most_words = max((name.count(" ") + 1 for name in self._authorities), default=0)

    def in_text(self, text: str) -> frozenset[str]:
        """Codes of the authorities of all places that a text names. The longest name counts: "Bath and North East
        Somerset" is not Bath. Where a text has capitals a name begins with one: nobody takes a Bath. A name that is an
        ordinary word, too, counts only where it has a capital among small letters that no sentence gives it."""
        read = _read(text)
        found: set[str] = set()
        start = 0
        while start < len(read.words):
            size = 0
            if read.words[start][0].isupper() or not read.has_capitals:
                size = self._longest_from(read, start)
            if size and HOME.isdisjoint(read.before(start)):
                found |= self._authorities[" ".join(read.plain[start : start + size])]
            start += size or 1
        return frozenset(found)

    def _longest_from(self, read: _Text, start: int) -> int:
        """How many words the longest name has that begins there; 0 for none."""
        longest = min(self._most_words, len(read.plain) - start)
        sizes = range(longest, 0, -1)
        size = next((size for size in sizes if " ".join(read.plain[start : start + size]) in self._authorities), 0)
        return 0 if size == 1 and read.plain[start] in ORDINARY_WORDS and not _is_told_by_capital(read, start) else size


def _is_told_by_capital(read: _Text, place: int) -> bool:
    word = read.words[place]
    is_capital = word[0].isupper() and not word.isupper()
    return is_capital and not read.is_first[place] and not read.is_beside_a_number(place)


def _read(text: str) -> _Text:
    text = unicodedata.normalize("NFKC", text).replace("&", " and ")
    matches = list(WORD.finditer(text))
    words = [one[0] for one in matches]
    plain = [_plain(word) for word in words]
    ends = [0, *(one.end() for one in matches)]
    gaps = [text[end : one.start()] for end, one in zip(ends, matches, strict=False)]
    is_first = [
        place == 0 or (bool(END_OF_SENTENCE.search(gap)) and plain[place - 1] not in SHORTENED)
        for place, gap in enumerate(gaps)
    ]
    return _Text(words, plain, is_first)


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", re.sub("['\u2018\u2019`]", "", word.lower()))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
