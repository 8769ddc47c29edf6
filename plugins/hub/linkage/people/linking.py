"""One run of the linkage of persons, step by step."""

import hashlib
import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.linkage import carried_decisions
from hub.linkage.names import lists
from hub.linkage.people import candidates, charts, joining, results, sources, store
from hub.linkage.people.charts import ScoreHistogram
from hub.linkage.people.parameters import Parameters, read_parameters
from hub.linkage.people.records import NUMBERED, Records
from hub.linkage.people.scoring import score_pairs
from hub.settings import Settings
from hub.vault.hub_keys import KeyRing, Purpose, read_ring
from hub.vault.reading import VaultReader
from hub.warehouse.engine import begin
from hub.warehouse.stable_ids import changes_of, named_after

MENTIONS_A_PART = 50_000
IDENTITIES_A_PART = 20_000
PAIRS_AT_ONCE = 400_000


@dataclass(frozen=True)
class LinkedPeople:
    """What a run did: ``counts`` of records changed, identity records changed and compared, pairs scored and kept,
    identity records of the affected component, mentions given another person than before, mentions gone; and how long
    it took."""

    counts: Mapping[str, int]
    seconds: float


@dataclass(frozen=True)
class Changes:
    """Mentions of the records in which any mention is new, gone or other than last seen: as they are (``MENTION``,
    is_set_apart, appearance_id), and as they were (``MENTION``, identity_id), both in the order of their records."""

    now: pa.Table
    before: pa.Table
    records: set[str]


@dataclass(frozen=True)
class Affected:
    """The identity records whose pairs may be others than before, and how many of them have changed themselves."""

    identities: set[int]
    changed: int


def link_people(
    settings: Settings,
    engine: sa.Engine,
    *,
    full: bool = False,
    deliveries: Sequence[uuid.UUID] | None = None,
    parameters: Parameters | None = None,
) -> LinkedPeople:
    """Give every mention of a person in ``intermediate.int_person_mentions`` its person in ``linkage``: for the
    component that has changed since the last run, or (``full``, or after new parameters) for all.

    ``deliveries``: all that can have changed a record since the last run; without them every mention is looked at. One
    transaction: a run that is killed leaves nothing. Charts of a run that scored pairs, and of its parameters, are left
    under ``$HUB_HOME/linkage``.
    """
    began = time.monotonic()
    parameters = parameters or read_parameters()
    key = read_ring(settings, Purpose.PERSON)
    fingerprint = _fingerprint(parameters, key)
    scores = ScoreHistogram()
    run_id = None
    with begin(engine) as connection:
        store.prepare(connection)
        is_full = full or store.last_fingerprint(connection) != fingerprint
        if is_full:
            carried_decisions.carry_person_overrides(connection)
            store.forget_mentions(connection)
            deliveries = None
        asked = None if deliveries is None else sources.read_brought(connection, deliveries)
        changes = find_changes(sources.read_mentions(connection, asked), store.read_seen(connection, asked))
        counts = {"records_changed": len(changes.records)}
        if is_full or changes.records:
            records = Records(connection, key.secret, VaultReader(settings, "linkage of persons"), parameters)
            counts |= _link(records, changes, scores, is_full=is_full)
            run_id = store.note_run(connection, fingerprint, is_full=is_full)
    if run_id is not None and scores.count_pairs:
        charts.keep_charts(settings.home / "linkage", run_id, parameters, scores)
    return LinkedPeople(counts, time.monotonic() - began)


def find_changes(now: pa.Table, seen: pa.Table) -> Changes:
    """Compare mentions with the versions that the last run saw."""
    stated = [dict(zip(side["mention_id"].to_pylist(), _stated(side), strict=True)) for side in (now, seen)]
    record_of = [
        dict(zip(side["mention_id"].to_pylist(), side["record_id"].to_pylist(), strict=True)) for side in (now, seen)
    ]
    changed = {one for one in {**stated[0], **stated[1]} if stated[0].get(one) != stated[1].get(one)}
    records = {side[one] for side in record_of for one in changed if one in side}
    of_changed = pa.array(sorted(records), pa.string())
    now, before = (
        side.filter(pc.is_in(side["record_id"], value_set=of_changed)).sort_by("record_id") for side in (now, seen)
    )
    return Changes(now.append_column("appearance_id", _appearances(now)), before, records)


