"""Other spellings of one name.

A name of another language is written in Latin letters in many ways, and the second of two offices writes what it hears.
What the spellings have in common is kept: the consonants, as most languages sound them, and what kind of vowel comes
first. A surname has the same for a man and a woman (Polish -ski and -ska, Russian -ov and -ova).
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from hub.linkage.names.lists import family_names_of, nicknames

WORDS_KEPT = 1 << 17
LEAST_CONSONANTS, LONG = 3, 5
"""Of fewer too little is left of a name, unless it has five letters: Khan and Kane, Lee and Leah."""
LEAST_SOUNDS = 3
"""Of a name with few consonants all sounds are kept, vowels too, if there are so many: Zhuk and Juk."""
_SPELLINGS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"(?:dzh|dj)", "j"),
        (r"(?:tsch|tch|cz)", "ch"),
        (r"sch", "sh"),
        (r"(?:ck|kh|q|x|c(?!h))", "k"),
        (r"^w", "v"),
        (r"z", "s"),
        (r"(?<!^)[aeiouyhw]", ""),
        (r"(.)\1+", r"\1"),
    )
)
_CONSONANTS = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"ph", "f"),
        (r"x", "ks"),
        (r"mc(?=[a-z])", "mac"),
        (r"(?:dzh|zh|dj|^y|^i(?=[aou])|j)", "j"),
        (r"(?:tsch|shch|tsh|tch|sch|sz|sh|cz|ch|ts|tz|z)", "s"),
        (r"(?:ck|kh|gh(?=[aeiou])|q)", "k"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"(?<=[dtb])h", ""),
        (r"(?<=[aeiou])j(?![aeiou])", "i"),
    )
)
_ALIKE_AT_THE_START = {"c": "ks", "q": "k", "x": "ks", "z": "sj", "y": "j", "i": "ij", "g": "gj", "w": "v", "p": "pf"}
_SOMALI = re.compile(r"aa|ee|ii|oo|uu")
_VOWELS = re.compile(r"[aeiouy]+")


def sound(word: str) -> str:
    """What ways of writing a name in Latin letters have in common: its first letter and the consonants after it."""
    for pattern, instead in _SPELLINGS:
        word = pattern.sub(instead, word)
    return word


@lru_cache(maxsize=WORDS_KEPT)
def spellings_in_common(word: str) -> frozenset[str]:
    """What all spellings of a name share: two words with any of these in common may be one name. Nothing of a word that
    is too short to tell."""
    shared = {f"{vowel}{consonants}" for one in _readings(word) for vowel, consonants in _skeletons(one)}
    return frozenset(shared) | family_names_of(word)


@lru_cache(maxsize=WORDS_KEPT)
def forms_of(given: str) -> frozenset[str]:
    """A given name and those that it is short for."""
    return frozenset({given}) | nicknames().get(given, frozenset())


@lru_cache(maxsize=WORDS_KEPT)
def initials_of(given: str) -> frozenset[str]:
    """The letters that a given name or one of its forms may begin with, one for those that sound alike: Katherine and
    Catherine, Yuliia and Julia."""
    letters = {form[0] for form in (spellings_of(given) if len(given) > 1 else {given})}
    return frozenset(one for letter in letters for one in _ALIKE_AT_THE_START.get(letter, letter))


@lru_cache(maxsize=WORDS_KEPT)
def spellings_of(given: str) -> frozenset[str]:
    """A given name, the names that it is short for, and their other short forms."""
    formal = forms_of(given)
    return formal | {short for short, names in nicknames().items() if names & formal}


def are_short_and_long(one: str, other: str) -> bool:
    """Whether one given name is the beginning or the end of the other: Ben and Benedict, Lara and Omolara."""
    shorter, longer = sorted((one, other), key=len)
    begins = len(shorter) > 2 and longer.startswith(shorter)
    return begins or (len(shorter) > 3 and longer.endswith(shorter))


def _readings(word: str) -> set[str]:
    """A word, and how it is read where letters are sounded otherwise."""
    found = {word}
    if _SOMALI.search(word) and re.search(r"c(?!h)|x", word):
        # In Somali c is no sound of English, x is an h, and a long vowel is written twice.
        found.add(re.sub(r"c(?!h)", "", word).replace("x", "h"))
    if re.match(r"ch[aeiou]", word):
        # In names of Hebrew ch is an h.
        found.add(word[1:])
    return found


def _skeletons(word: str) -> set[tuple[str, str]]:
    least = LEAST_CONSONANTS - (len(word) >= LONG)
    for pattern, instead in _CONSONANTS:
        word = pattern.sub(instead, word)
    single = re.sub(r"(.)\1+", r"\1", re.sub(r"^[aeiou]+", "a", word.replace("w", "v")))
    # Before a consonant it is heard as a vowel: Chowdhury and Chaudhry.
    consonants = re.sub(r"(?<!^)(?:[aeiouyh]|v(?=[^aeiouy]))", "", single)
    if len(consonants) < least:
        return {("=", single)} if len(single) >= LEAST_SOUNDS else set()
    first = _VOWELS.search(word)
    return {(kind, consonants) for kind in _kinds_of(first[0] if first else "")}


def _kinds_of(vowels: str) -> str:
    """The kinds of the first vowels of a name, A, I or U: e may be heard as a or i."""
    if vowels[:2] in ("au", "ao", "aw", "ow", "ou"):
        return "AU"
    if vowels[:2] in ("ee", "ei", "ie", "ai", "ay", "ey", "ea", "ae"):
        return "AI"
    return {"a": "A", "e": "AI", "i": "I", "y": "I", "o": "U", "u": "U"}.get(vowels[:1], "-")


def has_words_of_its_own(fewer: Sequence[str], more: Sequence[str], are_one: Callable[[str, str], bool]) -> bool:
    """Whether each of a few words is one of the others, no two of them the same one: both words of "James Jameson" are
    like "James", which is one word of a name all the same."""
    taken: dict[int, str] = {}

    def finds_one(word: str, tried: set[int]) -> bool:
        for place, other in enumerate(more):
            if place not in tried and are_one(word, other):
                tried.add(place)
                # Whose word it was may have another one.
                if place not in taken or finds_one(taken[place], tried):
                    taken[place] = word
                    return True
        return False

    return all(finds_one(word, set()) for word in fewer)
