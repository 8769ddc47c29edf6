"""Which of the reports of a component are one incident.

A pure function of the reports, the evidence and the manual overrides, whatever their order. Reports are joined from
the strongest evidence down. A link is left out that would put two victims or two posts into one incident, that fits
several incidents alike, or that alone would hold two incidents of several reports together: so chains of likeness break
where they are weakest.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import combinations, product
from typing import NamedTuple

from hub.linkage.incidents.content_urls import ContentAddress
from hub.linkage.incidents.evidence import Reason
from hub.linkage.incidents.persons import Likeness, compare_victims
from hub.linkage.incidents.statements import Person
from hub.linkage.incidents.weights import CONFIRMED_FROM, OTHER_DAYS, OTHER_FORCES, OTHER_POSTS, OTHER_VICTIMS

ALIKE = 3.0
"""A text that fits two incidents within so much fits both."""
WEAK_BELOW, SEVERAL = 9.0, 2
"""A link below this holds two incidents of so many reports and more together only if another one does, too."""
ADDRESS_BELOW = 12.0
"""Below this a single report joins an incident of several by its address only if it fits two of them: a wrong address
fits the report that says little, and all else contradicts the others."""


class Link(NamedTuple):
    """A pair whose evidence is enough to join, the smaller id first."""

    weight: float
    first: str
    second: str
    reason: str = Reason.TEXT


class Override(NamedTuple):
    """A manual override of two reports: must-link (``is_together``) or cannot-link. ``decided_at`` is any rising
    number."""

    first: str
    second: str
    is_together: bool
    decided_at: float


class Member(NamedTuple):
    """A report as far as joining needs it; ``day`` where it says when it happened, ``force`` where it names one."""

    report_id: str
    reported_at: int
    address: ContentAddress
    victim: Person | None
    day: int | None = None
    force: str | None = None


def join_reports(members: Sequence[Member], links: Iterable[Link], overrides: Iterable[Override]) -> dict[str, str]:
    """For each report the incident's anchor: its earliest report (then the smallest id).

    Links are followed from the best down. An override wins over all evidence; where overrides contradict each other, a
    cannot-link wins over a must-link, and a later must-link over an earlier.
    """
    joining = _Joining({member.report_id: member for member in members}, overrides)
    joining.follow_overrides()
    joining.follow_links(links)
    return joining.anchors()


class _Joining:
    def __init__(self, members: Mapping[str, Member], overrides: Iterable[Override]) -> None:
        self._members = members
        self._overrides = [one for one in overrides if one.first in members and one.second in members]
        self._parent = {report_id: report_id for report_id in members}
        self._reports = {report_id: [report_id] for report_id in members}
        self._addresses = {key: {one.address} if one.address.post else set() for key, one in members.items()}
        self._victims = {key: {one.victim} if one.victim else set() for key, one in members.items()}
        self._days = {key: Counter([one.day] if one.day is not None else []) for key, one in members.items()}
        self._forces = {key: {one.force} if one.force else set() for key, one in members.items()}
        self._waiting: dict[str, Counter[str]] = defaultdict(Counter)
        self._apart: dict[str, set[str]] = defaultdict(set)
        for one in self._overrides:
            if not one.is_together:
                self._apart[one.first].add(one.second)
                self._apart[one.second].add(one.first)

    def follow_overrides(self) -> None:
        newest_first = sorted(self._overrides, key=lambda one: (-one.decided_at, one.first, one.second))
        for one in newest_first:
            if one.is_together and self._may_link(one.first, one.second):
                self._union(one.first, one.second)

    def follow_links(self, links: Iterable[Link]) -> None:
        in_order = sorted(links, key=lambda one: (-one.weight, one.first, one.second))
        unclear = self._unclear(in_order)
        for link in in_order:
            first, second = self._root(link.first), self._root(link.second)
            if first == second or not self._may_link(first, second):
                continue
            is_unclear = link.reason == Reason.TEXT and not unclear.isdisjoint((link.first, link.second))
            if is_unclear and not self._have_one_victim(first, second):
                continue
            if link.weight + self._loss(link, first, second) < CONFIRMED_FROM:
                continue
            if link.weight < self._enough_alone(link, first, second):
                self._wait(first, second, 1)
                if self._waiting[first][second] < SEVERAL:
                    continue
            self._union(first, second)

    def _enough_alone(self, link: Link, first: str, second: str) -> float:
        """The weight from which a link alone joins two incidents; below it another one has to do so, too."""
        fewer, more = sorted((len(self._reports[first]), len(self._reports[second])))
        if fewer < SEVERAL and more >= SEVERAL and link.reason == Reason.CONTENT:
            return ADDRESS_BELOW
        return WEAK_BELOW if fewer >= SEVERAL else CONFIRMED_FROM

    def _wait(self, first: str, second: str, links: int) -> None:
        """Count links between two incidents that wait for another one."""
        self._waiting[first][second] += links
        self._waiting[second][first] += links

    def _unclear(self, links: Iterable[Link]) -> set[str]:
        """Reports whose text fits reports that cannot be one incident, all of them about as well: the text alone does
        not tell to which it belongs."""
        near: dict[str, list[tuple[float, Member]]] = defaultdict(list)
        for link in links:
            if link.reason == Reason.TEXT:
                near[link.first].append((link.weight, self._members[link.second]))
                near[link.second].append((link.weight, self._members[link.first]))
        return {one for one, others in near.items() if _fits_several(others)}

    def _compare(self, first: str, second: str, likeness: Likeness) -> bool:
        """Whether any victims of two incidents compare so. All are kept: who is named late is a victim, too."""
        victims = product(self._victims[first], self._victims[second])
        return any(compare_victims(one, other) is likeness for one, other in victims)

    def _have_one_victim(self, first: str, second: str) -> bool:
        return self._compare(first, second, Likeness.AGREE)

    def _have_other_victims(self, first: str, second: str) -> bool:
        # A slip in one of several reports does not part them where another agrees.
        return self._compare(first, second, Likeness.CONTRADICT) and not self._have_one_victim(first, second)

    def anchors(self) -> dict[str, str]:
        earliest = {
            root: min((self._members[one] for one in reports), key=_age).report_id
            for root, reports in self._reports.items()
            if reports
        }
        return {report_id: earliest[self._root(report_id)] for report_id in self._members}

    def _root(self, report_id: str) -> str:
        while (parent := self._parent[report_id]) != report_id:
            self._parent[report_id] = self._parent[parent]
            report_id = parent
        return report_id

    def _may_link(self, first: str, second: str) -> bool:
        """Whether no cannot-link keeps the two parts apart."""
        first, second = self._root(first), self._root(second)
        if first == second:
            return True
        if not self._apart:
            return True
        smaller, other = (first, second) if len(self._reports[first]) < len(self._reports[second]) else (second, first)
        return not any(
            self._root(partner) == other for one in self._reports[smaller] for partner in self._apart.get(one, ())
        )

    def _loss(self, link: Link, first: str, second: str) -> float:
        """What a link loses because the incidents that it would join contradict each other, where its own two reports
        do not: theirs is weighed already. Reports of one post may name several victims."""
        one, other = self._members[link.first], self._members[link.second]
        loss = 0.0
        if not one.address.contradicts(other.address) and any(
            mine.contradicts(its) for mine in self._addresses[first] for its in self._addresses[second]
        ):
            loss += OTHER_POSTS
        is_weighed = link.reason == Reason.CONTENT or compare_victims(one.victim, other.victim) is Likeness.CONTRADICT
        if not is_weighed and self._have_other_victims(first, second):
            loss += OTHER_VICTIMS
        if link.reason == Reason.VICTIM and _are_of_other_days(self._days[first], self._days[second]):
            loss += OTHER_DAYS
        if link.reason == Reason.REFERENCE and _are_of_other_forces(self._forces[first], self._forces[second]):
            loss += OTHER_FORCES
        return loss

    def _union(self, first: str, second: str) -> None:
        first, second = self._root(first), self._root(second)
        if first == second:
            return
        if (len(self._reports[first]), second) < (len(self._reports[second]), first):
            first, second = second, first
        self._parent[second] = first
        self._reports[first] += self._reports.pop(second)
        self._reports[second] = []
        self._addresses[first] |= self._addresses[second]
        self._days[first] += self._days[second]
        for other, links in self._waiting.pop(second, Counter()).items():
            del self._waiting[other][second]
            if other != first:
                self._wait(first, other, links)
        self._victims[first] |= self._victims.pop(second)
        self._forces[first] |= self._forces.pop(second)


def _are_of_other_days(first: Counter[int], second: Counter[int]) -> bool:
    """Whether two incidents of one victim happened on different days: where one report names another day it is a slip,
    where two do on either side, or the days are further apart, there were two attacks."""
    if not first or not second or first.keys() & second.keys():
        return False
    is_told_twice = min(max(first.values()), max(second.values())) > 1
    return is_told_twice or max(*first, *second) - min(*first, *second) > 1


def _are_of_other_forces(first: Set[str], second: Set[str]) -> bool:
    """Whether two incidents name forces and none in common: a crime number that both have is that of two crimes."""
    return bool(first and second) and not first & second


def _fits_several(near: Sequence[tuple[float, Member]]) -> bool:
    best = max(weight for weight, _ in near)
    alike = {(one.address, one.victim) for weight, one in near if weight >= best - ALIKE}
    return any(
        address.contradicts(other_address) or compare_victims(victim, other_victim) is Likeness.CONTRADICT
        for (address, victim), (other_address, other_victim) in combinations(alike, 2)
    )


def _age(member: Member) -> tuple[int, str]:
    return member.reported_at, member.report_id