def parts_of(mentions: pa.Table) -> Iterator[pa.Table]:
    """Mentions, which are in the order of their records, in parts; those of one record are in one part."""
    records = mentions["record_id"].to_pylist()
    start = 0
    while start < len(records):
        end = min(start + MENTIONS_A_PART, len(records))
        while end < len(records) and records[end] == records[end - 1]:
            end += 1
        yield mentions.slice(start, end - start)
        start = end


def _stated(mentions: pa.Table) -> list[str]:
    """All that is compared of each mention, as one text."""
    columns = [mentions[name].cast(pa.string()) for name in store.MENTION.names]
    joined = pc.binary_join_element_wise(*columns, "\x1f", null_handling="replace", null_replacement="")
    texts: list[str] = joined.to_pylist()
    return texts


def _appearances(mentions: pa.Table) -> pa.Array:
    """The appearance of each mention: reporter and victim of a record are one where it says that they are."""
    ids, records = mentions["mention_id"].to_pylist(), mentions["record_id"].to_pylist()
    are_one = mentions["is_reporter_victim"].to_pylist()
    first: dict[str, str] = {}
    for one, record, is_one in sorted(zip(ids, records, are_one, strict=True)):
        if is_one:
            first.setdefault(record, one)
    return pa.array(
        [first[record] if is_one else one for one, record, is_one in zip(ids, records, are_one, strict=True)],
        pa.string(),
    )


def _link(records: Records, changes: Changes, scores: ScoreHistogram, *, is_full: bool) -> dict[str, int]:
    connection = records.connection
    now = changes.now
    numbered = pa.concat_tables([NUMBERED.empty_table(), *map(records.number, parts_of(now))])
    store.write_mentions(connection, now, numbered, changes.before, is_full=is_full)
    numbers = {*numbered["identity_id"].to_pylist(), *changes.before["identity_id"].to_pylist()} - {None}
    affected = _exchange_keys(records, numbers, is_full=is_full)
    stale = set(changes.before["mention_id"].to_pylist())
    counts = {"identities_changed": affected.changed, "identities_compared": len(affected.identities)}
    counts |= _score(records, affected.identities, stale, scores, is_full=is_full)
    component = _expand(records, affected.identities, stale)
    changed = {*stale, *now["mention_id"].to_pylist()}
    counts |= _decide(records, component, changed, is_full=is_full)
    counts["mentions_gone"] = len(stale - set(now["mention_id"].to_pylist()))
    return counts


def _exchange_keys(records: Records, changed: set[int], *, is_full: bool) -> Affected:
    """Put the blocking keys of changed identity records in the place of their old ones; all that hold a key that
    has come to tell something, or nothing, or that share a contact with a changed one, are affected, too."""
    connection, max_holders = records.connection, records.parameters.max_holders
    parts = [
        candidates.keys_of(records.secret, records.load(some)) for some in batched(sorted(changed), MENTIONS_A_PART)
    ]
    new = pd.concat([candidates.no_keys(), *parts], ignore_index=True)
    old = store.read_keys(connection, sorted(changed))
    moved = candidates.changed_keys(old, new)
    limits = dict(zip(moved.index.tolist(), (moved["went"] + max_holders + 1).tolist(), strict=True))
    holders = store.read_holders(connection, {} if is_full else limits)
    store.write_keys(connection, new, None if is_full else changed)
    return Affected(changed | candidates.affected_holders(moved, holders, max_holders), len(changed))


def _score(
    records: Records, affected: set[int], stale: Collection[str], scores: ScoreHistogram, *, is_full: bool
) -> dict[str, int]:
    """Score all pairs of the affected identity records from nothing, and keep those that hold a component together."""
    connection, parameters = records.connection, records.parameters
    kept, count = [store.no_pairs()], 0
    for some in batched(sorted(affected), IDENTITIES_A_PART):
        mine = store.read_keys(connection, some)
        limits = dict.fromkeys(mine["key"].unique().tolist(), parameters.max_holders + 1)
        pairs = candidates.candidate_pairs(
            mine, store.read_holders(connection, limits), affected, parameters.max_holders
        )
        for start in range(0, len(pairs), PAIRS_AT_ONCE):
            asked = pairs.iloc[start : start + PAIRS_AT_ONCE]
            identities = records.with_users(
                records.load({*asked["identity_a"].tolist(), *asked["identity_b"].tolist()})
            )
            table = pa.Table.from_pandas(asked, preserve_index=False)
            scored = score_pairs(parameters, identities, table)
            scores.add(parameters, identities, scored)
            kept.append(_likely(scored, identities, parameters.likely))
            count += len(asked)
    likely = pa.concat_tables(kept)
    mentions = None if is_full else {*stale, *results.read_mentions_of(connection, affected)["mention_id"]}
    store.write_pairs(connection, likely, mentions, parameters)
    return {"pairs_scored": count, "pairs_kept": likely.num_rows}


