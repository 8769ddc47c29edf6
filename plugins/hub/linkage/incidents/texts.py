"""Texts as plain words, and how alike two of them are."""

import re
import unicodedata

from rapidfuzz import fuzz

NOT_A_WORD = re.compile(r"[\W_]+")
NUMBER = re.compile(r"\b\d{2,}\b")
LEAST_CUT = 40
"""Characters; a shorter text is found inside many longer ones that are about something else."""
ALIKE = 92.0
"""Per cent; above it no other way of comparing is tried."""
CUT, REWORDED, MOST_OF = 0.97, 0.95, 0.85
"""A text that is a part of another, or has its words among others, is a little less alike than one that is the same."""


def plain_text(text: str) -> str:
    """A text as lower-case words with one blank between them: no marks, accents or line ends."""
    letters = text.casefold()
    if not letters.isascii():
        letters = "".join(char for char in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(char))
    return NOT_A_WORD.sub(" ", letters).strip()


def similarity(first: str, second: str) -> float:
    """How alike two plain texts are, 0 to 1: as they are, with their words in another order, or one cut short."""
    best = fuzz.ratio(first, second)
    if best < ALIKE:
        best = max(best, fuzz.token_sort_ratio(first, second))
        shorter, longer = sorted((len(first), len(second)))
        if shorter >= LEAST_CUT:
            best = max(best, REWORDED * fuzz.token_set_ratio(first, second))
            if shorter < MOST_OF * longer and best < ALIKE:
                best = max(best, CUT * fuzz.partial_ratio(first, second))
    return float(best) / 100


def numbers_in(plain: str) -> frozenset[str]:
    """The numbers of two digits and more in a plain text: times, counts, houses, dates."""
    return frozenset(NUMBER.findall(plain))
