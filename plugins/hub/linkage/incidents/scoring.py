"""Candidates → scored pairs: first what the two reports of each say by themselves, then what that is worth among the
other pairs of the two."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from hub.linkage.incidents.evidence import AMBIGUOUS_SCORE, SUGGESTED_FROM, Evidence, Reason, is_ambiguous, score_pair
from hub.linkage.incidents.fingerprints import Numbers
from hub.linkage.incidents.records import RecordReader

VERSION = 2
"""Goes up when something else is kept of a pair: all pairs are then scored again."""
REPORTS_A_PART = 10_000
PAIR = ["report_a", "report_b"]
EVIDENCE = [*PAIR, "reason", "evidence_score", "is_backed"]
"""Columns of what the two reports of a pair, the smaller id first, say by themselves (``Evidence``)."""


def parts_of(pairs: Numbers, count: int) -> Iterator[tuple[Numbers, Numbers]]:
    """Pairs (rows of two indexes below ``count``) in parts: indexes of the reports, numbers of the rows. Reports that
    pairs join are in one part, so a part can be decided by itself."""
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
        yield reports[mine], rows[its_pairs]


def score_candidates(reader: RecordReader, ids: Sequence[str], pairs: Numbers) -> pd.DataFrame:
    """Columns ``EVIDENCE`` of the candidates (rows of two indexes of ``ids``) that have anything in common."""
    tables = [_frame([])]
    for reports, rows in parts_of(pairs, len(ids)):
        records = {one.report_id: one for one in reader.read([ids[index] for index in reports])}
        named = ((ids[min(pair)], ids[max(pair)]) for pair in pairs[rows].tolist())
        scored = ((*pair, score_pair(records[pair[0]], records[pair[1]])) for pair in named)
        tables.append(_frame([(*pair, one) for *pair, one in scored if one is not None]))
    return pd.concat(tables, ignore_index=True)


def _frame(rows: Sequence[tuple[str, str, Evidence]]) -> pd.DataFrame:
    columns = {
        "report_a": pd.array([row[0] for row in rows], dtype="str"),
        "report_b": pd.array([row[1] for row in rows], dtype="str"),
        "reason": pd.array([str(row[2].reason) for row in rows], dtype="str"),
        "evidence_score": np.array([row[2].score for row in rows], dtype=float),
        "is_backed": np.array([row[2].is_backed for row in rows], dtype=bool),
    }
    return pd.DataFrame(columns)


def weigh_pairs(
    reader: RecordReader, evidence: pd.DataFrame, whole: Collection[str], ambiguous: Collection[str]
) -> tuple[pd.DataFrame, set[str]]:
    """The pairs that are worth keeping with the ``score`` that their evidence has among the other pairs of their
    reports, and which of the reports ``whole`` are ambiguous: their text fits several incidents. ``evidence`` has all
    pairs of the reports ``whole``; of any other it is said whether it is among the ``ambiguous``."""
    now_ambiguous: set[str] = set()
    by_text = evidence[evidence["reason"] == Reason.TEXT]
    ids = sorted({*by_text["report_a"], *by_text["report_b"]})
    pairs = np.stack([pd.Index(ids, dtype="str").get_indexer(by_text[side]) for side in PAIR], axis=1)
    scores, are_backed = by_text["evidence_score"].to_numpy(), by_text["is_backed"].to_numpy()
    for reports, rows in parts_of(pairs.astype(np.int64), len(ids)):
        members = {one.report_id: one for one in reader.read_members([ids[index] for index in reports])}
        neighbours = defaultdict(list)
        for row in rows.tolist():
            one, other = (ids[index] for index in pairs[row])
            found = Evidence(Reason.TEXT, float(scores[row]), bool(are_backed[row]))
            neighbours[one].append((members[other], found))
            neighbours[other].append((members[one], found))
        now_ambiguous |= {one for one, near in neighbours.items() if one in whole and is_ambiguous(near)}
    unclear = now_ambiguous | {one for one in ambiguous if one not in whole}
    is_unclear = evidence["report_a"].isin(unclear) | evidence["report_b"].isin(unclear)
    is_capped = (evidence["reason"] == Reason.TEXT) & ~evidence["is_backed"].astype(bool) & is_unclear
    own = evidence["evidence_score"]
    kept = evidence.assign(score=own.where(~is_capped, np.minimum(own, AMBIGUOUS_SCORE)))
    return kept[kept["score"] >= SUGGESTED_FROM], now_ambiguous
