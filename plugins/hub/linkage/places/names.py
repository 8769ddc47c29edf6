"""Names of places in texts, found by the hub's lists of places."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

LEAST_LETTERS = 4
HOME = frozenset({"live", "lives", "lived", "living", "reside", "resident", "based", "home", "moved"})
"""After one of these words a place is where somebody lives, which says nothing of the post."""
WORDS_FROM_HOME = 3
WORD = re.compile(r"[^\W_]+(?:['\u2019`][^\W_]+)*")


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
        Somerset" is not Bath. Where a text has capitals a name begins with one: nobody takes a Bath."""
        words = WORD.findall(text.replace("&", " and "))
        plain = [_plain(word) for word in words]
        has_capitals = any(word[0].isupper() for word in words)
        found: set[str] = set()
        start = 0
        while start < len(words):
            size = 0
            if words[start][0].isupper() or not has_capitals:
                size = self._longest_from(plain, start)
            if size and HOME.isdisjoint(plain[max(start - WORDS_FROM_HOME, 0) : start]):
                found |= self._authorities[" ".join(plain[start : start + size])]
            start += size or 1
        return frozenset(found)

    def _longest_from(self, plain: list[str], start: int) -> int:
        """How many words the longest name has that begins there; 0 for none."""
        longest = min(self._most_words, len(plain) - start)
        sizes = range(longest, 0, -1)
        return next((size for size in sizes if " ".join(plain[start : start + size]) in self._authorities), 0)


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFD", re.sub("['\u2019`]", "", word.lower()))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
