"""Compares what the warehouse found with what is true: pairs of reports and pairs of mentions."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from proofs.truth_world.deliveries import Row
from proofs.truth_world.found import Found, MentionKey
from proofs.truth_world.mentions import Mention
from proofs.truth_world.pairs import feeds_of, incident_classes, person_classes
from proofs.truth_world.reports import Report

type Truth = Mapping[Row, Report]


@dataclass(frozen=True)
class Share:
    """So many of so many; of none, nothing can be said."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        return self.part / self.whole if self.whole else float("nan")


@dataclass
class Pairs:
    """Pairs by class: those that are true, those of them that were found, and those found that are wrong."""

    true: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    def recall(self, of: str = "all") -> Share:
        return Share(self.right[of], self.true[of])

    def precision(self, of: str = "all") -> Share:
        return Share(self.right[of], self.right[of] + self.wrong[of])


def incident_pairs(truth: Truth, found: Found) -> Pairs:
    """Pairs of reports of one incident."""
    return _count(
        truth,
        true=lambda row: truth[row].event.key,
        found=lambda row: found.incidents.get(row, f"alone {row}"),
        classes=lambda one, other: incident_classes(truth[one], truth[other]),
        classes_of_wrong=lambda one, other: (
            "all",
            feeds_of(truth[one], truth[other]),
            *{f"strand: {truth[row].event.strands[0]}" for row in (one, other)},
        ),
    )


def person_pairs(truth: Truth, found: Found) -> Pairs:
    """Pairs of mentions of victims that are named and of whom it is true who they are."""
    mentions = dict(_mentions(truth, lambda mention: mention.role == "victim" and mention.is_named))
    return _count(
        mentions,
        true=lambda key: mentions[key].person,
        found=lambda key: found.people.get(key, f"alone {key}"),
        classes=lambda one, other: person_classes(mentions[one], mentions[other]),
        classes_of_wrong=lambda one, other: ("all", *{f"origin: {mentions[key].origin}" for key in (one, other)}),
    )


def incident_traps(truth: Truth, found: Found) -> dict[str, Share]:
    """By trap: how many pairs of reports of different incidents, which it makes look alike, were joined."""
    return _traps(
        ((row, report.traps, report.event.key) for row, report in truth.items()),
        lambda row: found.incidents.get(row, f"alone {row}"),
    )


def person_traps(truth: Truth, found: Found) -> dict[str, Share]:
    """By trap: how many pairs of mentions of different people were joined."""
    mentions = _mentions(truth, lambda mention: mention.role == "victim" and mention.is_named)
    return _traps(
        ((key, truth[key[0]].traps, mention.person) for key, mention in mentions),
        lambda key: found.people.get(key, f"alone {key}"),
    )


def placeholder_pairs(truth: Truth, found: Found) -> Share:
    """Pairs of rows of different incidents, without a victim's name, that were taken for one person."""
    rows = [row for row, report in truth.items() if any("placeholder" in one.labels for one in report.mentions)]
    pairs = [pair for pair in combinations(rows, 2) if truth[pair[0]].event.key != truth[pair[1]].event.key]
    people = {row: found.people[row, "victim"] for row in rows if (row, "victim") in found.people}
    joined = sum(1 for one, other in pairs if one in people and people[one] == people.get(other))
    return Share(joined, len(pairs))


def workers_taken_for_clients(truth: Truth, found: Found) -> Share:
    """Clients of case workers who were taken for somebody who works there."""
    rows = [row for row, report in truth.items() if "case worker reports" in report.labels and report.victim]
    workers = {found.people.get((row, "reporter"), "nobody") for row in rows}
    return Share(sum(1 for row in rows if found.people.get((row, "victim")) in workers), len(rows))


def often_mentioned(truth: Truth, found: Found, least: int = 9) -> Share:
    """Victims with so many mentions that are split, of all such victims."""
    people: defaultdict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    for key, mention in _mentions(truth, lambda mention: mention.role == "victim" and mention.is_named):
        counts[mention.person] += 1
        people[mention.person].add(found.people.get(key, f"alone {key}"))
    often = [person for person, count in counts.items() if count >= least]
    return Share(sum(1 for person in often if len(people[person]) > 1), len(often))


def wrong_pairs(truth: Truth, pairs: Iterable[tuple[Row, Row]]) -> Share:
    """Of pairs of reports that were put together, those of different incidents."""
    known = [pair for pair in pairs if pair[0] in truth and pair[1] in truth]
    wrong = sum(1 for one, other in known if truth[one].event.key != truth[other].event.key)
    return Share(wrong, len(known))


def right_person_suggestions(truth: Truth, pairs: Iterable[tuple[MentionKey, MentionKey]]) -> Share:
    """Of suggested pairs of mentions whose people are known, those of one person."""
    mentions = dict(_mentions(truth, lambda mention: bool(mention.person)))
    known = [(mentions[one], mentions[other]) for one, other in pairs if one in mentions and other in mentions]
    return Share(sum(1 for one, other in known if one.person == other.person), len(known))


def _mentions(truth: Truth, is_wanted: Callable[[Mention], bool]) -> Iterator[tuple[MentionKey, Mention]]:
    for row, report in truth.items():
        for mention in report.mentions:
            if is_wanted(mention):
                yield (row, mention.role), mention


def _count[Item: Hashable](
    items: Iterable[Item],
    true: Callable[[Item], str],
    found: Callable[[Item], str],
    classes: Callable[[Item, Item], Iterable[str]],
    classes_of_wrong: Callable[[Item, Item], Iterable[str]],
) -> Pairs:
    listed, pairs = list(items), Pairs()
    for one, other in _within(listed, true):
        of = list(classes(one, other))
        pairs.true.update(of)
        if found(one) == found(other):
            pairs.right.update(of)
    for one, other in _within(listed, found):
        if true(one) != true(other):
            pairs.wrong.update(classes_of_wrong(one, other))
    return pairs


def _within[Item](items: Iterable[Item], group: Callable[[Item], str]) -> Iterator[tuple[Item, Item]]:
    """All pairs of one group."""
    groups: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[group(item)].append(item)
    for members in groups.values():
        yield from combinations(members, 2)


def _traps[Item](items: Iterable[tuple[Item, frozenset[str], str]], found: Callable[[Item], str]) -> dict[str, Share]:
    groups: defaultdict[str, list[tuple[Item, str]]] = defaultdict(list)
    for item, traps, true in items:
        for trap in traps:
            groups[trap].append((item, true))
    apart, joined = Counter[str](), Counter[str]()
    for trap, members in groups.items():
        name = trap.partition("#")[0]
        for (one, of_one), (other, of_other) in combinations(members, 2):
            if of_one != of_other:
                apart[name] += 1
                joined[name] += found(one) == found(other)
    return {name: Share(joined[name], apart[name]) for name in sorted(apart)}
