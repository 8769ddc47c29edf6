"""One run of the linkage of incidents, step by step."""

import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

import numpy as np
import pandas as pd
import sqlalchemy as sa

from hub.contracts.model import read_catalogue
from hub.linkage import carried_decisions
from hub.linkage.incidents import candidates, fingerprints, results, scoring, store, weights
from hub.linkage.incidents.components import Link, Override, join_reports
from hub.linkage.incidents.evidence import Reason
from hub.linkage.incidents.fingerprints import Fingerprints, Numbers
from hub.linkage.incidents.records import RecordReader
from hub.linkage.names import lists
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, read_ring
from hub.vault.reading import VaultReader
from hub.warehouse.stable_ids import changes_of, named_after

QUESTIONS = 3
"""Raised where other pairs are asked about: the next run is full."""
VERSION = f"{QUESTIONS}/{weights.VERSION}/{fingerprints.VERSION}/{candidates.VERSION}/{lists.digest()}"
REPORTS_A_BATCH = 10_000


@dataclass(frozen=True)
class LinkedIncidents:
    """What a run did. ``counts``: reports ``changed`` (or new) and ``gone`` since the last run; pairs ``compared``;
    reports ``looked_at``, those of the affected component, and the ``incidents`` that these are now; ``changes``, the
    entries of the log of incidents that were merged, split or re-anchored."""

    counts: dict[str, int]
    seconds: float
    is_full: bool


@dataclass(frozen=True)
class Affected:
    """The reports whose pairs may be others than before, and the number of pairs compared for it."""

    ids: set[str]
    compared: int


def link_incidents(
    settings: Settings, engine: sa.Engine, *, full: bool = False, deliveries: Sequence[uuid.UUID] | None = None
) -> LinkedIncidents:
    """Decide which reports are one incident: for the component that has changed since the last run, or (``full``) for
    all.

    ``deliveries``: all that can have changed something since then; without them every report is looked at. Idempotent.
    A second run waits for the first. A change of the rules, of the fingerprints or of their key makes the run full.
    """
    began = time.monotonic()
    ring = read_ring(settings, Purpose.TEXT)
    with (
        engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
        store.held(connection),
        connection.begin(),
    ):
        full = store.prepare(connection, f"{VERSION}/{ring.newest}") or full
        if full:
            deliveries = None
            carried_decisions.carry_incident_overrides(connection)
            store.forget_fingerprints(connection)
        catalogue = read_catalogue(settings.expectations)
        reader = RecordReader(connection, catalogue, VaultReader(settings, "linkage of incidents"))
        changed = store.find_changed(connection, deliveries)
        gone = store.find_gone(connection) if deliveries is None else []
        affected = _score(connection, reader, changed, gone, ring.secret, full=full)
        component = set(changed) if full else _expand(connection, affected.ids)
        counts = _decide(connection, reader, None if full else component, component, gone)
    counts = {"changed": len(changed), "gone": len(gone), "compared": affected.compared, **counts}
    return LinkedIncidents(counts, time.monotonic() - began, full)


def _score(
    connection: sa.Connection,
    reader: RecordReader,
    changed: Sequence[str],
    gone: Sequence[str],
    key: bytes,
    *,
    full: bool,
) -> Affected:
    """Write the fingerprints of changed reports and the pairs of all reports that they affect: the changed ones, and
    those that share a key with them which compares them with others now, or is rarer or more common."""
    own = _fingerprints(reader, changed, key)
    forgotten = {*changed, *gone}
    affected = forgotten if full else _affected(connection, own, forgotten)
    store.write_fingerprints(connection, own, forgotten, is_full=full)
    around = own.entries
    if not full:
        entries = store.read_own_entries(connection, affected)
        around = store.read_entries(connection, entries.key)
    found = candidates.find_candidates(around, affected)
    pairs = scoring.score_candidates(reader, around.ids, found)
    # Who had a pair and has it no more is affected, too: their incident may fall apart, which its other reports show.
    lost = set() if full else store.read_partners(connection, affected)
    store.write_evidence(connection, pairs, None if full else affected)
    return Affected({*affected, *lost, *pairs["report_a"], *pairs["report_b"]}, len(found))


def _fingerprints(reader: RecordReader, ids: Sequence[str], key: bytes) -> Fingerprints:
    """The fingerprints of reports, taken some at a time: a text is needed no longer than for that."""
    parts = [
        fingerprints.take_fingerprints(reader.read(some), key) for some in batched(sorted(ids), REPORTS_A_BATCH)
    ] or [fingerprints.take_fingerprints([], key)]
    return fingerprints.all_of(parts)


