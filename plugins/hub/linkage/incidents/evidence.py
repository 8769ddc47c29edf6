"""What two reports have in common, and whether that makes them one incident.

A pair is scored by what the two reports say and by nothing else, so the answer is the same whenever and in whatever
order they arrive. A person may be written in many ways: victims contradict each other only where that is clear.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from hub.linkage.incidents.content_urls import NO_ADDRESS, ContentAddress
from hub.linkage.incidents.texts import numbers_in, plain_text, similarity

RULES_VERSION = 1
"""Goes up with every change of what is written here: all pairs are then scored again."""
CONFIRMED_FROM, SUGGESTED_FROM = 0.80, 0.62
"""Scores; from the first on a pair joins, from the second on a person may look at it."""
CONTENT_SCORE, REFERENCE_SCORE = 1.0, 0.97
AMBIGUOUS_SCORE = 0.75
"""The most that a text says where it fits several incidents alike."""
DAYS_APART, DAYS_UNSURE = 1, 21
"""Days between two events that may be one: where both reports say when it happened, and where one does not."""
DAYS_REFERENCE = 92
LEAST_TEXT = 30
"""Characters; a shorter text says too little to join reports by itself."""
LEAST_REFERENCE = 4
SAME_NAME, OTHER_NAME = 0.90, 0.78


class Reason(StrEnum):
    """Why a pair is thought to be one incident; the words are in ``linkage.report_pairs``."""

    CONTENT = "content"
    REFERENCE = "reference"
    TEXT = "text"


class Likeness(StrEnum):
    """How two statements about the same thing compare."""

    AGREE = "agree"
    UNKNOWN = "unknown"
    CONTRADICT = "contradict"


@dataclass(frozen=True, slots=True)
class Victim:
    """Who was attacked, as one report says it: a name in plain lower-case words, ISO date of birth, postcode."""

    name: str | None = None
    birth: str | None = None
    postcode: str | None = None


class Named(Protocol):
    """What a report names that can contradict another: a post and a victim."""

    @property
    def address(self) -> ContentAddress: ...

    @property
    def victim(self) -> Victim | None: ...


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """What a report says that can put it beside another. ``day`` counts from 1970: when it happened, or where that is
    not said (``is_day_known`` false) when it was reported. ``crime_references`` are those of a force that it quotes or,
    as a police record, is kept under; ``hub_references`` those of reports: its own, or for a police record that of the
    report that the hub passed on."""

    report_id: str
    delivery_id: str
    row_number: int
    reported_at: int
    day: int
    is_day_known: bool
    platform: str | None = None
    address: ContentAddress = NO_ADDRESS
    text: str = ""
    victim: Victim | None = None
    area: str | None = None
    district: str | None = None
    borough: str | None = None
    force: str | None = None
    strands: frozenset[str] = field(default_factory=frozenset)
    crime_references: frozenset[str] = field(default_factory=frozenset)
    hub_references: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why two reports may be one incident and how sure that is (0 to 1). ``is_backed``: more than the text alone says
    so, which counts even where the text fits several incidents."""

    reason: Reason
    score: float
    is_backed: bool


def compare_victims(first: Victim | None, second: Victim | None) -> Likeness:
    """Whether two reports name the same victim; unknown unless it is clear."""
    if first is None or second is None:
        return Likeness.UNKNOWN
    birth, name = _births(first.birth, second.birth), _names(first.name, second.name)
    if birth is Likeness.AGREE:
        # A wrong name beside the right birthday is more often a new or a short name than somebody else.
        return Likeness.UNKNOWN if name is Likeness.CONTRADICT else Likeness.AGREE
    if birth is Likeness.CONTRADICT:
        return Likeness.CONTRADICT
    if name is Likeness.AGREE and first.postcode and second.postcode:
        return Likeness.AGREE if first.postcode == second.postcode else Likeness.UNKNOWN
    return Likeness.CONTRADICT if name is Likeness.CONTRADICT else Likeness.UNKNOWN


def contradict(first: Named, second: Named) -> bool:
    """Whether two reports cannot be about one incident: they name different posts, or different victims."""
    if first.address.post is not None and first.address.post == second.address.post:
        return False
    return (
        first.address.contradicts(second.address) or compare_victims(first.victim, second.victim) is Likeness.CONTRADICT
    )


def score_pair(first: ReportRecord, second: ReportRecord) -> Evidence | None:
    """What puts two reports together beyond the address of the same post; None for nothing worth a look."""
    if contradict(first, second) or (first.address.post is not None and first.address.post == second.address.post):
        return None
    apart = abs(first.day - second.day)
    if first.hub_references & second.hub_references or (
        first.crime_references & second.crime_references and _forces_fit(first, second) and apart <= DAYS_REFERENCE
    ):
        return Evidence(Reason.REFERENCE, REFERENCE_SCORE, is_backed=True)
    sure_of_days = first.is_day_known and second.is_day_known
    if apart > (DAYS_APART if sure_of_days else DAYS_UNSURE):
        return None
    if first.platform is not None and second.platform is not None and first.platform != second.platform:
        return None
    if not first.text or not second.text:
        return None
    return _score_text(first, second)