def _likely(scored: pa.Table, identities: pa.Table, least: float) -> pa.Table:
    """The pairs that are kept, by the first mentions of the two: ``PAIR``."""
    likely = scored.filter(pc.greater_equal(scored["match_probability"], least))
    numbers = identities["identity_id"].combine_chunks()
    sides = [
        identities["first_mention_id"].take(pc.index_in(likely[side], value_set=numbers)).to_pylist()
        for side in ("identity_a", "identity_b")
    ]
    named = [(min(pair), max(pair)) for pair in zip(*sides, strict=True)]
    columns = ([one for one, _ in named], [other for _, other in named], likely["match_probability"])
    return pa.table(dict(zip(store.PAIR.names, columns, strict=True)), schema=store.PAIR)


def _expand(records: Records, affected: set[int], stale: Collection[str]) -> set[int]:
    """The affected component: the affected identity records, those of the persons whose changed mentions were, and
    everything that is or was joined to them."""
    connection = records.connection
    component = affected | results.read_of_persons(connection, stale)
    edge = component
    while edge:
        edge = results.read_joined(connection, edge, records.parameters.likely) - component
        component = component | edge
    return component


def _decide(records: Records, component: set[int], changed: set[str], *, is_full: bool) -> dict[str, int]:
    """Join the identity records of the component from nothing, and write whose each of their mentions is."""
    connection = records.connection
    mentions = results.read_mentions_of(connection, None if is_full else component)
    first_of = mentions.groupby("identity_id")["mention_id"].min()
    edges = results.read_edges(connection, None if is_full else first_of.tolist())
    persons = joining.join_mentions(records, mentions, first_of, edges)
    earliest: dict[str, str] = {}
    person_of: dict[str, str] = {}
    # The mentions come in the order of their times: a person's id is that of their earliest mention, and does not
    # depend on the order in which mentions came.
    for mention, first in zip(mentions["mention_id"], mentions["identity_id"].map(first_of), strict=True):
        person = persons.get(first, first)
        if person not in earliest:
            earliest[person] = named_after("person", mention)
        person_of[mention] = earliest[person]
    before = results.read_persons(connection, None if is_full else person_of.keys() | changed)
    # Whom a mention no longer names, because it has lost its details, would otherwise be known to nobody.
    left = {person for one, person in before.items() if one not in person_of}
    changes = changes_of((before[one], person) for one, person in person_of.items() if one in before)
    of_left = pd.DataFrame({"kind": "left", "old": sorted(left), "new": sorted(left)}, dtype="str")
    changes = pd.concat([changes, of_left], ignore_index=True)
    written = results.write_persons(connection, person_of, None if is_full else changed, changes)
    states = edges.assign(state=_states(edges, person_of, records.parameters))
    results.write_states(connection, states[states["state"] != edges["state"]])
    return {"identities_joined": len(first_of), "mentions_written": written}


def _states(edges: pd.DataFrame, person_of: Mapping[str, str], parameters: Parameters) -> "pd.Series[str]":
    """What becomes of each pair. Of all pairs of two persons the surest alone is a question: one answer is enough."""
    # A mention outside the component is not of a person in it.
    persons = pd.DataFrame({side: edges[side].map(person_of).fillna("") for side in ("mention_a", "mention_b")})
    is_one = (persons["mention_a"] == persons["mention_b"]) & (persons["mention_a"] != "")
    two = pd.DataFrame({"one": persons.min(axis=1), "other": persons.max(axis=1)})
    surest = edges.sort_values(["probability", "mention_a", "mention_b"], ascending=[False, True, True]).index
    is_asked = ~two.loc[surest].duplicated().sort_index() | (two["one"] == "")
    open_state = store.states_of(edges["probability"], parameters)
    return open_state.where(is_asked | (open_state != "review"), "weak").where(~is_one, "confirmed")


def _fingerprint(parameters: Parameters, key: KeyRing) -> str:
    """Changes where the same values may come out otherwise than in the last run: with the parameters, with the key
    under which identity records are numbered, and with the code of this package and the names."""
    digest = hashlib.sha256(f"{parameters.digest}/{key.newest}/{lists.digest()}".encode())
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in {".py", ".csv"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
