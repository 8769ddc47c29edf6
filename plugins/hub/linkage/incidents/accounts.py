"""What an account of an incident repeats exactly: the words that were used, who used them online, the time of day, and
references of other reports. These tell one incident from another where the rest is told in anybody's words."""

import re
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from hub.linkage.incidents.texts import undisguised_text

LEAST_QUOTE = 12
"""Characters; less is said by anybody."""
SAME_QUOTE, SAME_PART, NEAR_QUOTE, OTHER_QUOTE = 88.0, 94.0, 72.0, 55.0
"""Per cent of what two quotes have in common; a part of a quote is the same only where nearly all of it is."""
HALF_A_DAY = 720
SLIPS = 0.12
"""Slips of the pen in the name of an account, for each letter of the longer of two."""
QUOTED = re.compile(
    r"[\"\u201c\u201d\u201e\u00ab\u00bb]([^\"\u201c\u201d\u201e\u00ab\u00bb]{6,300})[\"\u201c\u201d\u201e\u00ab\u00bb]"
    r"|(?<!\w)['\u2018]([^\n]{6,300}?)['\u2019](?!\w)"
    r"|(?:said|says|wrote|writes|written|shouted|screamed|yelled|reads?|were|was|quote|words)\s*:\s*"
    r"([^.!?\n\"\u201c]{6,300})",
    re.IGNORECASE,
)
"""Words between marks, or after a verb of speech and a colon up to the end of the sentence."""
HANDLE = re.compile(r"(?<![\w.@/])@([\w.]{3,30})|\b([^\W\d_]{2,}(?:_\w+)+)\b|\b([^\W\d_]{4,}\d{2,})\b")
"""The name of an account: after an @, of parts with _ between them, or a word with a number behind it."""
TIME = re.compile(r"\b([01]?\d|2[0-3])[.:]([0-5]\d)(?!\d|[.:/]\d)")
REFERENCE = re.compile(r"\b(?:[A-Z]{2,5}[-/ ]?)?\d[\d/-]{4,}\d(?:[-/][A-Z0-9]{2,})?\b")

_YEAR = r"(?:19|20)\d{2}"
_DATE = rf"(?:(?:\d{{1,2}}[/-]){{1,3}}(?:{_YEAR}|\d{{2}})|{_YEAR}(?:[/-]\d{{1,2}}){{1,2}}|{_YEAR}[/-]{_YEAR})"
DATES = re.compile(rf"{_DATE}(?:-{_DATE})?")
"""One date, or the first and the last day of a time."""
TELEPHONE = re.compile(
    r"(?<![\w/-])(?:(?:\+|00)[1-9](?:[ ()-]{0,2}\d){8,13}|\(?0[1-9](?:[ ()-]{0,2}\d){8,9})(?![\w/-])"
)


@dataclass(frozen=True, slots=True)
class Account:
    """What a text repeats: quotes and names of accounts without disguise, times in minutes of half a day, and what may
    be references as they are written; dates and telephone numbers are none."""

    quotes: tuple[str, ...] = ()
    handles: frozenset[str] = frozenset()
    times: frozenset[int] = frozenset()
    references: frozenset[str] = frozenset()


def read_account(text: str) -> Account:
    """Read what a text repeats."""
    quotes = (undisguised_text(next(filter(None, found.groups()))) for found in QUOTED.finditer(text))
    handles = (undisguised_text(next(filter(None, found.groups()))) for found in HANDLE.finditer(text))
    times = ((60 * int(found[1]) + int(found[2])) % HALF_A_DAY for found in TIME.finditer(text))
    return Account(
        tuple(quote for quote in quotes if len(quote) >= LEAST_QUOTE),
        frozenset(handle.replace(" ", "") for handle in handles),
        frozenset(times),
        frozenset(found[0] for found in REFERENCE.finditer(TELEPHONE.sub(" ", text)) if not DATES.fullmatch(found[0])),
    )


def compare_quotes(first: Account, second: Account, first_text: str, second_text: str) -> str | None:
    """How the words that two accounts quote compare; a quote may be in the other's text without its marks."""
    if first.quotes and second.quotes:
        best = max(_part(one, other) for one in first.quotes for other in second.quotes)
    elif first.quotes or second.quotes:
        quotes, text = (first.quotes, second_text) if first.quotes else (second.quotes, first_text)
        best = max(fuzz.partial_ratio(one, text) if len(text) >= len(one) else 0.0 for one in quotes)
        return "the same words are quoted" if best >= SAME_QUOTE else None
    else:
        return None
    if best >= SAME_QUOTE:
        return "the same words are quoted"
    if best >= NEAR_QUOTE:
        return "much the same words are quoted"
    return "some of the same words are quoted" if best >= OTHER_QUOTE else "other words are quoted"


def _part(one: str, other: str) -> float:
    shorter, longer = sorted((one, other), key=len)
    # A few words of a long quote are no more than that.
    part = float(fuzz.partial_ratio(shorter, longer)) if 2 * len(shorter) > len(longer) else 0.0
    return part if part >= SAME_PART else float(fuzz.ratio(one, other))


def compare_handles(first: frozenset[str], second: frozenset[str]) -> str | None:
    """Whether two accounts name the same account on a platform; slips of the pen apart."""
    if not first or not second:
        return None
    is_one = any(_is_one_handle(one, other) for one in first for other in second)
    return "the same account" if is_one else "another account"


def _is_one_handle(one: str, other: str) -> bool:
    """Whether two names of accounts differ by slips of the pen alone, also in a number at the end: another account
    weighs so much that it has to be clear."""
    return OSA.distance(one, other) <= SLIPS * max(len(one), len(other))


def compare_times(first: frozenset[int], second: frozenset[int]) -> str | None:
    """Whether two accounts tell the same time of day."""
    if not first or not second:
        return None
    apart = min(min((one - other) % HALF_A_DAY, (other - one) % HALF_A_DAY) for one in first for other in second)
    if apart == 0:
        return "the same minute"
    return "about the same time" if apart <= 20 else "another time"
