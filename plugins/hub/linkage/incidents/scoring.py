"""Candidates → scored pairs, with what agreed and what differed."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import fields

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from hub.linkage.incidents.candidates import Candidates
from hub.linkage.incidents.evidence import Evidence, score_pair
from hub.linkage.incidents.fingerprints import Numbers
from hub.linkage.incidents.records import RecordReader
from hub.linkage.incidents.statements import ReportRecord
from hub.linkage.incidents.text_evidence import Shared

REPORTS_A_BATCH = 10_000
PAIRS_A_SLICE = 200_000
PAIR = ["report_a", "report_b"]


def batches_of(pairs: Numbers, count: int) -> Iterator[tuple[Numbers, Numbers]]:
    """Split pairs (rows of two report indexes below ``count``) into batches, so that linked reports stay together and a
    batch can be decided by itself. Yields the indexes of its reports and the row numbers of its pairs."""
    if not len(pairs):
        return
    links = coo_matrix((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, label = connected_components(links, directed=False)
    size = np.bincount(label)
    # Whole components fill a batch until it is full.
    batch_of_component = np.cumsum(np.where(size > 1, size, 0)) // REPORTS_A_BATCH
    batch = batch_of_component[label]
    reports = np.flatnonzero(size[label] > 1)
    reports = reports[np.argsort(batch[reports], kind="stable")]
    rows = np.argsort(batch[pairs[:, 0]], kind="stable")
    for number in np.unique(batch[reports]):
        mine = slice(*np.searchsorted(batch[reports], [number, number + 1]))
        its_pairs = slice(*np.searchsorted(batch[pairs[rows, 0]], [number, number + 1]))
        yield reports[mine], rows[its_pairs]


def score_candidates(reader: RecordReader, ids: Sequence[str], found: Candidates) -> pd.DataFrame:
    """The candidates (of reports ``ids``) that are worth keeping: report_a, report_b, reason, score (0 to 1), weight
    and explanation, a list of what was compared, how it came out and what that is worth."""
    tables = [_frame([])]  # so that there is a frame where nothing is kept
    records: dict[str, ReportRecord] = {}
    # Pairs are sorted by report id, which begins with the time: a slice needs few reports that the last did not need.
    for start in range(0, len(found), PAIRS_A_SLICE):
        some = found.some(slice(start, start + PAIRS_A_SLICE))
        wanted = {ids[index] for index in np.unique(some.pairs).tolist()}
        records = {one: record for one, record in records.items() if one in wanted}
        records |= {one.report_id: one for one in reader.read([*wanted - records.keys()])}
        scored = []
        columns = (getattr(some, field.name).tolist() for field in fields(some))
        for (one, other), *shared in zip(*columns, strict=True):
            evidence = score_pair(records[ids[one]], records[ids[other]], Shared(*shared))
            if evidence is not None:
                scored.append((ids[one], ids[other], evidence))
        tables.append(_frame(scored))
    return pd.concat(tables, ignore_index=True)


def score_of(weight: float) -> float:
    """A sum of weights as a probability, 0 to 1."""
    return round(1 / (1 + math.exp2(-weight)), 6)


def _frame(rows: Sequence[tuple[str, str, Evidence]]) -> pd.DataFrame:
    columns = {
        "report_a": pd.array([row[0] for row in rows], dtype="str"),
        "report_b": pd.array([row[1] for row in rows], dtype="str"),
        "reason": pd.array([str(row[2].reason) for row in rows], dtype="str"),
        "score": np.array([score_of(row[2].weight) for row in rows], dtype=float),
        "weight": np.array([row[2].weight for row in rows], dtype=float),
        "explanation": pd.array([json.dumps(row[2].weights) for row in rows], dtype="str"),
    }
    return pd.DataFrame(columns)
