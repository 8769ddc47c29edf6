"""Joins the identity records of an affected component to persons: what components decide of what pairs say and what
people decided."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial, reduce

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hub.linkage.people import results
from hub.linkage.people.components import Node, Pair, join_persons, parts_of
from hub.linkage.people.evidence import AVERAGED, PROOF, SHARED, SPELLED, WEIGHED, Flags, LevelWeights, combined
from hub.linkage.people.groups import Positions, Rules, Scored
from hub.linkage.people.records import Records, weight_of
from hub.linkage.people.scoring import score_pairs

PAIRS_AT_ONCE = 400_000


def join_mentions(
    records: Records, mentions: pd.DataFrame, first_of: "pd.Series[str]", edges: pd.DataFrame
) -> dict[Node, Node]:
    """For each identity record that anything may join (by its first mention) one of its person, the same for all.
    ``mentions`` are those of the component, ``first_of`` the first mention of each of its identity records, and
    ``edges`` the kept pairs."""
    identity_of = dict(zip(mentions["mention_id"], mentions["identity_id"], strict=True))
    together, apart = _decided(records, identity_of, first_of)
    likely = edges[(edges["probability"] >= records.parameters.likely) & edges["mention_b"].isin(identity_of)]
    nodes = sorted({*likely["mention_a"], *likely["mention_b"], *(node for pair in together for node in pair)})
    if not nodes:
        return {}
    said = _said_to_be_two(mentions.assign(node=mentions["identity_id"].map(first_of)), set(nodes))
    identities = records.with_users(records.load({identity_of[node] for node in nodes}))
    identities = identities.sort_by("first_mention_id")
    position_of = {node: position for position, node in enumerate(nodes)}
    ends = [
        (position_of[one], position_of[other])
        for one, other in zip(likely["mention_a"], likely["mention_b"], strict=True)
    ]
    decided = _positions_in(together, position_of)
    odds = likely["probability"].to_numpy(dtype=float)
    weights = np.log2(np.maximum(odds, 1e-30) / np.maximum(1 - odds, 1e-30))
    parts = parts_of(
        len(nodes),
        np.array([*ends, *decided], dtype=np.int64).reshape(-1, 2),
        np.concatenate([weights, np.full(len(decided), np.inf)]),
        weight_of(records.parameters.likely),
    )
    kept_apart = [
        *_positions_in(apart, position_of),
        *_not_decided_together(_positions_in(said, position_of), decided, len(nodes)),
    ]
    persons = _persons(records, identities, list(parts), decided, kept_apart)
    return {nodes[position]: nodes[person[0]] for person in persons for position in person}


def _persons(
    records: Records,
    identities: pa.Table,
    parts: list[Positions],
    together: list[tuple[int, int]],
    apart: list[tuple[int, int]],
) -> Iterator[list[int]]:
    """The persons of identity records, as their positions; ``parts`` are those that are looked at together."""
    levels = LevelWeights.of(records.parameters.model)
    confirmed = weight_of(records.parameters.confirmed)
    rules = Rules(AVERAGED, PROOF, partial(combined, levels), confirmed, spelled=SPELLED, shared=SHARED)
    known = are_known(identities)
    part_of = {int(position): number for number, part in enumerate(parts) for position in part}
    decided: dict[int, tuple[list[tuple[int, int]], list[tuple[int, int]]]] = {}
    for kind, pairs in enumerate((together, apart)):
        for one, other in pairs:
            if part_of[one] == part_of[other]:
                decided.setdefault(part_of[one], ([], []))[kind].append((one, other))
    for number, (part, scored) in enumerate(zip(parts, _scored(records, identities, parts), strict=True)):
        inner = {int(position): within for within, position in enumerate(part)}
        of_people = tuple(
            [(inner[one], inner[other]) for one, other in pairs] for pairs in decided.get(number, ([], []))
        )
        for person in join_persons(known[part], scored, rules, of_people):
            yield [int(part[position]) for position in person]


def _scored(records: Records, identities: pa.Table, parts: list[Positions]) -> Iterator[Scored]:
    """All pairs within each part, scored together for as many parts as go at once."""
    waiting: list[Positions] = []
    count = 0
    for part in parts:
        pairs = len(part) * (len(part) - 1) // 2
        if waiting and count + pairs > PAIRS_AT_ONCE:
            yield from _score_parts(records, identities, waiting)
            waiting, count = [], 0
        waiting.append(part)
        count += pairs
    yield from _score_parts(records, identities, waiting)


def _score_parts(records: Records, identities: pa.Table, parts: list[Positions]) -> Iterator[Scored]:
    corners = [np.triu_indices(len(part), 1) for part in parts]
    ones = np.concatenate([part[rows] for part, (rows, _) in zip(parts, corners, strict=True)])
    others = np.concatenate([part[columns] for part, (_, columns) in zip(parts, corners, strict=True)])
    if not len(ones):
        nothing = np.zeros(0)
        yield from (Scored(ones, others, dict.fromkeys(WEIGHED, nothing), nothing > 0) for _ in parts)
        return
    needed = np.unique(np.concatenate(parts))
    asked = identities.take(pa.array(needed))
    position = asked.schema.get_field_index("identity_id")
    asked = asked.set_column(position, "identity_id", pa.array(needed))
    # In the order of the positions, as splink gives them back.
    scored = score_pairs(records.parameters, asked, pa.table({"identity_a": ones, "identity_b": others}))
    found = scored["identity_a"].to_numpy() * len(identities) + scored["identity_b"].to_numpy()
    order = np.searchsorted(found, ones * len(identities) + others)
    weights = {field: scored[field].to_numpy()[order] for field in WEIGHED}
    is_certain = scored["is_certain"].to_numpy(zero_copy_only=False)[order]
    start = 0
    for rows, columns in corners:
        own = slice(start, start + len(rows))
        start += len(rows)
        yield Scored(rows, columns, {field: values[own] for field, values in weights.items()}, is_certain[own])


def are_known(identities: pa.Table) -> Flags:
    """Who has a given name and a surname in full, and anything beside them."""
    known = pc.and_(identities["first_name"].is_valid(), identities["surname"].is_valid())
    beside = [identities[name].is_valid() for name in ("email", "phone", "birth_year", "outward")]
    flags: Flags = pc.and_(known, reduce(pc.or_, beside)).to_numpy()
    return flags


def _decided(records: Records, identity_of: dict[str, int], first_of: "pd.Series[str]") -> tuple[list[Pair], set[Pair]]:
    """The manual overrides of the component: pairs together, the latest first, and apart."""
    together: list[Pair] = []
    apart: set[Pair] = set()
    for one, other, is_together in results.read_overrides(records.connection):
        if one in identity_of and other in identity_of:
            first, second = sorted((first_of[identity_of[one]], first_of[identity_of[other]]))
            if first != second and is_together:
                together.append((first, second))
            elif first != second:
                apart.add((first, second))
    return together, apart


def _positions_in(pairs: Iterable[Pair], position_of: Mapping[Node, int]) -> list[tuple[int, int]]:
    return [
        (position_of[one], position_of[other]) for one, other in pairs if one in position_of and other in position_of
    ]


def _not_decided_together(
    pairs: list[tuple[int, int]], together: list[tuple[int, int]], count: int
) -> list[tuple[int, int]]:
    """What a record says of two people gives way to people who decided that they are one."""
    ends = np.array(together, dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    _, whole_of = connected_components(graph, directed=False)
    return [(one, other) for one, other in pairs if whole_of[one] != whole_of[other]]


def _said_to_be_two(mentions: pd.DataFrame, nodes: set[str]) -> set[Pair]:
    """Pairs of identity records of whom one record says that they are two people: cannot-link pairs."""
    are_two = mentions[mentions["is_reporter_victim"].eq(False) & mentions["node"].isin(nodes)]
    both = are_two.merge(mentions, on="record_id", suffixes=("_one", "_other"))
    both = both[(both["appearance_id_one"] != both["appearance_id_other"]) & (both["node_one"] != both["node_other"])]
    pairs = zip(both["node_one"], both["node_other"], strict=True)
    return {(min(pair), max(pair)) for pair in pairs}
