"""What two reports, or two mentions of a person, share by which they could be linked: read from what was written."""

from collections.abc import Iterator

from proofs.truth_world.mentions import Mention
from proofs.truth_world.reports import Report
from proofs.truth_world.stories_told import POINTING, TELLING
from proofs.truth_world.wrappers import WRAPPERS

SHORT = {
    "true_vision_reports": "portal",
    "community_reports": "body",
    "volunteer_reports": "volunteer",
    "police_hate_crimes": "police",
}
OF_ADDRESSES = frozenset((*WRAPPERS, "short link", "profile alone", "page or thread alone", "address of another post"))


def evidence(one: Report, other: Report) -> frozenset[str]:
    """The kinds of evidence that two reports of one incident share; none, where nobody could tell."""
    found = set()
    if one.post_keys & other.post_keys:
        found.add("address")
    if one.references & other.references:
        found.add("reference")
    both = one.facts & other.facts
    if both & TELLING or len(both & POINTING) >= 2:
        found.add("words")
    if _tell_one_victim(one, other):
        found.add("victim")
    if one.reporter and other.reporter and shares_identity(one.reporter, other.reporter):
        found.add("reporter")
    return frozenset(found)


def _tell_one_victim(one: Report, other: Report) -> bool:
    if one.victim and other.victim and shares_identity(one.victim, other.victim):
        return True
    if one.named_in_text and one.named_in_text == other.named_in_text:
        return True
    return any(
        by_text.named_in_text and by_column.victim and by_column.victim.is_named
        and by_column.victim.person == by_text.named_in_text
        for by_text, by_column in ((one, other), (other, one))
    )  # fmt: skip


def shares_identity(one: Mention, other: Mention) -> bool:
    """Whether two mentions of one person share a name or an identifier."""
    if not one.person or one.person != other.person:
        return False
    return _share_name(one, other) or identifier_agrees(one, other)


def identifier_agrees(one: Mention, other: Mention) -> bool:
    """Whether a mailbox or a number is the same, or a part of the name beside a birth date or postcode."""
    if (one.mailbox and one.mailbox == other.mailbox) or (one.phone and one.phone == other.phone):
        return True
    named_alike = bool(one.told & other.told - {"initial"})
    return named_alike and any(
        one.cell(part) and _bare(one.cell(part)) == _bare(other.cell(part)) for part in ("date_of_birth", "postcode")
    )


def _share_name(one: Mention, other: Mention) -> bool:
    both = one.told & other.told
    if "family" not in both:
        return False
    return bool(both & {"given", "former", "initial"}) or "initial" in one.told | other.told


def _bare(text: str) -> str:
    return text.replace(" ", "").upper()


def incident_classes(one: Report, other: Report) -> Iterator[str]:
    """The classes to which a true pair of reports belongs."""
    shared = evidence(one, other)
    yield "all"
    yield "evidence shared" if shared else "nothing shared"
    for kind in shared:
        yield f"evidence: {kind}"
    if len(shared) == 1:
        yield f"evidence: {next(iter(shared))} alone"
    for label in one.labels | other.labels:
        # The form of an address is of interest where both give one.
        if label not in OF_ADDRESSES or (one.cells.get("content_url") and other.cells.get("content_url")):
            yield f"class: {label}"
    if (one.labels | other.labels) & WRAPPERS.keys() and "address" in shared:
        yield "class: any wrapped address that says which post"
    if one.occurred_on and other.occurred_on and one.occurred_on != other.occurred_on:
        yield "class: days differ"
    is_police = [report.feed == "police_hate_crimes" for report in (one, other)]
    if any(is_police) and not all(is_police) and "victim" in shared and "reference" not in shared:
        yield "class: police record with a report, by the victim"
    yield feeds_of(one, other)
    if shared:
        yield f"strand: {one.event.strands[0]}"


def feeds_of(one: Report, other: Report) -> str:
    """The feeds of a pair, in either order."""
    return f"feeds: {' + '.join(sorted((SHORT[one.feed], SHORT[other.feed])))}"


def person_classes(one: Mention, other: Mention) -> Iterator[str]:
    """The classes to which a true pair of mentions belongs."""
    yield "all"
    if identifier_agrees(one, other):
        yield "identifier agrees"
    elif _share_name(one, other):
        yield "name alone"
    else:
        yield "nothing shared"
    for label in one.labels | other.labels:
        yield f"class: {label}"
    if identifier_agrees(one, other):
        yield f"origin: {one.origin}"