def _affected(connection: sa.Connection, own: Fingerprints, forgotten: Collection[str]) -> set[str]:
    """The reports whose pairs may be others, now that ``own`` takes the place of what was kept of the forgotten."""
    old = store.read_own_entries(connection, forgotten)
    stored = store.read_entries(connection, np.union1d(own.entries.key, old.key))
    everything = fingerprints.joined([stored, own.entries])
    is_stored = np.arange(len(everything.key)) < len(stored.key)
    before = everything.of_some(is_stored)
    after = everything.of_some(~is_stored | ~everything.are_of(forgotten))
    return candidates.affected_by(before, after, forgotten)


def _expand(connection: sa.Connection, affected: Collection[str]) -> set[str]:
    """The affected component: the affected reports, those with a new manual override since the last run, and
    everything that is or was joined to them."""
    decided = results.read_overrides(connection) ^ results.read_overrides(connection, followed=True)
    component = {*affected, *(report for one in decided for report in (one.first, one.second))}
    edge = component
    while edge:
        edge = results.read_joined(connection, edge) - component
        component |= edge
    return set(results.read_known(connection, component))


def _decide(
    connection: sa.Connection,
    reader: RecordReader,
    asked: Collection[str] | None,
    component: Collection[str],
    gone: Collection[str],
) -> dict[str, int]:
    """Join the reports of the component (``asked``; None: all there are) from nothing, and write their incidents."""
    links = results.read_links(connection, asked)
    overrides = results.read_overrides(connection)
    anchors = {one: one for one in component}
    of_report: dict[str, list[Link]] = defaultdict(list)
    for weight, first, second, reason in links[["weight", "report_a", "report_b", "reason"]].itertuples(index=False):
        if weight >= weights.CONFIRMED_FROM:
            of_report[first].append(Link(weight, first, second, reason))
    ids = sorted(component)
    edges = _edges(ids, links, overrides)
    for reports, _ in scoring.batches_of(edges, len(ids)):
        members = list(reader.read_members([ids[index] for index in reports]))
        anchors |= join_reports(members, [link for one in members for link in of_report[one.report_id]], overrides)
    incident_of = {anchor: named_after("incident", anchor) for anchor in {*anchors.values()}}
    incidents = {report: incident_of[anchor] for report, anchor in anchors.items()}
    before = results.read_incidents(connection, asked)
    changes = changes_of((before[one], incidents[one]) for one in incidents if one in before)
    results.write_incidents(connection, incidents, gone, changes)
    states = links.assign(state=states_of(links, incidents))
    results.write_states(connection, states[states["state"] != links["state"]])
    return {"looked_at": len(incidents), "incidents": len(set(incidents.values())), "changes": len(changes)}


def states_of(links: pd.DataFrame, incidents: Mapping[str, str]) -> Sequence[str]:
    """What becomes of each pair of ``links`` (report_a, report_b, weight, reason), where ``incidents`` has the incident
    of each report.

    Of two incidents the surest pair is a question for a person where a single report would join an incident: but for
    likeness of texts, which is enough or nearly enough for copies and stock phrases most of all. Incidents of several
    reports that one pair would join are seldom one: the rest of what they say has parted them.
    """
    both = pd.DataFrame({side: links[side].map(incidents) for side in ("report_a", "report_b")})
    size = Counter(incidents.values())
    is_single = np.minimum(both["report_a"].map(size), both["report_b"].map(size)) == 1
    is_sure = links["weight"] >= weights.CONFIRMED_FROM
    is_one = both["report_a"] == both["report_b"]
    may_ask = ~is_one & is_single & (links["reason"] != Reason.TEXT)
    two = pd.DataFrame({"one": both.min(axis=1), "other": both.max(axis=1)})[may_ask]
    asked = links[may_ask].sort_values(["weight", "report_a", "report_b"], ascending=[False, True, True]).index
    is_asked = may_ask & (~two.loc[asked].duplicated()).reindex(links.index, fill_value=False)
    states: list[str] = np.select([is_sure & is_one, is_asked], ["confirmed", "suggested"], "left out").tolist()
    return states


def _edges(ids: Sequence[str], links: pd.DataFrame, overrides: Iterable[Override]) -> Numbers:
    """Which reports of a component are joined by pairs or manual overrides: rows of two indexes of ``ids``."""
    place = {one: index for index, one in enumerate(ids)}
    ones = [*links["report_a"], *(one.first for one in overrides)]
    others = [*links["report_b"], *(one.second for one in overrides)]
    joined = zip(ones, others, strict=True)
    edges = [(place[one], place[other]) for one, other in joined if {one, other} <= place.keys()]
    return np.array(edges, dtype=np.int64).reshape(-1, 2)
