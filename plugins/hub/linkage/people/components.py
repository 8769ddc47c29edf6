"""From pairs to persons: the likeliest pairs join first, and never past a guard.

Connected components alone would chain: a brother and a sister with one telephone, each like a third, badly written
identity record. So a join is refused when the person would then hold two first names or two birth dates that differ, or
two identity records that are known to be two people. Who is not named joins last: they are somebody who is named, never
what makes two of them one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hub.linkage.people.comparable import open_memory
from hub.linkage.people.comparisons import BIRTH_DATE, FIRST_NAME, Comparison

Node = str
"""An identity record, named by its smallest mention id: the same in every hub and under any order of arrival."""
Name = str
Born = str
Pair = tuple[Node, Node]
CLEARLY = 19
"""Who is not named and may be two people is the one who is so many times less likely to be the wrong one."""


@dataclass(frozen=True)
class Known:
    """Of an identity record, what the guards look at; None where not given."""

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
    cannot_link: set[Node] = field(default_factory=set)
    """Nodes that this person is known not to be."""


def join_persons(known: Mapping[Node, Known], evidence: Evidence) -> list[list[Node]]:
    """Every node in one list, each list a person. Decisions of people come before all guards, ``apart`` before
    ``together``; then pairs in falling order of probability, those of whom both are named first."""
    person_of = {node: _alone(node, values) for node, values in known.items()}
    for one, other in evidence.apart:
        if one in person_of and other in person_of:
            person_of[one].cannot_link.add(other)
            person_of[other].cannot_link.add(one)
    for pair in sorted(evidence.together):
        _join(person_of, pair, _cannot_link)

    def may_not(one: _Person, other: _Person) -> bool:
        return _cannot_link(one, other) or _differ(one, other, evidence)

    nameless = {node for node, values in known.items() if values.name is None}
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


def _alone(node: Node, values: Known) -> _Person:
    return _Person(
        nodes={node},
        names={values.name} if values.name is not None else set(),
        births={values.birth_date} if values.birth_date is not None else set(),
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
    one.cannot_link |= other.cannot_link
    for node in other.nodes:
        person_of[node] = one


def _cannot_link(one: _Person, other: _Person) -> bool:
    return not (one.cannot_link.isdisjoint(other.nodes) and other.cannot_link.isdisjoint(one.nodes))


def _differ(one: _Person, other: _Person, evidence: Evidence) -> bool:
    return _any_pair(one.names, other.names, evidence.names_differ) or _any_pair(
        one.births, other.births, evidence.births_differ
    )


def _any_pair(ones: Set[str], others: Set[str], differ: Set[tuple[str, str]]) -> bool:
    return any((min(one, other), max(one, other)) in differ for one in ones for other in others)


def known_of(identities: pa.Table) -> dict[Node, Known]:
    """What the guards look at of identity records (``IDENTITY`` and first_mention_id)."""
    columns = (identities["first_mention_id"], _names(identities), identities["birth_date"])
    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    return {node: Known(name, birth_date) for node, name, birth_date in rows}


def evidence_of(identities: pa.Table, pairs: Mapping[Pair, float], together: Set[Pair], apart: Set[Pair]) -> Evidence:
    """The evidence for joining identity records, with the values of theirs that cannot be one person's."""
    groups = _groups(identities["first_mention_id"].to_pylist(), [*pairs, *together])
    grouped = identities.append_column("component", groups).append_column("name", _names(identities))
    return Evidence(
        pairs=pairs,
        together=together,
        apart=apart,
        names_differ=_differing(grouped, "name", FIRST_NAME),
        births_differ=_differing(grouped, "birth_date", BIRTH_DATE),
    )


def _names(identities: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(identities["first_name"], pc.fill_null(identities["surname"], ""), " ")


def _groups(nodes: Sequence[Node], pairs: Iterable[Pair]) -> pa.Array:
    """A number for each node, the same for all that pairs join."""
    place = {node: number for number, node in enumerate(nodes)}
    ends = np.array([(place[one], place[other]) for one, other in pairs], dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(nodes), len(nodes)))
    return pa.array(connected_components(graph, directed=False)[1].astype(np.int64))


def _differing(identities: pa.Table, value: str, comparison: Comparison) -> frozenset[tuple[str, str]]:
    """Pairs of values within a component that a comparison calls different."""
    levels = comparison["comparison_levels"]
    close = " or ".join(f"({level['sql_condition']})" for level in levels if level["sql_condition"] != "ELSE")
    compared = ("first_name", "surname", "first_forms", "birth_date", "birth_swapped")
    sides = ", ".join(f"one.{column} as {column}_l, other.{column} as {column}_r" for column in compared)
    with open_memory() as memory:
        memory.register("identities", identities.select([*compared, "component", *{value} - {*compared}]))
        rows = memory.sql(
            f"""
            with seen as (
                select distinct on (component, {value}) * from identities where {value} is not null
            ),
            sides as (
                select distinct one.{value} as one_value, other.{value} as other_value, {sides}
                from seen as one inner join seen as other
                    on one.component = other.component and one.{value} < other.{value}
            )
            select one_value, other_value from sides where not coalesce({close}, false)
            """  # noqa: S608 - the statement holds no value
        ).fetchall()
    return frozenset(rows)
