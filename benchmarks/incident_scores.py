"""How well reports were put together into incidents, against the truth of a simulation: pairs are counted from the
sizes of groups and never built."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from benchmarks.pairs import Pairs
from hub.linkage.incidents.content_urls import read_address

LINKED = """
    select
        cast(own.report_id as text) as report_id,
        cast(own.incident_id as text) as linked_as,
        reports.feed,
        deliveries.file_name,
        reports.row_number,
        reports.platform,
        reports.content_url
    from linkage.report_incidents as own
    inner join intermediate.int_reports__unioned as reports on own.report_id = reports.report_id
    inner join ledger.deliveries as deliveries on reports.delivery_id = deliveries.delivery_id
"""
PAIRS = """
    select cast(report_a as text) as report_a, cast(report_b as text) as report_b, reason, score, state
    from linkage.report_pairs
"""
GROUPINGS = (["incident_id"], ["linked_as"], ["incident_id", "linked_as"])
"""What belongs together, what was put together, and both: the order of the counts of pairs."""


@dataclass(frozen=True)
class Score(Pairs):
    """Pairs of reports of one kind; belonging together means to be about one incident."""

    kind: str


@dataclass(frozen=True)
class EvidenceScore:
    """The pairs that one kind of evidence wrote down, and how many of them are right."""

    reason: str
    state: str
    pairs: int
    right: int


@dataclass(frozen=True)
class IncidentScores:
    """All pairs; by what the two reports say of the content; and by the evidence that was written down."""

    whole: Score
    by_kind: tuple[Score, ...]
    by_evidence: tuple[EvidenceScore, ...]


def score_incidents(engine: sa.Engine, truth: Path) -> IncidentScores:
    """Compare ``linkage.report_incidents`` with ``truth/records.csv`` of the simulation that was taken in."""
    linked = read_linked(engine, truth)
    with engine.connect() as connection:
        pairs = pd.read_sql_query(sa.text(PAIRS), connection)
    return IncidentScores(_whole(linked), _by_kind(linked), _by_evidence(linked, pairs))


def read_linked(engine: sa.Engine, truth: Path) -> pd.DataFrame:
    """A row a report: ``report_id``, the incident it was put into (``linked_as``) and is truly of (``incident_id``),
    and what it says of the content (``says``). Reports of no true incident are left out."""
    with engine.connect() as connection:
        linked = pd.read_sql_query(sa.text(LINKED), connection)
    columns = ["feed", "file_name", "row_number", "incident_id"]
    known = pd.read_csv(truth, usecols=columns).dropna(subset=["incident_id"])
    linked = linked.merge(known, on=columns[:3], how="inner", validate="one_to_one")
    linked = linked.astype({"content_url": object, "platform": object})
    linked = linked.where(linked.notna(), None)
    linked["says"] = [
        _says(feed, url, platform)
        for feed, url, platform in zip(linked["feed"], linked["content_url"], linked["platform"], strict=True)
    ]
    return linked


def count_pairs(sizes: "pd.Series[int]") -> int:
    """The number of pairs inside groups of these sizes."""
    return int((sizes * (sizes - 1) // 2).sum())


def _says(feed: str, url: str | None, platform: str | None) -> str:
    address = read_address(url, platform)
    where = "post" if address.post and not address.is_opaque else "short link" if address.post else "no post"
    return f"{where}, police" if feed == "police_hate_crimes" else where


def _whole(linked: pd.DataFrame) -> Score:
    true, found, right = (count_pairs(linked.groupby(columns).size()) for columns in GROUPINGS)
    return Score(true, found, right, kind="all pairs")


def _by_kind(linked: pd.DataFrame) -> tuple[Score, ...]:
    kinds = sorted(linked["says"].unique())
    scores = []
    for place, first in enumerate(kinds):
        for second in kinds[place:]:
            true, found, right = (_between(linked, columns, first, second) for columns in GROUPINGS)
            scores.append(Score(true, found, right, kind=f"{first} + {second}"))
    return tuple(scores)


def _between(linked: pd.DataFrame, columns: Sequence[str], first: str, second: str) -> int:
    """Pairs inside groups whose one report says ``first`` and whose other says ``second``."""
    mine = linked[linked["says"] == first].groupby(list(columns)).size()
    if first == second:
        return count_pairs(mine)
    others = linked[linked["says"] == second].groupby(list(columns)).size()
    return int((mine * others.reindex(mine.index, fill_value=0)).sum())


def _by_evidence(linked: pd.DataFrame, pairs: pd.DataFrame) -> tuple[EvidenceScore, ...]:
    true = linked.set_index("report_id")["incident_id"]
    first, second = pairs["report_a"].map(true), pairs["report_b"].map(true)
    known = pairs[first.notna() & second.notna()].assign(right=first == second)
    grouped = known.groupby(["reason", "state"], as_index=False).agg(pairs=("right", "size"), right=("right", "sum"))
    return tuple(
        EvidenceScore(str(row["reason"]), str(row["state"]), int(row["pairs"]), int(row["right"]))
        for row in grouped.to_dict("records")
    )