def _score_text(first: ReportRecord, second: ReportRecord) -> Evidence | None:
    alike = similarity(first.text, second.text)
    if alike < SUGGESTED_FROM:
        return None
    victims = compare_victims(first.victim, second.victim)
    same_thread = first.address.place is not None and first.address.place == second.address.place
    score = alike
    score += 0.12 if victims is Likeness.AGREE else 0.0
    score += 0.04 if same_thread else 0.0
    score += _number_points(first.text, second.text)
    score += _place_points(first, second)
    if not (first.is_day_known and second.is_day_known):
        score -= 0.03
    elif first.day != second.day:
        score -= 0.04
    if first.strands and second.strands and not first.strands & second.strands:
        score -= 0.08
    if min(len(first.text), len(second.text)) < LEAST_TEXT and victims is not Likeness.AGREE:
        score = min(score, AMBIGUOUS_SCORE)
    score = round(min(score, 0.99), 4)
    return None if score < SUGGESTED_FROM else Evidence(Reason.TEXT, score, is_backed=victims is Likeness.AGREE)


def _number_points(first: str, second: str) -> float:
    """Times, counts and house numbers are given rightly even where all else is in other words."""
    mine, others = numbers_in(first), numbers_in(second)
    if not mine or not others:
        return 0.0
    return (-0.05, 0.05, 0.07)[min(len(mine & others), 2)]


def _place_points(first: ReportRecord, second: ReportRecord) -> float:
    """Where it happened, by the finest place that both name. Different ones weigh against it: reporters now and then
    name their own place instead, so it is no contradiction by itself."""
    for mine, other, same, different in (
        (first.area, second.area, 0.05, -0.06),
        (first.district, second.district, 0.04, -0.08),
        (first.borough, second.borough, 0.03, -0.08),
        (first.force, second.force, 0.0, -0.06),
    ):
        if mine is not None and other is not None:
            return same if mine == other else different
    return 0.0


def is_ambiguous(neighbours: Iterable[tuple[Named, Evidence]]) -> bool:
    """Whether a report's text fits reports that cannot be one incident, all of them about as well: then the text alone
    does not tell to which it belongs."""
    by_text = [(one, evidence) for one, evidence in neighbours if evidence.reason is Reason.TEXT]
    if len(by_text) < 2:
        return False
    best = max(evidence.score for _, evidence in by_text)
    near = [one for one, evidence in by_text if evidence.score >= best - 0.10]
    distinct = list({(one.address, one.victim): one for one in near}.values())
    return any(contradict(one, other) for place, one in enumerate(distinct) for other in distinct[:place])


def _forces_fit(first: ReportRecord, second: ReportRecord) -> bool:
    return first.force is None or second.force is None or first.force == second.force


def _births(first: str | None, second: str | None) -> Likeness:
    if not first or not second:
        return Likeness.UNKNOWN
    if first == second:
        return Likeness.AGREE
    swapped = first[:4] + first[7:] + first[4:7]
    # Day and month swapped, or one slip of the pen: as good as unknown.
    is_slip = swapped == second or OSA.distance(first, second) <= 1
    return Likeness.UNKNOWN if is_slip else Likeness.CONTRADICT


def _names(first: str | None, second: str | None) -> Likeness:
    if not first or not second:
        return Likeness.UNKNOWN
    if first == second or fuzz.token_sort_ratio(first, second) >= 100 * SAME_NAME:
        return Likeness.AGREE
    mine, others = first.split(), second.split()
    best = max(JaroWinkler.similarity(one, other) for one in mine for other in others)
    # No word of the one is like a word of the other: no nickname, new surname or slip explains that.
    return Likeness.CONTRADICT if best < OTHER_NAME else Likeness.UNKNOWN


def plain_reference(reference: str | None) -> str | None:
    """A reference in one way of writing; None for none, and for words that people write in its place."""
    plain = re.sub(r"[^0-9A-Z]", "", (reference or "").upper())
    return plain if len(plain) >= LEAST_REFERENCE and re.search(r"[0-9]", plain) else None


def read_victim(name: str | None, birth: str | None, postcode: str | None) -> Victim | None:
    """A victim as a report says it; None where it says nothing."""
    plain = " ".join(sorted(word for word in plain_text(name or "").split() if word not in TITLES)) or None
    place = "".join((postcode or "").upper().split()) or None
    return Victim(plain, birth or None, place) if plain or birth or place else None


TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "rev", "sir", "lady"})
