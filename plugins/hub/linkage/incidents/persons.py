"""Whether two reports name the same person.

A person may be written in many ways: two contradict each other only where that is clear.
"""

from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from hub.linkage.incidents import weights
from hub.linkage.incidents.statements import FIRST_OF_JANUARY, Person
from hub.linkage.names.spelling import forms_of, has_words_of_its_own, spellings_in_common, spellings_of

WORDS_KEPT = 1 << 17
SAME_WORD, OTHER_WORD = 0.87, 0.78
LEAST_POSTCODE = 5


class Likeness(StrEnum):
    """How two statements about the same thing compare."""

    AGREE = "agree"
    UNKNOWN = "unknown"
    CONTRADICT = "contradict"


def compare_people(first: Person | None, second: Person | None) -> str | None:
    """How two reports' victims compare; None where they have nothing to compare, or it is not clear."""
    if first is None or second is None:
        return None
    if _are_of_one_family(first, second):
        # One who took another given name, or two of a home: what else they share does not tell.
        shares = same(first.birth, second.birth) or _share_contact(first, second)
        return None if shares else "another of one family name"
    return _level(
        compare_names(first.name, second.name),
        _births(first.birth, second.birth),
        is_one_contact=_share_contact(first, second),
        is_one_postcode=same(first.postcode, second.postcode),
        are_two_homes=_are_two_homes(first.postcode, second.postcode),
    )


def _are_of_one_family(first: Person, second: Person) -> bool:
    """Whether two bear one family name, and given names that are nothing alike."""
    if not (first.given and first.family and second.given and second.family):
        return False
    given, other = first.given, second.given
    return (
        same_word(first.family, second.family)
        and not (same_word(given, other) or same_word(given, second.family) or same_word(other, first.family))
        and JaroWinkler.similarity(given, other) < OTHER_WORD
        and compare_names(first.name, second.name) is not Name.SAME
    )


def _share_contact(first: Person, second: Person) -> bool:
    return same(first.email, second.email) or same(first.phone, second.phone)


def _are_two_homes(first: str | None, second: str | None) -> bool:
    """Whether two postcodes are in different districts."""
    if not first or not second or min(len(first), len(second)) < LEAST_POSTCODE:
        return False
    return first[:-3] != second[:-3] and OSA.distance(first, second) > 1


def _level(
    name: "Name", birth: "Birth", *, is_one_contact: bool, is_one_postcode: bool, are_two_homes: bool
) -> str | None:
    if name in (Name.OTHER, Name.UNKNOWN):
        return _level_without_name(name, birth, is_one_contact=is_one_contact, is_one_postcode=is_one_postcode)
    is_slip = name is Name.SAME and birth is Birth.SLIP
    # Father and son may have one name and one address.
    if birth is Birth.OTHER and not is_one_contact:
        return "name, but another date of birth"
    if is_one_contact or is_one_postcode or birth is Birth.SAME or is_slip:
        is_by_birth = name is Name.PART and birth is Birth.SAME
        return "date of birth and part of the name" if is_by_birth else "name and another detail"
    if name is Name.SAME:
        return "the whole name, another home" if are_two_homes else "the whole name"
    return "part of the name"


def _level_without_name(name: "Name", birth: "Birth", *, is_one_contact: bool, is_one_postcode: bool) -> str | None:
    """How two compare whose names differ or cannot be compared."""
    if birth is Birth.SAME or is_one_contact:
        # A wrong name beside the right birthday is more often a new or a short name than somebody else.
        return None if name is Name.OTHER else "contact or date of birth"
    if name is Name.OTHER:
        return "another name and date of birth" if birth is Birth.OTHER else "another name"
    return "postcode" if is_one_postcode else None


def compare_victims(first: Person | None, second: Person | None) -> Likeness:
    """Whether two reports name the same victim; unknown unless it is clear."""
    level = compare_people(first, second)
    if level is None or level in ("postcode", "part of the name"):
        return Likeness.UNKNOWN
    return Likeness.AGREE if weights.VICTIM[level] > 0 else Likeness.CONTRADICT


class Name(StrEnum):
    """How two names compare."""

    SAME, PART, OTHER, UNKNOWN = "same", "part", "other", "unknown"


class Birth(StrEnum):
    """How two dates of birth compare."""

    SAME, SLIP, OTHER, UNKNOWN = "same", "slip", "other", "unknown"


def same(first: str | None, second: str | None) -> bool:
    """Whether both say something, and the same."""
    return first is not None and first == second


def _births(first: str | None, second: str | None) -> Birth:
    if not first or not second:
        return Birth.UNKNOWN
    if first == second:
        # Who does not know a date writes the first of January.
        return Birth.SLIP if first.endswith(FIRST_OF_JANUARY) else Birth.SAME
    if FIRST_OF_JANUARY in (first[5:], second[5:]):
        if first[:4] == second[:4]:
            return Birth.SLIP
        return Birth.UNKNOWN if OSA.distance(first[:4], second[:4]) <= 1 else Birth.OTHER
    swapped = first[:4] + first[7:] + first[4:7]
    # Day and month swapped, or one slip of the pen: as good as unknown.
    return Birth.SLIP if swapped == second or OSA.distance(first, second) <= 1 else Birth.OTHER


@lru_cache(maxsize=WORDS_KEPT)
def compare_names(first: str | None, second: str | None) -> Name:
    """How two names in plain words compare."""
    if not first or not second:
        return Name.UNKNOWN
    mine, others = first.split(), second.split()
    if len(mine) > 1 and len(others) > 1 and fuzz.token_sort_ratio(first, second) >= 100 * SAME_WORD:
        return Name.SAME
    fewer, more = sorted((mine, others), key=len)
    if has_words_of_its_own(fewer, more, same_word):
        # An initial may be anybody's.
        if has_words_of_its_own(fewer, more, _same_whole_word):
            return Name.SAME if len(fewer) > 1 else Name.PART
        return Name.PART if any(_same_whole_word(one, other) for one in fewer for other in more) else Name.UNKNOWN
    best = max(JaroWinkler.similarity(one, other) for one in mine for other in others)
    # No word of the one is like a word of the other: no nickname, new surname or slip explains that.
    return Name.OTHER if best < OTHER_WORD else Name.UNKNOWN


def _same_whole_word(one: str, other: str) -> bool:
    return min(len(one), len(other)) > 1 and same_word(one, other)


@lru_cache(maxsize=WORDS_KEPT)
def same_word(one: str, other: str) -> bool:
    """Whether two words are one name: written in another way, shortened, or an initial."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) == 1:
        return shorter == longer[0]
    # "Emeka" is short for Chukwuemeka, "Beth" for Elizabeth.
    if (len(shorter) > 3 and shorter in longer) or JaroWinkler.similarity(one, other) >= SAME_WORD:
        return True
    if spellings_in_common(one) & spellings_in_common(other):
        return True
    return other in spellings_of(one) or not forms_of(one).isdisjoint(forms_of(other))
