"""What two reports have in common and in what they differ, and what each is worth.

A pair is scored by what the two reports say and by how common it is in the hub, so the answer is the same whenever and
in whatever order they arrive. What differs lowers the sum; only proof decides by itself.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from hub.linkage.incidents import weights
from hub.linkage.incidents.circumstances import SAME_POST, Levels, compare_circumstances
from hub.linkage.incidents.persons import Name, compare_names, compare_people, same, same_word
from hub.linkage.incidents.statements import Person, ReportRecord, names_in_texts
from hub.linkage.incidents.text_evidence import Shared, compare_texts, most_of_text
from hub.linkage.names.spelling import has_words_of_its_own

VICTIM_FROM = weights.VICTIM["part of the name"]
"""Above it two reports name one victim."""
OFFICE_FROM = 2.0
"""How common the contact of a reporter is who is no private person: more than four days of two months."""


class Reason(StrEnum):
    """The evidence of a pair that weighs most; the words are in ``linkage.report_pairs``."""

    CONTENT = "content"
    REFERENCE = "reference"
    TEXT = "text"
    VICTIM = "victim"


class Weight(NamedTuple):
    """One comparison: what was compared, how it came out, and what that is worth."""

    subject: str
    level: str
    weight: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why two reports may be one incident: the sum of its ``weights``, and what of them weighs most."""

    reason: Reason
    weight: float
    weights: tuple[Weight, ...]


def score_pair(first: ReportRecord, second: ReportRecord, shared: Shared) -> Evidence | None:
    """What puts two reports together; None for nothing worth a look."""
    around = compare_circumstances(first, second)
    # To compare people takes longest, and more than half of the pairs are too far apart for it to matter.
    if _most(around, most_of_people(first, second), shared) < weights.SUGGESTED_FROM:
        return None
    found = tuple(_weights(around | _compare_people(first, second, shared)))
    doubt = _doubt_about_days(found)
    if weights.BY_CHANCE + sum(one.weight for one in found) - doubt + most_of_text(shared) < weights.SUGGESTED_FROM:
        return None
    if first.text and second.text:
        text = _texts(first, second, shared, found)
        if text.weight >= weights.SAME_STORY:
            found = tuple(one._replace(weight=one.weight - doubt) if one.subject == "day" else one for one in found)
        found = (*found, text)
    total = round(weights.BY_CHANCE + sum(one.weight for one in found), 3)
    if total < weights.SUGGESTED_FROM:
        return None
    by_reason = dict.fromkeys((Reason.CONTENT, Reason.REFERENCE, Reason.VICTIM, Reason.TEXT), 0.0)
    for one in found:
        if one.subject in REASON_OF:
            by_reason[REASON_OF[one.subject]] += one.weight
    return Evidence(max(by_reason, key=lambda reason: by_reason[reason]), total, found)


REASON_OF = {
    "address": Reason.CONTENT,
    "reference": Reason.REFERENCE,
    **dict.fromkeys(("victim", "named", "reporter"), Reason.VICTIM),
    **dict.fromkeys(("text", "account", "time"), Reason.TEXT),
}
TABLES: Mapping[str, Mapping[str, float]] = {
    "reference": weights.REFERENCE,
    "address": weights.ADDRESS,
    "victim": weights.VICTIM,
    "named": weights.NAMED,
    "reporter": weights.REPORTER,
    "account": weights.ACCOUNT,
    "time": weights.TIME,
    "day": weights.DAY,
    "place": weights.PLACE,
    "platform": weights.PLATFORM,
    "online": weights.ONLINE,
    "strands": weights.STRANDS,
}
"""What each subject that is compared is worth, in the order in which it is explained."""


def _compare_people(first: ReportRecord, second: ReportRecord, shared: Shared) -> Levels:
    victims = compare_people(first.victim, second.victim)
    is_agreed = victims is not None and weights.VICTIM[victims] > VICTIM_FROM
    named = None if is_agreed else _named_elsewhere(first, second)
    # Who is the victim of both may have reported both.
    reporters = None if is_agreed or named is not None else _reporters(first, second, shared.contacts)
    levels = {"victim": victims, "named": named, "reporter": reporters}
    return {subject: level for subject, level in levels.items() if level is not None}


def most_of_people(first: ReportRecord, second: ReportRecord) -> float:
    """The most that the victims and reporters of two reports can be worth, before they are compared."""
    reporters = max(weights.REPORTER.values()) if first.reporter and second.reporter else 0.0
    if first.victim and second.victim:
        return max(*weights.VICTIM.values(), *weights.NAMED.values(), VICTIM_FROM + reporters)
    return max(*weights.NAMED.values(), reporters) if first.victim or second.victim else reporters


