"""What two reports have in common and in what they differ, but for their people and texts: of each subject that can be
compared the level, one of those in ``weights``."""

from hub.linkage.incidents.accounts import HANDLE, compare_handles, compare_times
from hub.linkage.incidents.content_urls import ContentAddress
from hub.linkage.incidents.persons import same
from hub.linkage.incidents.places import compare_places
from hub.linkage.incidents.statements import ReportRecord
from hub.linkage.incidents.texts import undisguised_text

DAYS_REFERENCE = 92
SAME_POST = "the same post"
Levels = dict[str, str]
"""How each subject came out; those that cannot be compared are not there."""


def compare_circumstances(first: ReportRecord, second: ReportRecord) -> Levels:
    """How what happened compares: references, address, account, time, place, platform and strands."""
    is_same_post = same(first.address.post, second.address.post)
    levels = {
        "reference": _references(first, second),
        "address": SAME_POST if is_same_post else _addresses(first.address, second.address),
        "account": _accounts(first, second),
        "time": compare_times(first.account.times, second.account.times),
        "day": _days(first, second),
        "place": compare_places(first, second),
        "platform": _platforms(first.platform, second.platform),
        "online": _online(first, second),
        "strands": _strands(first.strands, second.strands),
    }
    return {subject: level for subject, level in levels.items() if level is not None}


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
