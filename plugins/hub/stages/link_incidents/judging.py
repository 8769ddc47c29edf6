"""Candidates → judged pairs: each pair is compared once, in parts that hold together, so that texts are in memory only
while their neighbours are judged."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from hub.incident_evidence import (
    AMBIGUOUS_SCORE,
    SUGGESTED_FROM,
    Evidence,
    Named,
    Reason,
    ReportTraits,
    is_ambiguous,
    judge,
)

REPORTS_A_PART = 10_000
Numbers = npt.NDArray[np.int64]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A pair worth keeping, the smaller id first: what the two say by themselves, and the ``score`` that this has among
    their other pairs."""

    report_a: str
    report_b: str
    evidence: Evidence
    score: float


@dataclass(frozen=True)
class Judged:
    """What became of one part: its pairs, and which of its reports are ambiguous."""

    pairs: list[JudgedPair]
    ambiguous: list[str]


def parts_of(pairs: Numbers, count: int) -> Iterator[tuple[Numbers, Numbers]]:
    """The pairs (rows of two indexes below ``count``) in parts: indexes of the reports, rows of the pairs. Reports that
    hang together are in one part."""
    if not len(pairs):
        return
    links = coo_matrix((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, label = connected_components(links, directed=False)
    size = np.bincount(label)
    # Whole components fill a part until it is full.
    part_of_component = np.cumsum(np.where(size > 1, size, 0)) // REPORTS_A_PART
    part = part_of_component[label]
    reports = np.flatnonzero(size[label] > 1)
    reports = reports[np.argsort(part[reports], kind="stable")]
    rows = np.argsort(part[pairs[:, 0]], kind="stable")
    for number in np.unique(part[reports]):
        mine = slice(*np.searchsorted(part[reports], [number, number + 1]))
        its_pairs = slice(*np.searchsorted(part[pairs[rows, 0]], [number, number + 1]))
        yield reports[mine], pairs[rows[its_pairs]]


def judge_all(pairs: Iterable[Pair], traits: Mapping[str, ReportTraits]) -> dict[Pair, Evidence | None]:
    """What the two of each pair say by themselves."""
    return {pair: judge(traits[pair[0]], traits[pair[1]]) for pair in pairs}


def settle_part(
    told: Mapping[Pair, Evidence | None],
    known: Mapping[str, Named],
    known_ambiguous: Callable[[str], bool | None],
) -> Judged:
    """The pairs of one part (``told``: what each says by itself) among each other. ``known_ambiguous`` answers for
    reports whose neighbours have not all been asked for (None for those that have: their pairs are all in ``told``)."""
    found = {pair: evidence for pair, evidence in told.items() if evidence is not None}
    neighbours: dict[str, list[tuple[str, Evidence]]] = defaultdict(list)
    for (first, second), evidence in found.items():
        neighbours[first].append((second, evidence))
        neighbours[second].append((first, evidence))
    ambiguous = {
        one: is_ambiguous((known[other], evidence) for other, evidence in near)
        if (answer := known_ambiguous(one)) is None
        else answer
        for one, near in neighbours.items()
    }
    judged = []
    for (first, second), evidence in found.items():
        score = evidence.score
        if evidence.reason is Reason.TEXT and not evidence.is_backed and (ambiguous[first] or ambiguous[second]):
            score = min(score, AMBIGUOUS_SCORE)
        if score >= SUGGESTED_FROM:
            judged.append(JudgedPair(first, second, evidence, score))
    return Judged(judged, [one for one, yes in ambiguous.items() if yes and known_ambiguous(one) is None])
