"""What two reports have in common and in what they differ, and what each is worth.

A pair is scored by what the two reports say and by how common it is in the hub, so the answer is the same whenever and
in whatever order they arrive. What differs lowers the sum; only proof decides by itself.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from hub.linkage.incidents import weights
from hub.linkage.incidents.accounts import HANDLE, compare_handles, compare_times
from hub.linkage.incidents.content_urls import ContentAddress
from hub.linkage.incidents.persons import Name, compare_names, compare_people, same, same_word
from hub.linkage.incidents.places import compare_places
from hub.linkage.incidents.statements import Person, ReportRecord, names_in_texts
from hub.linkage.incidents.text_evidence import Shared, compare_texts, most_of_text
from hub.linkage.incidents.texts import undisguised_text
from hub.linkage.names.spelling import has_words_of_its_own

DAYS_REFERENCE = 92
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
    found = tuple(_weights(first, second, shared))
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


def _weights(first: ReportRecord, second: ReportRecord, shared: Shared) -> Iterator[Weight]:
    victims = compare_people(first.victim, second.victim)
    is_agreed = victims is not None and weights.VICTIM[victims] > VICTIM_FROM
    named = None if is_agreed else _named_elsewhere(first, second)
    # Who is the victim of both may have reported both.
    is_victim_known = is_agreed or named is not None
    is_same_post = same(first.address.post, second.address.post)
    for subject, table, level in (
        ("reference", weights.REFERENCE, _references(first, second)),
        ("address", weights.ADDRESS, "the same post" if is_same_post else _addresses(first.address, second.address)),
        ("victim", weights.VICTIM, victims),
        ("named", weights.NAMED, named),
        ("reporter", weights.REPORTER, None if is_victim_known else _reporters(first, second, shared.contacts)),
        ("account", weights.ACCOUNT, _accounts(first, second)),
        ("time", weights.TIME, compare_times(first.account.times, second.account.times)),
        ("day", weights.DAY, _days(first, second)),
        ("place", weights.PLACE, compare_places(first, second)),
        ("platform", weights.PLATFORM, _platforms(first.platform, second.platform)),
        ("online", weights.ONLINE, _online(first, second)),
        ("strands", weights.STRANDS, _strands(first.strands, second.strands)),
    ):
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
    is_doubted = is_known and levels.get("address") != "the same post"
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


def _references(first: ReportRecord, second: ReportRecord) -> str | None:
    hub = first.hub_references & second.hub_references
    if hub or first.mentioned_references & second.hub_references or second.mentioned_references & first.hub_references:
        return "the hub's own reference"
    crime, other = first.crime_references, second.crime_references
    is_one = crime & other or first.mentioned_references & other or second.mentioned_references & crime
    same_force = first.force is not None and first.force == second.force
    if not is_one:
        return "two crime numbers of one force" if crime and other and same_force else None
    if abs(first.day - second.day) > DAYS_REFERENCE:
        return None
    if first.force is None or second.force is None:
        return "crime number without a force"
    return "crime number of one force" if same_force else "crime number of two forces"


def _addresses(first: ContentAddress, second: ContentAddress) -> str | None:
    if first.contradicts(second):
        return "another post"
    if first.is_elsewhere(second):
        return "a post elsewhere"
    if first.place is not None and first.place == second.place:
        return "the same thread or profile"
    is_part = same(first.post, second.place) or same(second.post, first.place)
    return "a comment and its post" if is_part else None


def _days(first: ReportRecord, second: ReportRecord) -> str:
    apart = abs(first.day - second.day)
    if first.is_day_known and second.is_day_known:
        levels = ("the same day", "a day apart", "two or three days apart", "two or three days apart")
        return levels[apart] if apart < len(levels) else "another day"
    if first.is_day_known != second.is_day_known:
        told, reported = (first, second) if first.is_day_known else (second, first)
        if reported.day < told.day:
            return "reported a day before it happened" if apart == 1 else "reported before it happened"
    for most, level in ((3, "three days"), (7, "a week"), (21, "three weeks")):
        if apart <= most:
            return f"reported within {level}"
    return "reported later"


def _platforms(first: str | None, second: str | None) -> str | None:
    if first is None or second is None:
        return None
    return "the same platform" if first == second else "another platform"


def _online(first: ReportRecord, second: ReportRecord) -> str | None:
    if first.is_online is None or second.is_online is None:
        return None
    if first.is_online == second.is_online:
        return "both online, or neither"
    is_by_force = first.is_police or second.is_police
    return "one online, the other not, by a force" if is_by_force else "one online, the other not"


def _strands(first: frozenset[str], second: frozenset[str]) -> str | None:
    if not first or not second:
        return None
    if first == second:
        return "the same strands"
    return "a strand in common" if first & second else "other strands"


def _reporters(first: ReportRecord, second: ReportRecord, common: float) -> str | None:
    """One who reports twice. Who reports on many days is an office."""
    mine, other = first.reporter, second.reporter
    if mine is None or other is None:
        return None
    if same(mine.email, other.email) or same(mine.phone, other.phone):
        return "the same reporter" if common < OFFICE_FROM else "the same office"
    return "a reporter of the same name" if compare_names(mine.name, other.name) is Name.SAME else None


def _accounts(first: ReportRecord, second: ReportRecord) -> str | None:
    """Whose words they are; where a text names nobody, whose page its address is of."""
    level = compare_handles(first.account.handles, second.account.handles)
    if level is not None:
        return level
    found = {_of_page(first, second), _of_page(second, first)}
    return next((level for level in ("the same account", "another account than the page's") if level in found), None)


def _of_page(one: ReportRecord, other: ReportRecord) -> str | None:
    """Whether the page of one report's address is of an account that the other's text names."""
    if not other.account.handles or not HANDLE.search(one.address.place or ""):
        return None
    owners = frozenset({_owner(one.address.place)})
    is_one = compare_handles(owners, other.account.handles) == "the same account"
    return "the same account" if is_one else "another account than the page's"


def _owner(place: str | None) -> str:
    """Whose page an address is of, written as the names of accounts are."""
    return undisguised_text((place or "").rpartition(":")[2].rpartition("/")[2]).replace(" ", "")


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
