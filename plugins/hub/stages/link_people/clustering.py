"""From pairs to persons: the likeliest pairs join first, and never past a guard.

Connected components alone would chain: a brother and a sister with one telephone, each like a third, badly written
portrait. So a join is refused when the person would then hold two first names or two birth dates that differ, or two
portraits that are known to be two people. Who is not named joins last: they are somebody who is named, never what makes
two of them one.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field

Node = str
"""A portrait, told by its smallest mention id: the same in every hub and under any order of arrival."""
Name = str
Born = str
Pair = tuple[Node, Node]
CLEARLY = 19
"""Who is not named and may be two people is the one who is so many times less likely to be the wrong one."""


@dataclass(frozen=True)
class Sitter:
    """Of a portrait, what the guards look at; None where not given."""

    name: Name | None
    birth_date: Born | None


@dataclass(frozen=True)
class Evidence:
    """``pairs``: probability of each pair to be one person. ``together`` and ``apart``: what people decided, with
    ``apart`` also the two roles of one report. ``names_differ``, ``births_differ``: values that cannot be one person's;
    every pair is written with the smaller first."""

    pairs: Mapping[Pair, float]
    together: Iterable[Pair]
    apart: Set[Pair]
    names_differ: Set[tuple[Name, Name]]
    births_differ: Set[tuple[Born, Born]]


@dataclass
class _Person:
    nodes: set[Node]
    names: set[Name] = field(default_factory=set)
    births: set[Born] = field(default_factory=set)
    strangers: set[Node] = field(default_factory=set)
    """Nodes that this person is known not to be."""


def join_persons(sitters: Mapping[Node, Sitter], evidence: Evidence) -> list[list[Node]]:
    """Every node in one list, each list a person. Decisions of people come before all guards, ``apart`` before
    ``together``; then pairs in falling order of probability, those of whom both are named first."""
    person_of = {node: _alone(node, sitter) for node, sitter in sitters.items()}
    for one, other in evidence.apart:
        if one in person_of and other in person_of:
            person_of[one].strangers.add(other)
            person_of[other].strangers.add(one)
    for pair in sorted(evidence.together):
        _join(person_of, pair, _are_strangers)

    def may_not(one: _Person, other: _Person) -> bool:
        return _are_strangers(one, other) or _differ(one, other, evidence)

    nameless = {node for node, sitter in sitters.items() if sitter.name is None}
    likeliest = [pair for pair, _ in sorted(evidence.pairs.items(), key=lambda item: (-item[1], item[0]))]
    for pair in likeliest:
        if nameless.isdisjoint(pair):
            _join(person_of, pair, may_not)
    for pair in _clear(likeliest, evidence.pairs, nameless, person_of):
        _join(person_of, pair, may_not)
    for pair in likeliest:
        if nameless.issuperset(pair) and not (person_of[pair[0]].names or person_of[pair[1]].names):
            _join(person_of, pair, may_not)
    persons = {id(person): person for person in person_of.values()}
    return sorted(sorted(person.nodes) for person in persons.values())


def _clear(
    likeliest: Iterable[Pair], probability: Mapping[Pair, float], nameless: Set[Node], person_of: Mapping[Node, _Person]
) -> list[Pair]:
    """Of each who is not named the likeliest pair with somebody who is, unless another person is nearly as likely."""
    best: dict[Node, Pair] = {}
    unclear = set()
    for pair in likeliest:
        node, other = pair if pair[0] in nameless else (pair[1], pair[0])
        if node not in nameless or other in nameless or person_of[node].names:
            continue
        first = best.setdefault(node, pair)
        named = first[1] if first[0] == node else first[0]
        if person_of[named] is not person_of[other] and 1 - probability[pair] <= CLEARLY * (1 - probability[first]):
            unclear.add(node)
    return [pair for node, pair in best.items() if node not in unclear]


def _alone(node: Node, sitter: Sitter) -> _Person:
    return _Person(
        nodes={node},
        names={sitter.name} if sitter.name is not None else set(),
        births={sitter.birth_date} if sitter.birth_date is not None else set(),
    )


def _join(person_of: dict[Node, _Person], pair: Pair, may_not: Callable[[_Person, _Person], bool]) -> None:
    one, other = person_of[pair[0]], person_of[pair[1]]
    if one is other or may_not(one, other):
        return
    if len(one.nodes) < len(other.nodes):
        one, other = other, one
    one.nodes |= other.nodes
    one.names |= other.names
    one.births |= other.births
    one.strangers |= other.strangers
    for node in other.nodes:
        person_of[node] = one


def _are_strangers(one: _Person, other: _Person) -> bool:
    return not (one.strangers.isdisjoint(other.nodes) and other.strangers.isdisjoint(one.nodes))


def _differ(one: _Person, other: _Person, evidence: Evidence) -> bool:
    return _any_pair(one.names, other.names, evidence.names_differ) or _any_pair(
        one.births, other.births, evidence.births_differ
    )


def _any_pair(ones: Set[str], others: Set[str], differ: Set[tuple[str, str]]) -> bool:
    return any((min(one, other), max(one, other)) in differ for one in ones for other in others)
