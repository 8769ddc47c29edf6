"""One run of the linkage: what is new is drawn, compared with what it may be, and joined."""

import hashlib
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.doors import (
    carried_decisions,
    people_changes,
    people_pairs,
    people_persons,
    people_results,
    people_store,
    people_told_again,
)
from hub.doors.hub_keys import KeyRing, Purpose, read_ring
from hub.doors.vault_reading import VaultReader
from hub.doors.warehouse import begin
from hub.settings import Settings
from hub.stages.link_people import blocking, charts, persons, portraits
from hub.stages.link_people.parameters import Parameters, read_parameters
from hub.stages.link_people.portraits import Gallery, Studio
from hub.stages.link_people.scoring import score_pairs

RECORDS_A_PART = 50_000
PORTRAITS_A_PART = 20_000
PAIRS_AT_ONCE = 400_000


@dataclass(frozen=True)
class LinkedPeople:
    """What a run did: ``counts`` of records changed, portraits compared, pairs scored and kept, portraits whose person
    was worked out, mentions given another person than before, mentions gone; and how long it took."""

    counts: Mapping[str, int]
    seconds: float


def link_people(
    settings: Settings,
    engine: sa.Engine,
    *,
    full: bool = False,
    deliveries: Sequence[uuid.UUID] | None = None,
    parameters: Parameters | None = None,
) -> LinkedPeople:
    """Give every mention of a person in ``intermediate.int_person_mentions`` its person in ``linkage``.

    Only mentions that are new, gone or other than before are compared, with whoever they may be; ``full`` forgets what
    was seen and compares all (so does a new parameter file). ``deliveries``: all that can have changed a record since
    the last run; without them every mention is looked at. The result is the same, and the same for any order of
    arrival. One transaction: a run that is killed leaves nothing. Charts of a run that scored pairs, and of its
    parameters, are left under ``$HUB_HOME/linkage``.
    """
    began = time.monotonic()
    parameters = parameters or read_parameters()
    key = read_ring(settings, Purpose.PERSON)
    studio = Studio(key.secret, VaultReader(settings, "linkage of persons"), parameters)
    decides = _what_decides(parameters, key)
    drawing = charts.Drawing()
    with begin(engine) as connection:
        people_store.prepare_people(connection)
        is_full = full or people_results.last_parameters(connection) != decides
        if is_full:
            carried_decisions.carry_person_pins(connection)
            people_results.forget_everything(connection)
            deliveries = None
        counts = {"records_changed": people_changes.note_changes(connection, deliveries)}
        if is_full:
            people_results.forget_gone(connection)
        run_id = None
        if is_full or counts["records_changed"]:
            counts |= _run(connection, studio, drawing, is_full=is_full)
            run_id = people_results.note_run(connection, decides, is_full=is_full)
    if run_id is not None and drawing.count_pairs:
        charts.keep_charts(settings.home / "linkage", run_id, parameters, drawing)
    return LinkedPeople(counts, time.monotonic() - began)


def _run(connection: sa.Connection, studio: Studio, drawing: charts.Drawing, *, is_full: bool) -> dict[str, int]:
    parameters = studio.parameters
    for part in range(people_changes.take_up_changes(connection, RECORDS_A_PART)):
        people_results.keep_portraits(connection, portraits.draw_changed(connection, studio, part))
    counts = {"portraits_changed": people_results.note_dirty_portraits(connection)}
    people_results.begin_keys(connection)
    gallery = Gallery(connection, studio)
    for part_ids in people_results.read_parts(connection, "dirty", RECORDS_A_PART):
        loaded = gallery.load(pa.array(part_ids, pa.int64()))
        people_results.add_keys(connection, blocking.block(studio.secret, loaded))
    people_results.exchange_keys(connection, parameters.most_alike)
    people_told_again.note_told_again(connection, is_full=is_full)
    counts["portraits_compared"] = people_pairs.note_to_compare(connection, parameters.most_alike)
    people_pairs.begin_pairs(connection)
    counts |= {"pairs_scored": 0, "pairs_kept": 0}
    for part_ids in people_results.read_parts(connection, "to_compare", PORTRAITS_A_PART):
        candidates = people_pairs.read_candidates(connection, part_ids)
        for start in range(0, candidates.num_rows, PAIRS_AT_ONCE):
            pairs = candidates.slice(start, PAIRS_AT_ONCE)
            counts["pairs_scored"] += pairs.num_rows
            counts["pairs_kept"] += _compare(connection, gallery, drawing, pairs)
    people_pairs.exchange_pairs(connection, parameters.version, parameters.confirmed)
    people_told_again.note_standing(connection)
    counts["portraits_joined"] = people_persons.begin_persons(connection, parameters.confirmed)
    found = persons.find_persons(connection, gallery)
    return counts | dict(people_persons.keep_persons(connection, found, parameters.confirmed))


def _compare(connection: sa.Connection, gallery: Gallery, drawing: charts.Drawing, pairs: pa.Table) -> int:
    """Score pairs and keep those that are at least to be looked at; returns how many."""
    parameters = gallery.studio.parameters
    both = pa.chunked_array([*pairs["portrait_a"].chunks, *pairs["portrait_b"].chunks])
    loaded = gallery.load(pc.unique(both))
    scored = score_pairs(parameters, loaded, pairs)
    drawing.add(parameters, loaded, scored)
    likely = scored.filter(pc.greater_equal(scored["match_probability"], parameters.review))
    numbers = loaded["portrait_id"].combine_chunks()
    one, other = (
        loaded["first_mention_id"].take(pc.index_in(likely[side], value_set=numbers))
        for side in ("portrait_a", "portrait_b")
    )
    kept = pa.table(
        {
            "mention_a": pc.min_element_wise(one, other) if likely.num_rows else one,
            "mention_b": pc.max_element_wise(one, other) if likely.num_rows else other,
            "probability": likely["match_probability"],
        }
    )
    people_pairs.add_pairs(connection, kept)
    return int(kept.num_rows)


def _what_decides(parameters: Parameters, key: KeyRing) -> str:
    """Changes where the same values may come out otherwise than in the last run: with the parameters, with the key
    under which portraits are numbered, and with the code and code lists of this package."""
    digest = hashlib.sha256(f"{parameters.digest}/{key.newest}".encode())
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in {".py", ".csv"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