def _most(around: Levels, people: float, shared: Shared) -> float:
    """The most that two reports can be worth of which all but the people is compared."""
    if around.get("address") == SAME_POST:
        return math.inf  # much that differs counts for nothing then
    return weights.BY_CHANCE + sum(TABLES[one][level] for one, level in around.items()) + people + most_of_text(shared)


def _weights(levels: Levels) -> Iterator[Weight]:
    is_victim_known = "named" in levels or weights.VICTIM.get(levels.get("victim", ""), 0.0) > VICTIM_FROM
    is_same_post = levels.get("address") == SAME_POST
    for subject, table in TABLES.items():
        level = levels.get(subject)
        if level is None:
            continue
        weight = table[level]
        if is_same_post and subject in OF_ONE_POST:
            weight = max(weight, 0.0)
        if is_victim_known and subject == "place":
            weight = min(weight, weights.PLACE_OF_ONE_VICTIM)
        if is_victim_known and subject == "day" and not is_same_post:
            weight += weights.OTHER_DAY_OF_ONE_VICTIM.get(level, 0.0)
        yield Weight(subject, level, weight)


OF_ONE_POST = frozenset({"victim", "day", "platform", "online"})
"""In these the reports of one post may well differ: it attacks several people, and is seen on many days."""


def _doubt_about_days(found: Collection[Weight]) -> float:
    """What the days lose because the victim is known, who may have been attacked on both; one post is seen on both."""
    levels = {one.subject: one.level for one in found}
    is_known = any(one.subject in ("victim", "named") and one.weight > VICTIM_FROM for one in found)
    is_doubted = is_known and levels.get("address") != SAME_POST
    return weights.OTHER_DAY_OF_ONE_VICTIM.get(levels["day"], 0.0) if is_doubted else 0.0


def _texts(first: ReportRecord, second: ReportRecord, shared: Shared, others: Collection[Weight]) -> Weight:
    """The texts, beside all else that was compared."""
    # The account and the time are told in the same words.
    told = sum(max(one.weight, 0.0) for one in others if one.subject in ("account", "time"))
    is_copy = any(one.level == "another account" for one in others)
    level, weight = compare_texts(first, second, shared, told=told, is_copy=is_copy)
    is_one_victim = any(one.subject in ("victim", "named") and one.weight > 0 for one in others)
    is_other_day = first.is_day_known and second.is_day_known and first.day != second.day
    # Who is attacked and who looks on tell one incident in other words.
    return Weight("text", level, round(max(weight, 0.0) if is_one_victim and not is_other_day else weight, 3))


def _reporters(first: ReportRecord, second: ReportRecord, common: float) -> str | None:
    """One who reports twice. Who reports on many days is an office."""
    mine, other = first.reporter, second.reporter
    if mine is None or other is None:
        return None
    if same(mine.email, other.email) or same(mine.phone, other.phone):
        return "the same reporter" if common < OFFICE_FROM else "the same office"
    return "a reporter of the same name" if compare_names(mine.name, other.name) is Name.SAME else None


def _is_named(person: Person, text: str) -> bool:
    names, words = sorted(names_in_texts(person.name or "")), text.split()
    if len(names) < 2:
        return False
    # One word as it is, so that the others are looked for in few texts only, and beside it.
    beside = (words[max(place - len(names), 0) : place + len(names) + 1] for place in _places_of(names, words))
    return any(has_words_of_its_own(names, near, same_word) for near in beside)


def _places_of(names: Collection[str], words: Sequence[str]) -> Iterator[int]:
    return (place for place, word in enumerate(words) if word in names)


def _named_elsewhere(first: ReportRecord, second: ReportRecord) -> str | None:
    """The victim of one as the other's text or reporter names them, where the other names no victim: of both reports
    what weighs most."""
    found = filter(None, (_named_in(first, second), _named_in(second, first)))
    return max(found, key=lambda level: weights.NAMED[level], default=None)


def _named_in(one: ReportRecord, other: ReportRecord) -> str | None:
    if one.victim is None or (other.victim is not None and other.victim.name is not None):
        return None
    if _is_named(one.victim, other.text):
        return "the victim of one is named in the other's text"
    level = compare_people(one.victim, other.reporter)
    if level == "the whole name":
        return "the victim of one has the name of who reports the other"
    if level is not None and weights.VICTIM[level] > weights.VICTIM["the whole name"]:
        return "the victim of one is who reports the other"
    return None
