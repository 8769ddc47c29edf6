"""Texts as plain words, what of them tells one account from another, and how alike two of them are."""

import re
import unicodedata

from rapidfuzz import fuzz

from hub.linkage.incidents.stock_words import STOCK_WORDS

NOT_A_WORD = re.compile(r"[\W_]+")
LEAST_CUT = 40
"""Characters; a shorter text is found inside many longer ones that are about something else."""
ALIKE = 92.0
"""Per cent; above it no other way of comparing is tried."""
CUT, REWORDED, MOST_OF = 0.97, 0.95, 0.85
"""A text that is a part of another, or has its words among others, is a little less alike than one that is the same."""
LEAST_PART = 70.0
"""Per cent; nothing is made of a part that is less alike."""
LEAST_WORD, MOST_TERMS = 4, 24
"""Letters of a word and words of a text that are looked up; shorter words are nearly all grammar."""
LATIN = str.maketrans(
    dict(zip("аеорсухіјѕԁԛԝһвкмнтгп", "aeopcyxijsdqwhbkmhtrn", strict=True))
    | dict(zip("αβεηικνορτυχγω", "abenikvoptuxyw", strict=True))
    | dict(zip("ıłøɑɡđħ", "iloagdh", strict=True))
)
"""Letters of other scripts, and of Latin with a stroke, that are drawn as these (Unicode, confusables of UTS 39)."""
LEET = str.maketrans("430157@$!|", "aeoistasii")
MASKED = re.compile(r"(?<!\S)\S*[430157@$!|]\S*")
INSIDE = re.compile(r"(?<=[^\W\d_])[430157@$!|]+(?=[^\W\d_])|^[@$](?=[^\W\d_]+$)|(?<=[^\W\d_]{2})[430157@$]$")
SPACED = re.compile(r"(?<!\w)(?:[^\W\d_][ .\-*_])+[^\W\d_](?!\w)")
RETYPED = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("l", "i"))
"""What retyping a picture confuses; both texts lose the difference."""


def plain_text(text: str) -> str:
    """A text as lower-case words with one blank between them: no marks, accents or line ends."""
    letters = text.casefold()
    if not letters.isascii():
        letters = "".join(char for char in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(char))
    return NOT_A_WORD.sub(" ", letters).strip()


def undisguised_text(text: str) -> str:
    """A plain text without what is done to hide words from a filter or happens when a picture is retyped: invisible
    signs, letters of other scripts, digits for letters, letters apart, letters that look alike."""
    if not text.isascii():
        visible = (char for char in text if unicodedata.category(char) != "Cf")
        text = unicodedata.normalize("NFKD", "".join(visible))
        text = "".join(char for char in text if not unicodedata.combining(char))
    letters = text.casefold().translate(LATIN)
    letters = MASKED.sub(lambda found: INSIDE.sub(lambda one: one[0].translate(LEET), found[0]), letters)
    letters = SPACED.sub(lambda found: _together(found[0]), letters)
    for written, read in RETYPED:
        letters = letters.replace(written, read)
    return NOT_A_WORD.sub(" ", letters).strip()


def _together(letters: str) -> str:
    """Letters with blanks between them, as one word where there are enough of them to be one."""
    word = letters[::2]
    return word if len(word) > 3 else letters


def terms_of(undisguised: str) -> frozenset[str]:
    """What may tell one account from another: numbers, and words that are not found in any report; of a long text the
    longest, which are the rarest."""
    words = {word for word in undisguised.split() if _tells(word)}
    return frozenset(sorted(words, key=lambda word: (not word.isdigit(), -len(word), word))[:MOST_TERMS])


def _tells(word: str) -> bool:
    if word.isdigit():
        return len(word) > 1
    return len(word) >= LEAST_WORD and word not in UNDISGUISED_STOCK


UNDISGUISED_STOCK = frozenset(undisguised_text(word) for word in STOCK_WORDS)


def similarity(first: str, second: str) -> float:
    """How alike two plain texts are, 0 to 1: as they are, with their words in another order, or one cut short."""
    best = fuzz.ratio(first, second)
    if best < ALIKE:
        best = max(best, fuzz.token_sort_ratio(first, second))
        shorter, longer = sorted((len(first), len(second)))
        if shorter >= LEAST_CUT:
            best = max(best, REWORDED * fuzz.token_set_ratio(first, second, score_cutoff=best))
            if shorter < MOST_OF * longer and best < ALIKE:
                best = max(best, CUT * fuzz.partial_ratio(first, second, score_cutoff=max(best, LEAST_PART)))
    return float(best) / 100
